"""How much do several workers bring? Articles a minute: `python -m benchmarks.fleet`.

A server that answers after 50 ms plays eight sites, each asked one thing at a time; workers take
one crawl at a time. It needs a PostgreSQL, and starts one of its own.
"""

import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

from crawler.feed import feed_files, lines
from crawler.replica import running as replica_running
from tests.conftest import ROOT, options
from tests.fleet.copies import Copies, copies
from tests.fleet.sites import NAMES
from tests.postgresql import Server, running

SITES, ARTICLES, LATENCY = 8, 150, 0.05
WORKERS = (1, 2, 4)


def minutes(server: Server, web: Copies, output: Path, workers: int) -> float:
    """How long so many workers take for all sites, from their start to the last article."""
    told = options(web.address, output, SPIDER_MODULES="tests.fleet.sites")
    told += ["-s", f"INDEX={server.database()}", "-L", "ERROR"]
    scrapy = [sys.executable, "-m", "scrapy", "fleet"]
    subprocess.run(
        [*scrapy, "enqueue", *NAMES[:SITES], *told], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    start = time.monotonic()
    worker = [*scrapy, "worker", "--at-once", "1", "--patience", "5", *told]
    running = [subprocess.Popen(worker, cwd=ROOT) for _ in range(workers)]
    while written(output) < SITES * ARTICLES:
        time.sleep(0.1)
    passed = time.monotonic() - start
    for process in running:
        process.terminate()
    for process in running:
        process.wait()
    return passed / 60


def written(output: Path) -> int:
    if not output.exists():
        return 0
    return sum(1 for file in feed_files(output) for _ in lines(file))


def main() -> None:
    print(f"# A fleet\n\n`python -m benchmarks.fleet`, {date.today()}: procrastinate ", end="")
    print(
        f"{version('procrastinate')}; {SITES} sites of {ARTICLES} articles, {LATENCY * 1000:.0f} "
    )
    print("ms latency, no delay besides.\n")
    print("| workers | articles a minute | to one worker |\n|---|---|---|")
    one = 0.0
    with running() as server, replica_running(ARTICLES) as replica, copies(replica, LATENCY) as web:
        for workers in WORKERS:
            with tempfile.TemporaryDirectory() as folder:
                passed = minutes(server, web, Path(folder) / "output", workers)
            rate = SITES * ARTICLES / passed
            one = one or rate
            print(f"| {workers} | {rate:,.0f} | {rate / one:.2f} |", flush=True)


if __name__ == "__main__":
    main()
