"""What is measured: one command for each program, and how to read what it wrote."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT

FAST = {"CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 32, "LOG_LEVEL": "WARNING"}
Paragraphs = dict[str, list[str]]


@dataclass(frozen=True)
class Place:
    """Where a program runs: the replica's address, a folder of its own, the saved pages."""

    site: str
    replica: str
    folder: Path
    pages: Path


@dataclass(frozen=True)
class Program:
    """command: of a place. output: what it writes there. environment: the virtual environment
    it needs, by the Makefile's names. packages: whose versions belong to the result."""

    label: str
    environment: str
    packages: tuple[str, ...]
    command: Callable[[Place], list[str]]
    output: str
    crawls: bool = True

    def paragraphs(self, place: Place) -> Paragraphs:
        """The paragraphs of each article it found, by URL."""
        records: list[dict[str, str | list[str]]] = []
        for path in sorted(place.folder.glob(self.output)):
            text = path.read_text()
            lines = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
            records += lines
        return {str(record["url"]): _paragraphs(record) for record in records}


def _paragraphs(record: Mapping[str, str | list[str]]) -> list[str]:
    said = record.get("paragraphs") or record.get("article_body") or record.get("text") or []
    return said.split("\n\n") if isinstance(said, str) else said


def settings(values: Mapping[str, object]) -> list[str]:
    return [part for name, value in values.items() for part in ("-s", f"{name}={value}")]


def crawl(place: Place, **given: object) -> list[str]:
    """This project's crawl, with delays off and whatever else is given."""
    given = {"REPLICA": place.replica, "OUTPUT_DIR": place.folder, "DOWNLOAD_DELAY": 0, **given}
    return ["-m", "scrapy", "crawl", place.site, *settings(given)]


def bare(place: Place, *arguments: str) -> list[str]:
    spider = str(ROOT / "benchmarks/peers/bare.py")
    given = ["-a", f"site={place.site}", "-a", f"output={place.folder / 'bare.jsonl'}", *arguments]
    level = {"REPLICA": place.replica, "LOG_LEVEL": "WARNING"}
    return ["-m", "scrapy", "runspider", spider, *given, *settings(level)]


def over_pages(name: str) -> Callable[[Place], list[str]]:
    def command(place: Place) -> list[str]:
        output = place.folder / "over.jsonl"
        module = "benchmarks.peers.over_pages"
        return ["-m", module, name, place.site, str(place.pages), str(output)]

    return command


def crawlee(place: Place) -> list[str]:
    output = str(place.folder / "crawlee.json")
    return ["-m", "benchmarks.peers.crawlee_parsel", place.site, output, place.replica]


OURS, BARE, POLITE = "ours", "bare", "polite"
RUNTIME, BENCH, FUNDUS = "", "bench", "fundus"
PROGRAMS = {
    OURS: Program(
        "this project, set as the bare spider",
        RUNTIME,
        ("scrapy", "parsel", "lxml"),
        lambda place: crawl(place, **FAST),
        "*/*.jsonl",
    ),
    POLITE: Program(
        "this project, as it is set, no delay",
        RUNTIME,
        (),
        lambda place: crawl(place, LOG_LEVEL="WARNING"),
        "*/*.jsonl",
    ),
    BARE: Program("bare Scrapy spider", RUNTIME, (), bare, "bare.jsonl"),
    "crawlee": Program("Crawlee, ParselCrawler", BENCH, ("crawlee",), crawlee, "crawlee.json"),
    "pages": Program(
        "this project's pages and pipelines",
        RUNTIME,
        (),
        over_pages("ours"),
        "over.jsonl",
        crawls=False,
    ),
    "trafilatura": Program(
        "trafilatura",
        BENCH,
        ("trafilatura",),
        over_pages("trafilatura"),
        "over.jsonl",
        crawls=False,
    ),
    "fundus": Program(
        "Fundus", FUNDUS, ("fundus",), over_pages("fundus"), "over.jsonl", crawls=False
    ),
}
