"""`scrapy report`: the feed as one HTML page."""

import argparse
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.commands import (
    check_options,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    wrong_use,
)
from crawler.feed import FeedError, read, told
from crawler.feed_commands import check_output, tell_empty, written_whole
from crawler.outcome import COMPLETE, INCOMPLETE

_EXTRA = ("jinja2", "pygal", "snowballstemmer")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show the feed as one HTML page: coverage, edits, runs, the latest articles"

    def long_desc(self) -> str:
        return (
            "Write one HTML page about the feed in OUTPUT_DIR: coverage over time by site, new and "
            "updated articles, who was first, keywords and authors, advertisements, lengths, the "
            "health of the runs, and the latest 50 articles with search and their revisions. The "
            "page needs no network and no other file. Needs the extra `report`. Exit code: 0 "
            "written, 1 the feed could not be read or the page not written, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("report", parser)
        parser.add_argument(
            "-o", "--output", metavar="FILE", help="default: report.html in OUTPUT_DIR"
        )
        parser.add_argument("--open", action="store_true", help="show it in a browser")
        parser.add_argument(
            "--language", choices=("de", "en"), default="de", metavar="LANGUAGE", help="de or en"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("report", self.settings, args)
        if args:
            wrong_use("report", "takes no argument; -s OUTPUT_DIR=DIR names another feed")
        if not all(map(find_spec, _EXTRA)):
            wrong_use("report", "needs the extra: pip install -r requirements-report.lock")
        source = Path(self.settings["OUTPUT_DIR"])
        if not source.is_dir():
            wrong_use("report", f"there is no feed at {source}; -s OUTPUT_DIR=DIR names another")
        target = Path(opts.output) if opts.output else source / "report.html"
        check_output("report", target)
        try:
            self._write(source, target, opts.language)
        except (FeedError, OSError) as error:
            print(f"scrapy report: {printable(told(error))}", file=sys.stderr)
            self.exitcode = INCOMPLETE
            return
        except KeyboardInterrupt:
            print("scrapy report: interrupted; no page was written", file=sys.stderr)
            self.exitcode = INCOMPLETE
            return
        with reader_may_leave():
            print(printable(str(target)))
        if opts.open:
            import webbrowser

            if not webbrowser.open(target.resolve().as_uri()):
                print("scrapy report: no browser could be started", file=sys.stderr)
        self.exitcode = COMPLETE

    def _write(self, source: Path, target: Path, language: str) -> None:
        from crawler.overview.figures import figures, run_reports
        from crawler.overview.page import page

        assert self.settings is not None
        tell_empty("report", source)
        told_now = self.settings["NOW"]
        now = datetime.fromisoformat(told_now) if told_now else datetime.now(UTC)
        made = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        found = figures(read(source), run_reports(source))
        with written_whole(target) as file:
            file.write(page(found, language=language, made=made).encode())
