"""`scrapy crawl SITE`, made honest: its exit code says whether the feed is complete."""

import argparse
from typing import Any, ClassVar

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler

from crawler import progress
from crawler.commands import (
    check,
    check_live,
    check_options,
    disarm_logs,
    keep_feed,
    keep_secrets,
    refuse_in_one_line,
    spare_work,
    wrong_use,
)
from crawler.commands._log import JsonRecord, add_log_format, choose_log_format, tell_outcome
from crawler.outcome import Outcome


class Command(ScrapyCrawl):
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "INFO"}

    def syntax(self) -> str:
        return "[options] SITE"

    def short_desc(self) -> str:
        return "Crawl a site's tag pages into the feed"

    def long_desc(self) -> str:
        return (
            "Walk a site's tag pages about a topic and add the articles that are not there yet to "
            "the feed in OUTPUT_DIR (default: output). Spider arguments: -a topic=TAG (default: "
            "huawei), -a since=2026-01-01 (leave older articles alone), -a max_pages=N (read at "
            "most N tag pages). Settings: -s OUTPUT_DIR=DIR, -s CONTACT=ADDRESS. Exit code: 0 "
            "complete, 1 incomplete or failed, with one line saying why, 2 wrong use, 3 another "
            "run has the site."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_log_format(parser)
        refuse_in_one_line("crawl", parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        feeds = self.settings.getdict("FEEDS")
        super().process_options(args, opts)
        choose_log_format(self.settings, opts)
        keep_feed(self.settings, feeds)
        check_options("crawl", self.settings, args)
        if len(args) != 1:
            wrong_use("crawl", "name one site, as in: scrapy crawl winfuture")
        check("crawl", self.settings, args, opts.spargs)
        check_live("crawl", self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        keep_secrets()
        crawler: Crawler = self._create_crawler(args[0])
        JsonRecord.only = crawler
        self.crawler_process.crawl(crawler, **opts.spargs)
        disarm_logs([crawler])
        spare_work()
        with progress.shown([crawler]):
            self.crawler_process.start()
        outcome = Outcome.of(args[0], crawler)
        tell_outcome(outcome, crawler)
        self.exitcode = outcome.exit_code
