"""The walk as a state machine: a page and what is known in, steps and a reason to stop out."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.arguments import Arguments
from crawler.index import Known, Mark, Validators
from crawler.walk import Step, Stop, Walk

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
BEFORE, MARKED, AFTER = (f"2026-01-{day}T000000.000Z" for day in (10, 20, 30))
MARK = Mark(start=MARKED, newest="c", walked="2026-01-20T00:00:00Z", spread=None)


def known(since: str = BEFORE, *, is_withdrawn: bool = False, day: str = "2026-01-05") -> Known:
    return Known("site:1", since, is_withdrawn, f"{day}T08:00:00+01:00")


def walk(feed: dict[str, Known] | None = None, **given: Any) -> Walk:
    arguments = Arguments(
        **{name: given.pop(name) for name in ("since", "max_pages") if name in given}
    )
    return Walk(arguments, (feed or {}).get, **given)


def page(here: Walk, urls: Iterable[str], number: int = 1, next_number: int | None = None) -> Step:
    following = f"page{next_number}" if next_number else None
    return here.read(f"page{number}", dict.fromkeys(urls), following, 1000)


COVERED = {"c": known(), "d": known(MARKED)}


@pytest.mark.parametrize(
    ("urls", "feed", "given", "stop", "goes_on"),
    [
        ("ab", {}, {}, Stop.UNFINISHED, True),
        ("cd", COVERED, {"mark": MARK}, Stop.CAUGHT_UP, False),
        ("cd", COVERED, {}, Stop.UNFINISHED, True),
        ("cd", COVERED | {"d": known(AFTER)}, {"mark": MARK}, Stop.UNFINISHED, True),
        ("bcd", COVERED, {"mark": MARK}, Stop.UNFINISHED, True),
        ("ab", {}, {"max_pages": 1}, Stop.MAX_PAGES, False),
        ("cd", COVERED, {"mark": MARK, "max_pages": 1}, Stop.CAUGHT_UP, False),
        ("ab", {}, {"max_pages": 2}, Stop.UNFINISHED, True),
        ("ab", {}, {"most_pages": 1}, Stop.ENDLESS, False),
    ],
    ids=["all new", "a covered block", "known, but by no complete walk", "known since the walk",
         "one new among known", "as many pages as asked for", "covered and limited",
         "fewer pages than asked for", "more pages than any listing has"],
)  # fmt: skip
def test_why_a_walk_stops_at_a_page(
    urls: str, feed: dict[str, Known], given: dict[str, Any], stop: Stop, goes_on: bool
) -> None:
    here = walk(feed, **given)
    step = page(here, urls, next_number=2)
    assert here.stop is stop
    assert step.next_url == ("page2" if goes_on else None)
    assert step.fresh == [url for url in urls if url not in feed]


def test_the_end_of_the_listing_is_complete_even_with_nothing_known() -> None:
    here = walk()
    assert page(here, "ab", 1, 2).next_url == "page2"
    assert page(here, "cd", 2).next_url is None
    assert (here.stop, here.stop.is_complete) == (Stop.END, True)


def test_a_listing_that_leads_back_is_at_its_end() -> None:
    here = walk()
    page(here, "ab", 1, 2)
    page(here, "cd", 2, 1)
    assert here.stop is Stop.END


def test_three_pages_without_a_new_article_are_paging_in_a_circle() -> None:
    here = walk()
    for number in range(1, 4):
        assert page(here, "ab", number, number + 1).next_url
    page(here, "ab", 4, 5)
    assert (here.stop, here.stop.is_complete) == (Stop.ENDLESS, False)


def test_a_limit_by_day_ends_the_walk_and_asks_for_nothing_older() -> None:
    here = walk(since=date(2026, 1, 10))
    dates = {"a": "2026-01-12T08:00:00+01:00", "b": "2026-01-09T08:00:00+01:00"}
    step = here.read("page1", dates, "page2", 1000)
    assert (step.fresh, step.next_url) == (["a"], None)
    assert (here.stop, here.stop.is_complete) == (Stop.SINCE, False)
    assert here.counts == {"listed": 2, "before_since": 1}


def test_without_dates_in_the_listing_an_old_article_ends_the_walk() -> None:
    here = walk(since=date(2026, 1, 10))
    assert page(here, "ab", 1, 2).next_url
    here.has_reached_since = True
    assert page(here, "cd", 2, 3).next_url is None
    assert here.stop is Stop.SINCE


@pytest.mark.parametrize(
    ("entries", "fresh"),
    [("abc", ["a", "b"]), ("c", []), ("ab", None), ("", None)],
    ids=["reaches back", "nothing new", "shorter than what is new", "empty"],
)
def test_the_feed_suffices_where_it_reaches_the_last_walk(
    entries: str, fresh: list[str] | None
) -> None:
    here = walk(COVERED, mark=MARK)
    step = here.look_at_feed(dict.fromkeys(entries))
    assert (step and step.fresh) == fresh
    assert here.stop is (Stop.UNFINISHED if fresh is None else Stop.CAUGHT_UP)
    assert not here.pages


def test_without_a_complete_walk_the_feed_does_not_suffice() -> None:
    assert walk(COVERED).look_at_feed(dict.fromkeys("abc")) is None


def test_what_was_withdrawn_and_is_listed_again_has_returned() -> None:
    here = walk({"a": known(is_withdrawn=True), "b": known()})
    step = page(here, "ab")
    assert (step.fresh, step.returned) == ([], ["site:1"])
    assert here.counts == {"listed": 2, "known": 1}


def test_an_unchanged_page_stands_for_the_whole_listing() -> None:
    here = walk(mark=MARK)
    assert here.unchanged("page1") == Step()
    assert here.stop is Stop.CAUGHT_UP
    assert here.next_mark(AFTER, NOW).walked == "2026-02-01T12:00:00Z"


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True), max_size=8),
    st.sets(st.integers(0, 30)),
)
def test_no_article_is_asked_for_twice_and_none_is_passed_over(
    pages: list[list[int]], in_feed: set[int]
) -> None:
    here = walk({str(number): known(AFTER) for number in in_feed}, mark=MARK)
    asked: list[str] = []
    read: set[str] = set()
    numbered = [*enumerate(pages, 1)]
    for number, articles in numbered:
        urls = [*map(str, articles)]
        step = page(here, urls, number, number + 1 if number < len(pages) else None)
        read |= {*urls}
        asked += step.fresh
        if step.next_url is None:
            break
    assert len(asked) == len({*asked})
    assert {*asked} == read - {*map(str, in_feed)}
    assert here.stop is not Stop.CAUGHT_UP, "nothing here is from before the mark"


# --- what the next walk may rely on ---------------------------------------------------------------


def test_a_walk_to_the_end_is_marked_with_all_it_read() -> None:
    here = walk()
    here.read("page1", {"a": "2026-01-12T08:00:00+01:00"}, "page2", 700)
    here.seen("page1", Validators(etag='"1"'))
    here.read("page2", {"b": "2026-01-02T08:00:00+01:00"}, None, 300)
    here.seen("page2", Validators(etag='"2"'))
    for size in (100, 300):
        here.weigh_article(size)
    mark = here.next_mark(AFTER, NOW)
    assert (mark.start, mark.newest, mark.oldest) == (AFTER, "a", "2026-01-02T08:00:00+01:00")
    assert (mark.pages, mark.listed, mark.bytes) == (2, 2, 1000 + 2 * 200)
    assert (mark.walked, mark.spread) == ("2026-02-01T12:00:00Z", "2026-02-01T12:00:00Z")
    assert mark.validators == {"page1": Validators(etag='"1"')}, "the first stands for all"


def test_a_walk_that_caught_up_adds_to_what_was_covered() -> None:
    last = Mark(start=MARKED, newest="c", walked="w", oldest="o", pages=9, listed=90, bytes=999)
    here = walk(COVERED, mark=last)
    page(here, "cd", next_number=2)
    mark = here.next_mark(AFTER, NOW)
    assert (mark.start, mark.newest, mark.walked) == (AFTER, "c", "2026-02-01T12:00:00Z")
    assert (mark.oldest, mark.pages, mark.listed, mark.bytes) == ("o", 9, 90, 999)


def test_a_feed_alone_renews_no_trust_in_feeds() -> None:
    here = walk(COVERED, mark=MARK)
    here.look_at_feed(dict.fromkeys("abc"))
    mark = here.next_mark(AFTER, NOW)
    assert (mark.newest, mark.walked) == ("a", MARK.walked)


def test_what_vanished_may_hide_an_article_only_from_walks_of_several_pages() -> None:
    times = ["2026-01-19T00:00:00Z", "2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z"]
    spread = Mark(start=MARKED, newest="c", walked=times[1], spread=times[1])
    there = [walk(mark=spread).may_have_lost_one(time) for time in times]
    assert there == [True, True, False]
    assert not any(walk(mark=MARK).may_have_lost_one(time) for time in times)
    assert not walk().may_have_lost_one(times[0])


@pytest.mark.parametrize(
    ("stop", "vanished", "settled"),
    [
        (Stop.END, {"z"}, Stop.END),
        (Stop.END, {"a"}, Stop.DOUBTFUL),
        (Stop.CAUGHT_UP, {"z"}, Stop.DOUBTFUL),
        (Stop.CAUGHT_UP, set(), Stop.CAUGHT_UP),
        (Stop.MAX_PAGES, {"z"}, Stop.MAX_PAGES),
    ],
    ids=["the whole listing does without it", "this very walk listed it", "the rest was not read",
         "nothing vanished", "incomplete anyway"],
)  # fmt: skip
def test_what_vanished_leaves_a_walk_in_doubt_that_did_not_read_all(
    stop: Stop, vanished: set[str], settled: Stop
) -> None:
    here = walk()
    page(here, "ab")
    here.stop, here.vanished = stop, vanished
    here.settle()
    assert here.stop is settled


def test_a_walk_that_fetched_no_article_knows_from_the_last_what_they_weigh() -> None:
    last = Mark(start=MARKED, newest="a", walked="w", pages=1, listed=2, bytes=5, article_bytes=200)
    here = walk(mark=last)
    page(here, "ab")
    mark = here.next_mark(AFTER, NOW)
    assert (mark.bytes, mark.article_bytes) == (1000 + 2 * 200, 200)
