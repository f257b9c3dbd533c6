"""Kills a crawl again and again, and holds the feed to its promise: `make chaos`.

Each round begins with an empty folder and crawls one site of a replica. Runs are killed with
SIGKILL, at random times and at exact moments (`tests.killed`), and what they left is damaged in
the ways that power loss and operators do; then the next run starts, until one ends by itself.
After each kill a reader must see only whole, valid records, none twice; at the end of a round
the feed must hold what one undisturbed run collects, article for article.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema

from crawler.feed import feed_files, read
from crawler.replica import running
from tests.conftest import ROOT, options
from tests.killed import MOMENTS
from tests.processes import Command

SCHEMA = json.loads((ROOT / "docs/article.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# How many steps of a moment a run makes at most, about.
STEPS = {"write": 600, "between write and index": 800, "index": 3000, "final name": 30, "start": 60,
         "recovery": 40, "catch-up": 60}  # fmt: skip


@dataclass
class Chaos:
    """Crawls of one site of a replica, killed at random. `site` must list `articles`."""

    replica: str
    site: str
    folder: Path
    random: random.Random
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    expected: dict[str, str] = field(default_factory=dict)

    def undisturbed(self) -> None:
        """Crawls once in peace, to learn what there is to collect and how long it takes."""
        output = self.folder / "undisturbed"
        start = time.monotonic()
        self.run(output).wait()
        self.seconds = time.monotonic() - start
        self.expected = {article.id: article.content_hash for article in read(output)}

    def round(self, number: int, most_kills: int) -> int:
        """Kills runs until one ends by itself, or there were enough; returns how many."""
        output = self.folder / str(number)
        killed = 0
        while killed < most_kills and self.killed(output):
            killed += 1
            self.check(output)
            self.harm(output)
        self.finish(output)
        return killed

    def finish(self, output: Path) -> None:
        """Crawls to the end; the feed must then hold what an undisturbed run collects."""
        code = self.run(output).wait()
        assert code == 0, f"a run that nobody killed ended with {code}"
        self.check(output)
        found = {article.id: article.content_hash for article in read(output)}
        assert found == self.expected, f"{len(found)} of {len(self.expected)} articles, or others"
        assert not [*self.unfinished(output)]

    def killed(self, output: Path) -> bool:
        """Starts a run and kills it at some moment; False when it was done before."""
        moment = self.random.choice(["any time", "any time", *MOMENTS])
        if moment != "any time":
            step = int(STEPS[moment] ** self.random.random())  # early ones more often
            return self.killed_at(moment, step, output)
        run = self.run(output)
        if not run.has_ended(self.random.uniform(0.05, max(self.seconds / 3, 0.5))):
            run.send_signal(signal.SIGKILL)
        return self.counted(moment, run)

    def killed_at(self, moment: str, step: int, output: Path) -> bool:
        """Starts a run that is killed at a step of a moment, if it comes to that."""
        return self.counted(moment, self.run(output, f"{moment}:{step}"))

    def counted(self, moment: str, run: Command) -> bool:
        was_killed = run.wait() == -signal.SIGKILL
        self.kills[moment] += was_killed
        return was_killed

    def run(self, output: Path, when: str = "") -> Command:
        settings = options(self.replica, output, FEED_FILE_LINES=50, RETRY_TIMES=5)
        return Command("crawl", self.site, *settings, killed=when)

    def check(self, output: Path) -> None:
        """What a reader sees now: whole, valid lines, no article twice."""
        seen: set[str] = set()
        for path in feed_files(output) if output.is_dir() else ():
            for line in path.read_bytes().splitlines(keepends=True):
                assert line.endswith(b"\n"), f"a torn line in {path}"
                record = json.loads(line)
                VALIDATOR.validate(record)
                assert record["id"] not in seen, f"{record['id']} is there twice"
                seen.add(record["id"])

    def harm(self, output: Path) -> None:
        """What else happens to files while nobody runs."""
        kind = self.random.choice(["none", "none", "torn", "index deleted", "index damaged"])
        index = output / "index.sqlite"
        for path in self.unfinished(output) if kind == "torn" else ():
            os.truncate(path, self.random.randint(0, path.stat().st_size))
            self.damage[kind] += 1
        if kind == "index deleted":
            for path in output.glob("index.sqlite*"):
                path.unlink()
            self.damage[kind] += 1
        elif kind == "index damaged" and index.exists() and index.stat().st_size > 100:
            with index.open("r+b") as file:
                file.seek(self.random.randrange(index.stat().st_size - 99))
                file.write(self.random.randbytes(99))
            self.damage[kind] += 1

    def unfinished(self, output: Path) -> Iterator[Path]:
        return output.glob("*/.*.part")


def main() -> None:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    print(f"{given.kills} kills, {given.articles} articles, --seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, running(given.articles, latency_ms=3) as replica:
        chaos = Chaos(replica, "winfuture", Path(folder), random.Random(given.seed))
        chaos.undisturbed()
        assert len(chaos.expected) == given.articles
        rounds = 0
        while (killed := chaos.kills.total()) < given.kills:
            rounds += 1
            left = given.kills - killed
            print(f"round {rounds}: {chaos.round(rounds, left)} kills, feed complete", flush=True)
    for what, counted in (("killed", chaos.kills), ("harmed", chaos.damage)):
        print(what, ", ".join(f"{name}: {n}" for name, n in sorted(counted.items())))
    print(f"{rounds} feeds of {given.articles} articles: none lost, none twice, no torn line")


if __name__ == "__main__":
    main()
