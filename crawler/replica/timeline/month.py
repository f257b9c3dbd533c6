"""A month in the life of both sites, by rule: the same seed makes the same month."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Literal, get_args

from crawler.replica.stories import SITES, article, published_at
from crawler.replica.timeline.events import (
    Cosmetic,
    Edit,
    Editing,
    Event,
    FeedDead,
    Move,
    Outage,
    Publish,
    Redecoration,
    Return,
    SiteName,
    Takedown,
)
from crawler.replica.timeline.script import Timeline

APART = timedelta(hours=3)  # no two things happen to an article within
HOUR = timedelta(hours=1)


def month(
    seed: int = 0,
    *,
    articles: int = 300,
    edits: int = 60,
    cosmetic: int = 40,
    takedowns: int = 10,
    returns: int = 3,
    moves: int = 5,
    outages: int = 4,
    dead_feeds: int = 2,
    shifts: int = 6,
    days: int = 30,
    sites: Sequence[SiteName] = SITES,
) -> Timeline:
    """A timeline of so many events, shared out evenly between the sites named.

    sites: where anything happens. articles: of those sites together; some 80 a site appear during
    the month, `shifts` of them in the midst of a walk, the others are there from the start.
    returns: how many of those taken down come back. Edits happen mostly in an article's first
    two days. Raises ValueError where so many events find no room.
    """
    each = -(-articles // len(sites))
    fresh = min(each * 2 // 3, round(days * 24 / 9))
    newest = max(published_at(site, fresh) for site in sites).astimezone(UTC)
    start = newest.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    plan = _Plan(seed, start, start + timedelta(days=days), each, sites)
    plan.publish(fresh, shifts)
    plan.take_down(takedowns, returns)
    for _ in range(moves):
        plan.add(Move)
    changes = cycle(get_args(Editing))
    for number in range(edits):
        plan.add(Edit, change=next(changes), modified=number % 5 < 2)
    plan.redecorate(cosmetic)
    plan.spans(Outage, outages, (2, 10), answer=("503", "refuse"))
    plan.spans(FeedDead, dead_feeds, (20, 70), feed=("missing", "stale"))
    return Timeline(plan.events, start=start, articles=each, seed=seed)


def _any(key: tuple[str, int]) -> bool:
    return True


class _Plan:
    """Finds a place and a time for each event, where nothing else happens."""

    def __init__(
        self, seed: int, start: datetime, end: datetime, each: int, sites: Sequence[SiteName]
    ) -> None:
        self.rng = random.Random(f"month:{seed}")
        self.seed, self.start, self.end, self.each = seed, start, end, each
        self.turns = cycle(sites)
        self.sites = sites
        self.events: list[Event] = []
        self.published: dict[tuple[str, int], datetime] = {}
        self.busy: dict[tuple[str, int], list[datetime]] = defaultdict(list)
        self.gone: dict[tuple[str, int], tuple[datetime, datetime]] = {}

    def publish(self, fresh: int, shifts: int) -> None:
        """New articles all over the month, some of them seen only in the midst of a walk."""
        pace = (self.end - self.start) / (fresh + 1)
        shifted = set(self.rng.sample(range(fresh * len(self.sites)), min(shifts, fresh)))
        for place in range(fresh * len(self.sites)):
            turn, which = divmod(place, len(self.sites))
            site = self.sites[which]
            at = _minute(self.start + pace * (turn + 1 + self.rng.uniform(-0.4, 0.4)))
            after = self.rng.randint(1, 3) if place in shifted else 0
            index = fresh - 1 - turn
            self.events.append(Publish(at=at, site=site, article=index, after=after))
            self.published[site, index] = at

    def take_down(self, count: int, returns: int) -> None:
        """Articles that vanish for good, and some that come back after days."""
        for number in range(count):
            pause = timedelta(hours=self.rng.randint(72, 190)) if number < returns else None
            site, index, at = self._free(
                self.end - (pause or HOUR) - HOUR, lambda key: key not in self.gone
            )
            status: Literal[404, 410] = 410 if number % 3 == 0 else 404
            self.events.append(Takedown(at=at, site=site, article=index, status=status))
            self.gone[site, index] = at - APART, self.end
            if pause:
                back = at + pause
                self.events.append(Return(at=back, site=site, article=index))
                self.gone[site, index] = at - APART, back + APART

    def add(self, kind: type[Edit | Move], **what: Any) -> None:
        """One event of an article."""
        site, index, at = self._free(self.end - HOUR)
        self.events.append(kind(at=at, site=site, article=index, **what))

    def redecorate(self, count: int) -> None:
        """Cosmetic changes of all kinds in turn; only some articles have a summary to move."""
        known: tuple[Redecoration, ...] = get_args(Redecoration)
        kinds = cycle(kind for kind in known if kind != "summary" or "winfuture" in self.sites)
        for _ in range(count):
            change = next(kinds)
            suits = self._has_summary if change == "summary" else _any
            site, index, at = self._free(self.end - HOUR, suits)
            self.events.append(Cosmetic(at=at, site=site, article=index, change=change))

    def spans(self, kind: Any, count: int, hours: tuple[int, int], **choice: Any) -> None:
        """Outages or silences, one in each part of the month."""
        ((name, values),) = choice.items()
        for number in range(count):
            part = (self.end - self.start) / count
            lasts = self.rng.randint(*hours)
            room = max(part - timedelta(hours=lasts), timedelta(0))
            at = _minute(self.start + part * number + room * self.rng.random())
            value = values[number // len(self.sites) % len(values)]
            self.events.append(kind(at=at, site=next(self.turns), hours=lasts, **{name: value}))

    def _has_summary(self, key: tuple[str, int]) -> bool:
        return bool(article(*key, self.seed).story.summary_points)

    def _free(
        self, latest: datetime, suits: Callable[[tuple[str, int]], bool] = _any
    ) -> tuple[SiteName, int, datetime]:
        for site, index, at in self._candidates():
            key = site, index
            there = self.published.get(key, self.start) + HOUR
            gone = self.gone.get(key)
            if not there <= at <= latest or (gone and gone[0] < at < gone[1]):
                continue
            if any(abs(at - other) < APART for other in self.busy[key]):
                continue
            if suits(key):
                self.busy[key].append(at)
                return site, index, at
        raise ValueError("so many events find no room in that month")

    def _candidates(self) -> Iterator[tuple[SiteName, int, datetime]]:
        """Articles and moments, mostly soon after publication; the sites take turns."""
        site = next(self.turns)
        fresh = [key for key in self.published if key[0] == site]
        for attempt in range(2000):
            if attempt % 50 == 49:
                site = next(self.turns)
                fresh = [key for key in self.published if key[0] == site]
            if fresh and self.rng.random() < 0.7:
                index = self.rng.choice(fresh)[1]
                since, span = self.published[site, index], timedelta(hours=48)
            else:
                index = self.rng.randrange(self.each)
                since, span = self.start, self.end - self.start
            yield site, index, _minute(since + span * self.rng.random())


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
