"""Following a feed: every record once, in order, as files become complete."""

import os
import re
import sqlite3
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from crawler.feed.files import feed_files, told
from crawler.feed.reading import Line, lines
from crawler.items import Article

CURSORS: Final = "cursors"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER, read INTEGER);
    CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""

# SQLite names an index for each primary key.
_NAMES: Final = {"files", "records", "sqlite_autoindex_files_1"}


class CursorError(Exception):
    """A cursor that cannot be used; the message names it and says why."""


class CursorNameError(CursorError):
    """A cursor whose name is none."""


def follow(
    path: str | os.PathLike[str],
    cursor: str | os.PathLike[str] | None = None,
    *,
    poll_seconds: float | None = None,
) -> "Follower":
    """The records of the feed at `path` that have not been handed out yet, as they come.

    `cursor` names who is reading: the next call with the same name goes on after the last
    `commit()`. A name is kept in `cursors/` below the feed; a path with a slash is a file of its
    own, for a feed that one may not write to. Without a cursor all records are read.
    `poll_seconds` is how often to look for new files when all are read; without it, iteration
    ends there.

        with follow("output", cursor="search-index") as records:
            for article in records:
                index(article)
                records.commit()

    Raises FileNotFoundError when there is no such path, CursorError when the cursor cannot be
    used, as when another process reads with it. Iterating raises FeedError at a line that is no
    record; it is met again at the next call, since nothing is skipped.
    """
    root = Path(path)
    if not root.exists():
        raise FileNotFoundError(2, "No such feed", str(root))
    return Follower(root, _Cursor(_place(root, cursor)), poll_seconds)


def _place(root: Path, cursor: str | os.PathLike[str] | None) -> str:
    """The file of a cursor; an empty name is SQLite's for a temporary one."""
    if cursor is None:
        return ""
    if os.sep in (said := os.fspath(cursor)):
        return said
    if not _NAME.fullmatch(said):
        raise CursorNameError(f"cursor {said!r} is no name: letters, digits, dots, _ and - only")
    return str((root if root.is_dir() else root.parent) / CURSORS / f"{said}.sqlite")


class Follower(Iterator[Article]):
    """Hands out records; `line` is where the last one stands in the feed."""

    line: Line

    def __init__(self, root: Path, cursor: "_Cursor", poll_seconds: float | None) -> None:
        self._root = root
        self._cursor = cursor
        self._poll_seconds = poll_seconds
        self._records = self._all()

    def __next__(self) -> Article:
        return next(self._records)

    def commit(self) -> None:
        """Notes that all records handed out have been dealt with: none of them comes again.

        Holds when the process is killed. After power loss, records of the last moments before
        it may come again; none is lost. Raises CursorError.
        """
        self._cursor.commit()

    def close(self) -> None:
        """Ends reading. What was not committed comes again."""
        self._records.close()
        self._cursor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _all(self) -> Generator[Article]:
        while True:
            for path, size in self._unread():
                with suppress(FileNotFoundError):  # deleted by its operator meanwhile
                    yield from self._of(path, size)
            if self._poll_seconds is None:
                return
            time.sleep(self._poll_seconds)

    def _unread(self) -> list[tuple[Path, int]]:
        found = []
        for path in feed_files(self._root):
            with suppress(FileNotFoundError):
                size = path.stat().st_size
                if self._cursor.files.get(self._name(path), (0, -1))[1] != size:
                    found.append((path, size))
        return found

    def _name(self, path: Path) -> str:
        name = path.relative_to(self._root).as_posix() if path != self._root else path.name
        return os.fsencode(name).decode(errors="backslashreplace")  # SQLite takes no other

    def _of(self, path: Path, size: int) -> Generator[Article]:
        """The rest of a file. One that has another size than when it was begun is another file."""
        name = self._name(path)
        begun, start = self._cursor.files.get(name, (size, 0))
        for line in lines(path, start if begun == size else 0):
            article = line.article()
            self._cursor.at(name, size, line.end)
            if self._cursor.is_new(article):
                self.line = line
                yield article
        self._cursor.at(name, size, size)


class _Cursor:
    """Which records were dealt with, in an SQLite file.

    files: of each file its size, and up to which byte it was read. A record is known by id,
    revision and run, so that lines that move to another file, as when small files are joined, do
    not come again.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            if path:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(path, isolation_level=None, timeout=0)
            self.check_owner()
            self.database.executescript(
                # Alone with the file, SQLite needs no shared memory, so network folders will do.
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                f"PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; {_TABLES} COMMIT;"
            )
            rows = self.database.execute("SELECT name, size, read FROM files")
            self.files = {name: (size, read) for name, size, read in rows}
        except (OSError, sqlite3.Error) as error:
            raise self.refused(error) from None
        self.moved: set[str] = set()
        self.handed_out: set[bytes] = set()

    def check_owner(self) -> None:
        """Raises OSError for the database of another program, which is to stay as it is."""
        tables = {name for (name,) in self.database.execute("SELECT name FROM sqlite_master")}
        if tables - _NAMES:
            self.database.close()
            raise OSError("it is no cursor, but another database")

    def refused(self, error: Exception) -> CursorError:
        if "locked" in str(error):
            return CursorError(f"another process reads with the cursor {self.path}")
        return CursorError(
            f"the cursor {self.path} cannot be used ({told(error)}); name another, or with its "
            "folder one that can be written to"
        )

    def at(self, name: str, size: int, read: int) -> None:
        """Notes how far a file was read."""
        self.files[name] = size, read
        self.moved.add(name)

    def is_new(self, article: Article) -> bool:
        """Whether a record was not handed out before; it is from now on."""
        said = f"{article.id}\n{article.revision}\n{article.run_id}"
        key = blake2b(said.encode(), digest_size=16).digest()
        try:
            found = self.database.execute("SELECT 1 FROM records WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self.refused(error) from None
        if found or key in self.handed_out:
            return False
        self.handed_out.add(key)
        return True

    def commit(self) -> None:
        moved = [(name, *self.files[name]) for name in self.moved]
        keys = [(key,) for key in self.handed_out]
        try:
            self.database.execute("BEGIN")
            with self.database:  # commits, or takes back
                self.database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", moved)
                self.database.executemany("INSERT OR IGNORE INTO records VALUES (?)", keys)
        except sqlite3.Error as error:
            raise self.refused(error) from None
        self.moved.clear()
        self.handed_out.clear()

    def close(self) -> None:
        self.database.close()
