"""Whether a long run stays flat: resident memory and feed files of one crawl of a large site.

    python -m benchmarks.long_run [--articles 100000] [--write]

A quarter of an hour for 100,000 articles. `--write` puts the tables into benchmarks/README.md.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import ROOT, ProgramFailedError
from benchmarks.programs import Place, crawl
from benchmarks.report import circumstances, table, write
from benchmarks.speed import WrongCountError
from crawler import replica
from crawler.feed import feed_files, read

SITE = "winfuture"
BASE = 5_000  # articles written when memory is first taken
LIMIT = 1.3  # what the end may take of that
SECONDS = 0.5  # between two looks
RSS = re.compile(rb"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


Say = Callable[[str], None]


@dataclass(frozen=True)
class Sample:
    """A look at a run: seconds since its start, articles written, bytes of resident memory."""

    seconds: float
    written: int
    resident: int


@dataclass
class Result:
    """samples: in order of time. first: the sample when a feed file was first complete, and how
    many records were read from it then. files: records of each feed file at the end. seconds: of
    the whole run. peak: bytes of resident memory at most."""

    articles: int
    samples: list[Sample] = field(default_factory=list)
    first: tuple[Sample, int] | None = None
    files: list[int] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0

    def at(self, written: int) -> Sample:
        """The first sample with so many articles, or the last of all."""
        return next((it for it in self.samples if it.written >= written), self.samples[-1])


class Lines:
    """Counts the lines of the files that a run writes, each byte read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[int, tuple[int, int]] = {}  # by inode, since names change: bytes, lines

    def count(self) -> int:
        for path in [*self.folder.glob("*.jsonl"), *self.folder.glob(".*.part")]:
            self._read(path)
        return sum(lines for _, lines in self.read.values())

    def _read(self, path: Path) -> None:
        # A file may have got its final name just now.
        with suppress(FileNotFoundError), path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            size, lines = self.read.get(inode, (0, 0))
            file.seek(size)
            added = file.read()
            self.read[inode] = size + len(added), lines + added.count(b"\n")


def resident(pid: int) -> int | None:
    """Bytes of memory that a process holds; None when it has ended."""
    found = RSS.search(Path(f"/proc/{pid}/status").read_bytes())
    return int(found[1]) * 1024 if found else None


@contextmanager
def crawling(place: Place, articles: int) -> Iterator[subprocess.Popen[bytes]]:
    """The crawl as an operator runs it, but without delays, and with as many tag pages as it
    takes. Raises ProgramFailedError when it fails."""
    command = crawl(place, TAG_PAGES_LIMIT=articles, LOG_LEVEL="WARNING")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            said.seek(0)
            tail = said.read().decode(errors="replace")[-2000:]
            raise ProgramFailedError(f"the crawl: {process.returncode}\n{tail}")


def watch(process: subprocess.Popen[bytes], folder: Path, result: Result, say: Say) -> None:
    """Takes samples of a crawl until it ends."""
    lines, start, told = Lines(folder), time.monotonic(), BASE
    while process.returncode is None:
        taken = resident(process.pid)
        if taken is not None:
            sample = Sample(time.monotonic() - start, lines.count(), taken)
            result.samples.append(sample)
            if result.first is None and (path := next(complete(folder), None)):
                result.first = sample, lines_of(path)
            if sample.written >= told:
                say(f"{sample.written:,} articles: {megabytes(sample.resident)}")
                told += BASE
        time.sleep(SECONDS)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            result.peak = usage.ru_maxrss * 1024
    result.seconds = time.monotonic() - start


def complete(folder: Path) -> Iterator[Path]:
    """The feed files that a consumer sees by now."""
    return feed_files(folder) if folder.exists() else iter(())


def lines_of(path: Path) -> int:
    """How many records a consumer reads from a feed file."""
    return sum(1 for _ in read(path))


def run(articles: int, say: Say) -> Result:
    """Crawls once and watches. Raises WrongCountError when the feed lacks an article."""
    result = Result(articles)
    with tempfile.TemporaryDirectory(prefix="long-") as name, replica.running(articles) as address:
        place = Place(SITE, address, Path(name), Path(name))
        folder = place.folder / SITE
        with crawling(place, articles) as process:
            watch(process, folder, result, say)
        result.files = [lines_of(path) for path in feed_files(folder)]
        ids = {record.id for record in read(folder)}
    if not len(ids) == sum(result.files) == articles:
        raise WrongCountError(f"{len(ids)} articles in {sum(result.files)} lines, not {articles}")
    return result


def megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def markdown(result: Result) -> str:
    """The tables, with versions, date and machine."""
    base, end = result.at(BASE), result.samples[-1]
    ratio = end.resident / base.resident
    marks = [result.at(result.articles * tenth // 10) for tenth in range(1, 10)]
    samples = sorted({base, *marks, end}, key=lambda sample: sample.seconds)
    rows = [[f"{it.written:,}", f"{it.seconds:,.0f} s", megabytes(it.resident)] for it in samples]
    figures = [
        [
            "resident memory at the end, to that at 5,000 articles",
            f"{ratio:.2f}; ≤ {LIMIT:.2f} " + ("met" if ratio <= LIMIT else "**missed**"),
        ],
        ["resident memory at most", megabytes(result.peak)],
        ["the whole run", f"{result.seconds:,.0f} s"],
        ["articles a second", f"{result.articles / result.seconds:,.0f}"],
        ["feed files", f"{len(result.files)}, of at most {max(result.files):,} records"],
    ]
    if result.first:
        sample, count = result.first
        figures.append(
            [
                "the first complete, and read while the run went on",
                f"{count:,} records, after {sample.seconds:,.0f} s",
            ]
        )
    versions = [f"{name} {version(name)}" for name in ("scrapy", "twisted", "lxml")]
    return "\n\n".join(
        [
            circumstances(versions),
            f"One crawl of {SITE} with {result.articles:,} articles, delays off.",
            table(["", "measured"], figures),
            table(["articles written", "after", "resident memory"], rows),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_run")
    add = parser.add_argument
    add("--articles", type=int, default=100_000, metavar="N", help="(default: 100000)")
    add("--write", action="store_true", help="put the tables into benchmarks/README.md")
    options = parser.parse_args()
    if options.articles <= BASE:
        parser.error(f"memory is compared with that at {BASE:,} articles: ask for more")
    result = run(options.articles, lambda line: print(line, file=sys.stderr, flush=True))
    shown = markdown(result)
    print(shown)
    if options.write:
        write("long run", shown)


if __name__ == "__main__":
    main()
