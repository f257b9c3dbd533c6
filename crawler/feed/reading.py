"""The one reader of feed files, for commands, the index and consumers alike."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from crawler.feed.files import feed_files
from crawler.items import SCHEMA_VERSION, Article

T = TypeVar("T")

ARTICLE: Final = msgspec.json.Decoder(Article)


class FeedError(ValueError):
    """A line of a feed file that is no record; the message names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a feed file; `offset` is where it begins, in bytes."""

    path: Path
    offset: int
    content: bytes

    @property
    def end(self) -> int:
        """Where the next line begins, in bytes."""
        return self.offset + len(self.content)

    def decode(self, decoder: msgspec.json.Decoder[T]) -> T:
        """The record that the line holds. Raises FeedError."""
        try:
            return decoder.decode(self.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FeedError(f"{self.path}, line {self.number}: {error}") from None

    def article(self) -> Article:
        """The record that the line holds, typed. Raises FeedError, also for a record of a later
        schema version, whose fields mean something else."""
        found = self.decode(ARTICLE)
        if found.schema_version > SCHEMA_VERSION:
            raise FeedError(
                f"{self.path}, line {self.number}: schema_version {found.schema_version} is later "
                f"than {SCHEMA_VERSION}, which is read here; update the crawler"
            )
        return found

    @property
    def number(self) -> int:
        """Counted from 1, in the file as it is now."""
        with self.path.open("rb") as file:
            return file.read(self.offset).count(b"\n") + 1


def read(path: str | os.PathLike[str]) -> Iterator[Article]:
    """The records of all complete feed files at `path`, typed, in the order they were written.

    `path` is an output folder, a site's folder or one file. Files are read in the order of the
    runs, across sites; a file that a run is still writing, and the quarantine, are left out.
    Nothing is skipped: what is no record raises FeedError, a missing path FileNotFoundError.

        for article in read("output"):
            print(article.date_published, article.headline)
    """
    for file in feed_files(Path(path)):
        for line in lines(file):
            yield line.article()


def lines(path: Path, offset: int = 0) -> Iterator[Line]:
    """The lines of a file from a byte offset on, an unfinished last one included."""
    with path.open("rb") as file:
        file.seek(offset)
        for content in file:
            line = Line(path, offset, content)
            offset = line.end
            yield line


def line_at(path: Path, offset: int) -> Line:
    """The line that begins at a byte offset."""
    with path.open("rb") as file:
        file.seek(offset)
        return Line(path, offset, file.readline())
