"""Memory of the current view, speed of the linter: `python -m benchmarks.reading`.

Each measurement is a process of its own. The view's peer keeps a dictionary of all articles, the
linter's is the JSON library, which decodes the same lines into the same types and checks nothing.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

import msgspec

from crawler.feed import read
from crawler.normalise import content_hash
from crawler.replica import running

ROOT = Path(__file__).parent.parent
ROUNDS = 3
LINES_A_FILE = 10_000

PROGRAMS = {
    "current": "for line in current_lines(path): pass",
    "dictionary": "latest = {article.id: article for article in read(path)}",
    "lint": "assert not [*Linter(path).findings()]",
    "msgspec": "for article in read(path): pass",
}
MEASURED = """
import resource, sys, time
from pathlib import Path
from crawler.feed import current_lines, read
from crawler.lint import Linter
path, start = Path(sys.argv[1]), time.process_time()
{program}
seconds = time.process_time() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def lay(folder: Path, lines: int) -> Path:
    """A feed of so many lines, each an article of the replica's with another end."""
    with running(20) as replica:
        told = ["-s", f"REPLICA={replica}", "-s", f"OUTPUT_DIR={folder}/seed"]
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *told]
        subprocess.run([*command, "-s", "DOWNLOAD_DELAY=0", "-L", "ERROR"], cwd=ROOT, check=True)
    seed = [*read(folder / "seed")]
    target = folder / str(lines) / "winfuture"
    target.mkdir(parents=True)
    for first in range(0, lines, LINES_A_FILE):
        start = f"2026-01-15T{first // LINES_A_FILE:06d}.000Z"
        with (target / f"{start}.jsonl").open("wb") as file:
            for number in range(first, min(first + LINES_A_FILE, lines)):
                article = seed[number % len(seed)]
                body = f"{article.article_body}\n\nNummer {number}."
                made = replace(
                    article,
                    id=f"winfuture:{number}",
                    run_id=f"winfuture-{start}",
                    article_body=body,
                    word_count=len(body.split()),
                    content_hash=content_hash(article.headline, article.description, body),
                )
                file.write(msgspec.json.encode(made) + b"\n")
    return target.parent


def measured(name: str, path: Path) -> tuple[float, float]:
    """Processor seconds, and the most memory in MB."""
    command = [sys.executable, "-c", MEASURED.format(program=PROGRAMS[name]), str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> None:
    parser = argparse.ArgumentParser(prog="reading", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    given = parser.parse_args()
    print(f"# Reading the feed\n\n`python -m benchmarks.reading`, {date.today()}: ", end="")
    print(f"Python {platform.python_version()}, msgspec {version('msgspec')}.\n")
    print("| lines | MB | `current`: memory, MB | dictionary: memory, MB | ratio |", end="")
    print(" `lint`: MB/s | msgspec alone: MB/s | ratio |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for lines in given.lines:
            path = lay(Path(folder) / f"{lines}", lines)
            size = sum(file.stat().st_size for file in path.rglob("*.jsonl")) / 1e6
            rounds = [{name: measured(name, path) for name in PROGRAMS} for _ in range(ROUNDS)]
            memory = {name: median(r[name][1] for r in rounds) for name in PROGRAMS}
            speed = {name: median(size / r[name][0] for r in rounds) for name in PROGRAMS}
            ratio = median(r["msgspec"][0] / r["lint"][0] for r in rounds)
            print(
                f"| {lines:,} | {size:,.0f} | {memory['current']:,.0f} | "
                f"{memory['dictionary']:,.0f} | {memory['current'] / memory['dictionary']:.2f} | "
                f"{speed['lint']:.0f} | {speed['msgspec']:.0f} | {ratio:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
