"""Known articles looked at again over a site that ages: edits, withdrawals, moves, no storms."""

from pathlib import Path
from typing import Any, get_args

import pytest

from crawler.changes import apply
from crawler.items import Hunk
from crawler.replica.timeline import Cosmetic, Edit, Move, Outage, Return, Takedown
from crawler.replica.timeline.events import Redecoration, SiteName
from tests.conftest import json_lines, records
from tests.watched import OLD, SITE, Watched, hour, watched


def edit(at: float, change: Any, article: int = 0, **more: Any) -> Edit:
    return Edit(at=hour(at), site=SITE, article=article, change=change, **more)


def takedown(at: float, **more: Any) -> Takedown:
    return Takedown(at=hour(at), site=SITE, article=0, **more)


def back(at: float) -> Return:
    return Return(at=hour(at), site=SITE, article=0)


# --- edits ----------------------------------------------------------------------------------------


def test_a_silent_edit_of_one_word_is_a_revision(tmp_path: Path) -> None:
    with watched(tmp_path, edit(0.5, "word")) as site:
        assert site.crawl(0).code == 0
        assert ", 1 updated; " in site.crawl(2).last_line
    *published, revision = records(site.output, SITE)
    (before,) = [record for record in published if record["id"] == revision["id"]]
    assert (revision["event"], revision["revision"]) == ("updated", 2)
    (name,) = revision["changes"]
    (hunk,) = revision["changes"][name]
    assert (name, len(hunk["before"].split()), len(hunk["after"].split())) == ("article_body", 1, 1)
    assert apply(before["article_body"], [Hunk(**hunk)]) == revision["article_body"]
    kept = ("id", "url", "headline", "date_published", "date_modified", "date_first_seen", "topic")
    assert {n: revision[n] for n in kept} == {n: before[n] for n in kept}
    assert revision["content_hash"] != before["content_hash"]
    assert revision["date_downloaded"] == "2026-02-01T02:00:00Z"


def test_an_edit_of_the_headline_tells_before_and_after(tmp_path: Path) -> None:
    with watched(tmp_path, edit(0.5, "headline", text="Ganz anders", modified=True)) as site:
        site.crawl(0)
        site.crawl(2)
    first, revision = (r for r in records(site.output, SITE) if r["id"].endswith(newest(site)))
    told = {"before": first["headline"], "after": "Ganz anders"}
    assert revision["changes"] == {"headline": told}
    assert revision["date_modified"] == "2026-02-01T01:30:00+01:00"


def newest(site: Watched) -> str:
    """The number of the article whose look brought an event, or the first one."""
    told = records(site.output, site.site)
    return str(max(told, key=lambda record: record["date_published"])["id"].partition(":")[2])


@pytest.mark.parametrize("name", get_args(SiteName))
def test_another_page_around_the_same_text_is_no_edit(name: SiteName, tmp_path: Path) -> None:
    kinds = [kind for kind in get_args(Redecoration) if kind != "summary"]
    changes = [
        Cosmetic(at=hour(0.5), site=name, article=n, change=kind) for n, kind in enumerate(kinds)
    ]
    with watched(tmp_path, *changes, site=name, fresh=len(kinds)) as site:
        site.crawl(0)
        done = site.crawl(2)
        assert f", {len(kinds)} unchanged; " in done.last_line
        assert [status for _, status in site.articles()] == [200] * len(kinds)
        assert site.events() == []


def test_a_page_that_says_it_is_unchanged_is_not_even_sent(tmp_path: Path) -> None:
    with watched(tmp_path) as site:
        site.crawl(0)
        done = site.crawl(2)
        assert ", 1 unchanged; " in done.last_line
        assert [status for _, status in site.articles()] == [304]
        assert json_lines(site.log)[-1]["bytes"] == 0
        assert site.events() == []


def test_looks_follow_the_age_of_an_article(tmp_path: Path) -> None:
    with watched(tmp_path, old=0) as site:
        asked = []
        for at in (0, 0.9, 1, 5.9, 6, 7, 80, 81, 167.9, 168):
            site.crawl(at)
            asked.append(len(site.articles()))
    assert asked == [1, 0, 1, 0, 1, 0, 1, 0, 0, 1]


# --- withdrawals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_that_stays_away_is_withdrawn(status: Any, tmp_path: Path) -> None:
    with watched(tmp_path, takedown(0.5, status=status)) as site:
        site.crawl(0)
        assert ", 1 gone; " in site.crawl(2).last_line
        for at in (10, 25.9):
            assert site.crawl(at).code == 0
            assert site.articles() == [], "a day must pass before it is asked for again"
        assert site.events() == []
        assert ", 1 withdrawn; " in site.crawl(26).last_line
        assert site.events() == [("withdrawn", 2)]
        assert ", 1 unchanged; " in site.crawl(80).last_line
        assert site.events() == [("withdrawn", 2)]
    last, first = records(site.output, SITE)[-1], records(site.output, SITE)[0]
    assert last["id"] == first["id"]
    assert (last["changes"], last["backfill"]) == (None, False)
    assert last["article_body"] == first["article_body"]
    assert last["date_first_seen"] == "2026-02-01T00:00:00Z" < last["date_downloaded"]


def test_an_article_that_was_away_for_a_while_is_no_event(tmp_path: Path) -> None:
    with watched(tmp_path, takedown(0.5), back(10)) as site:
        for at in (0, 2, 12, 27):
            assert site.crawl(at).code == 0
        assert site.events() == []
        assert [status for _, status in site.articles()] == [304]


@pytest.mark.parametrize("answer", ["503", "refuse"])
def test_a_site_that_is_down_withdraws_nothing(answer: Any, tmp_path: Path) -> None:
    outage = Outage(at=hour(1.5), site=SITE, hours=30, answer=answer)
    with watched(tmp_path, outage) as site:
        assert site.crawl(0).code == 0
        for at in (2, 29):
            assert site.crawl(at, RETRY_TIMES=0).code == 1
            assert site.articles() == []
        assert ", 1 unchanged; " in site.crawl(32).last_line
        assert site.events() == []


def test_an_article_that_comes_back_is_updated(tmp_path: Path) -> None:
    with watched(tmp_path, takedown(0.5), back(40)) as site:
        for at in (0, 2, 27, 41, 42):
            assert site.crawl(at).code == 0
        assert site.events() == [("withdrawn", 2), ("updated", 3)]
        assert site.articles() == []
    assert records(site.output, SITE)[-1]["changes"] == {}


# --- moves ----------------------------------------------------------------------------------------


def test_a_move_is_an_update_with_the_new_address(tmp_path: Path) -> None:
    with watched(tmp_path, Move(at=hour(0.5), site=SITE, article=0, slug="neu")) as site:
        site.crawl(0)
        site.crawl(2)
        assert site.events() == [("updated", 2)]
        site.crawl(7)
        assert [status for _, status in site.articles()] == [304], "at the new address"
        assert site.events() == [("updated", 2)]
    first, moved = (r for r in records(site.output, SITE) if r["id"].endswith(newest(site)))
    assert moved["url"].startswith("https://www.mobiflip.de/neu-") or "/neu-" in moved["url"]
    assert moved["changes"] == {"url": {"before": first["url"], "after": moved["url"]}}
    assert len({r["id"] for r in records(site.output, SITE)}) == 1 + OLD


def test_another_form_of_the_same_address_is_no_move(tmp_path: Path) -> None:
    move = Move(at=hour(0.5), site="winfuture", article=0, slug="neu")
    with watched(tmp_path, move, site="winfuture") as site:
        site.crawl(0)
        assert ", 1 unchanged; " in site.crawl(2).last_line
        assert [status for _, status in site.articles()] == [301, 200]
        assert site.events() == []


# --- kills and a lost index -----------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["write:1", "write:3", "between write and index:5", "index:4"])
def test_a_kill_between_look_and_line_loses_no_edit(moment: str, tmp_path: Path) -> None:
    with watched(tmp_path, edit(0.5, "update")) as site:
        site.crawl(0)
        site.killed(2, moment)
        assert site.crawl(2.1).code == 0
        assert site.crawl(7).code == 0
        assert site.events() == [("updated", 2)]


def test_without_the_index_edits_are_still_found_and_none_is_invented(tmp_path: Path) -> None:
    with watched(tmp_path, edit(0.5, "word"), edit(3, "headline")) as site:
        for at in (0, 2):
            site.crawl(at)
        site.lose_index()
        for at in (4, 7):
            assert site.crawl(at).code == 0
            site.lose_index()
        assert site.events() == [("updated", 2), ("updated", 3)]


def test_without_the_index_no_storm_of_looks_breaks_loose(tmp_path: Path) -> None:
    with watched(tmp_path, old=30) as site:
        site.crawl(0)
        site.crawl(24 * 60)
        site.lose_index()
        done = site.crawl(24 * 60 + 1)
        assert "0 new, 31 known" in done.last_line
        assert site.articles() == []
        assert site.events() == []
