"""The timeline: a start, events at moments of virtual time, and how articles stand after them."""

import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from crawler.replica.markup import moment
from crawler.replica.stories import BERLIN, MOST_ARTICLES, SITES, Article, dated, published_at
from crawler.replica.timeline.cosmetics import modified, redecorated
from crawler.replica.timeline.edits import Editor
from crawler.replica.timeline.events import (
    ArticleHappening,
    Cosmetic,
    Edit,
    Event,
    FeedDead,
    Happening,
    Moment,
    Move,
    Outage,
    Publish,
    Return,
    Takedown,
)

Span = TypeVar("Span", Outage, FeedDead)


class TimelineError(ValueError):
    """A timeline that cannot be played; the message says why, in one line."""


class _File(Struct, kw_only=True, forbid_unknown_fields=True):
    start: Moment
    articles: Annotated[int, Meta(ge=0, le=MOST_ARTICLES)]
    seed: int = 0
    events: list[Event] = []


@dataclass(frozen=True)
class State:
    """An article as it stands; status is what its page is answered with."""

    article: Article
    status: int = 200


class Timeline:
    """A deterministic script of what happens to both sites.

    start: the clock's first moment. articles: how many each site lists in the end, if none is
    taken down; those without a `Publish` are there from the start, with their own dates. seed:
    decides what articles and edits say. events: sorted by time here.
    """

    def __init__(
        self, events: Iterable[Event], *, start: datetime, articles: int, seed: int = 0
    ) -> None:
        self.start, self.articles, self.seed = start, articles, seed
        self.events = tuple(sorted(events, key=lambda event: event.at))
        self.own: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.published: dict[str, int] = dict.fromkeys(SITES, 0)  # how many, in all
        for place, event in enumerate(self.events):
            if isinstance(event, ArticleHappening):
                self.own[event.site, event.article].append(place)
            self.published[event.site] += isinstance(event, Publish)
        self._after = lru_cache(maxsize=4096)(self._stands)
        _check(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Timeline":
        """Reads a timeline's file, JSON; refuses what cannot be played with `TimelineError`."""
        try:
            file = msgspec.json.decode(Path(path).read_bytes(), type=_File)
            return cls(file.events, start=file.start, articles=file.articles, seed=file.seed)
        except OSError as error:
            raise TimelineError(f"{path}: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, TimelineError) as error:
            raise TimelineError(f"{path}: {error}") from error

    def dump(self, path: str | os.PathLike[str]) -> None:
        """Writes the file that `load` reads."""
        file = _File(
            start=self.start, articles=self.articles, seed=self.seed, events=[*self.events]
        )
        Path(path).write_bytes(msgspec.json.format(msgspec.json.encode(file), indent=1))

    def state(self, site: str, index: int, happened: Collection[int]) -> State:
        """How an article stands after some of the events, named by their places in `events`."""
        own = self.own.get((site, index), ())
        return self._after(site, index, tuple(place for place in own if place in happened))

    def first(self, site: str, index: int) -> Article:
        """An article as it was when it first stood on the site."""
        place = next(iter(self.own.get((site, index), ())), None)
        event = None if place is None else self.events[place]
        published, start = published_at(site, index), self.start
        if isinstance(event, Publish):
            published = start = event.at.astimezone(BERLIN).replace(microsecond=0)
        made = dated(site, index, self.seed, published)
        date = made.story.date_modified
        if date and moment(date) > start:  # not yet
            return replace(made, story=replace(made.story, date_modified=None))
        return made

    def before(self, now: datetime) -> range:
        """The places of all events up to a moment."""
        return range(bisect_right(self.events, now, key=lambda event: event.at))

    def span(self, kind: type[Span], site: str, now: datetime) -> Span | None:
        """The outage, or the feeds' silence, that a site goes through at a moment."""
        return next((event for event in self.spans(kind, site) if is_on(event, now)), None)

    def spans(self, kind: type[Span], site: str) -> Iterator[Span]:
        """All of a site's outages, or silences."""
        return (e for e in self.events if isinstance(e, kind) and e.site == site)

    def _stands(self, site: str, index: int, places: tuple[int, ...]) -> State:
        if not places:
            own = self.own.get((site, index))
            waits = own and isinstance(self.events[own[0]], Publish)
            return State(self.first(site, index), 404 if waits else 200)
        event = self.events[places[-1]]
        assert isinstance(event, ArticleHappening)
        return self._next(self._after(site, index, places[:-1]), event)

    def _next(self, state: State, event: ArticleHappening) -> State:
        article = state.article
        editor = Editor(article, self.seed, f"{self.seed}:{event}")
        match event:
            case Publish() | Return():
                return replace(state, status=200)
            case Takedown(status=status):
                return replace(state, status=status)
            case Move(slug=slug):
                return replace(state, article=editor.moved(slug))
            case Cosmetic(change=change):
                return replace(state, article=redecorated(article, change, event.at))
            case Edit(change=change, text=text):
                edited = editor.edited(change, text)
                return State(modified(edited, event.at) if event.modified else edited, state.status)
        raise AssertionError(event)


def end_of(event: Outage | FeedDead) -> datetime:
    """The first moment after it."""
    return event.at + timedelta(hours=event.hours)


def is_on(event: Outage | FeedDead, now: datetime) -> bool:
    """Whether it lasts at a moment."""
    return event.at <= now < end_of(event)


def _check(timeline: Timeline) -> None:
    """Refuses what contradicts itself: edits of what is not there, publications out of order."""
    for site, index in timeline.own:
        if index >= timeline.articles:
            raise TimelineError(f"{site} has {timeline.articles} articles, hence no {index}")
    waiting = dict(timeline.published)
    for place, event in enumerate(timeline.events):
        if event.at < timeline.start:
            raise TimelineError(f"{_named(event)}: before the start, {timeline.start.isoformat()}")
        if isinstance(event, Publish):
            waiting[event.site] -= 1
            if event.article != waiting[event.site]:
                said = f"the next to publish is {waiting[event.site]}, the newest comes last"
                raise TimelineError(f"{_named(event)}: {said}")
        elif isinstance(event, ArticleHappening):
            _check_change(timeline, place, event)
    for site in sorted({event.site for event in timeline.events}):  # on the others, nothing ages
        count = timeline.published[site]
        if count < timeline.articles and published_at(site, count) > timeline.start:
            date = published_at(site, count).isoformat()
            raise TimelineError(f"{site} {count} is there from the start, but dated {date}")


def _check_change(timeline: Timeline, place: int, event: ArticleHappening) -> None:
    earlier = timeline.state(event.site, event.article, range(place))
    later = timeline.state(event.site, event.article, range(place + 1))
    if (earlier.status == 200) == isinstance(event, Return):
        there = "there" if earlier.status == 200 else "not there"
        raise TimelineError(f"{_named(event)}: the article is {there} at that time")
    if earlier == later:
        raise TimelineError(f"{_named(event)}: it changes nothing")


def _named(event: Happening) -> str:
    kind = event.__struct_config__.tag
    article = f" {event.article}" if isinstance(event, ArticleHappening) else ""
    return f"{kind} {event.site}{article} at {event.at.isoformat()}"
