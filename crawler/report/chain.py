"""The chain of a site's run reports: each names the one before it, and the files of its run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from crawler.feed import QUARANTINE, told
from crawler.report.files import (
    feed_file,
    named,
    report_at,
    report_paths,
    sha256,
    site_files,
)
from crawler.report.run_report import FeedFile, ReportError, RunReport


@dataclass(frozen=True, kw_only=True)
class Chain:
    """How a run ties in with the one before: its report and that file's SHA-256; the files that
    the run has written, and those it found of runs killed in between, which left no report."""

    previous_run_id: str | None = None
    previous: str | None = None
    written: list[FeedFile] = field(default_factory=list)
    recovered: list[FeedFile] = field(default_factory=list)

    @classmethod
    def of(cls, output_dir: Path, site: str, start: str) -> Self:
        """Call it when the run's files are complete, and before it lets go of the site.
        Raises OSError."""
        last = next(reversed(report_paths(output_dir, site)), None)
        _, since = (last and named(last)) or ("", "")
        files = site_files(output_dir, site)
        return cls(
            previous_run_id=last.stem if last else None,
            previous=sha256(last) if last else None,
            written=[feed_file(output_dir, path) for begun, path in files if begun == start],
            recovered=[
                feed_file(output_dir, path) for begun, path in files if since < begun != start
            ],
        )


@dataclass(frozen=True)
class Breach:
    """Where the chain of a site's reports does not hold: which file, and in which way."""

    path: str
    what: str


def breaches(output_dir: Path, site: str) -> Iterator[Breach]:
    """What is wrong with the reports of a site and the files they name; nothing, if all is as the
    runs left it.

    A report or feed file that was changed, removed or put in between is found, but for reports
    cut off at the end: no later one names them. So keep the last one's hash elsewhere.
    Reports of versions that did not name the previous one are only read. Raises OSError.
    """
    before: Path | None = None
    names: set[str] = set()
    chained = ""  # the start of the first run whose report names all files
    for path in report_paths(output_dir, site):
        place = path.relative_to(output_dir).as_posix()
        try:
            report = report_at(path)
        except ReportError as error:
            yield Breach(place, f"it {told(error).removeprefix(f'{path} ')}")
        else:
            names.update(file.path for file in (*report.feed_files, *report.recovered_files))
            if report.schema_version:
                chained = chained or report_start(path)
            found = (*_odd(report, path, before), *_changed(output_dir, report), *_wrong(report))
            yield from (Breach(place, what) for what in found)
        before = path
    last = report_start(before) if before else ""
    for begun, path in site_files(output_dir, site):
        place = path.relative_to(output_dir).as_posix()
        if chained and chained <= begun <= last and place not in names:
            yield Breach(place, "no report names this file")


def report_start(path: Path) -> str:
    """The start of a run by the file name of its report, as feed files have it."""
    return (named(path) or ("", ""))[1]


def _odd(report: RunReport, path: Path, before: Path | None) -> Iterator[str]:
    if report.run_id != path.stem:
        yield f"it calls itself {report.run_id}"
    if not report.schema_version:
        return
    stem = before.stem if before else None
    if report.previous_run_id != stem:
        if report.previous_run_id is None:
            yield f"it says it is the first, and {stem} is there"
        else:
            yield f"the report before it, {report.previous_run_id}, is not there"
    elif before and report.previous != sha256(before):
        yield f"the report before it, {stem}, was changed since"


def _changed(output_dir: Path, report: RunReport) -> Iterator[str]:
    for file in (*report.feed_files, *report.recovered_files):
        path = output_dir / file.path
        if not path.is_file():
            yield f"{file.path} is not there"
        elif file.sha256 and sha256(path) != file.sha256:
            yield f"{file.path} was changed since"


def _wrong(report: RunReport) -> Iterator[str]:
    """Counts that do not add up; of a run that was cut short they need not."""
    if not report.schema_version or report.reason != "finished":
        return
    asked = report.counts["listed"] + report.counts["looked"]
    if asked != sum(report.fates.values()) + report.errors:
        yield f"its counts do not add up to {asked}, what was listed and looked at"
    kept = (file for file in report.feed_files if not file.path.startswith(f"{QUARANTINE}/"))
    if report.written != sum(file.records or 0 for file in kept):
        yield f"it tells of {report.written} records, and its feed files of others"
