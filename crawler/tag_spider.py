"""TagSpider: the walk from a tag page to the articles it lists.

A new site is a file in `crawler/spiders/` with two page classes and a spider:

1. Name the file, the spider and the class alike: `example.py`, `"example"`, `ExampleSpider`.
2. State the article URLs: an `ArticleUrl` with hosts, patterns and the canonical form.
3. `class ExampleTagPage(TagPage)`: `ARTICLE_URL`, and `ENTRIES` or `NEXT` if the defaults fail.
4. `class ExampleArticlePage(ArticlePage)`: `ARTICLE_URL`, and a selector for what differs.
5. `class ExampleSpider(TagSpider)`: `name`, `start_url` with `{topic}`, and the two classes.
6. Look at it: `scrapy look URL`; then add invented pages under `tests/sites/example/`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import quote

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.alarms import alarms_of
from crawler.arguments import Arguments
from crawler.article_spider import ArticleSpider
from crawler.browser_spider import is_rendered
from crawler.declared import Declared
from crawler.feed_spider import GONE, NOT_MODIFIED, cause
from crawler.index import Look, Validators
from crawler.outcome import LISTING, Limits, failures
from crawler.pages import FeedPage
from crawler.politeness import ObeyRobots, SiteRefusesError
from crawler.reach import hosts_in
from crawler.report import Alarm, RunReport
from crawler.walk import Step, Stop, Walk

# What a listing answers that is not there for us, and will not be the next time (RFC 9110, 15.5.4).
_REFUSED: Final = (403, *GONE)


class TagSpider(ArticleSpider):
    """Walks the tag pages about a topic, yields the articles that the feed lacks, and looks again
    at those it has.

    start_url: the first tag page, https, with `{topic}` for the tag. feed_url: the topic's RSS,
    likewise, if the site has one. sitemap_url: its sitemap, or index of sitemaps, if it has one.
    hosts: who may be asked.
    """

    start_url: ClassVar[str]
    feed_url: ClassVar[str | None] = None
    sitemap_url: ClassVar[str | None] = None

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name)
        self.arguments = Arguments.read(**given)
        self.topic = self.arguments.topic
        self.hosts = self.may_ask()
        self.has_answered = False  # the site, with a listing

    @classmethod
    def may_ask(cls) -> frozenset[str]:
        """Every host of the site: of its articles, of what lists and what fills them."""
        return cls.all_hosts() | hosts_in(cls.start_url, cls.feed_url, cls.sitemap_url)

    def first_requests(self) -> Iterable[Request]:
        robots = self.crawler.get_downloader_middleware(ObeyRobots)
        self.watched_since = self.index.first_start(self.name) or self.start_name
        self.walk = Walk(
            self.arguments,
            self.known,
            mark=self.index.walks.mark(self.name, self.topic),
            most_pages=self.settings.getint("TAG_PAGES_LIMIT"),
            is_forbidden=robots.forbids if robots else lambda url: False,
        )
        self.declared = Declared(self)
        return [self.feed_request() if self.trusts_feed() else self.tag_request()]

    def told_arguments(self) -> dict[str, str]:
        given, usual = vars(self.arguments), vars(Arguments())
        return {name: str(value) for name, value in given.items() if value != usual[name]}

    def alarms(self, report: RunReport) -> list[Alarm]:
        return alarms_of(report, self.output_dir, self.now(), self.settings)

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
        values = {
            "stop": self.walk.stop.value,
            "covers_from": mark.oldest if self.is_complete else self.walk.oldest,
            "full_requests": mark.pages + mark.listed if is_whole else 0,
            "full_bytes": mark.bytes if is_whole and mark.article_bytes else 0,
        }
        for name, value in values.items():
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
        if not failure.check(SiteRefusesError):  # type: ignore[no-untyped-call]
            why = f"{cause(failure)}{self.wall_beside(failure)}"
            error = failure.value
            is_refused = isinstance(error, HttpError) and error.response.status in _REFUSED
            fault = LISTING if is_refused else ""
            self.problem(f"the listing {url} could not be read: {why}", fault)

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
        if again := self.listing_in_browser(page, response):
            return [again]
        if not self.is_listing(page):
            return []
        more = f"{asked}#more" if page.grows and not is_rendered(response) else None
        step = self.walk.read(asked, page.articles, page.next_url or more, len(response.body))
        self.walk.seen(asked, Validators.of(response.headers))
        self.note_scroll(response, asked)
        if self.walk.stop is Stop.ENDLESS:
            self.problem(
                f"the listing does not end: {len(self.walk.pages)} tag pages read, the last "
                f"{self.walk.barren_pages} without a new article; stopped before {page.next_url}",
                LISTING,
            )
        if more and step.next_url:
            step.next_url = None
            requests = [*self.follow(step, asked), self.more_of(page, response, more)]
            self.crawler.stats.set_value("walk/is_listed", False)
            return requests
        return self.follow(step, asked)

    def parse_again(self, response: Response, asked: str) -> list[Request]:
        """What has moved up onto a tag page since an article vanished from it."""
        page = self.tag_page.from_response(response)
        if again := self.in_browser(page, response):
            return [again]
        step = self.walk.read_again(page.articles) if self.is_listing(page) else Step()
        return self.follow(step, asked)

    def controls(self, read: int) -> list[Look]:
        """Known articles to look at besides the `read` ones that the run will read anyway."""
        hours = timedelta(hours=self.settings.getfloat("CONTROLS_HOURS"))
        wanted = self.settings.getint("CONTROLS") - read
        return self.index.looks.controls(self.name, self.now() - hours, self.now(), wanted)

    def follow(self, step: Step, listed_on: str | None = None) -> list[Request]:
        """The requests of a step, and once, since the site has answered, the looks that are due.

        listed_on: the tag page that the step is about.
        """
        self.tell_counts()
        self.crawler.stats.set_value("walk/is_listed", step.next_url is None)
        requests = [self.article_request(url, listed_on) for url in step.fresh]
        requests += self.look_requests([Look(id=id_) for id_ in step.returned])
        if not self.has_answered:
            self.has_answered = True
            due = self.look_requests(self.index.looks.due(self.name, self.now()))
            due += self.look_requests(self.controls(len(step.fresh) + len(due)))
            self.count("article/looked", len(due))
            requests += due
        if step.next_url:
            requests.append(self.tag_request(step.next_url))
        return self.declared.before(requests, [self.parse_article, self.parse_look])
