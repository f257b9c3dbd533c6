"""Held: what the feed and its quarantine have of a site, for reading only."""

from functools import cached_property
from pathlib import Path

import msgspec

from crawler.feed import QUARANTINE, FeedError, feed_files, lines
from crawler.index import Index, Known


class _Record(msgspec.Struct):
    id: str
    topic: str = ""


class Refused(msgspec.Struct):
    """A record of the quarantine: which article, and why it is there."""

    record: _Record
    reason: str = ""
    problems: list[str] = []


_refused = msgspec.json.Decoder(Refused)


class Held:
    """What there is of a site's articles. index: one that has caught up; None while there is no
    feed."""

    def __init__(self, output_dir: Path, site: str, index: Index | None) -> None:
        self.folder = output_dir / QUARANTINE / site
        self.index = index

    def known(self, *, id_: str | None, url: str) -> Known | None:
        """As `Index.known`."""
        return self.index.known(id_=id_, url=url) if self.index else None

    def refused(self, known: Known | None) -> Refused | None:
        """Why an article that is known is in quarantine; None for one of the feed."""
        if known is None or self.index is None or self.index.latest(known.id):
            return None
        return self._quarantine.get(known.id)

    def topic(self, known: Known) -> str | None:
        """The topic that an article was collected under."""
        if refused := self.refused(known):
            return refused.record.topic
        latest = self.index.latest(known.id) if self.index else None
        return latest.topic if latest else None

    @cached_property
    def _quarantine(self) -> dict[str, Refused]:
        """The latest record in quarantine of each article, by id."""
        found = {}
        for path in feed_files(self.folder) if self.folder.is_dir() else ():
            for line in lines(path):
                try:
                    refused = line.decode(_refused)
                except FeedError:
                    continue  # the index has passed over it, and said so
                found[refused.record.id] = refused
        return found
