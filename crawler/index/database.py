"""The database of the index: its tables, and when it must be built anew."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar
from zlib import crc32

from crawler.duplicates import KEYS_VERSION

SCHEMA: Final = """
CREATE TABLE file (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,     -- the final one, relative to the output folder
    start TEXT NOT NULL,           -- of the run that wrote it, as in its name
    size INTEGER NOT NULL,         -- bytes read so far
    mtime_ns INTEGER NOT NULL,
    is_complete INTEGER NOT NULL   -- 0 while a run writes it
);
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    revision INTEGER NOT NULL,
    event TEXT NOT NULL,
    date_published TEXT NOT NULL,
    body INTEGER,                  -- `texts.body_hash`, of SHA-256; NULL for quarantined records
    file INTEGER NOT NULL,
    offset INTEGER NOT NULL        -- where its line begins, in bytes
);
CREATE INDEX record_id ON record (id);
CREATE INDEX record_url ON record (url);
CREATE INDEX record_body ON record (body) WHERE body IS NOT NULL;
CREATE INDEX record_file ON record (file);
CREATE TABLE band (                -- under which keys near-duplicates meet
    key INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (key, record)
) WITHOUT ROWID;
CREATE TABLE sketch (              -- the keys of a record, to take it out of `band` again
    record INTEGER PRIMARY KEY,
    date_first_seen TEXT NOT NULL,
    keys TEXT NOT NULL
);
CREATE INDEX sketch_date ON sketch (date_first_seen);
CREATE TABLE look (                -- articles that will be looked at again
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    since TEXT NOT NULL,           -- what its age counts from; all times in UTC
    looked TEXT NOT NULL,          -- when it was last seen to be there
    due TEXT NOT NULL,
    etag TEXT,                     -- validators of the page as it was then
    last_modified TEXT,
    gone TEXT                      -- when it was first found to be gone
) WITHOUT ROWID;
CREATE INDEX look_due ON look (site, due);
CREATE TABLE walk (                -- the last complete walk of a listing
    site TEXT NOT NULL,
    topic TEXT NOT NULL,
    mark TEXT NOT NULL,            -- `walks.Mark` as JSON
    PRIMARY KEY (site, topic)
) WITHOUT ROWID;
"""
# Tables of another shape, or keys of another kind, are another version (SQLite keeps 31 bits).
VERSION: Final = crc32(f"{SCHEMA}{KEYS_VERSION}".encode()) >> 1

# In a folder whose index is on PostgreSQL: which one.
MARK: Final = ".index-folder"

# What goes wrong around a sound database; all else is damage, or a version we cannot read.
_NOT_DAMAGE: Final = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_INTERRUPT),
    }
)


class LostError(sqlite3.OperationalError):
    """The database's server has gone away. What was begun and not committed is undone."""

    def reconnect(self) -> None:
        """Goes on when the server is back. Raises sqlite3.OperationalError when it stays away."""
        raise NotImplementedError


class Connection(Protocol):
    """As much of `sqlite3.Connection` as the index uses."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Any: ...
    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any: ...
    def close(self) -> None: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, *error: Any) -> Any: ...


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the database cannot be used as it is, now or later."""
    # The low byte is the primary result code (sqlite.org/rescode.html).
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _NOT_DAMAGE


def open_database(path: Path) -> sqlite3.Connection:
    """Opens the database, makes it where there is none. Raises sqlite3.DatabaseError."""
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        # Nothing here needs to outlive a power cut: the feed files are the truth.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != VERSION and version:
                raise sqlite3.DatabaseError("it is of another version")
            if version and not _has_all_tables(connection):
                raise sqlite3.DatabaseError("it lacks a table")
            if not version:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _has_all_tables(connection: sqlite3.Connection) -> bool:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return there >= set(re.findall(r"CREATE (?:TABLE|INDEX) (\w+)", SCHEMA))


class Rebuildable(Protocol):
    """What has a database that can be thrown away."""

    connection: Connection

    def rebuild(self, why: str) -> None: ...


class PartOf:
    """A view of some of its tables. What it asks is asked once more of a rebuilt one."""

    def __init__(self, owner: Rebuildable) -> None:
        self.owner = owner

    @property
    def connection(self) -> Connection:
        return self.owner.connection

    def rebuild(self, why: str) -> None:
        self.owner.rebuild(why)


class _CanRebuild(Protocol):
    def rebuild(self, why: str) -> None: ...


S = TypeVar("S", bound=_CanRebuild)
P = ParamSpec("P")
R = TypeVar("R")


def rebuilt_when_damaged(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """The method, called once more on a new database when the old one turns out damaged, or on the
    same when its server is back."""

    def guarded(owner: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(owner, *args, **kwargs)
        except sqlite3.Error as error:
            if isinstance(error, LostError):
                error.reconnect()
            elif is_damage(error):
                owner.rebuild(str(error))
            else:
                raise
            return method(owner, *args, **kwargs)

    return guarded
