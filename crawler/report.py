"""The run report: what one run did, as `output/runs/<run id>.json`."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from crawler.outcome import Outcome, walls

RUNS = "runs"


@dataclass(kw_only=True)
class Flagged:
    """A date that is kept as printed though it looks odd: which article's, which field, why."""

    id: str
    field: str
    value: str
    why: str


@dataclass(kw_only=True)
class Declaration:
    """What a site declared about the use of its pages: what said so, in which words, where that
    was first met, and about how many of the articles fetched."""

    source: str
    says: str
    url: str
    articles: int = 0


@dataclass(kw_only=True)
class RunReport:
    """One run. Counts add up as `crawler.outcome.Outcome` says; times are RFC 3339.

    is_complete, stop: whether the feed now holds all that the listing names, and why the walk
    ended. covers: the dates of the oldest article and of the run's start between which that
    holds; of an incomplete run, what it has seen. walls: kind → in place of how many articles.
    sources: field → source → on how many pages it answered. date_disagreements: field → on how
    many pages sources named different moments.
    browser: pages shown in the browser, what they asked for and were granted or refused; empty
    for a run that needed none.
    rights: how many articles declared what (`found`), and of how many how much was kept (`done`).
    declarations: the evidence for that, each wording once. policy: the settings that decided.
    seconds_waited: those of `seconds` in which nothing was asked out of politeness.
    archive_files: written with ARCHIVE=1. answered_from_archive: pages not asked for again, since
    a run that was killed had fetched them.
    """

    run_id: str
    site: str
    topic: str
    version: str
    started: str
    ended: str
    is_complete: bool
    stop: str
    covers: tuple[str | None, str]
    exit_code: int
    problems: tuple[str, ...]
    counts: dict[str, int]
    requests: int
    bytes: int
    whole_walk: dict[str, int]
    seconds: float
    seconds_waited: float
    responses: dict[str, int]
    walls: dict[str, int]
    sources: dict[str, dict[str, int]]
    date_disagreements: dict[str, int]
    rights: dict[str, dict[str, int]] = field(default_factory=dict)
    declarations: list[Declaration] = field(default_factory=list)
    policy: dict[str, str] = field(default_factory=dict)
    dates_flagged: list[Flagged] = field(default_factory=list)
    feed_files: list[str] = field(default_factory=list)
    browser: dict[str, int] = field(default_factory=dict)
    archive_files: list[str] = field(default_factory=list)
    answered_from_archive: int = 0

    def write(self, output_dir: Path) -> Path:
        """Keeps the report, whole or not at all. Raises OSError."""
        path = output_dir / RUNS / f"{self.run_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        os.replace(beside, path)  # noqa: PTH105 - as in the standard's words: atomically
        return path


def told_by(stats: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What a report takes from the statistics of a run and its outcome."""
    said = asdict(outcome)
    return {
        "is_complete": outcome.is_complete,
        "stop": outcome.stop,
        "exit_code": outcome.exit_code,
        "problems": outcome.problems,
        "counts": {name: said[name] for name in Outcome.COUNTS},
        "requests": outcome.requests,
        "bytes": outcome.bytes,
        "seconds": round(outcome.seconds, 3),
        "seconds_waited": round(outcome.seconds_waited, 3),
        "whole_walk": {"requests": outcome.full_requests, "bytes": outcome.full_bytes},
        "answered_from_archive": stats.get("archive/answered", 0),
        "responses": _below(stats, "downloader/response_status_count/"),
        "walls": walls(stats),
        "sources": _two_below(stats, "source/"),
        "date_disagreements": _below(stats, "date/disagreement/"),
        "browser": {name: n for name, n in _below(stats, "browser/").items() if name != "missing"},
        "rights": _two_below(stats, "rights/"),
    }


def _below(stats: dict[str, Any], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): value
        for name, value in sorted(stats.items())
        if name.startswith(prefix)
    }


def _two_below(stats: dict[str, Any], prefix: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, value in _below(stats, prefix).items():
        outer, _, inner = name.partition("/")
        found.setdefault(outer, {})[inner] = value
    return found
