"""Texts: the keys under which the same text, or nearly the same, is found again."""

from functools import cache
from hashlib import sha256
from typing import Final

from crawler.duplicates import band_keys
from crawler.index.database import Connection

# A text that everybody prints would otherwise bring all its copies to every comparison.
_MOST: Final = 20


def body_hash(article_body: str) -> int:
    """A signed 64-bit hash; what it brings together is compared as text.

    Of SHA-256, since processors have instructions for it.
    """
    return int.from_bytes(sha256(article_body.encode()).digest()[:8], "big", signed=True)


class Texts:
    """The tables of keys. Records are told by their number in the index."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, number: int, article_body: str, date_first_seen: str) -> None:
        """Makes a record findable by texts that are nearly the same."""
        keys = band_keys(article_body)
        values = [(key, number) for key in keys]
        self.connection.executemany("INSERT INTO band VALUES (?, ?) ON CONFLICT DO NOTHING", values)
        self.connection.execute(
            "INSERT INTO sketch VALUES (?, ?, ?)",
            (number, date_first_seen, " ".join(map(str, keys))),
        )

    def drop(self, which: str, value: str | int) -> None:
        """Takes records out again: those of `sketch` for which a condition holds."""
        found = self.connection.execute(f"SELECT record, keys FROM sketch WHERE {which}", (value,))  # noqa: S608
        for number, keys in found.fetchall():
            values = [(int(key), number) for key in keys.split()]
            self.connection.executemany("DELETE FROM band WHERE key = ? AND record = ?", values)
            self.connection.execute("DELETE FROM sketch WHERE record = ?", (number,))

    def like(self, article_body: str) -> list[int]:
        """Records with the very same text, then those that share most keys."""
        return [*dict.fromkeys([*self.same(article_body), *self.near(article_body)])]

    def same(self, article_body: str) -> list[int]:
        """Records with the very same text, the earliest first."""
        found = self.connection.execute(
            "SELECT number FROM record WHERE body = ? ORDER BY number LIMIT ?",
            (body_hash(article_body), _MOST),
        )
        return [number for (number,) in found]

    def near(self, article_body: str) -> list[int]:
        """Records that share most keys; of a key that many share only the newest few."""
        keys = band_keys(article_body)
        if not keys:
            return []
        found = self.connection.execute(_near(len(keys)), keys)
        return [number for (number,) in found]


@cache
def _near(keys: int) -> str:
    """One statement for all keys: asking for each costs more than the answers."""
    newest = f"SELECT record FROM band WHERE key = ? ORDER BY record DESC LIMIT {_MOST}"  # noqa: S608
    shared = " UNION ALL ".join([f"SELECT * FROM ({newest}) AS newest"] * keys)  # noqa: S608
    return (
        f"SELECT record FROM ({shared}) AS shared "  # noqa: S608
        f"GROUP BY record ORDER BY count(*) DESC, record LIMIT {_MOST}"
    )
