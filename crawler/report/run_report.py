"""The run report: what one run did, as `output/runs/<run id>.json`."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from crawler.feed import RUNS, sync_folder


class ReportError(ValueError):
    """A file that is no run report; the message names the file and the reason."""


@dataclass(kw_only=True)
class FeedFile:
    """A feed or quarantine file as a run left it: path relative to the output folder, SHA-256 in
    hexadecimal, lines. The latter are null in reports of earlier versions."""

    path: str
    sha256: str | None = None
    records: int | None = None


@dataclass(kw_only=True)
class Flagged:
    """A date that is kept as printed though it looks odd: which article's, which field, why."""

    id: str
    field: str
    value: str
    why: str


@dataclass(kw_only=True)
class Alarm:
    """What someone must look at. kind and subject (a field, say) tell one from another; evidence:
    what was seen, beside what is usual; cause: the likely one; since: the start of the first of
    the runs in a row that raised it. Both are one sentence. is_told: whether it was sent to all
    receivers (ALARMS_TO), now or by one of these runs."""

    kind: str
    subject: str = ""
    evidence: str
    cause: str
    since: str = ""
    is_told: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind} of {self.subject}" if self.subject else self.kind

    def __str__(self) -> str:
        return f"{self.name} since {self.since}: {self.evidence} {self.cause}"


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
    """One run. Times are RFC 3339. docs/runs.md explains each field.

    Counts add up: of a run that was not cut short (`reason` is `finished`), `listed` + `looked`
    is the sum of all other `counts` and `errors`, pages on which the crawler itself failed.
    written: records in the feed, of which `filled` tells for each field how many have a value
    (null, "" and [] are none). quarantine: reason → records in quarantine.
    previous_run_id, previous: the report of this site's run before, and the SHA-256 of its file.
    recovered_files: those of runs that were killed since, and have no report of their own.
    schema_version: of this shape; 0 in reports from before they named the previous one.
    read: article pages that were read, also on second looks. lost: field → in how
    many updated records it is gone, or most of the text is. repeated: `headline` or `paragraph` →
    of how many records in the feed it is the same, at most.
    arguments, settings: those that differ from the defaults. alarms: what someone must look at.

    is_complete, stop: whether the feed now holds all that the listing names, and why the walk
    ended. reason: why Scrapy ended the run. covers: the dates of the oldest article and of the
    run's start between which that holds; of an incomplete run, what it has seen.
    walls: kind → in place of how many articles.
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

    VERSION: ClassVar[int] = 1

    schema_version: int = 0
    run_id: str
    previous_run_id: str | None = None
    previous: str | None = None
    site: str
    topic: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    version: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    started: str
    ended: str = ""
    reason: str = ""
    is_complete: bool = False
    stop: str = ""
    covers: tuple[str | None, str] = (None, "")
    exit_code: int = 0
    problems: tuple[str, ...] = ()
    faults: dict[str, list[str]] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    written: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    read: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    quarantine: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    bytes: int = 0
    whole_walk: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_waited: float = 0.0
    responses: dict[str, int] = field(default_factory=dict)
    walls: dict[str, int] = field(default_factory=dict)
    sources: dict[str, dict[str, int]] = field(default_factory=dict)
    date_disagreements: dict[str, int] = field(default_factory=dict)
    rights: dict[str, dict[str, int]] = field(default_factory=dict)
    declarations: list[Declaration] = field(default_factory=list)
    policy: dict[str, str] = field(default_factory=dict)
    dates_flagged: list[Flagged] = field(default_factory=list)
    feed_files: list[FeedFile] = field(default_factory=list)
    recovered_files: list[FeedFile] = field(default_factory=list)
    browser: dict[str, int] = field(default_factory=dict)
    archive_files: list[str] = field(default_factory=list)
    answered_from_archive: int = 0

    @property
    def fates(self) -> dict[str, int]:
        """What became of what was listed and looked at again; with `errors` they add up to it."""
        return {k: n for k, n in self.counts.items() if k not in {"listed", "looked"}}

    def write(self, output_dir: Path) -> Path:
        """Keeps the report, whole or not at all. Raises OSError."""
        path = output_dir / RUNS / f"{self.run_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105 - as in the standard's words: atomically
        sync_folder(path.parent)
        return path


def decoded(content: bytes) -> RunReport:
    """The report in a file's content, of this or an earlier version. Raises ReportError."""
    try:
        said = msgspec.json.decode(content, type=dict[str, Any])
        for name in ("feed_files", "recovered_files"):
            said[name] = [_feed_file(entry) for entry in said.get(name, [])]
        return msgspec.convert(said, RunReport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise ReportError(str(error)) from None


def _feed_file(entry: Any) -> Any:
    return {"path": entry} if isinstance(entry, str) else entry
