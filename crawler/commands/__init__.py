"""Scrapy commands of this project, and what they share."""

import argparse
import gc
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.log import get_scrapy_root_handler

from crawler.arguments import Arguments, WrongArgumentError, check_contact, check_settings
from crawler.normalise import discreet
from crawler.outcome import WRONG_USE
from crawler.tag_spider import TagSpider


def wrong_use(command: str, line: str) -> NoReturn:
    """Ends a command that was called in a wrong way, with one line that says so."""
    print(f"scrapy {command}: {printable(discreet(line))}", file=sys.stderr)
    raise SystemExit(WRONG_USE)


def refuse_in_one_line(command: str, parser: argparse.ArgumentParser) -> None:
    """Makes what argparse and Scrapy refuse a wrong use like any other."""
    parser.error = partial(wrong_use, command)  # type: ignore[method-assign]


def sites(settings: BaseSettings) -> dict[str, type[TagSpider]]:
    """The spiders by the name of their site."""
    loader = get_spider_loader(settings)
    found = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: spider for name, spider in found.items() if issubclass(spider, TagSpider)}


def check_options(command: str, settings: BaseSettings, args: Sequence[str]) -> None:
    """Ends the command for options that Scrapy lets pass, or stumbles over later."""
    speak_utf8()
    if strange := [arg for arg in args if arg.startswith("-")]:
        wrong_use(command, f"there is no option {strange[0]}; see scrapy {command} --help")
    level = settings["LOG_LEVEL"]
    if level not in logging.getLevelNamesMapping():
        wrong_use(command, f"there is no log level {level!r}; use ERROR, WARNING, INFO or DEBUG")
    for name, value in settings.items():
        if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"] and not _fits(name, value):
            wrong_use(command, f"setting {name}: {value!r} is no number")
    try:
        check_settings(settings)
        check_log_file(settings["LOG_FILE"])
    except WrongArgumentError as error:
        wrong_use(command, str(error))


def speak_utf8() -> None:
    """Prints UTF-8 to pipes and files, whatever the locale, and no traceback to any terminal."""
    if sys.stdout is None:  # closed by whoever wants to see nothing
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as we run
    if isinstance(sys.stdout, TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def check_log_file(path: str | None) -> None:
    """Raises WrongArgumentError when the log cannot be written to a file (option --logfile)."""
    try:
        if path:
            Path(path).open("ab").close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", error)
        raise WrongArgumentError(f"the log file {path} cannot be written: {why}") from None


def _fits(name: str, value: object) -> bool:
    """Whether a value can stand in for Scrapy's own, where that is a number."""
    default = getattr(default_settings, name, None)
    if isinstance(default, bool) or not isinstance(default, int | float):
        return True
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def check(
    command: str, settings: BaseSettings, names: Sequence[str], arguments: dict[str, str]
) -> None:
    """Ends the command when a site or a spider argument is none."""
    known = sites(settings)
    if unknown := [name for name in names if name not in known]:
        wrong_use(command, f"there is no site {unknown[0]!r}; there are {', '.join(known)}")
    try:
        Arguments.read(**arguments)
    except WrongArgumentError as error:
        wrong_use(command, str(error))


def check_live(command: str, settings: BaseSettings) -> None:
    """Ends a command that would ask a live site without saying for whom."""
    try:
        check_contact(settings)
    except WrongArgumentError as error:
        wrong_use(command, str(error))


def keep_feed(settings: BaseSettings, feeds: dict[str, dict[str, object]]) -> None:
    """Puts files asked for with -o beside the feed; Scrapy puts them in its place."""
    if (extra := settings.getdict("FEEDS")) != feeds:
        articles = {"item_classes": ["crawler.items.Article"]}
        beside = {uri: articles | options for uri, options in extra.items()}
        settings.set("FEEDS", feeds | beside, priority="cmdline")


class DiscreetRecord(logging.LogRecord):
    """What is logged, without what is nobody's business."""

    def getMessage(self) -> str:  # noqa: N802 - the standard library's
        return discreet(super().getMessage())


def keep_secrets() -> None:
    """Keeps credentials, private parameters and secret settings out of the log.

    Scrapy makes its handlers anew with each crawler, and shows the settings that an operator has
    changed, passwords among them; so it is done where lines come from.
    """
    factory = logging.getLogRecordFactory()
    if not (isinstance(factory, type) and issubclass(factory, DiscreetRecord)):
        logging.setLogRecordFactory(DiscreetRecord)


class PrintableLog(logging.Formatter):
    """Another formatter's lines, with nothing in them that a terminal would obey."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(printable, self.inner.format(record).split("\n")))


def disarm_logs(crawlers: Sequence[Crawler]) -> None:
    """Disarms the log of crawlers about to start.

    Scrapy makes its handler anew when each of them begins to crawl.
    """
    disarm_log()
    for crawler in crawlers:
        crawler.signals.connect(disarm_log, signals.spider_opened)


def disarm_log() -> None:
    """Keeps what pages and servers say from reaching a terminal as commands."""
    handler = get_scrapy_root_handler()
    if handler and type(handler.formatter) is logging.Formatter:  # LOG_COLOR has one of its own
        handler.setFormatter(PrintableLog(handler.formatter))


def spare_work() -> None:
    """Keeps a crawl about to start from work that comes to nothing; call it when all is imported.

    Scrapy makes two log records a page, whether or not the level shows them. The collector finds
    little, since pages hold no cycles: it need not look at what stays, nor after every 700
    objects.
    """
    if handler := get_scrapy_root_handler():
        logging.disable(handler.level - 1)
    gc.freeze()
    gc.set_threshold(10_000)


def printable(text: str) -> str:
    """Text with nothing in it that a terminal would obey: that is escaped, as in JSON strings.

    Pages hold what anyone wrote; an escape sequence in an address must not clear a screen.
    A JSON document stays the same document.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Ends printing quietly when the reader of a pipe has seen enough, as in `… | head`."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
