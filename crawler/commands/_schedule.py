"""What `scrapy watch` and `scrapy fleet` share: reading a schedule, and starting its crawls."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from crawler.commands import printable, sites, wrong_use

if TYPE_CHECKING:
    from crawler.schedule import Schedule


def schedule_of(command: str, path: Path, settings: BaseSettings) -> "Schedule":
    """The schedule in a file; ends the command with a line for each mistake in it."""
    from crawler.schedule import ScheduleError, read_schedule

    try:
        return read_schedule(path, sites(settings))
    except ScheduleError as error:
        for line in error.mistakes[:-1]:
            print(f"scrapy {command}: {printable(line)}", file=sys.stderr)
        wrong_use(command, error.mistakes[-1])


def crawl_command(site: str, topic: str, opts: argparse.Namespace) -> list[str]:
    """The crawl of a site and topic, told what we were told; of its log, only what matters."""
    command = [sys.executable, "-m", "scrapy", "crawl", site, "-a", f"topic={topic}"]
    command += ["-L", opts.loglevel or "WARNING"]
    for pair in opts.set:
        command += ["-s", pair]
    if opts.logfile:
        command += ["--logfile", opts.logfile]
    if opts.nolog:
        command.append("--nolog")
    if opts.log_format:
        command += ["--log-format", opts.log_format]
    return command
