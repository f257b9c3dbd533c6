"""When a run is due: pure functions of an entry, what happened before, and the time."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crawler.schedule.entry import Entry

_SHORTENS: Final = 0.5
_LENGTHENS: Final = 1.25


@dataclass(frozen=True)
class Past:
    """What is remembered of an entry. since: when it was first in the schedule. started: when its
    last run began, if it ever ran. interval: as the news have moved it, for an entry with one."""

    since: datetime
    started: datetime | None = None
    interval: timedelta | None = None


def next_run(entry: Entry, past: Past, timezone: ZoneInfo) -> datetime:
    """When the next run is due, in UTC; a moment in the past means now.

    However many runs were missed, while the machine slept or was off, one makes up for them. An
    entry with an interval that never ran is due at once; one with cron waits for its time. The
    same arguments give the same moment, jitter included, so a plan survives a restart.
    """
    if entry.cron is not None:
        due = _after(entry.cron, (past.started or past.since).astimezone(timezone))
    elif past.started is None:
        return _past_quiet(entry, past.since, timezone)
    else:
        due = past.started + interval_of(entry, past)
    chance = random.Random(f"{entry.name} {due.astimezone(UTC).isoformat()}")  # noqa: S311 - no secret
    return _past_quiet(entry, due + entry.jitter * chance.random(), timezone)


def _after(cron: str, moment: datetime) -> datetime:
    """The first moment that a cron expression names after another, as Debian's cron does where
    the clock is set for daylight saving time."""
    from cronsim import CronSim

    return next(CronSim(cron, moment))


def _past_quiet(entry: Entry, due: datetime, timezone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into, in UTC."""
    local = due.astimezone(timezone)
    for _ in entry.quiet:  # the end of some may lie within others
        clock = local.time()
        for hours in entry.quiet:
            if hours.covers(clock):
                day = local.date() + timedelta(days=hours.end <= clock)
                end = datetime.combine(day, hours.end.replace(fold=local.fold), timezone)
                local = end.astimezone(UTC).astimezone(timezone)
                clock = local.time()
    return local.astimezone(UTC)


def interval_of(entry: Entry, past: Past) -> timedelta:
    """The interval by now, within the bounds that the schedule has by now."""
    shortest, longest = entry.bounds
    assert entry.every is not None
    return min(max(past.interval or entry.every, shortest), longest)


def next_interval(entry: Entry, past: Past, news: int) -> timedelta:
    """The interval after a run that wrote so many records: half of it where there was news, a
    quarter more where there was none, within the bounds.

    Where news comes by chance it so settles where every fourth run finds some.
    """
    shortest, longest = entry.bounds
    moved = interval_of(entry, past) * (_SHORTENS if news else _LENGTHENS)
    return min(max(moved, shortest), longest)
