"""What happens to articles over time, through HTTP and as the sites' page classes read it."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, get_args

import pytest
from lxml import etree

from crawler.replica.timeline import (
    Cosmetic,
    Edit,
    Event,
    Move,
    Publish,
    Return,
    Takedown,
    expected,
    standings,
)
from crawler.replica.timeline.events import Editing, Redecoration, SiteName
from tests.replica.aged import (
    LISTINGS,
    SITES,
    START,
    agrees,
    fetched,
    hour,
    in_feed,
    listed,
    played,
    read,
    script,
    story,
)
from tests.replica.conftest import ask


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
