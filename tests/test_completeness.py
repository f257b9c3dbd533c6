"""What a run costs and what it may claim, over a site that ages: walks, gaps, shifts, feeds."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from crawler.replica.timeline import FeedDead, Publish, Takedown
from crawler.replica.timeline.events import SiteName
from tests.conftest import ROOT, records
from tests.test_crawl import RSS, wait_for_lines
from tests.watched import SITE, Watched, hour, watched

LISTINGS = {"winfuture": "/special/huawei/", "mobiflip": "/thema/huawei/"}
TDM_FILE = "/.well-known/tdmrep.json"
NO_LOOKS = {"LOOKS_HOURS": "9999"}


def publish(at: float, article: int, **more: Any) -> Publish:
    return Publish(at=hour(at), site=SITE, article=article, **more)


def paths(site: Watched) -> list[str]:
    return [path for path, _ in site.requested()]


def numbers(site: Watched) -> list[str]:
    return sorted(record["id"] for record in records(site.output, site.site))


def without_second_robots(asked: list[str]) -> list[str]:
    """WinFuture's feed has a host of its own, with rules of its own (RFC 9309, section 2.3)."""
    return [*asked[:1], *(path for path in asked[1:] if path != "/robots.txt")]


# --- what a run costs -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", get_args(SiteName))
def test_a_run_costs_two_requests_and_one_for_each_new_article(
    name: SiteName, tmp_path: Path
) -> None:
    later = [Publish(at=hour(at), site=name, article=n) for at, n in ((3, 2), (3.1, 1), (30, 0))]
    with watched(tmp_path, *later, site=name, fresh=0, old=40) as site:
        site.crawl(0, **NO_LOOKS)
        assert "; complete" in site.crawl(2, **NO_LOOKS).last_line
        assert paths(site) == ["/robots.txt", RSS[name]]
        assert ": 2 new, " in site.crawl(4, **NO_LOOKS).last_line
        asked = without_second_robots(paths(site))
        assert (asked[:2], len(asked)) == (["/robots.txt", RSS[name]], 4)
        site.crawl(25, **NO_LOOKS)
        assert paths(site) == ["/robots.txt", LISTINGS[name]], "the feed was trusted for a day"
        site.crawl(31, **NO_LOOKS)
        asked = without_second_robots(paths(site))
        assert (asked[:2], len(asked)) == (["/robots.txt", RSS[name]], 4)
        assert TDM_FILE in asked, "what the host declares was known for a day"
    assert len({*numbers(site)}) == len(numbers(site)) == 43


@pytest.mark.parametrize("kind", ["missing", "stale"])
def test_a_feed_that_is_dead_gives_way_to_the_tag_page(kind: Any, tmp_path: Path) -> None:
    dead = FeedDead(at=hour(1), site=SITE, hours=99, feed=kind)
    with watched(tmp_path, dead, publish(2, 1), publish(30, 0), fresh=0, old=40) as site:
        site.crawl(0, **NO_LOOKS)
        site.crawl(25, **NO_LOOKS)  # a stale feed is believed for a day, no longer
        assert len(numbers(site)) == 41
        done = site.crawl(31, **NO_LOOKS)
        assert done.last_line.endswith("; complete")
        assert len(numbers(site)) == 42
        assert paths(site)[1:3] == [RSS[SITE], LISTINGS[SITE]]


def test_a_feed_shorter_than_what_is_new_gives_way_to_the_tag_pages(tmp_path: Path) -> None:
    new = [publish(2 + n / 100, 39 - n) for n in range(40)]
    with watched(tmp_path, *new, fresh=0, old=30) as site:
        site.crawl(0, **NO_LOOKS)
        done = site.crawl(9, **NO_LOOKS)
        assert "40 new, " in done.last_line
        assert done.last_line.endswith("; complete")
        asked = paths(site)
        assert asked[1:3] == [RSS[SITE], LISTINGS[SITE]]
        pages = [path for path in asked if path.startswith(LISTINGS[SITE]) and path != RSS[SITE]]
        assert len(pages) < 70 // 10, "the walk went on beyond what is known"


# --- gaps -----------------------------------------------------------------------------------------


def test_the_walk_after_a_limited_one_goes_on_through_the_gap(tmp_path: Path) -> None:
    new = [publish(2 + n / 100, 34 - n) for n in range(35)]
    with watched(tmp_path, *new, fresh=0, old=40) as site:
        assert site.crawl(0, **NO_LOOKS).last_line.endswith("; complete")
        limited = site.crawl(9, "-a", "max_pages=1", **NO_LOOKS)
        assert "; not complete: it read as many tag pages as asked for" in limited.last_line
        assert 40 < len(numbers(site)) < 75
        done = site.crawl(10, **NO_LOOKS)
        assert done.last_line.endswith("; complete")
        assert len({*numbers(site)}) == len(numbers(site)) == 75
        site.crawl(11, **NO_LOOKS)
        assert paths(site) == ["/robots.txt", RSS[SITE]]


def test_a_first_run_that_was_limited_is_never_taken_for_complete(tmp_path: Path) -> None:
    with watched(tmp_path, fresh=0, old=40) as site:
        for at in (0, 1):
            done = site.crawl(at, "-a", "max_pages=1", **NO_LOOKS)
            assert "; not complete: " in done.last_line
        site.crawl(2, **NO_LOOKS)
        assert len(numbers(site)) == 40


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_walk_after_an_interrupted_one_goes_on_through_the_gap(
    how: signal.Signals, tmp_path: Path
) -> None:
    new = [publish(2 + n / 100, 34 - n) for n in range(35)]
    with watched(tmp_path, *new, fresh=0, old=40) as site:
        site.crawl(0, **NO_LOOKS)
        told = site.told(9, **NO_LOOKS, DOWNLOAD_DELAY=0.1)
        run = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", SITE, *told],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        wait_for_lines(site.output / SITE, 3)
        run.send_signal(how)
        assert run.wait(60) in (1, -signal.SIGKILL)
        done = site.crawl(10, **NO_LOOKS)
        assert done.last_line.endswith("; complete")
        assert len({*numbers(site)}) == len(numbers(site)) == 75


# --- shifts ---------------------------------------------------------------------------------------


def test_articles_pushed_onto_page_one_during_a_walk_shift_nothing_away(tmp_path: Path) -> None:
    shifts = [publish(0.5, 2, after=1), publish(0.5, 1, after=2), publish(0.5, 0, after=3)]
    with watched(tmp_path, *shifts, fresh=0, old=40) as site:
        assert site.crawl(0.5).last_line.endswith("; complete")
        assert len({*numbers(site)}) == len(numbers(site)) >= 40
        asked = [path for path in paths(site) if path.startswith("/huawei")]
        assert len(asked) == len({*asked})
        assert site.crawl(1, **NO_LOOKS).last_line.endswith("; complete")
        assert len({*numbers(site)}) == len(numbers(site)) == 43


def test_an_article_taken_down_during_a_walk_hides_no_other(tmp_path: Path) -> None:
    """The page that listed it is read once more: the next one's first article is on it now."""
    gone = Takedown(at=hour(0.5), site=SITE, article=0, after=1)
    with watched(tmp_path, gone, fresh=0, old=40) as site:
        done = site.crawl(0.5, BROKEN_ARTICLES_LIMIT=1)
        assert len(numbers(site)) == 39
        assert done.last_line.endswith("; complete")
        listings = [path for path, _ in site.requested() if path.startswith("/thema/")]
        assert listings.count("/thema/huawei/") == 2
        assert len(listings) == len({*listings}) + 1


def test_an_article_taken_down_after_it_was_read_hides_no_other_for_long(tmp_path: Path) -> None:
    gone = Takedown(at=hour(0.5), site=SITE, article=0, after=2)
    with watched(tmp_path, gone, fresh=0, old=40) as site:
        site.crawl(0.5)
        site.crawl(24 * 31)  # when a look is due, it is found to be gone
        site.crawl(24 * 31 + 1)
        assert len(numbers(site)) == 40


# --- history and news -----------------------------------------------------------------------------


def test_only_what_is_found_late_is_backfill(tmp_path: Path) -> None:
    with watched(
        tmp_path, publish(2, 2), publish(30, 1), publish(24 * 20, 0), fresh=0, old=3
    ) as site:
        site.crawl(0)
        site.crawl(3)
        site.crawl(24 * 20 + 1)  # after weeks without a run
        found = sorted(records(site.output, SITE), key=lambda r: r["date_published"])
        told = [(r["backfill"], r["event"]) for r in found if r["revision"] == 1]
    assert told == [
        *[(True, "published")] * 3,
        (False, "published"),
        (True, "published"),
        (False, "published"),
    ]
