"""How fast: full crawls of the replica beside a bare Scrapy spider and other peers.

Everything runs interleaved, a round of all after a round of all, so that a machine that slows
down slows all of them; what is compared are ratios within a round, of which the median counts.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.measure import ROOT, Cost, cost
from benchmarks.programs import BARE, FAST, OURS, PROGRAMS, Place, bare, crawl

SITES = ("winfuture", "mobiflip")
AGAIN, START = "again", "start"  # ours on the unchanged site; a bare spider that fetches one page
EVERY = tuple(PROGRAMS)
ABOUT_SITES = ("/robots.txt", "/.well-known/")  # what is asked for beside pages


class WrongCountError(Exception):
    """A program did not bring exactly the articles there are; its figures would say nothing."""


@dataclass
class Result:
    """costs: by site and program, a round an entry. tag_pages: how many a site has. second:
    what the run on the unchanged site asked for: (articles, tag pages, most often one page)."""

    articles: int
    costs: dict[tuple[str, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    f1: dict[tuple[str, str], float] = field(default_factory=dict)
    tag_pages: dict[str, int] = field(default_factory=dict)
    second: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def ratios(self, site: str, ours: str, other: str, of: Callable[[Cost], float]) -> list[float]:
        """A cost of ours through that of another program, round by round."""
        pairs = zip(self.costs[site, ours], self.costs[site, other], strict=True)
        return [of(mine) / of(theirs) for mine, theirs in pairs]

    def middle(self, site: str, program: str, of: Callable[[Cost], float]) -> float:
        return median(map(of, self.costs[site, program]))


@dataclass(frozen=True)
class Bench:
    """A replica, its log if it keeps one, and the folders that the programs write to."""

    articles: int
    programs: Sequence[str]
    python: Path | None
    replica: str
    log: Path
    folder: Path

    def interpreter(self, environment: str) -> Path:
        """Python of a virtual environment that the Makefile makes; ours can be another."""
        if self.python and not environment:
            return self.python
        name = ".venv" + (f"-{environment}" if environment else "")
        return ROOT / name / "bin/python"

    def place(self, site: str, program: str) -> Place:
        folder = self.folder / site / program
        return Place(site, self.replica, folder, self.folder / site / "saved")

    def urls(self, site: str) -> list[str]:
        pages = json.loads((self.place(site, "").pages / "pages.json").read_text())
        return [page["url"] for page in pages]

    def requested(self) -> list[str]:
        """The URLs asked for since the last call."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        os.truncate(self.log, 0)
        return [f"https://{line['host']}{line['path']}" for line in lines]

    def prepare(self, site: str) -> None:
        pages = self.place(site, "").pages
        pages.mkdir(parents=True)
        arguments = [site, str(self.articles), self.replica, str(pages)]
        command = [sys.executable, "-m", "benchmarks.saved_pages", *arguments]
        subprocess.run(command, cwd=ROOT, check=True)

    def run(self, site: str, name: str, result: Result) -> None:
        """Measures one program on one site, in an empty folder."""
        program, place = PROGRAMS[name], self.empty(site, name)
        result.costs[site, name].append(self.cost(program.environment, program.command(place)))
        if name == OURS:
            result.costs[site, AGAIN].append(self.cost("", crawl(place, **FAST)))
        if name == BARE:
            first = bare(self.empty(site, START), "-a", "pages=1")
            result.costs[site, START].append(self.cost("", first))

    def count(self, site: str, result: Result) -> None:
        """Counts what our first and second run ask for. The replica must keep a log."""
        place = self.empty(site, OURS)
        self.requested()
        self.cost("", crawl(place, **FAST))
        result.tag_pages[site] = len(self.tag_pages(site, self.requested()))
        self.cost("", crawl(place, **FAST))
        result.second[site] = self.second(site, self.requested())

    def empty(self, site: str, name: str) -> Place:
        place = self.place(site, name)
        shutil.rmtree(place.folder, ignore_errors=True)
        place.folder.mkdir(parents=True)
        return place

    def cost(self, environment: str, command: list[str]) -> Cost:
        # Scrapy finds this project by its folder; the bare spider must not.
        cwd = self.folder if "runspider" in command else ROOT
        return cost([self.interpreter(environment), *command], cwd)

    def tag_pages(self, site: str, asked: Sequence[str]) -> set[str]:
        articles = {*self.urls(site)}
        others = {url for url in asked if url not in articles}
        return {url for url in others if not urlsplit(url).path.startswith(ABOUT_SITES)}

    def second(self, site: str, asked: Sequence[str]) -> tuple[int, int, int]:
        articles, tag_pages = {*self.urls(site)}, self.tag_pages(site, asked)
        most = max(map(asked.count, tag_pages), default=0)
        return sum(url in articles for url in asked), len(tag_pages), most

    def judge(self, site: str, name: str, result: Result) -> None:
        """Checks what the last round of a program brought, and holds it to the truth."""
        from benchmarks.truth import paragraph_f1
        from crawler.replica import stories

        found = PROGRAMS[name].paragraphs(self.place(site, name))
        if found.keys() != {*self.urls(site)}:
            raise WrongCountError(
                f"{name} brought {len(found)} of {self.articles} articles of {site}"
            )
        result.f1[site, name] = paragraph_f1(found, stories(site, self.articles))


@contextmanager
def bench(
    articles: int, programs: Sequence[str], python: Path | None, *, keeps_log: bool = False
) -> Iterator[Bench]:
    from crawler import replica

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        log = Path(name) / "requests.log"
        with replica.running(articles, log=log if keeps_log else None) as address:
            yield Bench(articles, programs, python, address, log, Path(name))


def run(
    articles: int,
    rounds: int,
    programs: Sequence[str] = EVERY,
    *,
    python: Path | None = None,
    say: Callable[[str], None] = print,
) -> Result:
    """Measures all programs in rounds; one more before them, which does not count, warms up.

    Requests are counted beforehand, since a replica that keeps a log answers more slowly. Raises
    WrongCountError when a program misses an article, ProgramFailedError when one fails.
    """
    result = Result(articles)
    with bench(articles, programs, python, keeps_log=True) as here:
        for site in SITES:
            say(f"{site}: counting requests")
            here.prepare(site)
            here.count(site, result)
    with bench(articles, programs, python) as here:
        for site in SITES:
            say(f"{site}: saving {articles} pages, first crawls")
            here.prepare(site)
            for name in (OURS, BARE):
                here.run(site, name, Result(articles))
        for turn in range(rounds):
            order = [*programs[turn % len(programs) :], *programs[: turn % len(programs)]]
            for site in SITES:
                for name in order:
                    here.run(site, name, result)
                    last = result.costs[site, name][-1]
                    say(f"round {turn + 1}: {site} {name}: {last.cpu:.2f} s of CPU")
        for site in SITES:
            for name in programs:
                here.judge(site, name, result)
    return result
