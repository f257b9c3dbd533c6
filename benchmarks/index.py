"""The index at 10 thousand, 1 million and 10 million articles: `python -m benchmarks.index`.

Writes synthetic feed files, lets the index catch up with them, and measures look-ups, a crawl over
it, and its size. Ten million articles need some 15 GB below `--folder` and half an hour.
"""

import argparse
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from crawler.feed import read
from crawler.index import Index
from crawler.items import Article
from crawler.normalise import content_hash, utc
from crawler.replica import running, stories
from crawler.settings import LOOKS_HOURS

LINES_PER_FILE = 10_000
YEARS = 10  # over which the articles of an index are spread, up to now
LOOKUPS = 2_000
WORDS = sorted(
    {word for story in stories("winfuture", 60) for p in story.paragraphs for word in p.split()}
)


def article(number: int, seen: datetime, words: int) -> Article:
    """A synthetic article; the number decides its text."""
    rng = random.Random(number)
    body = " ".join(rng.choices(WORDS, k=words))
    headline = " ".join(rng.choices(WORDS, k=8))
    moment = utc(seen)
    return Article(
        id=f"winfuture:{number}",
        site="winfuture",
        topic="huawei",
        url=f"https://winfuture.de/news,{number}.html",
        headline=headline,
        article_body=body,
        date_published=moment.replace("Z", "+00:00"),
        word_count=words,
        content_hash=content_hash(headline, None, body),
        date_first_seen=moment,
        date_downloaded=moment,
        run_id="benchmark",
    )


def fill(folder: Path, count: int, *, words: int, window_words: int, days: float = 90) -> int:
    """Writes feed files with so many articles, the newest last; returns their bytes.

    Those within the window of days get `window_words`, as near-duplicates are looked for there.
    """
    site = folder / "winfuture"
    site.mkdir(parents=True)
    now = datetime.now(UTC)
    step = timedelta(days=365 * YEARS) / count
    size = 0
    encode = msgspec.json.Encoder().encode
    for start in range(0, count, LINES_PER_FILE):
        begun = now - step * (count - start)
        path = site / f"{begun:%Y-%m-%dT%H%M%S.%f}"[:-3]
        with path.with_name(f"{path.name}Z.jsonl").open("wb") as file:
            for number in range(start, min(count, start + LINES_PER_FILE)):
                seen = now - step * (count - number)
                recent = now - seen < timedelta(days=days)
                file.write(encode(article(number, seen, window_words if recent else words)) + b"\n")
            size += file.tell()
    return size


@dataclass
class Timing:
    """Seconds of many calls."""

    seconds: list[float]

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        median, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        return f"{median * 1e6:,.0f} / {p99 * 1e6:,.0f}"


def timed(call: Callable[[Any], object], arguments: list[Any]) -> Timing:
    seconds = []
    for argument in arguments:
        start = time.perf_counter()
        call(argument)
        seconds.append(time.perf_counter() - start)
    return Timing(seconds)


def near(body: str, share: float, rng: random.Random) -> str:
    """The text with a share of its words changed."""
    return " ".join(rng.choice(WORDS) if rng.random() < share else word for word in body.split())


def looked_up(folder: Path, count: int, words: int) -> Iterator[tuple[str, str]]:
    """Look-ups of an index, each with median and 99th percentile in microseconds."""
    rng = random.Random(1)
    numbers = [rng.randrange(count) for _ in range(LOOKUPS)]
    recent = [rng.randrange(int(count * (1 - 60 / (365 * YEARS))), count) for _ in range(LOOKUPS)]
    now = datetime.now(UTC)
    bodies = [article(number, now, words).article_body for number in recent]
    changed = [near(body, 0.05, rng) for body in bodies]
    fresh = [near(body, 1, rng) for body in bodies]
    with closing(Index(folder)) as index:
        urls = [f"https://winfuture.de/news,{number}.html" for number in numbers]
        yield "known URL", str(timed(lambda url: index.known(url=url), urls))
        missing = [url.replace("news,", "news,9") + "x" for url in urls]
        yield "unknown URL", str(timed(lambda url: index.known(url=url), missing))
        yield "the very same text", str(timed(index.texts.same, bodies))
        found = sum(
            any(text.article_body == body for text in index.texts_like(other))
            for body, other in zip(bodies[:200], changed[:200], strict=True)
        )
        assert found >= 195, f"only {found} of 200 near-duplicates were found"
        yield "near-duplicate, sketch included", str(timed(index.texts_like, changed))
        yield "new text, sketch included", str(timed(index.texts_like, fresh))


def crawl(replica: str, folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of resident memory of a crawl that uses the index."""
    settings = {"REPLICA": replica, "OUTPUT_DIR": folder, "DOWNLOAD_DELAY": 0}
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "mobiflip", *options],
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.monotonic() - start, usage.ru_maxrss / 1024


def caught_up(folder: Path) -> float:
    start = time.monotonic()
    with closing(Index(folder, looks=LOOKS_HOURS)) as index:
        index.catch_up()
    return time.monotonic() - start


def of_size(folder: Path, count: int, words: int) -> dict[str, str]:
    """One column of the table."""
    print(f"{count:,} articles: writing", file=sys.stderr)
    bytes_ = fill(folder, count, words=20, window_words=words)
    print(f"{count:,} articles: catching up with {bytes_ / 1e6:,.0f} MB", file=sys.stderr)
    seconds = caught_up(folder)
    index = folder / "index.sqlite"
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    row = {
        "built in (s)": f"{seconds:,.1f}",
        "articles a second, while building": f"{count / seconds:,.0f}",
        "index on disk (bytes an article)": f"{index.stat().st_size / count:,.0f}",
        "start with nothing new to read (s)": f"{caught_up(folder):.2f}",
    }
    row |= dict(looked_up(folder, count, words))
    with running(100) as replica:
        crawl(replica, folder)
        seconds, megabytes = crawl(replica, folder)
    row["a crawl that finds nothing new (s)"] = f"{seconds:.2f}"
    row["its resident memory (MB)"] = f"{megabytes:.0f}"
    return row


def reading_speed(folder: Path, megabytes: int) -> dict[str, str]:
    """Catching up with feed files of ordinary articles, beside parsing them alone."""
    count = megabytes * 1_000_000 // 2_700
    row = {}
    for name, days in (("older than the window", 0.0), ("all within the window", 36_500.0)):
        place = folder / name
        size = fill(place, count, words=300, window_words=300)
        start = time.process_time()
        with closing(Index(place, window_days=days, looks=LOOKS_HOURS)) as index:
            index.catch_up()
        row[f"catching up, {name}"] = f"{size / 1e6 / (time.process_time() - start):,.0f}"
    start = time.process_time()
    for path in sorted(place.glob("*/*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                msgspec.json.decode(line)
    row["msgspec alone, to dictionaries"] = f"{size / 1e6 / (time.process_time() - start):,.0f}"
    start = time.process_time()
    for _ in read(place):
        pass
    row["crawler.feed.read, typed and checked"] = (
        f"{size / 1e6 / (time.process_time() - start):,.0f}"
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.index", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000])
    parser.add_argument("--megabytes", type=int, default=1_000, help="of feed to catch up with")
    parser.add_argument("--folder", type=Path, help="where there is room (default: temporary)")
    given = parser.parse_args()
    columns = {}
    for count in given.sizes:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            columns[count] = of_size(Path(folder), count, words=300)
    print("| | " + " | ".join(f"{count:,} articles" for count in columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for name in next(iter(columns.values())):
        print(f"| {name} | " + " | ".join(column[name] for column in columns.values()) + " |")
    print("\n| MB of feed a second of one core's time | |\n|---|---:|")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for name, value in reading_speed(Path(folder), given.megabytes).items():
            print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
