"""Complete walks: up to which run the feed is known to hold all that a listing names."""

from collections.abc import Mapping
from typing import Self

import msgspec

from crawler.index.database import PartOf, rebuilt_when_damaged


class Validators(msgspec.Struct, frozen=True):
    """What a server needs to say that a page is unchanged (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, bytes | None]) -> Self:
        """Those of a response, by its headers as Scrapy holds them."""
        found = (headers.get(name) for name in ("ETag", "Last-Modified"))
        return cls(*(value.decode("latin-1") if value else None for value in found))

    def headers(self) -> dict[str, str]:
        """Those of a request that wants the page only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


class Mark(msgspec.Struct, kw_only=True):
    """The last complete walk of a listing.

    start: of the run; what the feed held by then is complete. newest: the URL at the top of the
    listing. walked: when tag pages were last read; spread: when several were last read in a row,
    both RFC 3339 in UTC. oldest: the date of the oldest article covered, if known. pages, listed,
    bytes: how much a walk of the whole listing reads, articles included. article_bytes: of an
    article, on average. validators: of listing pages as this walk saw them, by URL.
    """

    start: str
    newest: str
    walked: str
    spread: str | None = None
    oldest: str | None = None
    pages: int = 1
    listed: int = 0
    bytes: int = 0
    article_bytes: int = 0
    validators: dict[str, Validators] = {}


_decode = msgspec.json.Decoder(Mark).decode


class Walks(PartOf):
    """The table of complete walks. Lost with the index: the next walk is a whole one."""

    @rebuilt_when_damaged
    def mark(self, site: str, topic: str) -> Mark | None:
        row = self.connection.execute(
            "SELECT mark FROM walk WHERE site = ? AND topic = ?", (site, topic)
        ).fetchone()
        return _decode(row[0]) if row else None

    @rebuilt_when_damaged
    def set(self, site: str, topic: str, mark: Mark) -> None:
        self.connection.execute(
            "INSERT INTO walk VALUES (?, ?, ?) "
            "ON CONFLICT (site, topic) DO UPDATE SET mark = excluded.mark",
            (site, topic, msgspec.json.encode(mark).decode()),
        )

    def doubt(self, site: str) -> None:
        """Forgets the complete walks of a site: something may be missing.

        Part of a transaction of the index, which rebuilds itself where that fails.
        """
        self.connection.execute("DELETE FROM walk WHERE site = ?", (site,))
