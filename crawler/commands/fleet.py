"""`scrapy fleet`: crawls as jobs for workers on many machines."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.utils.log import configure_logging

from crawler.arguments import Arguments
from crawler.commands import (
    check,
    check_live,
    check_options,
    disarm_log,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    sites,
    wrong_use,
)
from crawler.commands._log import add_log_format, choose_log_format
from crawler.commands._schedule import crawl_command, schedule_of
from crawler.normalise import discreet
from crawler.outcome import COMPLETE, INCOMPLETE

if TYPE_CHECKING:
    from crawler.fleet import Queue

_VERBS = ("worker", "enqueue", "status")
_TIME_LIMIT = "2h"


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "INFO"}

    def syntax(self) -> str:
        return "[options] VERB [...]"

    def short_desc(self) -> str:
        return "Crawl on many machines: jobs in PostgreSQL, and workers that take them"

    def long_desc(self) -> str:
        return (
            "`scrapy fleet worker [SCHEDULE]` takes crawls from the queue in the database INDEX "
            "and runs them, until it is told to end (SIGTERM, Ctrl-C); with a schedule, as of "
            "`scrapy watch`, the workers also queue what is due. `scrapy fleet enqueue [SITE ...]` "
            "queues crawls now, of all sites or those named. `scrapy fleet status` shows jobs and "
            "workers. Settings given with -s, as well as -L, hold for the crawls of a worker, too. "
            "Exit code: 0 done, or told to end; 1 the database could not be used, with a line "
            "saying why; 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_log_format(parser)
        refuse_in_one_line("fleet", parser)
        parser.add_argument(
            "--topic", metavar="TAG", help=f"enqueue: the tag (default: {Arguments.topic})"
        )
        parser.add_argument(
            "--time-limit",
            metavar="SPAN",
            help=f"enqueue: the crawl is ended after so long, as 90s or 1h30m ({_TIME_LIMIT})",
        )
        parser.add_argument(
            "--at-once", type=int, metavar="N", help="worker: so many crawls at once (4)"
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=30.0,
            metavar="SECONDS",
            help="worker: a worker that was silent for so long is dead (30); the same for all",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        choose_log_format(self.settings, opts)
        check_options("fleet", self.settings, args)
        verb, *rest = args or [""]
        if verb not in _VERBS:
            wrong_use("fleet", f"say {', '.join(_VERBS[:-1])} or {_VERBS[-1]}, as in: fleet status")
        if missing := [name for name in ("procrastinate", "cronsim") if find_spec(name) is None]:
            wrong_use("fleet", f"it needs {missing[0]}; install it from requirements-fleet.lock")
        if not self.settings["INDEX"]:
            wrong_use("fleet", "set INDEX to a database, as in INDEX=postgresql://host/crawler")
        self._check(verb, rest, opts)
        keep_secrets()
        from crawler.fleet import QueueError

        try:
            with reader_may_leave():
                asyncio.run(getattr(self, f"_{verb}")(rest, opts))
            self.exitcode = COMPLETE
        except QueueError as error:
            line = f"{discreet(str(error))}; is the setting INDEX right, and its server up?"
            print(f"scrapy fleet: {printable(line)}", file=sys.stderr)
            self.exitcode = INCOMPLETE
        except KeyboardInterrupt:
            self.exitcode = INCOMPLETE

    def _check(self, verb: str, rest: Sequence[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        most = {"worker": 1, "enqueue": len(rest), "status": 0}[verb]
        if len(rest) > most:
            wrong_use("fleet", f"{rest[most]!r} is one argument too many; see scrapy fleet --help")
        verbs = {"topic": "enqueue", "time_limit": "enqueue", "at_once": "worker"}
        for name, verb_of in verbs.items():
            if getattr(opts, name) is not None and verb != verb_of:
                wrong_use("fleet", f"--{name.replace('_', '-')} is for {verb_of}")
        if opts.at_once is not None and opts.at_once < 1:
            wrong_use("fleet", f"--at-once {opts.at_once}: at least one crawl")
        if not 1 <= opts.patience <= 86_400:
            wrong_use("fleet", f"--patience {opts.patience:g} is no number from 1 to 86400")
        _time_limit(opts)
        if verb == "enqueue":
            topic = Arguments.topic if opts.topic is None else opts.topic
            check("fleet", self.settings, rest, {"topic": topic})
        if verb == "worker":
            check_live("fleet", self.settings)

    @property
    def _address(self) -> str:
        assert self.settings is not None
        return str(self.settings["INDEX"])

    # --- verbs ---

    async def _enqueue(self, names: Sequence[str], opts: argparse.Namespace) -> None:
        from crawler.fleet import Queue

        assert self.settings is not None
        queue, topic = Queue(self._address), opts.topic or Arguments.topic
        async with queue.opened():
            for site in names or sites(self.settings):
                is_new = await queue.enqueue(site, topic, _time_limit(opts))
                print(f"{site} {printable(topic)}: {'queued' if is_new else 'is queued already'}")

    async def _status(self, _: Sequence[str], __: argparse.Namespace) -> None:
        from crawler.fleet import Queue

        queue = Queue(self._address)
        async with queue.opened():
            await _show(queue)

    async def _worker(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        from crawler.fleet.worker import Worker

        assert self.settings is not None
        schedule = schedule_of("fleet", Path(args[0]), self.settings) if args else None
        configure_logging(self.settings)
        disarm_log()
        for name in ("procrastinate", "psycopg.pool"):  # what matters we say ourselves
            logging.getLogger(name).setLevel(logging.CRITICAL)
        stopping, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stopping.set)
        worker = Worker(
            self._address,
            lambda site, topic: crawl_command(site, topic, opts),
            Path(self.settings["OUTPUT_DIR"]),
            stopping=stopping,
            schedule=schedule,
            at_once=opts.at_once or (schedule.at_once if schedule else 4),
            patience=opts.patience,
        )
        await worker.work()


def _time_limit(opts: argparse.Namespace) -> timedelta:
    from crawler.schedule import duration

    try:
        span = duration(_TIME_LIMIT if opts.time_limit is None else opts.time_limit)
    except ValueError:
        span = timedelta()
    if not span:
        wrong_use("fleet", f"--time-limit {opts.time_limit}: say a span, as 90s or 1h30m")
    return span


async def _show(queue: "Queue") -> None:
    """Prints a row for each site and topic, and a line about the workers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from crawler.fleet.status import jobs, workers

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("site", "topic", "state", "since", "attempts", "worker"):
        table.add_column(title, justify="right" if title in {"attempts", "worker"} else "left")
    for job in await jobs(queue):
        since = f"{job.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if job.at else ""
        due = f", again {job.due.astimezone(UTC):%H:%M}" if job.due and job.attempts else ""
        table.add_row(
            Text(printable(job.site)),
            Text(printable(job.topic)),
            Text(job.state + due, style="red" if job.state in {"failed", "given up"} else ""),
            since,
            str(job.attempts or ""),
            str(job.worker or ""),
        )
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    silent = await workers(queue)
    told = ", ".join(f"{number} (heard of {s:.0f} s ago)" for number, s in silent.items())
    print(f"Workers: {told or 'none'}")
