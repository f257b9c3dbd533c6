"""A replica that ages: both sites as they stand at a moment of a timeline that tests can move."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

import msgspec
from aiohttp import web

from crawler.replica.clock import CONTROL
from crawler.replica.edition import NEIGHBOURS, Edition
from crawler.replica.markup import Entry, entry_of
from crawler.replica.server import Options, Replica, Server, host_and_target
from crawler.replica.site import Reply
from crawler.replica.stories import Article
from crawler.replica.timeline import Cosmetic, Event, FeedDead, Outage, Timeline
from crawler.replica.timeline.events import ArticleHappening

UNAVAILABLE = Reply(503, {"Content-Type": "text/html"}, (b"<html><body>503</body></html>\n",))


class Present:
    """What time it is, what has happened so far, and what waits for requests to happen."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.now = timeline.start
        self.happened: set[int] = set()  # places in the timeline's events
        self.waiting: dict[int, int] = {}  # place → listing requests to go
        self.stale: dict[str, frozenset[int]] = {}  # site → what had happened when feeds froze
        self.changed: dict[str, datetime] = {}  # site → when its listings last did
        self.next = 0
        self.go(self.now)

    def go(self, to: datetime) -> None:
        """Moves the clock forward; what still waited happens first. ValueError if backwards."""
        if to < self.now:
            raise ValueError(f"the clock only goes forward, and it is {self.now.isoformat()}")
        for place in sorted(self.waiting):
            self._happen(place)
        self.waiting.clear()
        for place in self.timeline.before(to)[self.next :]:
            event = self.timeline.events[place]
            if isinstance(event, ArticleHappening) and event.after:
                self.waiting[place] = event.after
            else:
                self._happen(place)
        self.next = len(self.timeline.before(to))
        self.now = to

    def listing_was_read(self, site: str) -> bool:
        """Counts a request to a site's listings; whether something happens because of it."""
        due = []
        for place in self.waiting:
            if self.timeline.events[place].site == site:
                self.waiting[place] -= 1
                due += [place] if not self.waiting[place] else []
        for place in due:
            del self.waiting[place]
            self._happen(place)
        return bool(due)

    def _happen(self, place: int) -> None:
        self.happened.add(place)
        event = self.timeline.events[place]
        if isinstance(event, FeedDead):
            self.stale[event.site] = frozenset(self.happened)
        elif isinstance(event, ArticleHappening) and not isinstance(event, Cosmetic):
            self.changed[event.site] = max(event.at, self.now)  # later, if it had to wait


@dataclass(frozen=True)
class AgingEdition(Edition):
    """The articles as they stand after what has happened."""

    present: Present = field(kw_only=True)
    happened: Collection[int] = field(kw_only=True)

    def article(self, site: str, index: int) -> Article:
        return self.present.timeline.state(site, index, self.happened).article

    def status(self, site: str, index: int) -> int:
        if index >= self.articles:
            return 404
        return self.present.timeline.state(site, index, self.happened).status

    def indices(self, site: str) -> list[int]:
        """Those published and not taken down; only what has a history needs a look."""
        own = self.present.timeline.own
        return [
            index
            for index in range(self.articles)
            if (site, index) not in own or self.status(site, index) == 200
        ]

    def neighbours(self, site: str, index: int) -> list[Entry]:
        """Older articles, as first published: boxes that change by themselves change no page.

        The oldest name those that are there from the start.
        """
        timeline, shown = self.present.timeline, self.article(site, index)
        start = timeline.published[site]
        places = (index + 1 + 3 * shown.boxes + step for step in range(NEIGHBOURS))
        if start < self.articles:
            within = self.articles - start
            places = (p if p < self.articles else start + (p - start) % within for p in places)
        named = dict.fromkeys(p for p in places if p != index and p < self.articles)
        entries = [entry_of(timeline.state(site, place, ()).article) for place in named]
        if "tracking" in shown.traits:
            return [replace(entry, url=f"{entry.url}?utm_source=box") for entry in entries]
        return entries

    def newest(self, site: str) -> list[Entry]:
        return [entry_of(self.article(site, index)) for index in self.indices(site)[:NEIGHBOURS]]

    def in_topic_feed(self, site: str) -> "AgingEdition | None":
        silence = self.present.timeline.span(FeedDead, site, self.present.now)
        if silence is None:
            return self
        stale = self.present.stale[site]
        return replace(self, happened=stale) if silence.feed == "stale" else None

    def changed(self, site: str) -> str | None:
        changed = self.present.changed.get(site)
        return changed.isoformat() if changed else None


class AgingReplica(Replica):
    """Forgets its rendered pages whenever something happens, and goes through outages."""

    def __init__(self, options: Options, timeline: Timeline) -> None:
        self.present = Present(timeline)
        edition = AgingEdition(
            timeline.articles,
            timeline.seed,
            present=self.present,
            happened=self.present.happened,
        )
        super().__init__(replace(options, edition=edition))

    def go(self, to: datetime) -> None:
        """Moves the clock; ValueError if backwards."""
        self.present.go(to)
        self.forget()

    def forget(self) -> None:
        self.kept.clear()
        for site in self.sites.values():
            site.listed.cache_clear()

    def outage(self, host: str) -> Outage | None:
        """The outage that a host goes through now."""
        site = self.sites.get(host)
        timeline, now = self.present.timeline, self.present.now
        return timeline.span(Outage, site.name, now) if site else None

    def reply(self, host: str, target: str) -> Reply:
        return UNAVAILABLE if self.outage(host) else super().reply(host, target)


class AgingServer(Server):
    """Counts requests by kind of page, and obeys who asks for the host `CONTROL`."""

    replica: AgingReplica

    def __init__(self, replica: AgingReplica, latency: float, log: TextIO | None) -> None:
        super().__init__(replica, latency, log)
        self.counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        host, target = host_and_target(request)
        if host == CONTROL:
            return _json(*self.control(request.method, target, await request.read()))
        return await super().answer(request)

    def stamp(self) -> dict[str, Any]:
        return {"now": _text(self.replica.present.now)}

    def _response(self, request: web.BaseRequest) -> web.Response:
        host, target = host_and_target(request)
        response = super()._response(request)
        outage = self.replica.outage(host)
        if outage and outage.answer == "refuse" and request.transport:
            request.transport.abort()
            response = web.Response(status=503)
        if site := self.replica.sites.get(host):
            kind = site.kind(target)
            self._count(self.counts[site.name][kind], request, response)
            is_read = kind == "listing" and response.status in (200, 304)
            if is_read and self.replica.present.listing_was_read(site.name):
                self.replica.forget()
        return response

    def _count(
        self, counts: Counter[str], request: web.BaseRequest, response: web.Response
    ) -> None:
        body = response.body if request.method != "HEAD" else None
        counts["requests"] += 1
        counts["not_modified"] += response.status == 304
        counts["failed"] += response.status >= 400
        counts["bytes"] += len(body) if isinstance(body, bytes) else 0

    def control(self, method: str, target: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """The answer of the control address: a status and what becomes JSON."""
        if target != "/clock":
            return 404, {"error": "there is only /clock"}
        if method == "POST":
            try:
                self.replica.go(_asked(body).moment(self.replica.present.now))
            except (ValueError, OverflowError) as error:
                return 400, {"error": str(error)}
        elif method != "GET":
            return 405, {"error": "GET or POST"}
        present = self.replica.present
        events = present.timeline.events
        return 200, {
            "now": _text(present.now),
            "happened": [_event(events[place]) for place in sorted(present.happened)],
            "waiting": [_event(events[place]) for place in sorted(present.waiting)],
            "requests": self.counts,
        }


class _Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    now: datetime | None = None
    advance_hours: float | None = None

    def moment(self, now: datetime) -> datetime:
        if (self.now is None) == (self.advance_hours is None):
            raise ValueError("say either now or advance_hours")
        if self.now is None:
            return now + timedelta(hours=self.advance_hours or 0)
        if self.now.tzinfo is None:
            raise ValueError("now has no offset")
        return self.now


def _asked(body: bytes) -> _Asked:
    return msgspec.json.decode(body, type=_Asked)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _event(event: Event) -> Any:
    return msgspec.to_builtins(event)


def _json(status: int, said: Mapping[str, Any]) -> web.Response:
    return web.Response(status=status, text=json.dumps(said), content_type="application/json")
