"""TagSpider: the walk from a tag page to the articles it lists.

A new site is a file in `crawler/spiders/` with two page classes and a spider:

1. Name the file, the spider and the class alike: `example.py`, `"example"`, `ExampleSpider`.
2. State the article URLs: an `ArticleUrl` with hosts, patterns and the canonical form.
3. `class ExampleTagPage(TagPage)`: `ARTICLE_URL`, and `ENTRIES` or `NEXT` if the defaults fail.
4. `class ExampleArticlePage(ArticlePage)`: `ARTICLE_URL`, and a selector for what differs.
5. `class ExampleSpider(TagSpider)`: `name`, `start_url` with `{topic}`, and the two classes.
6. Look at it: `scrapy look URL`; then add invented pages under `tests/sites/example/`.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import quote

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler import __version__
from crawler.feed import SiteBusyError, SiteLock, recover, start_name
from crawler.index import Index
from crawler.items import Article
from crawler.normalise import date as normalised_date
from crawler.pages import ArticlePage, TagPage


class WrongArgumentError(ValueError):
    """A spider argument that cannot be used; the message says which, why, and what would do."""


@dataclass(frozen=True)
class Arguments:
    """What `-a` may say. Raises WrongArgumentError for anything else."""

    topic: str = "huawei"
    since: date | None = None
    max_pages: int | None = None

    @classmethod
    def read(cls, **given: str) -> Self:
        """The arguments from the strings of the command line."""
        if unknown := sorted(given.keys() - cls.__dataclass_fields__.keys()):
            known = ", ".join(cls.__dataclass_fields__)
            raise WrongArgumentError(f"unknown argument {unknown[0]!r}; known are {known}")
        topic, since, pages = (given.get(key) for key in ("topic", "since", "max_pages"))
        if topic is not None and not re.fullmatch(
            r"[^\s/\\?#%:]*[^\s/\\?#%:.][^\s/\\?#%:]*", topic
        ):
            raise WrongArgumentError(
                f"topic {topic!r} is no tag; give one as it stands in the tag page's address"
            )
        return cls(
            topic=cls.topic if topic is None else topic,
            since=None if since is None else _day(since),
            max_pages=None if pages is None else _count(pages),
        )


def _day(value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise WrongArgumentError(f"since {value!r} is no day; write it as 2026-01-31") from None


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise WrongArgumentError(f"max_pages {value!r} is no number from 1 up")
    return int(value)


class TagSpider(scrapy.Spider):
    """Walks the tag pages about a topic and yields the articles that the feed lacks.

    start_url: the first tag page, https, with `{topic}` for the tag. problems: one line for
    each thing that makes the run incomplete; an empty list is a complete run.
    """

    start_url: ClassVar[str]
    tag_page: ClassVar[type[TagPage]]
    article_page: ClassVar[type[ArticlePage]]

    index: Index

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name)
        self.arguments = Arguments.read(**given)
        self.start_name = start_name(datetime.now(UTC))
        self.run_id = f"{self.name}-{self.start_name}"
        self.problems: list[str] = []
        self.listed: set[str] = set()
        self.tag_pages: set[str] = set()
        self.barren_pages = 0
        self.reached_since = False
        self.lock: SiteLock | None = None

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        contact = f" (+{settings['CONTACT']})" if settings["CONTACT"] else ""
        settings.set("USER_AGENT", f"crawler/{__version__}{contact}", priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.release, signals.feed_exporter_closed)
        return spider

    def problem(self, line: str) -> None:
        """Notes what makes this run incomplete."""
        self.logger.error(line)
        self.problems.append(line)

    def give_up(self, line: str) -> None:
        """Ends the run early: what follows could not be kept."""
        self.problem(line)
        self.crawler.engine.close_spider(self, "gave_up")

    def count(self, name: str, by: int = 1) -> None:
        self.crawler.stats.inc_value(name, by)

    async def start(self) -> AsyncIterator[Request]:
        output_dir = Path(self.settings["OUTPUT_DIR"])
        try:
            self.lock = SiteLock(output_dir, self.name)
            recover(output_dir, self.name)
            self.index = Index(output_dir)
            self.index.catch_up()
        except SiteBusyError as error:
            self.problem(str(error))
        except (OSError, sqlite3.Error) as error:
            self.problem(f"{output_dir} cannot be used for the feed: {error}")
        else:
            yield self.tag_request(self.start_url.format(topic=quote(self.arguments.topic)))

    def release(self) -> None:
        if hasattr(self, "index"):
            self.index.close()
        if self.lock:
            self.lock.release()

    # --- tag pages ---

    def tag_request(self, url: str) -> Request:
        """A tag page waits until the articles of the one before are fetched."""
        self.tag_pages.add(url)
        return Request(url, self.parse, errback=self.tag_failed, priority=-1, dont_filter=True)

    def tag_failed(self, failure: Failure) -> None:
        url = failure.request.url  # type: ignore[attr-defined]
        self.problem(f"the listing {url} could not be read: {cause(failure)}")

    # Callbacks give lists: Scrapy reads the source of generator callbacks again and again.

    def parse(self, response: Response) -> list[Request]:
        """Requests the articles of a tag page that the feed lacks, and the next tag page."""
        return [*self.walk(response)]

    def walk(self, response: Response) -> Iterator[Request]:
        page = self.tag_page.from_response(response)
        if not page.articles:
            self.problem(f"the listing {response.url} names no article; has the page changed?")
            return
        fresh = [url for url in page.articles if url not in self.listed]
        self.listed.update(fresh)
        self.count("article/listed", len(fresh))
        for url in fresh:
            if self.is_before_since(page.articles[url] or self.index.date_published(url)):
                self.count("article/before_since")
            elif self.index.knows(url=url, id_=self.id_of(url)):
                self.count("article/known")
            else:
                # Listed once is asked for once; a filter behind that would hide redirect loops.
                yield Request(
                    url, self.parse_article, errback=self.article_failed, dont_filter=True
                )
        self.barren_pages = 0 if fresh else self.barren_pages + 1
        yield from self.next_tag_page(page)

    def id_of(self, url: str) -> str | None:
        number = self.article_page.ARTICLE_URL.number(url)
        return f"{self.name}:{number}" if number else None

    def next_tag_page(self, page: TagPage) -> Iterator[Request]:
        """The next request of the walk, unless there is a reason to end it here."""
        url = page.next_url
        dates = [date for date in page.articles.values() if date]
        if url is None or url in self.tag_pages:
            return
        if self.arguments.max_pages and len(self.tag_pages) >= self.arguments.max_pages:
            self.logger.info("Ended the walk after %d tag pages", len(self.tag_pages))
        elif self.reached_since or (dates and self.is_before_since(dates[-1])):
            self.logger.info("Ended the walk at articles before %s", self.arguments.since)
        elif self.barren_pages >= 3 or len(self.tag_pages) >= self.settings.getint(
            "TAG_PAGES_LIMIT"
        ):
            self.problem(
                f"the listing does not end: {len(self.tag_pages)} tag pages read, the last "
                f"{self.barren_pages} without a new article; stopped before {url}"
            )
        else:
            yield self.tag_request(url)

    def is_before_since(self, published: str | None) -> bool:
        since = self.arguments.since
        return bool(since and published and published[:10] < since.isoformat())

    # --- articles ---

    def article_failed(self, failure: Failure) -> None:
        url = failure.request.url  # type: ignore[attr-defined]
        self.broken(url, cause(failure))

    def broken(self, url: str, why: str) -> None:
        """Counts an article that could not be had; too many make the run a failure."""
        self.logger.error("The article %s could not be had: %s", url, why)
        self.count("article/failed")

    def parse_article(self, response: Response) -> list[Article]:
        page = self.article_page.from_response(response)
        if page.canonical_url is None:
            asked = response.meta.get("redirect_urls", [response.url])[0]
            self.broken(asked, f"it leads to {response.url}, which is no article")
            return []
        article = page.to_article(self.name, self.arguments.topic)
        for field, source in page.sources.items():
            self.count(f"source/{field}/{source}")
        if self.is_before_since(normalised_date(article.date_published)):
            self.count("article/before_since")
            self.reached_since = True
            return []
        return [article]


def cause(failure: Failure) -> str:
    """Why a request failed, in a few words."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
