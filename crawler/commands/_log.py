"""The log as JSON, an object a line, for programs that collect logs (`--log-format json`)."""

import argparse
import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.commands import DiscreetRecord, printable
from crawler.normalise import discreet
from crawler.outcome import Outcome


class JsonRecord(DiscreetRecord):
    """What is logged, whose message is one JSON object on one line.

    time: RFC 3339, in UTC. level, logger, message. site, run_id: of the run it is about, null
    where several run side by side and it does not tell. exception: the traceback, or null.
    The exception is taken out of the record, since a formatter would add it below the line.
    """

    only: ClassVar[Crawler | None] = None  # the one crawler of this process, if there is one
    spider: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error, self.exc_info = self.exc_info, None
        self.stack, self.stack_info = self.stack_info, None

    def getMessage(self) -> str:  # noqa: N802 - the standard library's
        spider = self.spider or (self.only.spider if self.only else None)
        parts = [*traceback.format_exception(*self.error)] if self.error and self.error[0] else []
        exception = discreet("".join([*parts, self.stack or ""])) or None
        message = super().getMessage()
        return _line(self.created, self.levelname, self.name, message, spider, exception)


def _line(
    when: float, level: str, logger: str, message: str, spider: Any, exception: str | None
) -> str:
    time = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
    told = {
        "time": time.replace("+00:00", "Z"),
        "level": level,
        "logger": logger,
        "message": message,
        "site": getattr(spider, "name", None),
        "run_id": getattr(spider, "run_id", None),
        "exception": exception,
    }
    return printable(json.dumps(told, ensure_ascii=False))


def add_log_format(parser: argparse.ArgumentParser) -> None:
    """Adds the option --log-format, the same as the setting LOG_LINES."""
    parser.add_argument(
        "--log-format",
        metavar="FORMAT",
        choices=("text", "json"),
        help="what the log's lines are: text, or json, one object a line",
    )


def choose_log_format(settings: BaseSettings, opts: argparse.Namespace) -> None:
    """Makes the log what was asked for; call it before Scrapy says its first line."""
    if opts.log_format:
        settings.set("LOG_LINES", opts.log_format, priority="cmdline")
    if settings["LOG_LINES"] == "json":
        logging.setLogRecordFactory(JsonRecord)
        settings.setdict({"LOG_FORMAT": "%(message)s", "LOG_COLOR": False}, priority="cmdline")


def tell_outcome(outcome: Outcome, crawler: Crawler) -> None:
    """Ends a run's log with its alarms and what came of it, whatever the log's level."""
    now = datetime.now(UTC).timestamp()
    level = "ERROR" if outcome.exit_code else "INFO"
    for said in (*(f"{outcome.site}: ALARM: {alarm}" for alarm in outcome.alarms), str(outcome)):
        if crawler.settings["LOG_LINES"] == "json":
            line = _line(now, level, "crawler", discreet(said), crawler.spider, None)
        else:
            line = printable(discreet(said))
        print(line, file=sys.stderr)
