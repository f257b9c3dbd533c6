"""A month of runs over an ageing replica: what each run costs, and what it makes known.

    python -m benchmarks.month [--write]

The same month, the same run times, a replica for each: this project; a bare Scrapy spider that
crawls everything each time; the same spider with the logic of scrapy-deltafetch. What the two
others make known is read off their files by comparing each run's with what came before, which
they leave to their user.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.measure import ROOT
from benchmarks.programs import settings
from crawler.feed import read
from crawler.replica import Clock, running
from crawler.replica.stories import SITES, index_of
from crawler.replica.timeline import (
    Cosmetic,
    Edit,
    Event,
    Move,
    Return,
    Takedown,
    Timeline,
    month,
    standings,
)

DOCUMENT = Path(__file__).parent / "month.md"
Article = tuple[str, int]  # site and place in the listing


@dataclass
class Told:
    """What a program made known of a month, and what its runs cost.

    edits, withdrawals, moves: when it told one of an article. found: when it first had one.
    false_edits: articles that were said to have changed and had not. false_withdrawals: those
    missing from what it brought while they were there. doubles: articles that it has twice.
    """

    requests: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    edits: dict[Article, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    withdrawals: dict[Article, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    moves: set[Article] = field(default_factory=set)
    false_edits: int = 0
    false_withdrawals: int = 0
    doubles: int = 0


@dataclass(frozen=True)
class Program:
    """command: of a site, its folder, the run's number and time. reads: what its files tell."""

    label: str
    commands: Callable[[Path, int, datetime], Iterator[list[str]]]
    reads: Callable[[Path, Timeline, Sequence[datetime], Told], None]


def ours(folder: Path, number: int, now: datetime) -> Iterator[list[str]]:
    told = settings({"OUTPUT_DIR": folder, "NOW": now.isoformat(), "DOWNLOAD_DELAY": 0})
    yield ["harvest", *SITES, *told]


def bare(folder: Path, number: int, now: datetime) -> Iterator[list[str]]:
    for site in SITES:
        yield ["runspider", str(ROOT / "benchmarks/peers/bare.py"), *_given(site, folder, number)]


def delta(folder: Path, number: int, now: datetime) -> Iterator[list[str]]:
    for site in SITES:
        spider = str(ROOT / "benchmarks/peers/deltafetch.py")
        store = f"store={folder / site}"
        yield ["runspider", spider, *_given(site, folder, number), "-a", store]


def _given(site: str, folder: Path, number: int) -> list[str]:
    output = folder / f"{site}-{number:03}.jsonl"
    return ["-a", f"site={site}", "-a", f"output={output}", *settings({"LOG_LEVEL": "ERROR"})]


def read_feed(folder: Path, made: Timeline, runs: Sequence[datetime], told: Told) -> None:
    """What our feed says: it says it itself."""
    latest: dict[str, datetime] = {}
    for record in read(folder):
        place, at = _place(record.site, record.id), _moment(record.date_downloaded)
        article, before = (record.site, place), latest.get(record.id)
        told.doubles += record.event == "published" and before is not None
        if record.event == "withdrawn":
            told.withdrawals[article].append(at)
            told.false_withdrawals += standings(made, record.site, at)[record.id].is_available
        else:
            told.edits[article].append(at)
        if record.event == "updated" and before:
            told.false_edits += not _changed(made, article, before, at, Edit | Move | Return)
        if record.changes and "url" in record.changes:
            told.moves.add(article)
        latest[record.id] = at


def read_files(folder: Path, made: Timeline, runs: Sequence[datetime], told: Told) -> None:
    """What a user of the bare spider's files can tell, who compares each run with those before."""
    for site in SITES:
        texts: dict[str, tuple[str, datetime]] = {}
        urls: dict[Article, set[str]] = defaultdict(set)
        is_partial = "delta" in folder.name
        for number, at in enumerate(runs):
            found = {item["url"]: item for item in _items(folder / f"{site}-{number:03}.jsonl")}
            for url, item in found.items():
                article = site, _place(site, url)
                urls[article].add(url)
                text = f"{item['title']}\n{item['text']}"
                before = texts.get(url)
                if before is None or before[0] != text:
                    told.edits[article].append(at)
                if before and before[0] != text:
                    told.false_edits += not _changed(made, article, before[1], at, Edit)
                texts[url] = text, at
            if is_partial:  # what is not there may have been dropped
                continue
            there = {
                standing.address
                for standing in standings(made, site, at).values()
                if standing.is_available
            }
            for url in texts.keys() - found.keys():
                told.withdrawals[site, _place(site, url)].append(at)
            told.false_withdrawals += len(texts.keys() & there - found.keys())
        told.doubles += sum(len(found) - 1 for found in urls.values())


def _changed(
    made: Timeline, article: Article, since: datetime, until: datetime, kinds: Any
) -> bool:
    events = (made.events[place] for place in made.own[article])
    return any(isinstance(event, kinds) and since < event.at <= until for event in events)


def _items(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _place(site: str, named: str) -> int:
    """The place in the listing of the article that an id or URL names."""
    number = re.findall(r"(?<!\d)\d{6}(?!\d)", named)[-1]
    place = index_of(site, int(number))
    assert place is not None
    return place


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


PROGRAMS = {
    "ours": Program("this project", ours, read_feed),
    "everything": Program("bare Scrapy spider, everything each time", bare, read_files),
    "delta": Program("bare Scrapy spider, as scrapy-deltafetch", delta, read_files),
}


def played(name: str, made: Timeline, runs: Sequence[datetime]) -> Told:
    """A month of runs of one program, on a replica of its own."""
    told, program = Told(), PROGRAMS[name]
    with tempfile.TemporaryDirectory() as place, running(timeline=made) as replica:
        folder = Path(place) / name
        folder.mkdir()
        clock, before = Clock(replica), (0, 0)
        for number, now in enumerate(runs):
            clock.set(now)
            for arguments in program.commands(folder, number, now):
                command = [sys.executable, "-m", "scrapy", *arguments, "-s", f"REPLICA={replica}"]
                cwd = ROOT if arguments[0] == "harvest" else folder
                environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
                subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
            total = _total(clock)
            told.requests.append(total[0] - before[0])
            told.bytes.append(total[1] - before[1])
            before = total
            print(f"{name}: {now:%Y-%m-%d %H:%M}: {told.requests[-1]} requests", file=sys.stderr)
        program.reads(folder, made, runs, told)
    return told


def _total(clock: Clock) -> tuple[int, int]:
    counts = [kind for site in clock.told()["requests"].values() for kind in site.values()]
    return sum(c["requests"] for c in counts), sum(c["bytes"] for c in counts)


def row(name: str, made: Timeline, told: Told) -> list[str]:
    def happened(kind: type[Event]) -> list[Event]:
        return [event for event in made.events if isinstance(event, kind)]

    edits = [e for e in happened(Edit) if any(at >= e.at for at in told.edits[e.site, e.article])]  # type: ignore[union-attr]
    gone = [
        e
        for e in happened(Takedown)
        if any(at >= e.at for at in told.withdrawals[e.site, e.article])  # type: ignore[union-attr]
    ]
    moves = [e for e in happened(Move) if e.site == "mobiflip"]
    moved = [e for e in moves if (e.site, e.article) in told.moves]  # type: ignore[union-attr]
    return [
        PROGRAMS[name].label,
        f"{median(told.requests):.0f}",
        f"{sum(told.requests):,}",
        f"{median(told.bytes) / 1e3:,.0f}",
        f"{sum(told.bytes) / 1e6:,.1f}",
        f"{len(edits)} of {len(happened(Edit))}",
        str(told.false_edits),
        f"{len(gone)} of {len(happened(Takedown))}",
        str(told.false_withdrawals),
        f"{len(moved)} of {len(moves)}",
        str(told.doubles),
    ]


HEAD = (
    *("", "requests a run", "in all", "kB a run", "MB in all", "edits told", "false"),
    *("withdrawals told", "false", "moves told", "articles twice"),
)


def markdown(made: Timeline, runs: Sequence[datetime], rows: Sequence[Sequence[str]]) -> str:
    cosmetic = sum(isinstance(event, Cosmetic) for event in made.events)
    said = (
        f"{len(runs)} runs of both sites, {2 * made.articles} articles, {cosmetic} cosmetic "
        "changes that are no edits; a run's figures are medians, its bytes those of bodies sent."
    )
    circumstances = report.circumstances([f"scrapy {version('scrapy')}"])
    return "\n\n".join([circumstances, said, report.table(HEAD, rows)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=24, help="between runs (default: 24)")
    parser.add_argument("--days", type=float, default=31, help="of runs (default: 31)")
    parser.add_argument("--write", action="store_true", help="put the table into month.md here")
    given = parser.parse_args()
    made = month(given.seed)
    step = timedelta(hours=given.hours)
    runs = [made.start + number * step for number in range(round(given.days * 24 / given.hours))]
    rows = [row(name, made, played(name, made, runs)) for name in PROGRAMS]
    shown = markdown(made, runs, rows)
    print(shown)
    if given.write:
        report.write("month", shown, DOCUMENT)


if __name__ == "__main__":
    main()
