"""Second looks: what a spider does to notice edits, moves and withdrawals."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.archive.middleware import RECORD, REVISITS
from crawler.feed_spider import GONE, NOT_MODIFIED, FeedSpider, cause
from crawler.index import Look, Validators
from crawler.items import ArchiveRecord, Article
from crawler.politeness import ForbiddenError, SiteRefusesError
from crawler.walk import Walk


class SecondLooks(FeedSpider):
    """A spider that asks again for articles of the feed.

    looked_at: those asked for, by id. validators: of pages whose articles are on their way to the
    feed, by id; kept only when the line is written, else an edit could be lost.
    """

    walk: Walk

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self.looked_at: dict[str, Look] = {}
        self.validators: dict[str, Validators] = {}

    def parse_article(
        self, response: Response, listed_on: str | None = None
    ) -> list[Article | Request]:
        """The article of a page, or none, which is counted, or a request that will tell."""
        raise NotImplementedError

    def broken(self, url: str, why: str) -> None:
        """Counts an article that could not be had."""
        raise NotImplementedError

    def meets_wall(self, response: Response) -> bool:
        """Whether a wall stands in place of an article, which then is counted."""
        raise NotImplementedError

    def forbidden(self) -> None:
        """Counts an article that robots.txt forbids."""
        self.walk.count("forbidden")
        self.tell_counts()

    def tell_counts(self) -> None:
        """Puts into the statistics what the walk has counted so far."""
        for name, number in self.walk.counts.items():
            self.crawler.stats.set_value(f"article/{name}", number)

    def look_requests(self, looks: Iterable[Look]) -> list[Request]:
        """Asks whether articles of the feed have changed since, each once."""
        requests = []
        for look in looks:
            latest = None if look.id in self.looked_at else self.index.latest(look.id)
            if latest and not self.walk.is_before_since(latest.date_published):
                self.looked_at[look.id] = look
                requests.append(self.look_request(look, latest))
        return requests

    def look_request(self, look: Look, latest: Article) -> Request:
        return Request(
            latest.url,
            self.parse_look,
            errback=self.look_failed,
            headers=look.validators.headers(),
            meta={"handle_httpstatus_list": [NOT_MODIFIED, *GONE], REVISITS: latest.archive},
            cb_kwargs={"latest": latest},
            dont_filter=True,
        )

    def parse_look(self, response: Response, latest: Article) -> list[Article | Request]:
        look = self.looked_at[latest.id]
        if response.status == NOT_MODIFIED:
            self.count("article/unchanged")
            self.index.looks.looked(latest.id, self.now(), look.validators)
        elif response.status in GONE:
            return self.gone(look, latest, response.meta.get(RECORD))
        else:
            found = self.parse_article(response)
            others = [one.id for one in found if isinstance(one, Article) and one.id != latest.id]
            if not others:
                return found
            self.broken(latest.url, f"it leads to {others[0]}, another article")
        return []

    def gone(
        self, look: Look, latest: Article, archive: ArchiveRecord | None = None
    ) -> list[Article | Request]:
        """An article that is not there; withdrawn when it was not there some time ago either."""
        now, url = self.now(), latest.url
        if latest.event == "withdrawn":
            self.count("article/unchanged")
            self.index.looks.looked(latest.id, now)
            return []
        patience = timedelta(hours=self.settings.getfloat("WITHDRAWN_AFTER_HOURS"))
        if look.gone and now - datetime.fromisoformat(look.gone) >= patience:
            return [replace(latest, event="withdrawn", archive=archive, date_downloaded="")]
        self.logger.info("%s is gone; a later run will tell whether it stays away", url)
        self.count("article/gone")
        self.index.looks.gone(latest.id, now, now + patience)
        if self.walk.may_have_lost_one(look.looked):
            self.index.walks.doubt(self.name)
            self.walk.vanished.add(url)
        return []

    def look_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        if failure.check(ForbiddenError):  # type: ignore[no-untyped-call]
            latest = request.cb_kwargs["latest"]
            self.forbidden()
            self.index.looks.looked(latest.id, self.now(), self.looked_at[latest.id].validators)
            return
        if failure.check(SiteRefusesError):  # type: ignore[no-untyped-call]
            return
        if isinstance(failure.value, HttpError) and self.meets_wall(failure.value.response):
            return
        self.broken(request.url, cause(failure))
