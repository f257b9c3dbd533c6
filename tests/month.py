"""A month in the life of both sites, harvested by real runs: `python -m tests.month`.

The replica ages by a script; runs follow each other at the clock's times, some of them killed
with SIGKILL at exact moments (`tests.killed`) and repeated, some of them in outages. What the
feed then must hold is derived from the script, the times of the runs and the schedule of looks
alone, by a model of a faultless crawler: `Month.expected`.
"""

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.changes import apply
from crawler.feed import read
from crawler.items import Article, Change
from crawler.replica import Clock, running
from crawler.replica.stories import SITES
from crawler.replica.timeline import (
    Expected,
    FeedDead,
    Outage,
    Publish,
    Standing,
    Timeline,
    expected,
    month,
    standings,
)
from crawler.settings import FEED_TRUST_HOURS, LOOKS_HOURS, WITHDRAWN_AFTER_HOURS
from tests.conftest import options, scrapy

PATIENCE = timedelta(hours=WITHDRAWN_AFTER_HOURS)
TRUST = timedelta(hours=FEED_TRUST_HOURS)
# Ages beyond the default, so that what happens to an article late in the month is seen as well.
HOURS = (*LOOKS_HOURS, 1440, 2160)
# Days after the month's end: by the last, every look is due.
AFTERWARDS = (1.5, 4, 8, 16, 31, 62, 64)
KILLS = ("write:5", "between write and index:7", "index:9", "final name:3", "start:6", "write:2")


def schedule(made: Timeline, seed: int, hours: float) -> list[datetime]:
    """When runs start: every so many hours, never quite, within outages, and after the end."""
    rng, end = random.Random(seed), made.start + timedelta(days=30)
    outages = [outage for site in SITES for outage in made.spans(Outage, site)]
    times, at = {outage.at + timedelta(hours=outage.hours / 2) for outage in outages}, made.start
    while at < end:
        times.add(at)
        at += timedelta(minutes=round(60 * hours * rng.uniform(0.5, 1.5)))
    return sorted(times) + [end + timedelta(days=days) for days in AFTERWARDS]


@dataclass
class Month:
    """Harvests of an ageing replica, into one folder.

    runs: when they were. killed: how many ended by SIGKILL. codes: exit codes of the others.
    """

    made: Timeline
    replica: str
    output: Path
    runs: list[datetime] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    killed: int = 0

    def harvest(self, at: datetime, kill: str | None = None) -> None:
        """Moves the clock and runs; a run that is killed is repeated at the same time."""
        Clock(self.replica).set(at)
        self.runs.append(at)
        if kill:
            self.killed += self.run(at, kill) == -signal.SIGKILL
        self.codes.append(self.run(at))

    def run(self, at: datetime, kill: str = "") -> int:
        hours = ",".join(map(str, HOURS))
        settings = options(
            self.replica, self.output, NOW=at.isoformat(), LOOKS_HOURS=hours, CONTROLS=0
        )
        return scrapy("harvest", *SITES, *settings, killed=kill).code

    def play(self, times: Sequence[datetime], kills: Mapping[int, str]) -> None:
        for number, at in enumerate(times):
            self.harvest(at, kills.get(number))

    def records(self) -> list[Article]:
        return [*read(self.output)]

    def outages(self) -> int:
        """How many runs met a site that was down."""
        return sum(any(self.made.span(Outage, site, at) for site in SITES) for at in self.runs)

    def expected(self) -> list[Expected]:
        """The lines of a faultless crawler that ran when these runs did, by time and id."""
        found: dict[str, list[Article]] = defaultdict(list)
        for record in self.records():
            found[record.id].append(record)
        looks = {}
        for site in SITES:
            runs = [at for at in self.runs if not self.made.span(Outage, site, at)]
            stood = {at: standings(self.made, site, at) for at in runs}
            for id_ in stood[runs[-1]]:
                history = {at: stood[at][id_] for at in runs if id_ in stood[at]}
                looks[id_] = self.looks(site, id_, history, found[id_])
        return expected(self.made, looks, confirm=PATIENCE)

    def looks(
        self, site: str, id_: str, history: Mapping[datetime, Standing], found: Sequence[Article]
    ) -> list[datetime]:
        """When a faultless crawler looks at an article, given how it stood at each run.

        Where the listing decides (it may shift during a walk, and a stale feed is trusted for a
        while), what was found tells when, if that is within what the rules allow.
        """
        first = next((at for at, stands in history.items() if stands.is_available), None)
        if first is None:
            return []
        discovered = moment(found[0].date_downloaded) if found else None
        chances = self.discoveries(site, id_, first, history)
        if discovered not in chances:
            was_fleeting = discovered is None and not history[chances[-1]].is_available
            return [] if was_fleeting else [first]
        named = {
            moment(record.date_downloaded)
            for before, record in pairwise(found)
            if before.event == "withdrawn" or before.url != record.url
        }
        return [discovered, *look_times(history, discovered, named)]

    def discoveries(
        self, site: str, id_: str, first: datetime, history: Mapping[datetime, Standing]
    ) -> list[datetime]:
        """The runs at which an article may be found that stood there at the first of them."""
        runs = [at for at in history if at >= first]
        if self.made.span(FeedDead, site, first):
            late = next((at for at in runs if at >= first + TRUST), runs[-1])
            return [at for at in runs if at <= late]
        return runs[:2] if id_ in self.shifted() else runs[:1]

    def shifted(self) -> set[str]:
        """Ids of articles that appeared in the midst of a walk."""
        return {
            f"{event.site}:{self.made.first(event.site, event.article).story.number}"
            for event in self.made.events
            if isinstance(event, Publish) and event.after
        }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def look_times(
    history: Mapping[datetime, Standing], discovered: datetime, named: set[datetime]
) -> Iterator[datetime]:
    """The looks at an article after its discovery: when due by age, or when a listing names it
    anew, back again or at another address."""
    since = min(moment(history[discovered].story.date_published), discovered)
    ages = [since + timedelta(hours=age) for age in HOURS]
    due = next((at for at in ages if at > discovered), None)
    gone: datetime | None = None
    is_withdrawn = False
    for at, stands in history.items():
        if at <= discovered or not ((due and due <= at) or at in named):
            continue
        yield at
        if not stands.is_available and not is_withdrawn:
            gone = gone or at
            is_withdrawn = at - gone >= PATIENCE
            if not is_withdrawn:
                due = at + PATIENCE
                continue
        if stands.is_available:
            is_withdrawn = False
        gone = None
        due = next((age for age in ages if age > at), None)


# --- what a feed is held to -----------------------------------------------------------------------


def told(record: Article, before: Article | None) -> dict[str, Any]:
    """A line of the feed in the words of the truth; what changed is read off the lines."""
    names = ("headline", "description", "article_body", "url")
    differ = [n for n in names if before and getattr(before, n) != getattr(record, n)]
    return {
        "at": moment(record.date_downloaded),
        "id": record.id,
        "event": record.event,
        "changed": tuple(differ),
        "headline": record.headline,
        "description": record.description,
        "paragraphs": tuple(record.article_body.split("\n\n")),
        "url": record.url,
    }


def wanted(line: Expected) -> dict[str, Any]:
    names = ("headline", "description", "paragraphs", "url")
    return {
        "at": line.at.astimezone(UTC),
        "id": line.id,
        "event": line.event,
        "changed": line.changed,
        **{name: getattr(line.story, name) for name in names},
    }


def pairs(records: Sequence[Article]) -> list[tuple[Article, Article | None]]:
    """Each record with the one before of the same article."""
    latest: dict[str, Article] = {}
    found = []
    for record in records:
        found.append((record, latest.get(record.id)))
        latest[record.id] = record
    return found


def differences(month: Month) -> list[str]:
    """Where the feed and the truth part, a line each."""
    found = [told(record, before) for record, before in pairs(month.records())]
    truth = [wanted(line) for line in month.expected()]
    surplus = [f"only in the feed: {summary(line)}" for line in found if line not in truth]
    missing = [f"only in the script: {summary(line)}" for line in truth if line not in found]
    twice = len(found) - len(truth) - len(surplus) + len(missing)
    return surplus + missing + ([f"{twice} lines are there twice"] if twice else [])


def summary(line: Mapping[str, Any]) -> str:
    return f"{line['at']} {line['id']} {line['event']} {line['changed']}"


def leads_to(before: Article, record: Article) -> bool:
    """Whether the changes of a revision, applied to the one before, give it."""
    made = {n: getattr(before, n) for n in ("headline", "description", "article_body", "url")}
    for name, change in (record.changes or {}).items():
        if isinstance(change, Change):
            if made[name] != change.before:
                return False
            made[name] = change.after
        else:
            made[name] = apply(made[name], change)
    return all(getattr(record, name) == value for name, value in made.items())


@contextmanager
def played(
    folder: Path, seed: int = 1, hours: float = 20, kills: Sequence[str] = KILLS, **options: Any
) -> Iterator[Month]:
    """A month that has been harvested. hours: between runs, about. options: as of `month`."""
    made = month(seed, **options)
    times = schedule(made, seed, hours)
    rng = random.Random(seed)
    chosen = dict(zip(rng.sample(range(1, len(times) - 8), len(kills)), kills, strict=True))
    with running(timeline=made) as replica:
        done = Month(made, replica, folder)
        done.play(times, chosen)
        yield done


def main() -> int:
    parser = argparse.ArgumentParser(prog="month", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--hours", type=float, default=5, help="between runs, about (5)")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--edits", type=int, default=60)
    given = parser.parse_args()
    print(f"--seed {given.seed} --hours {given.hours} --kills {given.kills}", flush=True)
    kills = [KILLS[n % len(KILLS)] for n in range(given.kills)]
    with (
        tempfile.TemporaryDirectory() as folder,
        played(Path(folder), given.seed, given.hours, kills, edits=given.edits) as done,
    ):
        found = differences(done)
        events = Counter(record.event for record in done.records())
    print(f"{len(done.runs)} runs, {done.killed} killed, {done.outages()} in outages: {events}")
    print("\n".join(found) or "the feed is what the script says, event for event")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
