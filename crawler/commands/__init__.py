"""Scrapy commands of this project, and what they share."""

import gc
import logging
import sys
from typing import NoReturn

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.log import get_scrapy_root_handler

from crawler.arguments import Arguments, WrongArgumentError
from crawler.outcome import WRONG_USE
from crawler.tag_spider import TagSpider


def wrong_use(command: str, line: str) -> NoReturn:
    """Ends a command that was called in a wrong way, with one line that says so."""
    print(f"scrapy {command}: {line}", file=sys.stderr)
    raise SystemExit(WRONG_USE)


def sites(settings: BaseSettings) -> dict[str, type[TagSpider]]:
    """The spiders by the name of their site."""
    loader = get_spider_loader(settings)
    found = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: spider for name, spider in found.items() if issubclass(spider, TagSpider)}


def check(
    command: str, settings: BaseSettings, names: list[str], arguments: dict[str, str]
) -> None:
    """Ends the command when a site or a spider argument is none."""
    known = sites(settings)
    if unknown := [name for name in names if name not in known]:
        wrong_use(command, f"there is no site {unknown[0]!r}; there are {', '.join(known)}")
    try:
        Arguments.read(**arguments)
    except WrongArgumentError as error:
        wrong_use(command, str(error))


def quiet_tracebacks() -> None:
    """Keeps Scrapy from showing its insides when a host cannot be reached for robots.txt."""

    def without_traceback(record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True

    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").addFilter(without_traceback)


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
