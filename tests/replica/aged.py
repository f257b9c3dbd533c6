"""What tests of the replica over time share: a script, a crawler's eyes, the truth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from lxml import etree

from crawler.items import Article
from crawler.normal_form import normalised
from crawler.pages import ArticlePage, TagPage
from crawler.problems import problems
from crawler.replica import Clock, Story, running
from crawler.replica.stories import index_of
from crawler.replica.timeline import Event, Timeline, standings
from crawler.replica.timeline.events import SiteName
from crawler.spiders.mobiflip import MobiflipArticlePage, MobiflipTagPage
from crawler.spiders.winfuture import WinfutureArticlePage, WinfutureTagPage
from tests.replica.conftest import Answer, ask

SITES: tuple[SiteName, ...] = get_args(SiteName)
START = datetime(2026, 2, 1, tzinfo=UTC)
ARTICLE_PAGES: dict[str, type[ArticlePage]] = {
    "winfuture": WinfutureArticlePage, "mobiflip": MobiflipArticlePage,
}  # fmt: skip
TAG_PAGES: dict[str, type[TagPage]] = {"winfuture": WinfutureTagPage, "mobiflip": MobiflipTagPage}
LISTINGS = {
    "winfuture": "https://winfuture.de/special/huawei/",
    "mobiflip": "https://www.mobiflip.de/thema/huawei/",
}
FEEDS = {
    "winfuture": "https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml",
    "mobiflip": "https://www.mobiflip.de/thema/huawei/feed/",
}


def hour(count: float) -> datetime:
    return START + timedelta(hours=count)


def script(*events: Event, articles: int = 30, seed: int = 5) -> Timeline:
    return Timeline(events, start=START, articles=articles, seed=seed)


@contextmanager
def played(*events: Event, **options: Any) -> Iterator[tuple[Timeline, str, Clock]]:
    made = script(*events, **options)
    with running(timeline=made) as address:
        yield made, address, Clock(address)


def fetched(address: str, url: str, **headers: str) -> Answer:
    """An answer that is no first failure of a flaky article."""
    answer = ask(address, url, **headers)
    return ask(address, url, **headers) if answer.status == 500 else answer


def read(site: str, url: str, answer: Answer) -> Article:
    """What a crawler would write about a page."""
    page = ARTICLE_PAGES[site](answer.body, url, answer.headers["Content-Type"])
    return normalised(page.to_article(site, "huawei"))


def listed(address: str, site: str) -> list[str]:
    """The walk of a spider, from page to page."""
    found: list[str] = []
    url: str | None = LISTINGS[site]
    while url:
        answer = ask(address, url)
        assert answer.status == 200
        page = TAG_PAGES[site](answer.body, url, answer.headers["Content-Type"])
        found += page.articles
        url = page.next_url
    return found


def in_feed(address: str, site: str) -> list[str]:
    links: list[str] = etree.fromstring(ask(address, FEEDS[site]).body).xpath("//item/link/text()")
    return links


def story(made: Timeline, site: str, index: int, at: datetime) -> Story:
    (found,) = [
        standing.story
        for standing in standings(made, site, at).values()
        if index_of(site, standing.story.number) == index
    ]
    return found


def agrees(article: Article, told: Story) -> None:
    """The record says what the truth says."""
    assert article.id == f"{told.site}:{told.number}"
    assert article.url == told.url
    assert article.headline == told.headline
    assert article.description == told.description
    assert article.article_body.split("\n\n") == list(told.paragraphs)
    assert article.date_published == told.date_published
    assert article.date_modified == told.date_modified
    assert [(author.name, author.url) for author in article.authors] == list(told.authors)
    assert article.summary_points == list(told.summary_points)
    stamps = dict.fromkeys(("date_first_seen", "date_downloaded"), "2026-02-01T00:00:00Z")
    assert problems(replace(article, run_id="run", **stamps)) == []
