"""Downloader middleware: what the downloader got goes into the archive before anyone reads it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self, cast
from urllib.parse import urldefrag

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.stats import get_header_size, get_status_size
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Request, Response
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from crawler.feed import told
from crawler.items import ArchiveRecord
from crawler.normalise import utc

if TYPE_CHECKING:  # it needs warcio, which only a run with an archive does
    from crawler.archive.run import Archives

_SYNC_SECONDS: Final = 1.0
_ANSWERED: Final = "archived"  # the flag of a response from the archive

# What Request.meta says to and of the archive, as it does of other middlewares.
MAY_ANSWER: Final = "archive_may_answer"  # asked: it may come from a killed run's archive
REVISITS: Final = "archive_revisits"  # asked: the record of the page, in case it is unchanged
RECORD: Final = "archive_record"  # told: where the response is kept
FETCHED: Final = "archive_fetched"  # told: when it came, RFC 3339 in UTC


class _Spider(Protocol):
    """A spider as the archive sees it."""

    output_dir: Path
    has_given_up: bool

    def now(self) -> datetime: ...

    def give_up(self, line: str) -> None: ...

    def confirm(self) -> None: ...

    def may_archive(self, response: Response) -> bool: ...


class Archive:
    """Keeps each response of a run as it was received, with its request (ARCHIVE=1).

    Stands next to the downloader, so that nothing is unpacked or followed yet. A response is
    written before anything can be made of it, so no line of the feed tells of one that is not
    there; when it cannot be written, the run gives up. A page that a killed run has fetched is
    answered from its archive, if the request says that it may: at once, and uncounted.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ARCHIVE"):
            raise NotConfigured
        self.crawler = crawler
        self.syncing = LoopingCall(self.sync)
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def spider(self) -> _Spider:
        return cast("_Spider", self.crawler.spider)

    @property
    def archives(self) -> "Archives | None":
        """Those of the run; other spiders that use this project's settings have none."""
        return getattr(self.crawler.spider, "archives", None)

    def opened(self) -> None:
        self.syncing.start(_SYNC_SECONDS, now=False)

    def closed(self) -> None:
        self.syncing.stop()

    def sync(self) -> Deferred[None] | None:
        done = self.archives.written.sync() if self.archives else None
        return done and done.addErrback(self.not_written)

    def not_written(self, failure: Failure) -> None:
        self.give_up(failure.value or OSError(str(failure)))

    def give_up(self, error: BaseException) -> None:
        self.spider.give_up(f"the archive could not be written: {told(error)}")

    def process_request(self, request: Request) -> Response | None:
        if self.archives is None:
            return None
        if self.spider.has_given_up:
            raise IgnoreRequest("the run has given up")
        if not request.meta.get(MAY_ANSWER):
            return None
        found = self.archives.checkpoint.answer(urldefrag(request.url)[0])
        if found is None:
            return None
        path, kept = found
        file = path.relative_to(self.spider.output_dir).as_posix()
        request.meta[RECORD] = ArchiveRecord(file=file, offset=kept.offset)
        request.meta[FETCHED] = kept.date
        self.crawler.stats.inc_value("archive/answered")
        return kept.as_received()

    def process_response(self, request: Request, response: Response) -> Response:
        if self.archives is None:
            return response
        if _ANSWERED in response.flags:
            self.uncount(response)
            return response
        if "rendered" in response.flags:
            # No server has sent this; what it was made of is kept.
            request.meta.pop(RECORD, None)
            request.meta.pop(FETCHED, None)
            return response
        if not self.spider.may_archive(response):
            self.crawler.stats.inc_value("archive/withheld")
            return response
        try:
            self.spider.confirm()
            now = self.spider.now()
            revisits = request.meta.get(REVISITS)
            request.meta[RECORD] = self.archives.written.keep(request, response, now, revisits)
            request.meta[FETCHED] = utc(now)
        except OSError as error:
            self.give_up(error)
            raise IgnoreRequest("it could not be kept in the archive") from None
        return response

    def uncount(self, response: Response) -> None:
        """Takes back what Scrapy's statistics count: nothing came over the network."""
        size = len(response.body) + get_header_size(response.headers)
        size += get_status_size(response.status) + 4
        count = self.crawler.stats.inc_value
        count("downloader/response_bytes", -size)
        count("downloader/response_count", -1)
        count(f"downloader/response_status_count/{response.status}", -1)
