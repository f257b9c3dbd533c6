"""The index: what the feed files hold, as a SQLite database that can be thrown away."""

import logging
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from crawler.feed import QUARANTINE, feed_files, folders, lines, partial

logger = logging.getLogger(__name__)

_VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE file (
    name TEXT PRIMARY KEY,     -- final name, relative to the output folder
    size INTEGER NOT NULL,     -- bytes read so far
    mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE record (
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    revision INTEGER NOT NULL,
    date_published TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    file TEXT NOT NULL         -- a name in `file`; quarantined records are those of its files
);
CREATE INDEX record_id ON record (id);
CREATE INDEX record_url ON record (url);
CREATE INDEX record_file ON record (file);
PRAGMA user_version = {_VERSION};
"""


class _Record(msgspec.Struct):
    id: str = ""
    url: str = ""
    revision: int = 1
    date_published: str = ""
    content_hash: str = ""


class _Quarantined(msgspec.Struct):
    url: str
    record: _Record


_record = msgspec.json.Decoder(_Record)
_quarantined = msgspec.json.Decoder(_Quarantined)


class Index:
    """Knows every record in the feed files below an output folder, and remembers nothing else.

    Deleted, damaged or of another version it is built anew from the files. Raises OSError or
    sqlite3.Error when the folder cannot be read or written.
    """

    def __init__(self, output_dir: Path) -> None:
        self.output_dir = output_dir
        self.path = output_dir / "index.sqlite"
        output_dir.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            logger.warning("Building %s anew: %s", self.path, error)
            for path in output_dir.glob(f"{self.path.name}*"):
                path.unlink()
            self.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            # Nothing here needs to outlive a power cut: the feed files are the truth.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version != _VERSION and version:
                    raise sqlite3.DatabaseError(f"it is of version {version}, not {_VERSION}")
                if not version:
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        self.connection.close()

    # --- catching up ---

    def catch_up(self) -> None:
        """Reads what the feed files hold beyond what was read, and forgets files that are gone."""
        known = {
            name: (size, mtime_ns)
            for name, size, mtime_ns in self.connection.execute("SELECT * FROM file")
        }
        for path in feed_files(self.output_dir):
            stat = path.stat()
            name = str(path.relative_to(self.output_dir))
            if known.pop(name, None) != (stat.st_size, stat.st_mtime_ns):
                self._read(path, name, anew=True)
        for name in known:
            if not partial(self.output_dir / name).exists():
                with self.connection:
                    self._forget(name)

    def follow(self, site: str, start: str, *, quarantined: bool) -> None:
        """Reads what the run that began at `start` has added to a file that is not complete."""
        path = folders(self.output_dir, site)[quarantined] / f"{start}.jsonl"
        if partial(path).exists():
            self._read(partial(path), str(path.relative_to(self.output_dir)), anew=False)

    def _read(self, path: Path, name: str, *, anew: bool) -> None:
        with self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            if anew:
                self._forget(name)
            row = self.connection.execute("SELECT size FROM file WHERE name = ?", (name,))
            size: int = (row.fetchone() or (0,))[0]
            for line in lines(path, size):
                size += len(line)
                if values := _values(line, name):
                    self.connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)", values)
            self.connection.execute(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?)",
                (name, size, path.stat().st_mtime_ns),
            )

    def _forget(self, name: str) -> None:
        self.connection.execute("DELETE FROM record WHERE file = ?", (name,))
        self.connection.execute("DELETE FROM file WHERE name = ?", (name,))

    # --- asking ---

    def knows(self, *, id_: str | None = None, url: str | None = None) -> bool:
        """Whether an article is in the feed or in quarantine, by id or by canonical URL."""
        found = self.connection.execute(
            "SELECT 1 FROM record WHERE id = ? OR url = ? LIMIT 1", (id_, url)
        )
        return found.fetchone() is not None

    def date_published(self, url: str) -> str | None:
        """The date of a known article, RFC 3339, by canonical URL."""
        found = self.connection.execute(
            "SELECT date_published FROM record WHERE url = ? LIMIT 1", (url,)
        ).fetchone()
        return str(found[0]) if found else None


def _values(line: bytes, name: str) -> tuple[str | int, ...] | None:
    """A line's row; None, and a warning, for a line that is no record."""
    try:
        if name.startswith(f"{QUARANTINE}/"):
            refused = _quarantined.decode(line)
            record, record.url = refused.record, refused.url
        else:
            record = _record.decode(line)
    except msgspec.MsgspecError as error:
        logger.warning("%s holds a line that is no record, passed over: %s", name, error)
        return None
    return (*msgspec.structs.astuple(record), name)
