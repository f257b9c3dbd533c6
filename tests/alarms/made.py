"""Run reports as runs leave them, for tests of what they tell together."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.report import RunReport

NOW = datetime(2026, 1, 20, 9, tzinfo=UTC)


def report(hours_ago: float = 0, **told: Any) -> RunReport:
    """A run without anything odd: three pages were read, one was new."""
    start = (NOW - timedelta(hours=hours_ago)).isoformat().replace("+00:00", "Z")
    usual = {
        "schema_version": 1,
        "reason": "finished",
        "topic": "huawei",
        "is_complete": True,
        "read": 3,
        "written": 1,
        "counts": {"listed": 20, "known": 19, "new": 1, "looked": 2, "unchanged": 2},
        "sources": {"headline": {"json-ld": 3}, "authors": {"json-ld": 3}},
    }
    return RunReport(run_id=f"winfuture-{start}", site="winfuture", started=start, **usual | told)


def month(**told: Any) -> list[RunReport]:
    """Four runs a day for the last four weeks, but for the one that is now."""
    return [report(6 * n, **told) for n in range(112, 0, -1)]


def names(alarms: Iterable[Any]) -> list[str]:
    return [alarm.name for alarm in alarms]
