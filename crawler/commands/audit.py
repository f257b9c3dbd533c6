"""`scrapy audit SITE`: what the site's sources name, beside what the feed has."""

import argparse
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from crawler import progress
from crawler.arguments import Arguments
from crawler.audit import Auditor, Held, Report
from crawler.commands import (
    check,
    check_live,
    check_options,
    disarm_logs,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    sites,
    wrong_use,
)
from crawler.feed import feed_files
from crawler.index import Index
from crawler.lease import Heart, SiteBusyError, SiteLease, leases_at
from crawler.outcome import BUSY, COMPLETE, INCOMPLETE
from crawler.tag_spider import TagSpider

_DAYS = 30
_MOST_DAYS = 36_500


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # wrong use needs none
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "CRITICAL"}

    def syntax(self) -> str:
        return "[options] SITE"

    def short_desc(self) -> str:
        return "Compare what a site names with what the feed has"

    def long_desc(self) -> str:
        return (
            "Read what a site names for the last days, in its tag pages, its topic's RSS and its "
            "sitemap, and compare: what one names and another lacks, and what the feed in "
            "OUTPUT_DIR lacks and why. Articles that the feed lacks are asked for, each once, to "
            "tell which are gone. Asks as politely as a crawl, and adds nothing to the feed. "
            "Exit code: 0 the feed lacks nothing without a reason, 1 it does, or the tag pages "
            "or the feed could not be read, with a line saying so, 2 wrong use, 3 a run has the "
            "site. An RSS or a sitemap that cannot be read is told, and no failure."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("audit", parser)
        parser.add_argument("--topic", metavar="TAG", help=f"default: {Arguments.topic}")
        parser.add_argument(
            "--days",
            metavar="N",
            help=f"compare what was published so many days ago or later (default: {_DAYS})",
        )
        parser.add_argument(
            "--json", action="store_true", help="print the same as one JSON object, nothing else"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("audit", self.settings, args)
        if len(args) != 1:
            wrong_use("audit", "name one site, as in: scrapy audit winfuture")
        topic = Arguments.topic if opts.topic is None else opts.topic
        since = self._now().date() - timedelta(days=_days(opts.days))
        check("audit", self.settings, args, {"topic": topic})
        check_live("audit", self.settings)
        try:
            with self._alone(args[0]), self._held(args[0]) as held:
                report = self._audit(sites(self.settings)[args[0]], topic, since, held)
        except SiteBusyError as error:
            _complain(str(error))
            self.exitcode = BUSY
            return
        except (OSError, sqlite3.Error) as error:
            _complain(f"the feed in {self.settings['OUTPUT_DIR']} could not be read: {error}")
            self.exitcode = INCOMPLETE
            return
        with reader_may_leave():
            if opts.json:
                print(printable(msgspec.json.encode(report).decode()))
            else:
                _draw(report)
        for problem in report.problems:
            _complain(f"{report.site}: {problem}")
        self.exitcode = INCOMPLETE if report.problems else COMPLETE

    def _now(self) -> datetime:
        assert self.settings is not None
        told = self.settings["NOW"]  # as for a run
        return datetime.fromisoformat(told).astimezone(UTC) if told else datetime.now(UTC)

    @contextmanager
    def _alone(self, site: str) -> Iterator[None]:
        """While no run asks the site. Raises SiteBusyError, OSError."""
        assert self.settings is not None
        output = Path(self.settings["OUTPUT_DIR"])
        if not output.exists():  # nothing runs there, and an audit begins no folder
            yield
            return
        leases = leases_at(output, self.settings["INDEX"])
        lease = SiteLease(leases, site, "scrapy audit", self.settings.getfloat("LEASE_SECONDS"))
        # A silent run of another machine is left to the next crawl, which waits for it, and must
        # know of it.
        if not lease.attempt():
            raise SiteBusyError(site, "one of another machine, not heard of for a while")
        heart = Heart(lease, _complain)
        try:
            yield
        finally:
            heart.stop()
            lease.release()

    @contextmanager
    def _held(self, site: str) -> Iterator[Held]:
        """What the feed holds; where there is none, none is begun."""
        assert self.settings is not None
        output = Path(self.settings["OUTPUT_DIR"])
        if not output.exists() or not any(feed_files(output, quarantine=True)):
            yield Held(output, site, None)
            return
        index = Index(  # as a run opens it, which goes on with what is noted now
            output,
            database=self.settings["INDEX"],
            window_days=self.settings.getfloat("DUPLICATES_WINDOW_DAYS"),
            looks=[float(hours) for hours in self.settings.getlist("LOOKS_HOURS")],
            now=self._now,
        )
        with closing(index):
            index.catch_up()
            yield Held(output, site, index)

    def _audit(self, site: type[TagSpider], topic: str, since: date, held: Held) -> Report:
        assert self.settings is not None
        TagSpider.update_settings(self.settings)  # the same honest user agent
        keep_secrets()
        process = AsyncCrawlerProcess(self.settings)
        found: list[Report] = []
        crawler = process.create_crawler(Auditor)
        process.crawl(crawler, site=site, topic=topic, since=since, held=held, done=found.append)
        disarm_logs([crawler])
        with progress.shown([crawler]):
            process.start()
        if not found:
            _complain("the audit was ended early; -L ERROR shows why")
            raise SystemExit(INCOMPLETE)
        return found[0]


def _days(said: str | None) -> int:
    if said is None:
        return _DAYS
    if not re.fullmatch(r"[0-9]{1,5}", said) or not 1 <= int(said) <= _MOST_DAYS:
        wrong_use("audit", f"days {said!r} is no number from 1 to {_MOST_DAYS}")
    return int(said)


def _complain(line: str) -> None:
    print(f"scrapy audit: {printable(line)}", file=sys.stderr)


def _draw(report: Report) -> None:
    from rich import box  # as in harvest.py
    from rich.console import Console
    from rich.table import Table

    print(f"{report.site}, {printable(report.topic)}, from {report.since} on:\n")
    drawn = Table(box=box.SIMPLE_HEAD, header_style="bold")
    drawn.add_column("source")
    drawn.add_column("named", justify="right")
    drawn.add_column("in the feed", justify="right")
    drawn.add_column("not in the feed", overflow="fold")
    for row in report.sources:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in row.reasons.items())
        drawn.add_row(row.name, f"{row.named:,}", f"{row.in_feed:,}", reasons or "–")
    Console(width=None if sys.stdout.isatty() else 120).print(drawn)
    for row in report.sources:
        if row.problem:
            print(printable(f"The {row.name} could not be read, or not whole: {row.problem}"))
    if report.disagreements:
        print("\nNamed by one source and not by another:\n")
    for article in report.disagreements:
        lacking, named = ", ".join(article.lacking), ", ".join(article.named_by)
        print(printable(f"  {_day(article.date)}  {article.url}  {named}; not {lacking}"))
    if report.lacking:
        print("\nNot in the feed:\n")
    for lack in report.lacking:
        why = f"{lack.reason}: {lack.detail}" if lack.detail else lack.reason
        print(printable(f"  {_day(lack.date)}  {lack.url}  {why} ({', '.join(lack.named_by)})"))
    if not report.problems:
        print("\nThe feed lacks nothing without a reason.")


def _day(published: str | None) -> str:
    return published[:10] if published else "no date   "
