"""How well duplicates are told from lookalikes, and what it costs.

Each engine holds a table of all stories and every pair's earlier article, then is asked about
each later one. Ours goes its whole way: keys, candidates, judgement.

    python -m benchmarks.duplicates [--write]

`--write` puts the tables into the page beside this file.
"""

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from datasketch import MinHash, MinHashLSH
from simhash import Simhash

from benchmarks.labelled import LabelledKind, kinds, originals
from crawler import duplicates
from crawler.duplicates import Text

PAGE = Path(__file__).with_suffix(".md")
SEED = 30  # the rules were chosen on seeds 1 to 20
PAIRS = 1000
YARDSTICK = "5 % of words changed"
ELSEWHERE = "elsewhere"
WORD = re.compile(r"\w+")


class Ours:
    """The rules of `crawler.duplicates`, with a table of keys in memory."""

    def __init__(self, *, same_site: bool) -> None:
        self.name = f"ours, {'same' if same_site else 'other'} site"
        self.same_site = same_site
        self.table: dict[int, list[Text]] = defaultdict(list)

    def add(self, text: Text) -> None:
        for key in duplicates.band_keys(text.article_body):
            self.table[key].append(text)

    def find(self, text: Text) -> set[str]:
        later = text if self.same_site else replace(text, site=ELSEWHERE)
        keys = duplicates.band_keys(later.article_body)
        candidates = {found.id: found for key in keys for found in self.table.get(key, ())}
        verdict = duplicates.judge(later, candidates.values())
        return {verdict.id} if verdict else set()


class PlainSimhash:
    """Fingerprints of 64 bits over words, alike when at most three bits differ."""

    name = "SimHash"

    def __init__(self) -> None:
        self.table: list[tuple[int, str]] = []

    def add(self, text: Text) -> None:
        self.table.append((self.sketch(text), text.id))

    def find(self, text: Text) -> set[str]:
        sketch = self.sketch(text)
        return {id_ for other, id_ in self.table if (sketch ^ other).bit_count() <= 3}

    @staticmethod
    def sketch(text: Text) -> int:
        return int(Simhash(words(text)).value)


class Datasketch:
    """The library's own LSH at its threshold of 0.8, fed words as its manual does."""

    name = "datasketch LSH"

    def __init__(self) -> None:
        self.table = MinHashLSH(threshold=0.8, num_perm=128)

    def add(self, text: Text) -> None:
        self.table.insert(text.id, self.sketch(text))

    def find(self, text: Text) -> set[str]:
        return {*self.table.query(self.sketch(text))}

    @staticmethod
    def sketch(text: Text) -> MinHash:
        sketch = MinHash(num_perm=128)
        sketch.update_batch({word.encode() for word in words(text)})
        return sketch


def words(text: Text) -> list[str]:
    return WORD.findall(text.article_body.casefold())


Engine = Ours | PlainSimhash | Datasketch


def measure(engine: Engine, stories: list[Text], labelled: list[LabelledKind]) -> dict[str, float]:
    """By kind, the share of pairs found: of copies the right one, of lookalikes any at all."""
    for text in stories:
        engine.add(text)
    for kind in labelled:
        if not kind.duplicate:
            for pair in kind.pairs:
                engine.add(pair.earlier)
    found = {
        kind.name: share(
            pair.earlier.id in engine.find(pair.later)
            if kind.duplicate
            else bool(engine.find(pair.later) - {pair.later.id})
            for pair in kind.pairs
        )
        for kind in labelled
    }
    others = share(bool(engine.find(text) - {text.id}) for text in stories[::4])
    return found | {"different stories of one template set": others}


def share(found: Iterable[bool]) -> float:
    results = [*found]
    return sum(results) / len(results)


# --- cost -----------------------------------------------------------------------------------


def microseconds(work: Callable[[], object], times: int = 1000) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6


def costs(stories: list[Text], labelled: list[LabelledKind]) -> dict[str, float]:
    """CPU time on texts of the usual length, in microseconds."""
    pairs = next(kind.pairs for kind in labelled if kind.name == YARDSTICK)
    pair = min(pairs, key=lambda it: abs(len(it.earlier.article_body.split()) - 300))
    stranger = min(
        (text for text in stories if text.id != pair.earlier.id),
        key=lambda it: abs(len(it.article_body.split()) - 300),
    )
    text = pair.later
    return {
        "keys of a text": microseconds(lambda: duplicates.band_keys(text.article_body)),
        "judging an unrelated candidate": microseconds(lambda: duplicates.judge(text, [stranger])),
        "judging a true duplicate, facts and all": microseconds(
            lambda: duplicates.judge(text, [pair.earlier])
        ),
        "SimHash of a text": microseconds(lambda: PlainSimhash.sketch(text), 100),
        "datasketch MinHash of a text": microseconds(lambda: Datasketch.sketch(text), 100),
    }


# --- tables ---------------------------------------------------------------------------------


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def report(
    results: dict[str, dict[str, float]], labelled: list[LabelledKind], cost: dict[str, float]
) -> str:
    copied = [kind.name for kind in labelled if kind.duplicate]
    lookalikes = [name for name in next(iter(results.values())) if name not in copied]

    def precision(found: dict[str, float], name: str) -> str:
        flagged = found[YARDSTICK] + found[name]
        return percent(found[YARDSTICK] / flagged) if flagged else "none found"

    recalls = [[name, *[percent(it[name]) for it in results.values()]] for name in copied]
    wrong = [[name, *[percent(it[name]) for it in results.values()]] for name in lookalikes]
    precisions = [[name, *[precision(it, name) for it in results.values()]] for name in lookalikes]
    spent = [[name, f"{value:.0f}"] for name, value in cost.items()]
    return "\n\n".join(
        [
            "Recall: the share of copies found.",
            table(["copies", *results], recalls),
            "False alarms: the share of lookalikes taken for copies.",
            table(["lookalikes", *results], wrong),
            f"Precision, where each lookalike comes with one copy ({YARDSTICK}).",
            table(["lookalikes", *results], precisions),
            "CPU time on one core, texts of about 300 words.",
            table(["step", "µs"], spent),
        ]
    )


def write(tables: str) -> None:
    """Puts the tables between the markers of the page."""
    begin, end = "<!-- duplicates:begin -->", "<!-- duplicates:end -->"
    before, _, rest = PAGE.read_text("utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}\n{tables}\n{end}{rest.partition(end)[2]}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    stories = originals(options.seed)
    labelled = [*kinds(stories, options.seed, PAIRS)]
    engines: list[Engine] = [
        Ours(same_site=True),
        Ours(same_site=False),
        PlainSimhash(),
        Datasketch(),
    ]
    results = {engine.name: measure(engine, stories, labelled) for engine in engines}
    tables = report(results, labelled, costs(stories, labelled))
    print(tables)
    if options.write:
        write(tables)


if __name__ == "__main__":
    main()
