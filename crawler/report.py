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
class RunReport:
    """One run. Counts add up as `crawler.outcome.Outcome` says; times are RFC 3339.

    is_complete, stop: whether the feed now holds all that the listing names, and why the walk
    ended. covers: the dates of the oldest article and of the run's start between which that
    holds; of an incomplete run, what it has seen. walls: kind → in place of how many articles.
    sources: field → source → on how many pages it answered. date_disagreements: field → on how
    many pages sources named different moments.
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
    responses: dict[str, int]
    walls: dict[str, int]
    sources: dict[str, dict[str, int]]
    date_disagreements: dict[str, int]
    dates_flagged: list[Flagged] = field(default_factory=list)
    feed_files: list[str] = field(default_factory=list)

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
        "whole_walk": {"requests": outcome.full_requests, "bytes": outcome.full_bytes},
        "responses": _below(stats, "downloader/response_status_count/"),
        "walls": walls(stats),
        "sources": _two_below(stats, "source/"),
        "date_disagreements": _below(stats, "date/disagreement/"),
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
