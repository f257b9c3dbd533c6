"""TagSpider: the walk from a tag page to the articles it lists.

A new site is a file in `crawler/spiders/` with two page classes and a spider:

1. Name the file, the spider and the class alike: `example.py`, `"example"`, `ExampleSpider`.
2. State the article URLs: an `ArticleUrl` with hosts, patterns and the canonical form.
3. `class ExampleTagPage(TagPage)`: `ARTICLE_URL`, and `ENTRIES` or `NEXT` if the defaults fail.
4. `class ExampleArticlePage(ArticlePage)`: `ARTICLE_URL`, and a selector for what differs.
5. `class ExampleSpider(TagSpider)`: `name`, `start_url` with `{topic}`, and the two classes.
6. Look at it: `scrapy look URL`; then add invented pages under `tests/sites/example/`.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.arguments import Arguments
from crawler.before_walls import BeforeWalls
from crawler.feed import moment_of
from crawler.feed_spider import GONE, NOT_MODIFIED, cause
from crawler.index import Look, Validators
from crawler.items import Article
from crawler.normalise import date as normalised_date
from crawler.normalise import date_oddities, text
from crawler.outcome import Limits, failures
from crawler.pages import DATES, ArticlePage, FeedPage, disputed_dates
from crawler.report import Flagged
from crawler.walk import Step, Stop, Walk


class TagSpider(BeforeWalls):
    """Walks the tag pages about a topic, yields the articles that the feed lacks, and looks again
    at those it has.

    start_url: the first tag page, https, with `{topic}` for the tag. feed_url: the topic's RSS,
    likewise, if the site has one. sitemap_url: its sitemap, or index of sitemaps, if it has one.
    """

    start_url: ClassVar[str]
    feed_url: ClassVar[str | None] = None
    sitemap_url: ClassVar[str | None] = None

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name)
        self.arguments = Arguments.read(**given)
        self.topic = self.arguments.topic
        self.has_answered = False  # the site, with a listing
        self.read_again: set[str] = set()  # tag pages, since an article had vanished
        self.sources: Counter[tuple[str, str]] = Counter()  # of a field, and where it was found

    def first_requests(self) -> Iterable[Request]:
        self.watched_since = self.index.first_start(self.name) or self.start_name
        self.walk = Walk(
            self.arguments,
            lambda url: self.index.known(id_=self.id_of(url), url=url),
            mark=self.index.walks.mark(self.name, self.topic),
            most_pages=self.settings.getint("TAG_PAGES_LIMIT"),
        )
        return [self.feed_request() if self.trusts_feed() else self.tag_request()]

    def closed(self, reason: str) -> None:
        super().closed(reason)
        for (field, source), times in self.sources.items():
            self.count(f"source/{field}/{source}", times)

    def release(self) -> None:
        if hasattr(self, "walk"):
            self.walk.settle()
            if self.is_complete:
                mark = self.walk.next_mark(self.start_name, self.now())
                self.index.walks.set(self.name, self.topic, mark)
            self.tell_walk()
        super().release()

    @property
    def is_complete(self) -> bool:
        """Whether all that the listing names is in the feed, in quarantine, or gone."""
        if self.reason != "finished" or self.problems or not hasattr(self, "walk"):
            return False
        limits = Limits.of(self.settings)
        has_failed = any(failures(self.crawler.stats.get_stats(), limits))
        return self.walk.stop.is_complete and not self.has_lost_articles and not has_failed

    def tell_walk(self) -> None:
        """Puts into the statistics how the walk went, and what a whole one would have cost."""
        is_whole = self.walk.mark is not None or self.walk.stop is Stop.END
        mark = self.walk.next_mark(self.start_name, self.now())
        told = {
            "stop": self.walk.stop.value,
            "covers_from": mark.oldest if self.is_complete else self.walk.oldest,
            "full_requests": mark.pages + mark.listed if is_whole else 0,
            "full_bytes": mark.bytes if is_whole and mark.article_bytes else 0,
        }
        for name, value in told.items():
            self.crawler.stats.set_value(f"walk/{name}", value)

    # --- the listing ---

    def trusts_feed(self) -> bool:
        """Whether the topic's RSS may be asked first: tag pages were read lately, and to an end."""
        asks_for_pages = self.arguments.since or self.arguments.max_pages
        if not self.feed_url or not self.walk.mark or asks_for_pages:
            return False
        patience = timedelta(hours=self.settings.getfloat("FEED_TRUST_HOURS"))
        return self.now() - datetime.fromisoformat(self.walk.mark.walked) < patience

    def feed_request(self) -> Request:
        url = (self.feed_url or "").format(topic=quote(self.topic))
        return self.listing_request(url, self.parse_feed, self.feed_failed)

    def tag_request(self, url: str = "") -> Request:
        """A tag page waits until the articles of the one before are fetched."""
        url = url or self.start_url.format(topic=quote(self.topic))
        return self.listing_request(url, self.parse, self.listing_failed)

    def listing_request(
        self, url: str, callback: Callable[..., Any], errback: Callable[..., Any]
    ) -> Request:
        known = self.walk.validators(url)
        return Request(
            url,
            callback,
            errback=errback,
            headers=known.headers() if known else {},
            meta={"handle_httpstatus_list": [NOT_MODIFIED]},
            cb_kwargs={"asked": url},
            priority=-1,
            dont_filter=True,
        )

    def listing_failed(self, failure: Failure) -> None:
        url = failure.request.url  # type: ignore[attr-defined]
        self.walk.stop = Stop.UNREADABLE
        why = f"{cause(failure)}{self.wall_beside(failure)}"
        self.problem(f"the listing {url} could not be read: {why}")

    def feed_failed(self, failure: Failure) -> Request:
        self.logger.info("The topic's feed could not be read: %s", cause(failure))
        return self.tag_request()

    # Callbacks give lists: Scrapy reads the source of generator callbacks again and again.

    def parse_feed(self, response: Response, asked: str) -> list[Request]:
        """The articles that the topic's feed names anew; the tag page where it does not suffice."""
        if response.status == NOT_MODIFIED:
            return self.follow(self.walk.unchanged())
        page = FeedPage(response.body, self.article_page.ARTICLE_URL)
        step = self.walk.look_at_feed(page.articles)
        if step is None:
            self.logger.info("The topic's feed does not reach back to what is known")
            return [self.tag_request()]
        self.walk.seen(asked, Validators.of(response.headers))
        return self.follow(step)

    def parse(self, response: Response, asked: str) -> list[Request]:
        """Requests the articles of a tag page that the feed lacks, and the next tag page."""
        if response.status == NOT_MODIFIED:
            return self.follow(self.walk.unchanged(asked))
        page = self.tag_page.from_response(response)
        if not self.is_listing(page):
            return []
        step = self.walk.read(asked, page.articles, page.next_url, len(response.body))
        self.walk.seen(asked, Validators.of(response.headers))
        if self.walk.stop is Stop.ENDLESS:
            self.problem(
                f"the listing does not end: {len(self.walk.pages)} tag pages read, the last "
                f"{self.walk.barren_pages} without a new article; stopped before {page.next_url}"
            )
        return self.follow(step, asked)

    def parse_again(self, response: Response, asked: str) -> list[Request]:
        """What has moved up onto a tag page since an article vanished from it."""
        page = self.tag_page.from_response(response)
        step = self.walk.read_again(page.articles) if self.is_listing(page) else Step()
        return self.follow(step, asked)

    def follow(self, step: Step, listed_on: str | None = None) -> list[Request]:
        """The requests of a step, and once, since the site has answered, the looks that are due.

        listed_on: the tag page that the step is about.
        """
        for name, number in self.walk.counts.items():
            self.crawler.stats.set_value(f"article/{name}", number)
        requests = [self.article_request(url, listed_on) for url in step.fresh]
        requests += self.look_requests([Look(id=id_) for id_ in step.returned])
        if not self.has_answered:
            self.has_answered = True
            due = self.look_requests(self.index.looks.due(self.name, self.now()))
            self.count("article/looked", len(due))
            requests += due
        return [*requests, self.tag_request(step.next_url)] if step.next_url else requests

    def id_of(self, url: str) -> str | None:
        number = self.article_page.ARTICLE_URL.number(url)
        return f"{self.name}:{number}" if number else None

    # --- articles ---

    def article_request(self, url: str, listed_on: str | None) -> Request:
        """Listed once is asked for once; a filter behind that would hide redirect loops."""
        return Request(
            url,
            self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"listed_on": listed_on},
            dont_filter=True,
        )

    def article_failed(self, failure: Failure) -> Request | None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error, listed_on = failure.value, request.cb_kwargs["listed_on"]
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

    def parse_article(self, response: Response, listed_on: str | None = None) -> list[Article]:
        page = self.article_page.from_response(response)
        if self.meets_wall(response, page):
            return []
        if page.canonical_url is None or not self.is_at_home(response.url):
            asked = response.meta.get("redirect_urls", [response.url])[0]
            self.broken(asked, f"it leads to {response.url}, which is no article of this site")
            return []
        if self.is_anothers(page.canonical_url, response):
            self.count("article/duplicate")
            return []
        article = page.to_article(self.name, self.topic)
        self.walk.weigh_article(len(response.body))
        self.note_dates(page, article.id)
        self.sources.update(page.sources.items())
        published = normalised_date(article.date_published)
        self.walk.saw(published)
        if self.walk.is_before_since(published):
            self.count("article/before_since")
            self.walk.has_reached_since = self.walk.has_left_out = True
            return []
        self.validators[article.id] = Validators.of(response.headers)
        return [article]

    def is_anothers(self, said: str, response: Response) -> bool:
        """Whether a page says that it is an article which has a page of its own.

        That one speaks for the article; if both did, its history would tell of edits that nobody
        made. A look finds its article under its own address, or does not find it.
        """
        own = self.article_page.ARTICLE_URL.canonical(response.url)
        request = response.request
        if own == said or request is None or "listed_on" not in request.cb_kwargs:
            return False
        known = self.index.known(id_=self.id_of(said), url=said)
        return known is not None or hash(said) in self.walk.listed

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
