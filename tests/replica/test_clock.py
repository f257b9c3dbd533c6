"""The replica's clock, and what happens to a whole site: outages, dead feeds, shifts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import Clock, ClockError, running
from crawler.replica.timeline import Event, FeedDead, Outage, Publish, Takedown
from crawler.replica.timeline.events import SiteName
from tests.replica.aged import (
    FEEDS,
    LISTINGS,
    SITES,
    START,
    hour,
    in_feed,
    listed,
    played,
    script,
    story,
)
from tests.replica.conftest import ask


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
