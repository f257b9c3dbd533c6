"""Where an index lies: a file of SQLite's in the output folder, or a database of PostgreSQL's."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from crawler.index.database import MARK, Connection, open_database

if TYPE_CHECKING:  # it needs psycopg, which only a fleet has
    from crawler.index.postgresql import Postgresql


@dataclass(frozen=True, slots=True)
class Place:
    """The index of an output folder. database: PostgreSQL's address, empty for a file."""

    output_dir: Path
    database: str = ""

    @property
    def path(self) -> Path:
        return self.output_dir / "index.sqlite"

    def __str__(self) -> str:
        """What to call it in messages, where an address might tell a password."""
        return "the index on PostgreSQL" if self.database else str(self.path)

    def open(self) -> Connection:
        """Raises OSError, sqlite3.Error."""
        if self.database:
            from crawler.index.postgresql import open_postgresql

            return open_postgresql(self.database, self.output_dir)
        if (self.output_dir / MARK).exists():
            raise OSError("its index is on PostgreSQL; set INDEX as the other machines do")
        return open_database(self.path)

    def renew(self, connection: Connection | None, fill: Callable[[Connection], Any]) -> None:
        """Makes the index anew; `fill` gets a connection to the empty one.

        A shared one is so in one transaction: other machines wait, and never see an index that
        lacks something.
        """
        if self.database:
            shared = connection or self.open()
            with shared:
                shared.execute("BEGIN IMMEDIATE")
                cast("Postgresql", shared).empty()
                fill(shared)
            return
        if connection:
            connection.close()
        for path in self.output_dir.glob(f"{self.path.name}*"):
            path.unlink(missing_ok=True)
        fill(open_database(self.path))
