"""The spider that reads archived pages anew; it takes the site's lease and asks nobody."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from scrapy.http import Request, Response
from scrapy.settings import BaseSettings

from crawler.archive.middleware import FETCHED, RECORD
from crawler.archive.reading import ArchiveError, kept_at
from crawler.declared import Declared
from crawler.feed import told
from crawler.items import ArchiveRecord, Article
from crawler.reparse.readings import Reading, readings
from crawler.tag_spider import TagSpider
from crawler.walk import Walk

_DEDUPLICATE: Final = "crawler.pipelines.Deduplicate"
_CORRECT: Final = "crawler.reparse.correct.Correct"


class Reparser(TagSpider):
    """A site's spider that walks the archive in place of the site. `since`: the first day."""

    since: ClassVar[date | None] = None
    asks: ClassVar[bool] = False

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        pipelines = settings.getdict("ITEM_PIPELINES")
        pipelines[_CORRECT] = pipelines.pop(_DEDUPLICATE)
        settings.set("ITEM_PIPELINES", pipelines, priority="spider")
        settings.set("BROKEN_ARTICLES_LIMIT", 1.0, priority="cmdline")  # any is told, see `closed`
        nothing = dict.fromkeys(("http", "https", "ftp", "file", "data", "s3"))
        settings.set("DOWNLOAD_HANDLERS", nothing, priority="spider")

    def open_archives(self) -> None:
        """None: nothing is downloaded."""

    def first_requests(self) -> Iterable[Request]:
        """None. What a walk takes note of is noted, and leads to nothing."""
        self.watched_since = self.index.first_start(self.name) or self.start_name
        self.walk = Walk(self.arguments, lambda _: None)
        self.declared = Declared(self)
        for host in self.all_hosts():
            self.declared.recall(host)
        return []

    @property
    def is_complete(self) -> bool:
        return False  # whether the feed has all that the site lists is not asked here

    def tell_walk(self) -> None:
        self.crawler.stats.set_value("walk/stop", "archived pages were read anew, no site was")

    async def start(self) -> AsyncIterator[Any]:
        async for request in super().start():
            yield request
        if hasattr(self, "walk"):
            there = readings(self.output_dir, self.name, self.since)
            self.crawler.stats.set_value("reparse/pages", len(there))
            for reading in there:
                await self.read(reading)
                await asyncio.sleep(0)  # a signal, or the end of the run, may be waiting
                if self.has_given_up:
                    break

    async def read(self, reading: Reading) -> None:
        """One page, to the feed or wherever it belongs, before the next."""
        self.count("article/looked")
        try:
            response = self.page(reading)
            articles = self.parse_article(response)
        except (ArchiveError, OSError) as error:
            self.broken(reading.url, told(error))
            return
        except Exception as error:  # whatever a page class raises: the others are read all the same
            self.broken(reading.url, f"{type(error).__name__}: {error}")
            return
        for article in articles:
            if not isinstance(article, Article):
                self.broken(reading.url, "only a browser shows it")
            elif article.id != reading.id:
                self.broken(reading.url, f"it is {article.id} now, not {reading.id}")
            else:
                scraper = cast("Any", self.crawler.engine).scraper
                await scraper.start_itemproc_async(article, response=None)

    def page(self, reading: Reading) -> Response:
        """The page as a crawl would hand it on. Raises ArchiveError, OSError."""
        kept = kept_at(self.output_dir / Path(reading.file), reading.offset)
        response = kept.unpacked()
        record = ArchiveRecord(file=reading.file, offset=reading.offset)
        response.request = Request(kept.url, meta={RECORD: record, FETCHED: kept.date})
        return response

    def closed(self, reason: str) -> None:
        super().closed(reason)
        stats = self.crawler.stats.get_stats()
        unfit = stats.get("item_dropped_reasons_count/UnfitArticle", 0)
        self.count("article/failed", unfit)
        if failed := stats.get("article/failed", 0):
            self.problem(f"{failed} archived pages could not be read anew; the log tells why")


def reparser_of(site: type[TagSpider], since: date | None) -> type[Reparser]:
    """The spider that reads a site's archive anew, from the day `since` on."""
    return cast(
        "type[Reparser]", type(f"{site.__name__}Reparser", (Reparser, site), {"since": since})
    )
