"""The current view of a feed: each article as its site has it now."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from crawler.feed.files import feed_files
from crawler.feed.reading import Line, lines
from crawler.items import Article


class _Heading(msgspec.Struct):
    """What the view needs to know of a record."""

    id: str
    event: str


_HEADING: Final = msgspec.json.Decoder(_Heading)


def current(path: str | os.PathLike[str]) -> Iterator[Article]:
    """The latest revision of each article of the feed at `path`, without withdrawn ones.

    In the order in which these revisions were written. Reads the feed twice, and keeps what it
    must remember in a temporary file, some 60 bytes an article, so that memory stays bounded.
    Raises what `crawler.feed.read` raises.
    """
    for line in current_lines(path):
        yield line.article()


def current_lines(path: str | os.PathLike[str]) -> Iterator[Line]:
    """The lines of `current`, as they stand in the feed."""
    files = [*feed_files(Path(path))]
    # Where the latest line of each article is. SQLite's own temporary file: it goes when closed.
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
            "CREATE TABLE latest (id TEXT PRIMARY KEY, file INT, at INT, there INT) WITHOUT ROWID;"
            "BEGIN;"  # of its own, each row would go to the file alone
        )
        database.executemany("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", _places(files))
        places = database.execute("SELECT file, at FROM latest WHERE there ORDER BY file, at")
        yield from _at(files, places)


def _places(files: list[Path]) -> Iterator[tuple[str, int, int, bool]]:
    for number, file in enumerate(files):
        for line in lines(file):
            heading = line.decode(_HEADING)
            yield heading.id, number, line.offset, heading.event != "withdrawn"


def _at(files: list[Path], places: Iterable[tuple[int, int]]) -> Iterator[Line]:
    for number, group in groupby(places, itemgetter(0)):
        path = files[number]
        with path.open("rb") as file:
            for _, offset in group:
                file.seek(offset)
                yield Line(path, offset, file.readline())
