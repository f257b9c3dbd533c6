"""What raises an alarm and what does not, told from run reports."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.alarms import alarms
from crawler.alarms.chance import at_least, usual
from crawler.outcome import CRAWLER, FEED, LISTING
from crawler.report import Alarm, Flagged, RunReport
from tests.alarms.made import NOW, month, names, report

COUNTS = {"listed": 20, "known": 19, "looked": 2}
FLAG = {"field": "date_published", "value": "2126-01-01T00:00:00+01:00", "why": "in the future"}


def found(
    last: RunReport,
    before: list[RunReport],
    moments: tuple[datetime, ...] = (),
    hours: float = 24,
) -> list[Alarm]:
    return alarms(last, before, moments, NOW, complete_hours=hours)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 1))
def test_the_tail_is_the_binomials(k: int, n: int, p: float) -> None:
    wanted = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
    assert at_least(k, n, p) == pytest.approx(wanted, abs=1e-9)
    assert 0 < usual(min(k, n), n) < 1


def test_an_ordinary_run_raises_none() -> None:
    assert found(report(), month()) == []
    assert found(report(), []) == []


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"sources": {"headline": {"json-ld": 3}}}, "drift of authors"),
        (
            {"sources": {"headline": {"visible": 3}, "authors": {"json-ld": 3}}},
            "drift of headline in json-ld",
        ),
        ({"counts": {**COUNTS, "walled": 3}, "read": 0, "sources": {}}, "walled"),
        ({"counts": {**COUNTS, "forbidden": 3}, "read": 0, "sources": {}}, "forbidden"),
        ({"counts": {**COUNTS, "quarantined": 3}, "quarantine": {"invalid": 3}}, "quarantine"),
        ({"counts": {**COUNTS, "duplicate": 3}}, "duplicate"),
        ({"dates_flagged": [Flagged(id=str(n), **FLAG) for n in range(3)]}, "date"),
        ({"lost": {"article_body": 2}}, "lost of article_body"),
        ({"lost": {"description": 2}}, "lost of description"),
        ({"written": 3, "repeated": {"headline": 3}}, "repeated of headline"),
        ({"written": 3, "repeated": {"paragraph": 3}}, "repeated of paragraph"),
    ],
)
def test_what_grows_beyond_chance_is_told_once(told: dict[str, Any], name: str) -> None:
    (alarm,) = found(report(**told), month(written=2))
    assert alarm.name == name
    assert "3 of 3" in alarm.evidence or "2 of 2" in alarm.evidence
    assert "usually" in alarm.evidence
    assert alarm.cause.endswith(".")


@pytest.mark.parametrize(
    "told",
    [
        {"sources": {"headline": {"json-ld": 3}, "authors": {"json-ld": 2}}},
        {"counts": {**COUNTS, "walled": 1, "new": 2}},
        {"counts": {**COUNTS, "quarantined": 1, "new": 2}, "quarantine": {"invalid": 1}},
        {"counts": {**COUNTS, "failed": 3}, "read": 0, "sources": {}},
        {"problems": ("the listing https://x/ could not be read: the server answered 503",)},
    ],
)
def test_a_single_odd_page_or_a_short_outage_is_nobodys_business(told: dict[str, Any]) -> None:
    assert found(report(**told), month()) == []


def test_what_failed_twice_in_a_row_is_told() -> None:
    failed = {"counts": {**COUNTS, "failed": 3}, "read": 0, "sources": {}}
    assert names(found(report(**failed), [*month()[:-1], report(6, **failed)])) == ["failed"]


def test_few_pages_are_counted_together_with_those_of_the_runs_before() -> None:
    one = {"read": 1, "sources": {"headline": {"json-ld": 1}}}
    before = month()
    assert found(report(**one), before) == []
    before[-2:] = [report(12, **one), report(6, **one)]
    assert names(found(report(**one), before)) == ["drift of authors"]


def test_what_was_never_there_is_not_missed() -> None:
    often = {"sources": {"headline": {"json-ld": 3}, "authors": {"json-ld": 1}}}
    assert found(report(sources={"headline": {"json-ld": 3}}), month(**often)) == []


def test_without_enough_to_compare_with_there_is_no_alarm() -> None:
    assert found(report(sources={"headline": {"json-ld": 3}}), month()[-5:]) == []


def test_an_alarm_lasts_while_nothing_tells_otherwise_and_ends_when_something_does() -> None:
    reports = month()
    broken = {"sources": {"headline": {"json-ld": 3}}}
    for n in range(3):
        last = replace(report(**broken), started=f"2026-01-20T0{n}:00:00Z")
        last.alarms = found(last, reports)
        assert names(last.alarms) == ["drift of authors"]
        assert last.alarms[0].since == "2026-01-20T00:00:00Z"
        reports.append(last)
    quiet = report(read=0, sources={}, counts={"listed": 20, "known": 20})
    quiet.alarms = found(quiet, reports)
    assert names(quiet.alarms) == ["drift of authors"], "no page was read that could tell"
    assert found(report(), [*reports, quiet]) == []


@pytest.mark.parametrize("fault", [LISTING, FEED, CRAWLER])
def test_a_fault_needs_no_comparison(fault: str) -> None:
    (alarm,) = found(report(faults={fault: ["one thing", "another"]}, is_complete=False), [])
    assert (alarm.name, alarm.evidence) == (fault, "one thing; another.")


def test_a_feed_that_is_not_complete_for_a_day_is_told_with_the_reason() -> None:
    failed = {"is_complete": False, "problems": ("the listing could not be read: 503",)}
    before = [*month()[:-4], *(report(6 * n, **failed) for n in range(4, 0, -1))]
    (alarm,) = found(report(**failed), before)
    assert alarm.name == "incomplete"
    assert "for 30 hours, the last was that of 2026-01-19T03:00:00Z" in alarm.evidence
    assert "503" in alarm.cause
    assert found(report(**failed), before[:-2]) != []
    assert found(report(**failed), before, hours=0) == []
    assert found(report(**failed), month()[:-8]) == [], "the first one in two days"
    assert found(report(), before) == []
    assert found(report(**failed, arguments={"max_pages": "1"}), before) == []


def test_a_silent_week_is_told_and_a_quiet_sunday_is_not() -> None:
    daily = [NOW - timedelta(days=n) for n in range(56, -1, -1)]
    assert found(report(), month(), (*daily[:-1],)) == []
    assert found(report(), month(), (*daily[:-4],)) == []
    (alarm,) = found(report(), month(), (*daily[:-8],))
    assert alarm.name == "silence"
    assert alarm.evidence.startswith("Nothing new since 2026-01-12 09:00 UTC, while 8 articles")
    assert found(report(), month()[-40:], (*daily[:-8],)) == [], "it was not watched long enough"


def test_a_topic_that_is_always_quiet_may_be() -> None:
    monthly = tuple(NOW - timedelta(days=n) for n in (55, 40, 29, 12))
    assert found(report(), month(), monthly) == []
    bursts = [NOW - timedelta(days=day, hours=hour) for day in (50, 36, 22, 8) for hour in range(9)]
    assert found(report(), month(), tuple(sorted(bursts))) == []


@given(st.lists(st.floats(0, 55), max_size=60))
def test_no_rhythm_breaks_it(days: list[float]) -> None:
    moments = tuple(sorted(NOW - timedelta(days=day) for day in days))
    assert len(found(report(), month(), moments)) <= 1
