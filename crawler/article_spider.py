"""ArticleSpider: what a spider does with the articles of a listing, from request to item."""

import sqlite3
from collections import Counter
from datetime import datetime, timedelta

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.archive.middleware import FETCHED, MAY_ANSWER, RECORD
from crawler.before_walls import BeforeWalls
from crawler.browser_spider import as_sent
from crawler.declared import Declared
from crawler.feed import moment_of, told
from crawler.feed_spider import GONE, cause
from crawler.index import Known, Validators
from crawler.items import Article
from crawler.normalise import date as normalised_date
from crawler.normalise import date_oddities, text
from crawler.pages import DATES, ArticlePage, disputed_dates
from crawler.politeness import ForbiddenError, SiteRefusesError
from crawler.report import Flagged


class ArticleSpider(BeforeWalls):
    """A spider that asks for articles, and yields what their pages say.

    declared: what the site declares about the use of its pages. watched_since: the start of the
    first run that found something on the site, as in file names.
    """

    declared: Declared
    watched_since: str

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self.read_again: set[str] = set()  # tag pages, since an article had vanished
        self.sources: Counter[tuple[str, str]] = Counter()  # of a field, and where it was found

    def parse_again(self, response: Response, asked: str) -> list[Request]:
        """What has moved up onto a tag page since an article vanished from it."""
        raise NotImplementedError

    def listing_failed(self, failure: Failure) -> None:
        """Takes note of a listing that could not be read."""
        raise NotImplementedError

    def closed(self, reason: str) -> None:
        super().closed(reason)
        for (field, source), times in self.sources.items():
            self.count(f"source/{field}/{source}", times)

    def known(self, url: str) -> Known | None:
        """What the index knows of a URL; the run ends where it cannot tell."""
        try:
            return self.index.known(id_=self.id_of(url), url=url)
        except (OSError, sqlite3.Error) as error:
            self.give_up(f"the index cannot be used: {told(error)}; delete it, it is built anew")
            return None

    def id_of(self, url: str) -> str | None:
        number = self.article_page.ARTICLE_URL.number(url)
        return f"{self.name}:{number}" if number else None

    def article_request(self, url: str, listed_on: str | None) -> Request:
        """Listed once is asked for once; a filter behind that would hide redirect loops."""
        return Request(
            url,
            self.parse_article,
            errback=self.article_failed,
            meta={MAY_ANSWER: True},
            cb_kwargs={"listed_on": listed_on},
            dont_filter=True,
        )

    def article_failed(self, failure: Failure) -> Request | None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error, listed_on = failure.value, request.cb_kwargs["listed_on"]
        if isinstance(error, SiteRefusesError):  # which ends the run
            return None
        if isinstance(error, ForbiddenError):
            self.forbidden()
            return None
        if isinstance(error, HttpError) and self.meets_wall(error.response):
            return None
        self.broken(request.url, cause(failure))
        if not (isinstance(error, HttpError) and error.response.status in GONE):
            self.has_lost_articles = True  # it may be there the next time
        elif listed_on and listed_on not in self.read_again:
            # What vanishes moves all that follow up, the first of the next page onto this one.
            self.read_again.add(listed_on)
            return Request(
                listed_on,
                self.parse_again,
                errback=self.listing_failed,
                cb_kwargs={"asked": listed_on},
                dont_filter=True,
            )
        return None

    def broken(self, url: str, why: str) -> None:
        """Counts an article that could not be had; too many make the run a failure."""
        self.logger.error("The article %s could not be had: %s", url, why)
        self.count("article/failed")

    def parse_article(
        self, response: Response, listed_on: str | None = None
    ) -> list[Article | Request]:
        page = self.article_page.from_response(response)
        if self.meets_wall(response, page):
            return []
        if page.canonical_url is None or not self.is_at_home(response.url):
            asked = response.meta.get("redirect_urls", [response.url])[0]
            self.broken(asked, f"it leads to {response.url}, which is no article of this site")
            return []
        if again := self.in_browser(page, response):
            return [again]
        if page.is_shell:
            self.has_lost_articles = True
            self.broken(response.url, "it is an empty page, also in the browser")
            return []
        if self.is_anothers(page.canonical_url, response):
            self.count("article/duplicate")
            return []
        article = page.to_article(self.name, self.topic)
        article.archive = response.meta.get(RECORD)
        article.date_downloaded = response.meta.get(FETCHED, "")
        self.walk.weigh_article(len(response.body))
        self.count("article/read")
        self.note_dates(page, article.id)
        for source in page.sources.items():
            self.sources[source] += 1
        published = normalised_date(article.date_published)
        self.walk.saw(published)
        if self.walk.is_before_since(published):
            self.count("article/before_since")
            self.walk.has_reached_since = self.walk.has_left_out = True
            return []
        article.rights = self.declared.about(as_sent(response), page.metas)
        self.validators[article.id] = Validators.of(response.headers)
        return [article]

    def may_archive(self, response: Response) -> bool:
        is_article = self.article_page.ARTICLE_URL.canonical(response.url) is not None
        return not (is_article and response.status == 200) or self.declared.may_be_copied(response)

    def is_anothers(self, said: str, response: Response) -> bool:
        """Whether a page says that it is an article which has a page of its own.

        That one speaks for the article; if both did, its history would tell of edits that nobody
        made. A look finds its article under its own address, or does not find it.
        """
        asked = [response.url, *response.meta.get("redirect_urls", ())]
        own = {self.article_page.ARTICLE_URL.canonical(url) for url in asked}
        request = response.request
        if said in own or request is None or "listed_on" not in request.cb_kwargs:
            return False
        return self.known(said) is not None or hash(said) in self.walk.listed

    def note_dates(self, page: ArticlePage, id_: str) -> None:
        """Counts dates on which sources disagree, and flags those that look odd, for the report."""
        for name in disputed_dates(page):
            self.count(f"date/disagreement/{name}")
        for name in DATES:
            value = getattr(page, name)
            for why in date_oddities(value, self.now()) if value else ():
                printed = text(value) or ""  # half of a surrogate pair fits into no report
                self.flagged.append(Flagged(id=id_, field=name, value=printed, why=why))

    def is_backfill(self, article: Article) -> bool:
        """Whether an article is from before the site was watched, or older than a set age."""
        age = timedelta(days=self.settings.getfloat("BACKFILL_DAYS"))
        since = max(moment_of(self.watched_since), self.now() - age)
        return datetime.fromisoformat(article.date_published) < since
