"""What hosts declare of their pages' use, so that not every run need ask for it.

Lost with the index: it is asked for again. The table is made where it is first used.
"""

from datetime import datetime
from typing import Final

import msgspec

from crawler.index.database import PartOf, rebuilt_when_damaged
from crawler.normalise import utc

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS declaration "
    "(host TEXT PRIMARY KEY, asked TEXT NOT NULL, said TEXT NOT NULL) WITHOUT ROWID"
)


class Remembered(msgspec.Struct, frozen=True):
    """What a host said when it was last asked with success: a JSON value, and when (UTC)."""

    asked: str
    said: bytes


class Declarations(PartOf):
    """The table of what hosts declared. What they said is the caller's to encode and decode."""

    @rebuilt_when_damaged
    def of(self, host: str) -> Remembered | None:
        self.connection.execute(_TABLE)
        row = self.connection.execute(
            "SELECT asked, said FROM declaration WHERE host = ?", (host,)
        ).fetchone()
        return Remembered(row[0], row[1].encode()) if row else None

    @rebuilt_when_damaged
    def set(self, host: str, now: datetime, said: bytes) -> None:
        self.connection.execute(_TABLE)
        self.connection.execute(
            "INSERT INTO declaration VALUES (?, ?, ?) "
            "ON CONFLICT (host) DO UPDATE SET asked = excluded.asked, said = excluded.said",
            (host, utc(now), said.decode()),
        )
