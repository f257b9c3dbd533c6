"""Is a topic silent, by its own rhythm?

Articles come more often on some days of the week than on others, and in bursts. So time is told
in articles that usually come (time rescaling: under a rate that varies, the expected number
between two events has the same distribution everywhere; Brown et al., Neural Computation 14,
2002), and a silence is measured against the longest one that the topic has had before.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from crawler.feed import feed_files, lines, moment_of, start_of

_WEEKS: Final = 8  # of the rhythm that counts
_FEWEST: Final = 8  # articles, below which there is no rhythm
WATCHED: Final = timedelta(days=14)  # a topic, at least, to know its rhythm
# A silence is one when so many articles should have come, and so many times more than in the
# longest silence before (benchmarks/alarms.md).
_LACKING: Final = 7.0
_LONGER: Final = 1.7
_DAY: Final = timedelta(days=1)


class _Told(msgspec.Struct):
    topic: str
    event: str
    date_published: str


_TOLD: Final = msgspec.json.Decoder(_Told)


def published(output_dir: Path, site: str, topic: str, now: datetime) -> list[datetime]:
    """When the articles of a site about a topic came out, those of the last weeks, in order.

    Raises FeedError, OSError.
    """
    since = now - timedelta(weeks=_WEEKS)
    folder = output_dir / site
    found = [
        moment
        for path in (feed_files(folder) if folder.is_dir() else ())
        if moment_of(start_of(path.name) or "") >= since
        for moment in _moments(path, topic)
    ]
    return sorted(moment for moment in found if since <= moment <= now)


def _moments(path: Path, topic: str) -> Iterator[datetime]:
    for line in lines(path):
        told = line.decode(_TOLD)
        if told.event == "published" and told.topic == topic:
            yield datetime.fromisoformat(told.date_published).astimezone(UTC)


def lacking(moments: Sequence[datetime], now: datetime) -> tuple[float, float] | None:
    """How many articles should have come since the last one, and what had to be lacking at most
    in the silences before; None where no rhythm is known yet."""
    if len(moments) < _FEWEST or moments[-1] - moments[0] < WATCHED:
        return None
    rates = _rates(moments)
    gaps = [_expected(one, other, rates) for one, other in pairwise(moments)]
    return _expected(moments[-1], now, rates), max(gaps)


def is_silent(lack: tuple[float, float]) -> bool:
    """Whether a silence is longer than the topic's own rhythm explains."""
    now, before = lack
    return now > max(_LACKING, _LONGER * before)


def _rates(moments: Sequence[datetime]) -> list[float]:
    """Articles a day, by weekday; each somewhat drawn to the week's mean, since weeks are few."""
    first, last = moments[0].date(), moments[-1].date()
    days = Counter((first + timedelta(days=n)).weekday() for n in range((last - first).days + 1))
    came = Counter(moment.weekday() for moment in moments)
    mean = len(moments) / days.total()
    return [(came[day] + mean) / (days[day] + 1) for day in range(7)]


def _expected(start: datetime, end: datetime, rates: Sequence[float]) -> float:
    """How many articles usually come between two moments."""
    total, at = 0.0, start
    while at < end:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        until = min(midnight, end)
        total += rates[at.weekday()] * ((until - at) / _DAY)
        at = until
    return total
