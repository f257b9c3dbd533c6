"""The replica over time: each kind of event through HTTP, the clock, and the truth about it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from lxml import etree

from crawler.items import Article
from crawler.pages import ArticlePage, TagPage
from crawler.pipelines import normalised, problems
from crawler.replica import Clock, ClockError, ReplicaError, Story, running
from crawler.replica.__main__ import main
from crawler.replica.stories import index_of
from crawler.replica.timeline import (
    Cosmetic,
    Edit,
    Event,
    FeedDead,
    Move,
    Outage,
    Publish,
    Return,
    Takedown,
    Timeline,
    TimelineError,
    expected,
    month,
    standings,
)
from crawler.replica.timeline.events import Editing, Redecoration, SiteName
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


# --- the clock ------------------------------------------------------------------------------


def test_the_clock_moves_forward_when_told() -> None:
    with played(Takedown(at=hour(5), site="mobiflip", article=1)) as (_, address, clock):
        assert clock.now() == START
        assert clock.advance(hours=1.5) == hour(1.5)
        assert clock.advance(days=1) == hour(25.5)
        assert clock.set("2026-02-03T13:00:00+01:00") == datetime(2026, 2, 3, 12, tzinfo=UTC)
        assert clock.set(hour(100)) == clock.now() == hour(100)
        with pytest.raises(ClockError, match="only goes forward"):
            clock.set(hour(99))
        with pytest.raises(ClockError, match="no offset"):
            clock.set("2026-03-01T12:00:00")
        assert clock.now() == hour(100)
        control = "http://replica.invalid/clock"
        said = json.loads(ask(address, control).body)
        assert said["now"] == "2026-02-05T04:00:00Z"
        assert [event["event"] for event in said["happened"]] == ["takedown"]
        assert ask(address, control, "POST").status == 400
        assert ask(address, control, "DELETE").status == 405
        assert ask(address, "http://replica.invalid/").status == 404
        for host in ("winfuture.de", "www.mobiflip.de", "static.winfuture.de"):
            assert ask(address, f"https://{host}/clock").status in (301, 404)
            assert ask(address, f"https://{host}/clock", "POST").status == 405


def test_without_a_timeline_the_clock_stands_still(address: str) -> None:
    with pytest.raises(ClockError, match="no timeline"):
        Clock(address).advance(hours=1)


def test_requests_are_counted_by_kind_and_the_log_tells_the_time(tmp_path: Path) -> None:
    log = tmp_path / "log"
    made = script(Takedown(at=hour(5), site="mobiflip", article=1))
    with running(timeline=made, log=log) as address:
        clock = Clock(address)
        first = ask(address, LISTINGS["winfuture"])
        clock.advance(hours=2)
        ask(address, LISTINGS["winfuture"], If_None_Match=first.headers["ETag"])
        ask(address, "https://winfuture.de/news,1.html")
        ask(address, FEEDS["mobiflip"])
        ask(address, "https://www.mobiflip.de/sitemap.xml")
        ask(address, "https://www.mobiflip.de/robots.txt")
        told = clock.told()["requests"]
    assert told["winfuture"]["listing"] == {
        "requests": 2, "not_modified": 1, "failed": 0, "bytes": len(first.body),
    }  # fmt: skip
    assert told["winfuture"]["article"]["failed"] == 1
    assert {kind: of["requests"] for kind, of in told["mobiflip"].items()} == {
        "feed": 1, "sitemap": 1, "other": 1,
    }  # fmt: skip
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["now"] for line in lines] == ["2026-02-01T00:00:00Z"] + [
        "2026-02-01T02:00:00Z"
    ] * 5


# --- what happens to an article ---------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_new_articles_come_on_top_everywhere(site: SiteName) -> None:
    events = [Publish(at=hour(3), site=site, article=1), Publish(at=hour(9), site=site, article=0)]
    with played(*events) as (made, address, clock):
        before = listed(address, site)
        old_feed = in_feed(address, site)
        newest = story(made, site, 1, hour(3))
        assert fetched(address, newest.url).status == 404
        tag = ask(address, LISTINGS[site]).headers["ETag"]
        clock.set(hour(3))
        answer = ask(address, LISTINGS[site], If_None_Match=tag)
        assert answer.status == 200
        assert parsedate_to_datetime(answer.headers["Last-Modified"]) == hour(3)
        assert listed(address, site) == [newest.url, *before]
        assert in_feed(address, site) == [newest.url, *old_feed][:25]
        agrees(read(site, newest.url, fetched(address, newest.url)), newest)
        assert datetime.fromisoformat(newest.date_published) == hour(3)
        clock.advance(hours=24)
        assert len(listed(address, site)) == len(before) + 2 == 30


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("first", [0, 20], ids=["handwritten", "generated"])
def test_edits_change_the_text_and_the_validators(site: SiteName, first: int) -> None:
    changes: tuple[Editing, ...] = get_args(Editing)
    places = dict(enumerate(changes[: 6 if first == 0 else 7], first))
    silent = [Edit(at=hour(1), site=site, article=i, change=c) for i, c in places.items()]
    admitted = [
        Edit(at=hour(2), site=site, article=i, change=c, modified=True) for i, c in places.items()
    ]
    with played(*silent, *admitted) as (made, address, clock):
        urls = {index: story(made, site, index, START).url for index in places}
        answers = {index: [fetched(address, url)] for index, url in urls.items()}
        untouched = story(made, site, 18, START).url
        same = fetched(address, untouched).headers["ETag"]
        for at in (1, 2):
            clock.set(hour(at))
            for index, url in urls.items():
                tag = answers[index][-1].headers["ETag"]
                answers[index].append(answer := fetched(address, url, If_None_Match=tag))
                assert answer.status == 200, places[index]
                agrees(read(site, url, answer), story(made, site, index, hour(at)))
            assert fetched(address, untouched, If_None_Match=same).status == 304
        for index, said in answers.items():
            hashes = {read(site, urls[index], answer).content_hash for answer in said}
            assert len(hashes) == 3, places[index]
            dates = [answer.headers["Last-Modified"] for answer in said]
            assert dates[0] == dates[1] != dates[2], places[index]
            assert parsedate_to_datetime(dates[2]) == hour(2)


def redecorations(site: str) -> list[Redecoration]:
    return [c for c in get_args(Redecoration) if (site, c) != ("mobiflip", "summary")]


@pytest.mark.parametrize(
    ("site", "change"), [(site, change) for site in SITES for change in redecorations(site)]
)
def test_cosmetic_changes_are_no_edits(site: SiteName, change: Redecoration) -> None:
    start = standings(script(), site, START).values()
    with_summary = [bool(s.story.summary_points) or site == "mobiflip" for s in start]
    places = [i for i, found in enumerate(with_summary) if found or change != "summary"][:14]
    events = [
        Cosmetic(at=hour(at), site=site, article=index, change=change)
        for index in places
        for at in (1, 2)
    ]
    with played(*events) as (made, address, clock):
        urls = [story(made, site, index, START).url for index in places]
        answers = [fetched(address, url) for url in urls]
        for _ in range(2):
            clock.advance(hours=1)
            again = [
                fetched(address, url, If_None_Match=answer.headers["ETag"])
                for url, answer in zip(urls, answers, strict=True)
            ]
            assert {answer.status for answer in again} == {200}
            for index, url, before, after in zip(places, urls, answers, again, strict=True):
                agrees(read(site, url, after), story(made, site, index, clock.now()))
                one, other = (read(site, url, answer) for answer in (before, after))
                assert one.content_hash == other.content_hash
                moved = before.headers["Last-Modified"] != after.headers["Last-Modified"]
                assert moved == (change == "date_modified")
            answers = again
    changed = {"updated"} & {line.event for line in expected(made)}
    assert not changed


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("status", [404, 410])
def test_articles_vanish_and_come_back(site: SiteName, status: Any) -> None:
    events = [
        Takedown(at=hour(1), site=site, article=3, status=status),
        Return(at=hour(2), site=site, article=3),
    ]
    with played(*events) as (made, address, clock):
        told = story(made, site, 3, START)
        before, first = listed(address, site), fetched(address, told.url)
        assert told.url in before
        assert told.url in in_feed(address, site)
        clock.set(hour(1))
        short = (
            "https://m.winfuture.de/news/" if site == "winfuture" else "https://www.mobiflip.de/?p="
        )
        for url in (told.url, f"{short}{told.number}"):
            assert ask(address, url).status == status
        assert told.url not in listed(address, site)
        assert told.url not in in_feed(address, site)
        assert not standings(made, site, hour(1))[f"{site}:{told.number}"].is_available
        clock.set(hour(2))
        assert listed(address, site) == before
        assert fetched(address, told.url, If_None_Match=first.headers["ETag"]).status == 304
    lines = [line for line in expected(made, sites=[site]) if line.at > START]
    assert [(line.event, line.at, line.changed) for line in lines] == [
        ("withdrawn", hour(1), ()),
        ("updated", hour(2), ()),
    ]


@pytest.mark.parametrize("site", SITES)
def test_articles_move_for_good(site: SiteName) -> None:
    events = [
        Move(at=hour(1), site=site, article=14),
        Move(at=hour(2), site=site, article=14, slug="ganz-woanders"),
    ]
    with played(*events) as (made, address, clock):
        old = story(made, site, 14, START)
        addresses = [old.url]
        for event in events:
            clock.set(event.at)
            here = standings(made, site, event.at)[f"{site}:{old.number}"].address
            for former in addresses:
                answer = ask(address, former)
                assert (answer.status, answer.headers["Location"]) == (301, here)
            addresses.append(here)
            answer = fetched(address, here)
            assert answer.status == 200
            assert f'<link rel="canonical" href="{here}"'.encode() in answer.body
            agrees(read(site, here, answer), story(made, site, 14, event.at))
            assert here in in_feed(address, site)
            assert story(made, site, 14, event.at).url in listed(address, site)
        assert "ganz-woanders" in addresses[-1]
        assert len({*addresses}) == 3
    lines = [line for line in expected(made, sites=[site]) if line.at > START]
    # WinFuture's new address is another form of the same one.
    moved = [] if site == "winfuture" else [("updated", ("url",))] * 2
    assert [(line.event, line.changed) for line in lines] == moved


def test_sitemaps_follow() -> None:
    events: list[Event] = [
        Publish(at=hour(1), site="mobiflip", article=0),
        Takedown(at=hour(1), site="mobiflip", article=4),
        Move(at=hour(1), site="mobiflip", article=5, slug="woanders"),
    ]
    with played(*events) as (made, address, clock):
        for count in (29, 29):
            told = [s for s in standings(made, "mobiflip", clock.now()).values() if s.is_available]
            tree = etree.fromstring(ask(address, "https://www.mobiflip.de/post-sitemap1.xml").body)
            urls = tree.xpath("//*[local-name()='loc']/text()")
            assert urls == [standing.story.url for standing in told]
            assert len(urls) == count
            clock.set(hour(1))


# --- what happens to a site -------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["503", "refuse"])
def test_a_site_may_be_down_while_the_other_is_not(answer: Any) -> None:
    with played(Outage(at=hour(1), site="winfuture", hours=2, answer=answer)) as played_:
        _, address, clock = played_
        for now, is_down in ((0, False), (1, True), (2.9, True), (3, False)):
            clock.set(hour(now))
            for url in (
                LISTINGS["winfuture"],
                FEEDS["winfuture"],
                "https://winfuture.de/robots.txt",
            ):
                if is_down and answer == "refuse":
                    with pytest.raises(ConnectionError):
                        ask(address, url)
                else:
                    assert ask(address, url).status == (503 if is_down else 200)
            assert ask(address, LISTINGS["mobiflip"]).status == 200


@pytest.mark.parametrize("site", SITES)
def test_a_dead_feed_is_missing_or_stale(site: SiteName) -> None:
    events: list[Event] = [
        FeedDead(at=hour(1), site=site, hours=2, feed="missing"),
        FeedDead(at=hour(4), site=site, hours=2, feed="stale"),
        Publish(at=hour(5), site=site, article=0),
        Takedown(at=hour(5), site=site, article=2),
    ]
    with played(*events) as (made, address, clock):
        first = in_feed(address, site)
        clock.set(hour(1))
        assert ask(address, FEEDS[site]).status == 404
        clock.set(hour(3))
        assert in_feed(address, site) == first
        clock.set(hour(5))
        assert in_feed(address, site) == first
        assert listed(address, site)[0] == story(made, site, 0, hour(5)).url
        clock.set(hour(6))
        assert in_feed(address, site) == listed(address, site)[:25]


@pytest.mark.parametrize("site", SITES)
def test_a_listing_shifts_during_a_walk(site: SiteName) -> None:
    events = [
        Publish(at=hour(1), site=site, article=1, after=2),
        Publish(at=hour(1), site=site, article=0, after=3),
    ]
    with played(*events, articles=50) as (made, address, clock):
        known = listed(address, site)
        clock.set(hour(1))
        assert len(clock.told()["waiting"]) == 2
        walk = listed(address, site)
        size = 15 if site == "winfuture" else 12
        # What stood last on page two, and then on page three, is pushed onto the next page.
        assert walk == [
            *known[: 2 * size], *known[2 * size - 1 : 3 * size - 1], *known[3 * size - 2 :],
        ]  # fmt: skip
        new = [story(made, site, index, hour(1)).url for index in (0, 1)]
        assert listed(address, site) == [*new, *known]


def test_what_waits_for_requests_happens_at_the_latest_when_the_clock_moves() -> None:
    with played(Publish(at=hour(1), site="winfuture", article=0, after=99)) as played_:
        made, address, clock = played_
        clock.set(hour(1))
        url = story(made, "winfuture", 0, hour(1)).url
        assert ask(address, url).status == 404
        clock.advance(hours=1)
        assert ask(address, url).status == 200
        assert not clock.told()["waiting"]


def test_pages_laid_over_stay_while_the_sites_age(tmp_path: Path) -> None:
    laid = "https://winfuture.de/news,139377.html"
    (tmp_path / "fresh.html").write_text("<title>Frisch</title>")
    (tmp_path / "pages.json").write_text(json.dumps({laid: {"file": "fresh.html"}}))
    made = script(Publish(at=hour(1), site="winfuture", article=0))
    with running(timeline=made, pages=tmp_path) as address:
        Clock(address).set(hour(1))
        assert ask(address, laid).body == b"<title>Frisch</title>"
        newest = story(made, "winfuture", 0, hour(1)).url
        assert listed(address, "winfuture")[:2] == [laid, newest]


# --- the month --------------------------------------------------------------------------------


def test_a_month_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one, same, other = month(1), month(1), month(2)
    assert one.events == same.events != other.events
    assert expected(one) == expected(same)
    one.dump(tmp_path / "month.json")
    read_back = Timeline.load(tmp_path / "month.json")
    assert (read_back.start, read_back.articles, read_back.seed) == (one.start, 150, 1)
    assert read_back.events == one.events


def test_a_month_holds_what_was_ordered() -> None:
    made = month(3)
    kinds = Counter(type(event) for event in made.events)
    assert (kinds[Edit], kinds[Cosmetic], kinds[Takedown], kinds[Return]) == (60, 40, 10, 3)
    assert (kinds[Move], kinds[Outage], kinds[FeedDead]) == (5, 4, 2)
    assert sum(isinstance(event, Publish) and event.after > 0 for event in made.events) == 6
    assert {e.change for e in made.events if isinstance(e, Edit)} == {*get_args(Editing)}
    assert {e.change for e in made.events if isinstance(e, Cosmetic)} == {*get_args(Redecoration)}
    lines = expected(made)
    events = Counter(line.event for line in lines)
    assert events["published"] == 300
    assert events["withdrawn"] == 10
    moves = sum(isinstance(e, Move) and e.site == "mobiflip" for e in made.events)
    assert events["updated"] == 60 + 3 + moves
    assert {e.site for e in month(1, sites=["mobiflip"], articles=60).events} == {"mobiflip"}
    with pytest.raises(ValueError, match="no room"):
        month(1, articles=2, edits=3000)


def test_the_truth_of_a_month_is_what_the_pages_say() -> None:
    made = month(4, articles=60, edits=30, cosmetic=20, takedowns=4, moves=4, outages=0)
    with running(timeline=made) as address:
        clock = Clock(address)
        for day in (0, 11, 22, 31):
            now = clock.set(made.start + timedelta(days=day))
            clock.set(now)  # what waits for requests waits no longer
            for site in SITES:
                told = standings(made, site, now)
                there = [s for s in told.values() if s.is_available]
                assert listed(address, site) == [s.story.url for s in there]
                for standing in told.values():
                    answer = fetched(address, standing.address)
                    assert answer.status == standing.status
                    if standing.is_available:
                        agrees(read(site, standing.address, answer), standing.story)
                    assert datetime.fromisoformat(standing.story.date_published) <= now


def test_edited_texts_are_clean() -> None:
    unclean = re.compile(r"[{}|\u00ad<>\t\n]|&\w+;|\(\d:|\*\*|  | [.,;:?!]|[.,]{2}")
    for line in expected(month(6, edits=120)):
        for text in (line.story.headline, line.story.description, *line.story.paragraphs):
            assert not unclean.search(text), text


def test_who_looks_seldom_sees_changes_fall_together() -> None:
    made = script(
        Edit(at=hour(1), site="mobiflip", article=9, change="headline"),
        Edit(at=hour(2), site="mobiflip", article=9, change="update"),
        Takedown(at=hour(3), site="mobiflip", article=8),
        Return(at=hour(4), site="mobiflip", article=8),
        Outage(at=hour(5), site="mobiflip", hours=2),
        Takedown(at=hour(5.5), site="mobiflip", article=7),
    )
    eight, nine = (f"mobiflip:{story(made, 'mobiflip', i, START).number}" for i in (8, 9))

    def lines(*args: Any, **options: Any) -> list[tuple[float, str, tuple[str, ...]]]:
        found = expected(made, *args, sites=["mobiflip"], **options)
        return [
            ((e.at - START) / timedelta(hours=1), e.event, e.changed) for e in found if e.at > START
        ]

    assert lines() == [
        (1, "updated", ("headline",)), (2, "updated", ("article_body",)),
        (3, "withdrawn", ()), (4, "updated", ()), (7, "withdrawn", ()),
    ]  # fmt: skip
    assert lines([START, hour(2.5), hour(6), hour(8)]) == [
        (2.5, "updated", ("headline", "article_body")), (8, "withdrawn", ()),
    ]  # fmt: skip
    looks = {nine: [START, hour(9)], eight: [START, hour(3), hour(3.5)]}
    confirmed = lines(looks, confirm=timedelta(minutes=30))
    assert confirmed == [(3.5, "withdrawn", ()), (9, "updated", ("headline", "article_body"))]


# --- files that cannot be played --------------------------------------------------------------


def file(tmp_path: Path, *events: dict[str, Any], **other: Any) -> Path:
    said = {"start": "2026-02-01T00:00:00Z", "articles": 9, "events": events} | other
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps(said))
    return path


AT = {"at": "2026-02-02T00:00:00Z", "site": "mobiflip"}


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([AT | {"event": "explosion"}], "explosion"),
        ([AT | {"event": "takedown"}], "article"),
        ([AT | {"event": "takedown", "article": 3, "site": "heise"}], "heise"),
        ([AT | {"event": "takedown", "article": 3, "statsu": 410}], "statsu"),
        ([AT | {"event": "takedown", "article": 3, "status": 500}], "500"),
        ([AT | {"event": "takedown", "article": 3, "at": "2026-02-02"}], "datetime"),
        ([AT | {"event": "takedown", "article": 9}], "mobiflip has 9 articles, hence no 9"),
        ([AT | {"event": "return", "article": 3, "at": "2026-01-02T00:00:00Z"}], "before"),
        ([AT | {"event": "edit", "article": 3, "change": "font"}], "font"),
        ([AT | {"event": "cosmetic", "article": 3, "change": "summary"}], "changes nothing"),
        ([AT | {"event": "return", "article": 3}], "the article is there"),
        ([AT | {"event": "takedown", "article": 3}] * 2, "the article is not there"),
        ([AT | {"event": "publish", "article": 3}], "the next to publish is 0"),
        ([AT | {"event": "outage", "hours": 0}], "hours"),
    ],
)  # fmt: skip
def test_bad_timelines_are_refused_in_one_line(
    tmp_path: Path, events: list[dict[str, Any]], complaint: str
) -> None:
    path = file(tmp_path, *events)
    with pytest.raises(TimelineError) as refused:
        Timeline.load(path)
    assert complaint in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("other", ["articles", "seed", "broken"])
def test_a_timeline_says_itself_what_there_is(
    tmp_path: Path, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([f"--{other}=1", f"--timeline={file(tmp_path)}"])
    assert capsys.readouterr().err.startswith(f"replica: --{other} and --timeline exclude")


def test_bad_files_end_the_program_in_one_line(tmp_path: Path) -> None:
    early = AT | {"event": "takedown", "article": 3}
    path = file(tmp_path, early, start="2026-01-01T00:00:00Z")
    with pytest.raises(ReplicaError, match="mobiflip 0 is there from the start, but dated 2026"):
        running(timeline=path).__enter__()
    path.write_text("{")
    with pytest.raises(ReplicaError, match=r"code 2: replica: .*timeline\.json: [^\n]*$"):
        running(timeline=path).__enter__()
    with pytest.raises(ReplicaError, match="No such file"):
        running(timeline=tmp_path / "gone.json").__enter__()
