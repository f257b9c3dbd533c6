"""Which archived pages are read anew: those that the feed's latest records came from."""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TypeVar

import msgspec

from crawler.feed import FeedError, feed_files, folders, lines
from crawler.items import ArchiveRecord

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Reading(NamedTuple):
    """A page to read anew: where the archive holds it, and whose it is."""

    file: str
    offset: int
    id: str
    url: str


class _Record(msgspec.Struct):
    """What a line of the feed tells of where it came from."""

    id: str
    url: str
    event: str = ""
    revision: Annotated[int, msgspec.Meta(ge=1, lt=2**53)] = 1
    date_downloaded: str = ""
    archive: ArchiveRecord | None = None


class _Refused(msgspec.Struct):
    record: _Record
    reason: str


_RECORD: Final = msgspec.json.Decoder(_Record)
_REFUSED: Final = msgspec.json.Decoder(_Refused)


def readings(output_dir: Path, site: str, since: date | None = None) -> list[Reading]:
    """The pages to read anew, in the order of the archive.

    Of each article it is the page of its latest record, since an older page would undo what the
    publisher has changed, and a later one that was refused as invalid, since it may be fit now.
    What was fetched before the day `since` is left out, and what was not archived.
    """
    feed, quarantine = folders(output_dir, site)
    latest: dict[str, _Record] = {}
    for record in _decoded(feed, _RECORD):
        if record.id not in latest or record.revision >= latest[record.id].revision:
            latest[record.id] = record
    refused = {found.record.id: found for found in _decoded(quarantine, _REFUSED)}
    fit = [record for record in latest.values() if record.event != "withdrawn"]
    invalid = [
        found.record
        for id_, found in refused.items()
        if found.reason == "invalid" and _is_later(found.record, latest.get(id_))
    ]
    first_day = since.isoformat() if since else ""
    return sorted(
        Reading(record.archive.file, record.archive.offset, record.id, record.url)
        for record in (*fit, *invalid)
        if record.archive and record.date_downloaded >= first_day
    )


def _is_later(record: _Record, latest: _Record | None) -> bool:
    if latest is None:
        return True
    return record.archive != latest.archive and record.date_downloaded > latest.date_downloaded


def _decoded(folder: Path, decoder: msgspec.json.Decoder[T]) -> Iterator[T]:
    """The records of a folder's feed files, in the order of the runs."""
    for path in feed_files(folder) if folder.is_dir() else ():
        for line in lines(path):
            try:
                yield line.decode(decoder)
            except FeedError as error:
                logger.warning("Passed over what is no record: %s", error)
