"""Finding and reading run reports, and the files they name. No Scrapy is needed for it."""

import hashlib
import logging
import os
import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from crawler.feed import RUNS, folders, start_of, told
from crawler.report.run_report import FeedFile, ReportError, RunReport, decoded

logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"(?P<site>.+)-(?P<start>\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z)\.json")
_BLOCK: Final = 2**20  # bytes


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def feed_file(output_dir: Path, path: Path) -> FeedFile:
    """A file with its hash and number of lines. Raises OSError."""
    with path.open("rb") as file:
        records = sum(block.count(b"\n") for block in iter(partial(file.read, _BLOCK), b""))
    place = path.relative_to(output_dir).as_posix()
    return FeedFile(path=place, sha256=sha256(path), records=records)


def site_files(output_dir: Path, site: str) -> list[tuple[str, Path]]:
    """A site's complete feed and quarantine files, each with the start of its run, in order."""
    found = [
        (start, path)
        for folder in folders(output_dir, site)
        for path in folder.glob("[!.]*.jsonl")
        if (start := start_of(path.name))
    ]
    return sorted(found)


def named(path: Path) -> tuple[str, str] | None:
    """Site and start of the run whose report a file is by its name."""
    match = _NAME.fullmatch(path.name)
    return (match["site"], match["start"]) if match else None


def report_paths(output_dir: str | os.PathLike[str], site: str | None = None) -> list[Path]:
    """The reports of all sites, or one, by the start of their run. Raises OSError."""
    folder = Path(output_dir) / RUNS
    if not folder.exists():
        return []
    found = [(name, path) for path in folder.iterdir() if (name := named(path))]
    mine = [(name, path) for name, path in found if site in {None, name[0]}]
    return [path for _, path in sorted(mine, key=lambda pair: (pair[0][1], pair[0][0]))]


def reports(output_dir: str | os.PathLike[str], site: str | None = None) -> Iterator[RunReport]:
    """The reports of all sites, or one, by the start of their run, also of earlier versions.

    Nothing is skipped: a file that is no report raises ReportError, one that cannot be read
    OSError.
    """
    for path in report_paths(output_dir, site):
        yield report_at(path)


def report_at(path: Path) -> RunReport:
    """The report in a file. Raises ReportError, OSError."""
    try:
        return decoded(path.read_bytes())
    except ReportError as error:
        raise ReportError(f"{path} is no run report: {told(error)}") from None


def left_report(
    output_dir: Path, site: str, topic: str, before: Collection[Path]
) -> RunReport | None:
    """The report of a topic that a run has left: one that was not there before. None when there is
    none, or none that can be read, which is logged."""
    for path in report_paths(output_dir, site):
        if path not in before:
            try:
                report = report_at(path)
            except (ReportError, OSError) as error:
                logger.warning("%s", told(error))
                continue
            if report.topic == topic:
                return report
    return None
