"""A site that ages and the feed of the crawls that watch it, for tests of runs over time."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.replica import Clock, running
from crawler.replica.timeline import Event, Publish, Timeline
from crawler.replica.timeline.events import SiteName
from tests.conftest import Finished, json_lines, options, records, scrapy

SITE: SiteName = "mobiflip"
START = datetime(2026, 2, 1, tzinfo=UTC)
OLD = 3  # articles that are there from the start, their early looks long past


def hour(count: float) -> datetime:
    return START + timedelta(hours=count)


@dataclass
class Watched:
    """A site that ages, and the feed of the crawls that watch it."""

    site: str
    replica: str
    log: Path
    output: Path
    seen: int = 0

    def crawl(self, at: float, *args: str, **settings: object) -> Finished:
        """Crawls at an hour of the script."""
        return scrapy("crawl", self.site, *self.told(at, **settings), *args)

    def killed(self, at: float, moment: str) -> None:
        """A crawl that is killed at a moment (`tests.killed`)."""
        done = scrapy("crawl", self.site, *self.told(at), killed=moment)
        assert done.code == -signal.SIGKILL

    def told(self, at: float, **settings: object) -> list[str]:
        Clock(self.replica).set(hour(at))
        self.requested()
        told = {"CONTROLS": 0, **settings}  # looks that are due, and no others
        return options(self.replica, self.output, NOW=hour(at).isoformat(), **told)

    def requested(self) -> list[tuple[str, int]]:
        """Paths asked for since this was last called or a crawl began, with their status."""
        lines = json_lines(self.log)
        new, self.seen = lines[self.seen :], len(lines)
        return [(e["path"], e["status"]) for e in new if e["host"] != "replica.invalid"]

    def articles(self) -> list[tuple[str, int]]:
        """Of those, articles."""
        other = ("/robots.txt", "/.well-known/", "/thema/", "/special/", "/feeds/")
        return [(path, status) for path, status in self.requested() if not path.startswith(other)]

    def events(self) -> list[tuple[str, int]]:
        """What the feed says of articles beyond their publication: event and revision."""
        found = [(r["event"], r["revision"]) for r in records(self.output, self.site)]
        return [event for event in found if event[0] != "published"]

    def lose_index(self) -> None:
        for path in self.output.glob("index.sqlite*"):
            path.unlink()


@contextmanager
def watched(
    folder: Path, *events: Event, site: SiteName = SITE, fresh: int = 1, old: int = OLD
) -> Iterator[Watched]:
    """A site whose newest articles appear as the script begins."""
    new = [Publish(at=hour(0), site=site, article=n) for n in reversed(range(fresh))]
    events = (*new, *events)
    count = old + sum(isinstance(event, Publish) for event in events)
    made = Timeline(events, start=START, articles=count, seed=5)
    log = folder / "log"
    with running(timeline=made, log=log) as replica:
        yield Watched(site, replica, log, folder / "output")
