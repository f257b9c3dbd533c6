"""The index on PostgreSQL: the same tables and statements, for several machines that share a feed.

The connection speaks as sqlite3's does, in so far as the index uses it, and raises its errors, so
that nobody who asks the index need know what it lies in, nor import a driver.
"""

import logging
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from crawler.index.database import MARK, SCHEMA, VERSION, LostError

try:
    import psycopg
    from psycopg import errors
except ImportError as error:
    raise sqlite3.NotSupportedError(
        "the setting INDEX needs the extra fleet; install it, as with: "
        "pip install -r requirements-fleet.lock"
    ) from error

logger = logging.getLogger(__name__)

_SPACE: Final = "crawler_index"  # the schema, in PostgreSQL's sense, that holds the tables
_LOCK: Final = 7_118_203_964_551_342  # any number, the same for all who write
_WAIT: Final = 60.0  # seconds that a database may take to come back
# A machine that lost power says no goodbye; its transaction must not block the others for long.
_KEEPALIVE: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}
_DAMAGE: Final = (
    *(errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName),
    *(errors.DataCorrupted, errors.IndexCorrupted),
)


class PostgresqlError(sqlite3.OperationalError):
    """What PostgreSQL refused, as an error of SQLite's."""

    def __init__(self, error: Exception | str, code: int = sqlite3.SQLITE_IOERR) -> None:
        super().__init__(f"PostgreSQL: {str(error).strip().partition(chr(10))[0]}")
        self.sqlite_errorcode = code


class WentAwayError(LostError, PostgresqlError):
    """The connection broke: the server was stopped, or cannot be reached."""

    def __init__(self, error: Exception, owner: "Postgresql") -> None:
        super().__init__(error)
        self.owner = owner

    def reconnect(self) -> None:
        self.owner.reconnect()


class Postgresql:
    """A connection to the index at an address (`postgresql://…`).

    Transactions that write wait for each other, on all machines, as they do in SQLite. One inside
    another is part of it. Raises sqlite3.OperationalError.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.depth = 0
        self.connection = self._connected()

    def _connected(self) -> "psycopg.Connection[tuple[Any, ...]]":
        try:
            connection = psycopg.connect(self.address, autocommit=True, **_KEEPALIVE)  # type: ignore[arg-type]
            connection.execute(f"SET search_path TO {_SPACE}")
        except psycopg.Error as error:
            raise PostgresqlError(error) from None
        return connection

    def reconnect(self) -> None:
        """Connects anew, as soon as the server is back. Raises sqlite3.OperationalError."""
        logger.warning("The index has gone away; waiting for it for up to %.0f seconds", _WAIT)
        self.connection.close()
        patience = time.monotonic() + _WAIT
        while True:
            try:
                self.connection = self._connected()
            except PostgresqlError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.2)
            else:
                return

    @property
    def is_in_transaction(self) -> bool:
        return self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> "_Found":
        """Runs a statement in SQLite's words."""
        if statement.startswith("BEGIN"):
            self._begin(is_writing=statement != "BEGIN")
            return _Found(None)
        if statement.startswith("CREATE TABLE IF NOT EXISTS"):  # two at once would collide
            with self:
                self._begin(is_writing=True)
                return self._run(statement, ())
        return self._run(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        try:
            self.connection.cursor().executemany(translated(statement), [_values(r) for r in rows])
        except psycopg.Error as error:
            raise self._told(error) from None

    def _run(self, statement: str, values: Sequence[Any]) -> "_Found":
        try:
            return _Found(self.connection.execute(translated(statement), _values(values)))
        except psycopg.Error as error:
            raise self._told(error) from None

    def _begin(self, *, is_writing: bool) -> None:
        if self.is_in_transaction:
            return
        self._run("BEGIN", ())
        if is_writing:
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))

    def _told(self, error: psycopg.Error) -> PostgresqlError:
        if self.connection.closed:
            return WentAwayError(error, self)
        is_damage = isinstance(error, _DAMAGE)
        return PostgresqlError(error, sqlite3.SQLITE_CORRUPT if is_damage else sqlite3.SQLITE_IOERR)

    def __enter__(self) -> Self:
        self.depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.depth -= 1
        if self.depth == 0 and not self.connection.closed and self.is_in_transaction:
            self._run("COMMIT" if error is None else "ROLLBACK", ())

    def close(self) -> None:
        self.connection.close()

    def empty(self) -> None:
        """Makes all tables anew, without a row; part of a transaction. `folder` stays."""
        self._run(f"DROP SCHEMA IF EXISTS {_SPACE} CASCADE", ())
        self._run(f"CREATE SCHEMA {_SPACE}", ())
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                self._run(statement, ())


class _Found:
    """What a statement found, as sqlite3's cursor hands it out."""

    def __init__(self, cursor: "psycopg.Cursor[tuple[Any, ...]] | None") -> None:
        self.cursor = cursor

    def __iter__(self) -> Any:
        return iter(self.cursor or ())

    def fetchone(self) -> Any:
        return self.cursor and self.cursor.fetchone()

    def fetchall(self) -> Any:
        return self.cursor.fetchall() if self.cursor else []

    @cached_property
    def lastrowid(self) -> Any:
        """The number of a record just inserted."""
        row = self.fetchone()
        return row and row[0]


@cache
def translated(statement: str) -> str:
    """A statement in PostgreSQL's words.

    Texts are compared by their bytes, as SQLite does, whatever the database's language.
    """
    statement = statement.replace("%", "%%").replace("?", "%s").replace("ifnull(", "coalesce(")
    statement = re.sub(r"\boffset\b", '"offset"', statement)
    if statement.lstrip().startswith("CREATE TABLE"):
        number = "number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        statement = statement.replace("number INTEGER PRIMARY KEY", number)
        statement = statement.replace("INTEGER", "BIGINT").replace("WITHOUT ROWID", "")
        statement = statement.replace(" TEXT", ' TEXT COLLATE "C"')
    if statement.startswith("INSERT INTO record "):
        statement += " RETURNING number"
    return statement


def _values(values: Sequence[Any]) -> list[Any]:
    """Values that PostgreSQL takes: its texts hold no NUL, its numbers no truth."""
    return [
        value.replace("\0", "\ufffd")
        if isinstance(value, str)
        else int(value)
        if isinstance(value, bool)
        else value
        for value in values
    ]


def open_postgresql(address: str, output_dir: Path) -> Postgresql:
    """Opens the index of a folder, makes it where there is none or one of another version.

    A machine whose shared folder is not mounted sees an empty one, and would make the index forget
    all the others know: so folder and index know each other by a mark, and strangers are refused.
    Raises OSError or sqlite3.OperationalError.
    """
    connection = Postgresql(address)
    try:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            _match(connection, output_dir)
    except BaseException:
        connection.close()
        raise
    return connection


def _match(connection: Postgresql, output_dir: Path) -> None:
    mark = output_dir / MARK
    own = mark.read_text().strip() if mark.exists() else None
    connection.execute(
        "CREATE TABLE IF NOT EXISTS public.crawler_index_of "
        "(folder TEXT NOT NULL, version INTEGER NOT NULL)"
    )
    row = connection.execute("SELECT folder, version FROM public.crawler_index_of").fetchone()
    if row and row[0] != own:
        raise PostgresqlError(
            f"it is the index of another folder than {output_dir}; is the shared folder mounted? "
            "(if the feed was moved for good: DROP TABLE crawler_index_of)"
        )
    if row and row[1] == VERSION:
        return
    if row:
        logger.warning("Building the index anew from the feed files: it is of another version")
    if own is None:
        own = uuid4().hex
        mark.write_text(f"{own}\n")
    connection.empty()
    connection.execute("DELETE FROM public.crawler_index_of")
    connection.execute("INSERT INTO public.crawler_index_of VALUES (?, ?)", (own, VERSION))
