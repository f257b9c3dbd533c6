"""What a schedule says of a site and topic."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

_DURATION: Final = re.compile(r"(?=.)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_QUIET: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def duration(text: str) -> timedelta:
    """A time span as 90s, 15m, 1h30m or 1d. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def told(span: timedelta) -> str:
    """A time span as `duration` reads it, to the second."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


@dataclass(frozen=True)
class Quiet:
    """Hours of each day, by the schedule's clock, in which no run begins; they may pass midnight.

    They begin at `begin`, and are over at `end`.
    """

    begin: time
    end: time

    @classmethod
    def of(cls, text: str) -> Self:
        """Quiet hours as 23:00-06:00. Raises ValueError."""
        match = _QUIET.fullmatch(text)
        if match is None:
            raise ValueError(text)
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        return cls(time(from_hour, from_minute), time(to_hour, to_minute))

    def covers(self, clock: time) -> bool:
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def is_always(quiet: Iterable[Quiet]) -> bool:
    """Whether quiet hours leave no minute of the day."""
    hours = tuple(quiet)
    minutes = (time(*divmod(minute, 60)) for minute in range(24 * 60))
    return all(any(part.covers(minute) for part in hours) for minute in minutes)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A site and topic, and when it is crawled: by `cron`, or `every` so often.

    cron: five fields as of crontab(5), by the schedule's clock. every: from the start of a run to
    the start of the next, at first; it then moves between `shortest` and `longest` with the news.
    jitter: a run begins so much later at most, by chance. quiet: when none begins; one that falls
    there begins at their end. time_limit: for how long a run may go on.
    """

    site: str
    topic: str
    cron: str | None = None
    every: timedelta | None = None
    shortest: timedelta | None = None
    longest: timedelta | None = None
    jitter: timedelta = timedelta()
    quiet: tuple[Quiet, ...] = ()
    time_limit: timedelta = timedelta(hours=2)

    @property
    def name(self) -> str:
        """Names the entry among others: site and topic, neither of which holds a blank."""
        return f"{self.site} {self.topic}"

    @property
    def bounds(self) -> tuple[timedelta, timedelta]:
        """Between which the interval moves; the same where it is fixed."""
        assert self.every is not None
        return self.shortest or self.every, self.longest or self.every


@dataclass(frozen=True)
class Schedule:
    """All entries, in the order of the file, and the clock by which it speaks of hours.

    at_once: so many runs go on side by side, at most; one for each site in any case.
    """

    entries: tuple[Entry, ...]
    timezone: ZoneInfo
    at_once: int = 4
