"""`scrapy harvest [SITE…]`: all sites in one process, a table at the end."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler

from crawler.commands import check, quiet_tracebacks, sites, spare_work
from crawler.outcome import Outcome

if TYPE_CHECKING:
    from rich.table import Table

_COUNTS = ("new", "known", "duplicate", "quarantined", "failed", "requests", "bytes")


# rich takes a tenth of a second to import, and every Scrapy command imports every command.


def table(outcomes: Sequence[Outcome]) -> "Table":
    """The runs as a table, a row each."""
    from rich.table import Table

    drawn = Table("site", header_style="bold")
    for name in (*_COUNTS, "seconds"):
        drawn.add_column(name, justify="right")
    drawn.add_column("complete")
    for outcome in outcomes:
        counts = (f"{getattr(outcome, name):,}" for name in _COUNTS)
        verdict = "[red]no[/]" if outcome.problems else "[green]yes[/]"
        drawn.add_row(outcome.site, *counts, f"{outcome.seconds:.1f}", verdict)
    return drawn


def show(outcomes: Sequence[Outcome]) -> int:
    """Prints table and problems; gives the worst exit code."""
    from rich.console import Console

    # Without a terminal the table is as wide as it needs, for log files and mails.
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(table(outcomes))
    for outcome in outcomes:
        for problem in outcome.problems:
            console.print(f"{outcome.site}: {problem}", style="red", markup=False, soft_wrap=True)
    return max((outcome.exit_code for outcome in outcomes), default=0)


class Progress:
    """One line on a terminal that tells, while crawlers run, what each has done so far."""

    def __init__(self, crawlers: Sequence[Crawler]) -> None:
        self.crawlers = crawlers
        self.status: Any = None

    def shown(self) -> AbstractContextManager[Any]:
        """Draws the line while the context lasts; draws nothing where there is no terminal."""
        if not sys.stderr.isatty():
            return nullcontext()
        from rich.console import Console

        for crawler in self.crawlers:
            crawler.signals.connect(self.update, signals.response_received)
            crawler.signals.connect(self.update, signals.item_scraped)
        self.status = Console(stderr=True).status("starting")
        return self.status  # type: ignore[no-any-return]

    def update(self) -> None:
        parts = []
        for crawler in self.crawlers:
            stats = crawler.stats.get_stats() if crawler.stats else {}
            new, pages = (stats.get(k, 0) for k in ("article/new", "response_received_count"))
            name = crawler.spidercls.name
            parts.append(f"{name}: {new} new articles, {pages} pages")
        self.status.update(" · ".join(parts))


class Command(BaseRunSpiderCommand):
    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        return "Crawl all sites, or those named, and show a table"

    def long_desc(self) -> str:
        return (
            "Crawl all sites, or those named, side by side in one process, each politely as with "
            "`scrapy crawl`, and show what came of it as a table. Spider arguments (-a) go to "
            "every site. Exit code: the worst of all sites; 0 complete, 1 incomplete or failed, "
            "2 wrong use."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        check("harvest", self.settings, args, opts.spargs)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        quiet_tracebacks()
        names = list(dict.fromkeys(args)) or list(sites(self.settings))
        crawlers = [self.crawler_process.create_crawler(name) for name in names]
        for crawler in crawlers:
            self.crawler_process.crawl(crawler, **opts.spargs)
        spare_work()
        with Progress(crawlers).shown():
            self.crawler_process.start()
        self.exitcode = show([Outcome.of(*pair) for pair in zip(names, crawlers, strict=True)])
