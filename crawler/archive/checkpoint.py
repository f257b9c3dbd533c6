"""The checkpoint: what runs that were killed have fetched need not be fetched again."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from crawler.archive.files import archive_files
from crawler.archive.reading import ArchiveError, Kept, kept_at, kept_in
from crawler.feed import RUNS, moment_of, start_of, told

logger = logging.getLogger(__name__)

_ANSWERS: Final = frozenset(
    {
        *(HTTPStatus.OK, HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER),
        *(HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT),
    }
)  # what else a server said may be otherwise by now


class Checkpoint:
    """Pages and redirects in the archives of killed runs, by URL; of each the latest."""

    def __init__(self, archives: list[Path]) -> None:
        self.places: dict[str, tuple[Path, int]] = {}
        for path in archives:
            try:
                self.read(path)
            except ArchiveError as error:
                logger.warning("Nothing is answered from what follows: %s", error)

    def read(self, path: Path) -> None:
        for kept in kept_in(path):
            if kept.kind == "response" and kept.status in _ANSWERS:
                self.places[kept.url] = path, kept.offset

    @classmethod
    def of_killed_runs(cls, output_dir: Path, site: str, now: datetime, hours: float) -> Self:
        """What the runs of a site hold that were killed one after another, up to now, each begun
        no longer ago than `hours`. Raises OSError."""
        oldest = now - timedelta(hours=hours)
        found = [path for path, start in _killed(output_dir, site) if moment_of(start) >= oldest]
        return cls(found[::-1])

    def answer(self, url: str) -> tuple[Path, Kept] | None:
        """The response to a request for a page, and the archive file that holds it."""
        if url not in self.places:
            return None
        path, offset = self.places[url]
        try:
            return path, kept_at(path, offset)
        except (ArchiveError, OSError) as error:  # someone has moved it, so the site is asked
            logger.warning("%s cannot be read any more: %s", url, told(error))
            return None


def _killed(output_dir: Path, site: str) -> Iterator[tuple[Path, str]]:
    """Archives and starts of the runs after the last that ended by itself, the latest first.

    A run that ends writes a report. What it could not read of a page it found here, it would
    find again, so its successor asks the site.
    """
    ended = {path.stem for path in (output_dir / RUNS).glob(f"{site}-*.json")}
    for path in reversed(archive_files(output_dir, site)):
        start = start_of(path.name)
        if start is None or f"{site}-{start}" in ended:
            return
        yield path, start
