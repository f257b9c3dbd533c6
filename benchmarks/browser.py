"""What a page costs that a browser has to show, beside a plain one.

    python -m benchmarks.browser [--articles 20] [--rounds 3] [--write]

Crawls the replica, plain and as scripts would fill it, delays off. `--write` puts the table into
benchmarks/README.md.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import ROOT, ProgramFailedError
from benchmarks.programs import Place, crawl
from benchmarks.report import circumstances, table, write
from benchmarks.speed import WrongCountError
from crawler import replica
from crawler.feed import read

SITES = ("winfuture", "mobiflip")
FEW = 1  # articles of the run that is subtracted, so that starts do not count
PLAIN = 20  # times as many plain articles, which take no time to speak of
PAUSE = 0.2  # seconds between two looks at memory


@dataclass(frozen=True)
class Run:
    """seconds: of the whole crawl. memory, crawler: bytes (PSS) at most, of all its processes
    together and of the crawl's own."""

    seconds: float
    memory: int
    crawler: int


def run(site: str, articles: int, scripted: str) -> Run:
    """One crawl, watched from beside. Raises WrongCountError if it lacks an article."""
    with (
        tempfile.TemporaryDirectory() as folder,
        replica.running(articles, scripted=scripted) as address,
    ):
        place = Place(site, address, Path(folder), Path(folder))
        command = [sys.executable, *crawl(place, LOG_LEVEL="WARNING")]
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        most, own = 0, 0
        while process.poll() is None:
            sizes = {pid: size(pid) for pid in (process.pid, *below(process.pid))}
            most, own = max(most, sum(sizes.values())), max(own, sizes[process.pid])
            time.sleep(PAUSE)
        seconds = time.perf_counter() - start
        assert process.stderr
        if process.returncode:
            raise ProgramFailedError(process.stderr.read()[-2000:])
        process.stderr.close()
        found = sum(1 for _ in read(place.folder))
        if found != articles:
            raise WrongCountError(f"{found} of {articles} articles are in the feed")
    return Run(seconds, most, own)


def below(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    try:
        children = [
            int(child)
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield child
        yield from below(child)


def size(pid: int) -> int:
    """Resident bytes of a process, what it shares with others divided among them."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(told.partition("\nPss:")[2].split()[0]) * 1024


def markdown(articles: int, rounds: int) -> str:
    rows = []
    for site in SITES:
        for label, scripted, times in (("plain", "", PLAIN), ("in the browser", "shells", 1)):
            few = [run(site, FEW, scripted) for _ in range(rounds)]
            many = [run(site, times * articles, scripted) for _ in range(rounds)]
            base, whole = (statistics.median(r.seconds for r in runs) for runs in (few, many))
            rows.append(
                (
                    f"{site}, {label}",
                    f"{(whole - base) / (times * articles - FEW):.3f}",
                    f"{base:.1f}",
                    f"{max(r.memory for r in many) / 2**20:.0f}",
                    f"{max(r.crawler for r in many) / 2**20:.0f}",
                )
            )
            print(*rows[-1], file=sys.stderr, flush=True)
    head = ("", "seconds a page", f"run of {FEW} article (s)", "MB, all processes", "MB, crawler")
    versions = [f"{name} {version(name)}" for name in ("scrapy", "scrapy-playwright", "playwright")]
    load = f"load average {os.getloadavg()[2]:.1f} meanwhile"
    return (
        f"{circumstances([*versions, load])}\n\n{articles} articles in the browser, "
        f"{PLAIN * articles} plain ones, {rounds} rounds; medians of the seconds, most of the "
        f"memory (PSS). Other jobs shared the machine.\n\n{table(head, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--articles", type=int, default=20, metavar="N", help="(default: 20)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="(default: 3)")
    parser.add_argument("--write", action="store_true", help="put it into benchmarks/README.md")
    options = parser.parse_args()
    shown = markdown(options.articles, options.rounds)
    print(shown)
    if options.write:
        write("browser", shown)


if __name__ == "__main__":
    main()
