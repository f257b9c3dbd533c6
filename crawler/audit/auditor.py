"""Auditor: asks a site what it names, and after each article that the feed lacks."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import quote

import scrapy
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawler.audit.comparison import (
    Check,
    Report,
    Source,
    Standing,
    compare,
    is_before,
    said_date,
    standing,
    topical,
)
from crawler.audit.held import Held
from crawler.browser import BrowserMissingError, Render
from crawler.feed_spider import GONE, cause
from crawler.index import Known
from crawler.normalise import date as normalised_date
from crawler.pages import (
    FeedPage,
    SitemapError,
    SitemapPage,
    TagPage,
    listing_wall,
    wall_of,
)
from crawler.politeness import ForbiddenError
from crawler.shown import view as shown_view
from crawler.tag_spider import TagSpider

_MOST_SITEMAPS: Final = 50  # of one index, each a request
_BARREN_LIMIT: Final = 3  # pages without a new article, one after another, are paging in a circle


class _UnreadableError(Exception):
    """A page could not be had; the message says why."""


class _GoneError(_UnreadableError):
    """The server says that there is no such page."""


class _ForbiddenError(_UnreadableError):
    """robots.txt forbids the page."""


class Auditor(scrapy.Spider):
    """Reads a site's sources from the day `since` on, one request after another, and hands the
    report to `done`.

    Yields nothing, so that nothing is written; middlewares and delays are those of a crawl. An
    article that the feed lacks is asked for once, to tell what is gone from what was missed.
    """

    name = "audit"
    custom_settings = {"FEEDS": {}, "ITEM_PIPELINES": {}}

    def __init__(
        self,
        site: type[TagSpider],
        topic: str,
        since: date,
        held: Held,
        done: Callable[[Report], None],
    ) -> None:
        super().__init__()
        self.site, self.topic, self.since, self.held, self.done = site, topic, since, held, done
        self.article_url = site.article_page.ARTICLE_URL
        self.hosts = site.may_ask()
        self.pages = Source("tag pages", self._address(site.start_url), reaches_back=True)
        self.rss = Source("topic RSS", self._address(site.feed_url))
        self.sitemap = Source("sitemap", self._address(site.sitemap_url), is_about_topic=False)
        self.checks: dict[str, Check] = {}

    def _address(self, template: str | None) -> str:
        return (template or "").format(topic=quote(self.topic))

    @property
    def sources(self) -> list[Source]:
        """Those that the site has."""
        return [source for source in (self.pages, self.rss, self.sitemap) if source.url]

    async def start(self) -> AsyncIterator[Any]:
        # The tag pages come last: the others know dates, which tell where the walk may end.
        for source, read in (
            (self.rss, self.read_rss),
            (self.sitemap, self.read_sitemap),
            (self.pages, self.walk),
        ):
            if source.url:
                try:
                    await read()
                except (_UnreadableError, SitemapError) as error:
                    source.problem = source.problem or str(error)
        standings = {}
        about = topical(self.sources)
        for url in {url: None for source in self.sources for url in source.named}:
            standings[url] = await self.standing(url, is_about_topic=url in about)
        self.done(compare(self.site.name, self.topic, self.since, self.sources, standings))
        return
        yield  # what makes it the generator that Scrapy awaits

    async def fetch(self, url: str) -> Response:
        """A page, asked for as a crawl would. Raises _UnreadableError."""
        return await self.answer(Request(url, callback=NO_CALLBACK, dont_filter=True))

    async def answer(self, request: Request) -> Response:
        try:
            response = await self.crawler.engine.download_async(request)
        except ForbiddenError as error:
            raise _ForbiddenError(str(error)) from None
        except Exception as error:  # whatever handlers and middlewares raise: there is no page
            why = cause(Failure(error))  # type: ignore[no-untyped-call]
            if isinstance(error, BrowserMissingError):
                why = error.remedy
            raise _UnreadableError(why) from None
        if response.status in GONE:
            raise _GoneError(f"the server answered {response.status}")
        if response.status != 200:
            raise _UnreadableError(f"the server answered {response.status}")
        return response

    # --- sources ---

    async def read_rss(self) -> None:
        page = FeedPage((await self.fetch(self.rss.url)).body, self.article_url)
        if not page.articles:
            raise _UnreadableError("it names no article")
        self.rss.named = page.articles

    async def read_sitemap(self) -> None:
        """The sitemap, and those it names that have changed since the first day of the period."""
        page = SitemapPage((await self.fetch(self.sitemap.url)).body, self.article_url)
        self.take(page)
        children = [url for url, changed in page.sitemaps.items() if not self.is_past(changed)]
        if len(children) > _MOST_SITEMAPS:
            self.sitemap.problem = f"it names {len(children)} sitemaps; read {_MOST_SITEMAPS}"
        for url in children[:_MOST_SITEMAPS]:
            try:
                self.take(SitemapPage((await self.fetch(url)).body, self.article_url))
            except (_UnreadableError, SitemapError) as error:
                self.sitemap.problem = f"{url}: {error}"

    def take(self, page: SitemapPage) -> None:
        self.sitemap.named |= page.articles
        self.sitemap.last_changes |= page.last_changes

    async def walk(self) -> None:
        """The tag pages, until all on one is from before the period, or to the listing's end."""
        url: str | None = self.pages.url
        read: set[str] = set()
        barren = 0
        while url and url not in read:
            if barren >= _BARREN_LIMIT or len(read) >= self.settings.getint("TAG_PAGES_LIMIT"):
                raise _UnreadableError(f"the listing does not end: {len(read)} pages read")
            read.add(url)
            try:
                page = await self.listing(url)
            except _UnreadableError as error:
                raise _UnreadableError(f"{url}: {error}") from None
            if wall := listing_wall(page):
                raise _UnreadableError(f"{url} is {wall.name}")
            if not page.articles:
                raise _UnreadableError(f"{url} names no article; has the page changed?")
            barren = 0 if page.articles.keys() - self.pages.named.keys() else barren + 1
            for address, shown in page.articles.items():
                self.pages.named[address] = self.pages.named.get(address) or shown
            if await self.is_over(list(page.articles)):
                return
            url = page.next_url

    async def listing(self, url: str) -> TagPage:
        """A tag page, in the browser if scripts fill it, or lengthen it as one scrolls."""
        response = await self.fetch(url)
        page = self.site.tag_page.from_response(response)
        if page.is_shell or page.grows:
            shown: set[str] = set()
            steps = self.settings.getint("BROWSER_SCROLLS")

            def goes_on(response: Response) -> bool:
                nonlocal steps
                steps -= 1
                page = self.site.tag_page.from_response(response)
                dates = [date for url, date in page.articles.items() if url not in shown]
                shown.update(page.articles)
                is_past = bool(dates) and all(date and self.is_past(date) for date in dates)
                return page.next_url is None and not is_past and steps >= 0

            view = replace(shown_view(self.site.tag_page, self.site.all_hosts()), goes_on=goes_on)
            response = await self.answer(Render.of(response, view))
            if "cut" in response.flags or steps < 0:
                raise _UnreadableError("the listing does not end, however long one scrolls")
            page = self.site.tag_page.from_response(response)
        return page

    async def is_over(self, urls: list[str]) -> bool:
        """Whether a tag page names articles from before the period, and none of the period.

        Some sites show no dates: what neither the feed nor another source dates is asked for, if
        the others on the page do not tell already.
        """
        undated, has_older = [], False
        for url in urls:
            when = self.published(url, self.known(url))
            if when and not self.is_past(when):
                return False
            has_older = has_older or bool(when)
            undated += [] if when else [url]
        for url in undated:
            check = await self.check(url)
            if check.is_gone or check.is_forbidden:  # which tells no day
                continue
            if not self.is_past(check.date):
                return False
            has_older = True
        return has_older

    def is_past(self, when: str | None) -> bool:
        return is_before(when, self.since)

    # --- articles ---

    def known(self, url: str) -> Known | None:
        number = self.article_url.number(url)
        return self.held.known(id_=number and f"{self.site.name}:{number}", url=url)

    def published(self, url: str, known: Known | None) -> str | None:
        return (known and known.date_published) or said_date(self.sources, url)

    async def standing(self, url: str, *, is_about_topic: bool) -> Standing:
        """How the feed stands to an article; asks for it if the feed seems to lack it."""
        known, check = self.known(url), None
        if known and not is_about_topic:
            is_about_topic = self.held.topic(known) == self.topic
        refused = self.held.refused(known)
        is_lacking = is_about_topic and not refused and (known is None or known.is_withdrawn)
        if is_lacking and not self.is_past(self.published(url, known)):
            check = await self.check(url)
            if check.url and known is None:  # it may be there under another address
                known = self.held.known(id_=check.id, url=check.url)
                refused = self.held.refused(known)
        return standing(known=known, refused=refused, check=check, is_about_topic=is_about_topic)

    async def check(self, url: str) -> Check:
        """What an article answers; each is asked once."""
        if url not in self.checks:
            self.checks[url] = await self._check(url)
        return self.checks[url]

    async def _check(self, url: str) -> Check:
        try:
            response = await self.fetch(url)
        except _UnreadableError as error:
            return Check(
                is_gone=isinstance(error, _GoneError),
                is_forbidden=isinstance(error, _ForbiddenError),
                problem=str(error),
            )
        page = self.site.article_page.from_response(response)
        if wall := wall_of(page):
            return Check(problem=f"it is {wall.name}")
        if page.canonical_url is None:
            return Check(problem=f"it leads to {response.url}, which is no article")
        if page.is_shell:
            view = shown_view(self.site.article_page, self.site.all_hosts())
            try:
                response = await self.answer(Render.of(response, view))
            except _UnreadableError as error:
                return Check(problem=str(error))
            page = self.site.article_page.from_response(response)
        article = page.to_article(self.site.name, self.topic)
        return Check(id=article.id, url=article.url, date=normalised_date(article.date_published))
