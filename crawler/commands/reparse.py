"""`scrapy reparse [SITE ...]`: archived pages, read anew by today's page classes."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from crawler import progress
from crawler.arguments import Arguments, WrongArgumentError, can_archive
from crawler.commands import (
    check,
    check_options,
    disarm_logs,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    sites,
    spare_work,
    wrong_use,
)
from crawler.commands._log import add_log_format, choose_log_format, tell_outcome
from crawler.outcome import Outcome, worst


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # wrong use needs none
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "ERROR"}

    def syntax(self) -> str:
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        return "Read archived pages anew, and correct the feed where that differs"

    def long_desc(self) -> str:
        return (
            "Run today's page classes over the pages that runs with ARCHIVE=1 have kept in "
            "OUTPUT_DIR, of all sites or those named, without any request. Where a field of an "
            "article differs from its latest record, and that came from this very page, the feed "
            "gets a record with `correction` set; a page that was in quarantine as invalid, and is "
            "fit now, is published. A second time nothing is left to correct. Exit code: the worst "
            "of all sites; 0 all pages were read, 1 some could not be, with a line saying why, 2 "
            "wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_log_format(parser)
        refuse_in_one_line("reparse", parser)
        parser.add_argument(
            "--site", metavar="SITE", action="append", default=[], help="the same as naming it"
        )
        parser.add_argument(
            "--since", metavar="DAY", help="leave alone what was fetched before, as in 2026-01-31"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        super().process_options(args, opts)
        choose_log_format(self.settings, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("reparse", self.settings, args)
        known = sites(self.settings)
        names = list(dict.fromkeys([*args, *opts.site])) or list(known)
        check("reparse", self.settings, names, {})
        since = _day(opts.since)
        if not can_archive(True):
            wrong_use("reparse", "it needs warcio; install it from requirements-archive.lock")
        from crawler.reparse import reparser_of  # and warcio with it

        keep_secrets()
        process = AsyncCrawlerProcess(self.settings)
        crawlers = [process.create_crawler(reparser_of(known[name], since)) for name in names]
        for crawler in crawlers:
            process.crawl(crawler)
        spare_work()
        disarm_logs(crawlers)
        with progress.shown(crawlers):
            process.start()
        outcomes = [Outcome.of(*pair) for pair in zip(names, crawlers, strict=True)]
        self.exitcode = worst(outcome.exit_code for outcome in outcomes)
        if self.settings["LOG_LINES"] == "json":
            for outcome, crawler in zip(outcomes, crawlers, strict=True):
                tell_outcome(outcome, crawler)
        else:
            _complain(outcomes)
        with reader_may_leave():
            _show(outcomes)


def _day(said: str | None) -> date | None:
    try:
        return Arguments.read(**({} if said is None else {"since": said})).since
    except WrongArgumentError as error:
        wrong_use("reparse", str(error))


def _show(outcomes: Sequence[Outcome]) -> None:
    from crawler.reparse import COUNTS

    for outcome in outcomes:
        told = [f"{getattr(outcome, name):,} {word}" for name, word in COUNTS.items()]
        print(f"{outcome.site}: {outcome.looked:,} pages read anew: {', '.join(told)}")


def _complain(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        for why in outcome.problems:
            print(f"scrapy reparse: {outcome.site}: {printable(why)}", file=sys.stderr)
