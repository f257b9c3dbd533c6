"""`scrapy harvest [SITE…]`: all sites in one process, a table at the end."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import BaseRunSpiderCommand

from crawler import progress
from crawler.commands import (
    check,
    check_live,
    check_options,
    disarm_logs,
    keep_feed,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    sites,
    spare_work,
)
from crawler.commands._log import add_log_format, choose_log_format, tell_outcome
from crawler.outcome import Outcome, worst

if TYPE_CHECKING:
    from rich.table import Table

# Columns that are there only where they count something: always, or where there is little room.
_RARE = {"forbidden", "withheld", "walled"}
_SELDOM = {"updated", "withdrawn", *_RARE}
_FATES = (
    *("new", "updated", "withdrawn", "known", "duplicate", "quarantined", "failed"),
    *("forbidden", "withheld", "walled"),
)
_WIDE = 180  # columns where there is no terminal: a log file, a mail
# What makes the table fit 80 columns.
_DIVIDED = {
    "updated": "up-\ndated",
    "withdrawn": "with-\ndrawn",
    "duplicate": "dupli-\ncate",
    "quarantined": "quaran-\ntined",
    "forbidden": "forbid-\nden",
    "withheld": "with-\nheld",
    "requests": "re-\nquests",
    "seconds": "sec-\nonds",
    "complete": "com-\nplete",
}


# rich takes a tenth of a second to import, and every Scrapy command imports every command.


def table(outcomes: Sequence[Outcome], *, is_narrow: bool = False) -> "Table":
    """The runs as a table, a row each."""
    from rich.table import Table

    if is_narrow:
        drawn = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    else:
        drawn = Table(header_style="bold")
    # Folded, a number can still be read; cut off, it would be another one.
    drawn.add_column("site", overflow="fold", vertical="bottom")
    columns = _columns(outcomes, is_narrow=is_narrow)
    for name in columns:
        title = _DIVIDED.get(name, name) if is_narrow else name
        drawn.add_column(title, justify="right", overflow="fold")
    drawn.add_column(_DIVIDED["complete"] if is_narrow else "complete", overflow="fold")
    for outcome in outcomes:
        cells = (cell(outcome) for cell in columns.values())
        drawn.add_row(outcome.site, *cells, _verdict(outcome, is_narrow=is_narrow))
    return drawn


def _columns(
    outcomes: Sequence[Outcome], *, is_narrow: bool
) -> dict[str, Callable[[Outcome], str]]:
    """What the table shows of an outcome, by title."""
    from rich.filesize import decimal

    seldom = _SELDOM if is_narrow else _RARE
    counts = [
        name
        for name in _FATES
        if name not in seldom or any(getattr(outcome, name) for outcome in outcomes)
    ]
    columns = {name: _counted(name) for name in (*counts, "requests", "bytes")}
    if not is_narrow:
        columns["whole walk"] = lambda o: f"{o.full_requests:,}, {decimal(o.full_bytes)}"
    return columns | {
        "seconds": lambda outcome: f"{outcome.seconds:,.1f}",
        "waited": lambda outcome: f"{outcome.seconds_waited:,.1f}",
    }


def _verdict(outcome: Outcome, *, is_narrow: bool) -> str:
    if not outcome.is_complete:
        return "[red]no[/]"
    since = outcome.covers_from
    return f"[green]yes[/] since {since[:10]}" if since and not is_narrow else "[green]yes[/]"


def _counted(name: str) -> Callable[[Outcome], str]:
    return lambda outcome: f"{getattr(outcome, name):,}"


def show(outcomes: Sequence[Outcome]) -> None:
    """Prints the table, and below it why a run is not complete."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    drawn = table(outcomes)
    if console.measure(drawn, options=console.options.update(width=1000)).maximum > console.width:
        drawn = table(outcomes, is_narrow=True)
    console.print(drawn)
    for outcome in outcomes:
        alarms = [f"ALARM: {alarm}" for alarm in outcome.alarms]
        whys = outcome.problems or (() if outcome.is_complete else (outcome.completeness,))
        for why in (*whys, *alarms):
            line = printable(f"{outcome.site}: {why}")
            console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)


class Command(BaseRunSpiderCommand):
    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        return "Crawl all sites, or those named, and show a table"

    def long_desc(self) -> str:
        return (
            "Crawl all sites, or those named, side by side in one process, each as politely as "
            "with `scrapy crawl`, and show what came of it as a table: new articles went to the "
            "feed, known ones are there already, duplicates were met twice, quarantined records "
            "failed a check, failed pages could not be had. Spider arguments, for every site: "
            "-a topic=TAG (default: huawei), -a since=2026-01-01 (leave older articles alone), "
            "-a max_pages=N (read at most N tag pages). Settings: -s OUTPUT_DIR=DIR (default: "
            "output), -s CONTACT=ADDRESS. Exit code: the worst of all sites; 0 complete, 1 "
            "incomplete or failed, with a line below the table saying why, 2 wrong use, 3 another "
            "run has the site."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_log_format(parser)
        refuse_in_one_line("harvest", parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        feeds = self.settings.getdict("FEEDS")
        super().process_options(args, opts)
        choose_log_format(self.settings, opts)
        keep_feed(self.settings, feeds)
        check_options("harvest", self.settings, args)
        check("harvest", self.settings, args, opts.spargs)
        check_live("harvest", self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        keep_secrets()
        names = list(dict.fromkeys(args)) or list(sites(self.settings))
        crawlers = [self.crawler_process.create_crawler(name) for name in names]
        for crawler in crawlers:
            self.crawler_process.crawl(crawler, **opts.spargs)
        disarm_logs(crawlers)
        spare_work()
        with progress.shown(crawlers):
            self.crawler_process.start()
        outcomes = [Outcome.of(*pair) for pair in zip(names, crawlers, strict=True)]
        self.exitcode = worst(outcome.exit_code for outcome in outcomes)
        if self.settings["LOG_LINES"] == "json":
            for outcome, crawler in zip(outcomes, crawlers, strict=True):
                tell_outcome(outcome, crawler)
        with reader_may_leave():
            show(outcomes)
