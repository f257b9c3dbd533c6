"""Reading an archive: the responses it holds, or the one at an offset."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.files import as_it_stands
from crawler.gunzip import GunzipError, gunzip

_KINDS: Final = ("response", "revisit")
_MOST_BYTES: Final = 2**28  # of a body, unpacked; the downloader takes a sixteenth of that
_STATUS: Final = re.compile(rb"HTTP/\S+ (\d{3})")


class ArchiveError(ValueError):
    """There is no such response in the archive; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A response that an archive holds, or a `revisit`: word that a page had not changed.

    offset: where its gzip member begins, in bytes. id: the record's own. date: when it came, RFC
    3339 in UTC. body: as transferred, so perhaps compressed; empty where only heads are read.
    """

    offset: int
    kind: str
    id: str
    date: str
    url: str
    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def as_received(self) -> Response:
        """The response as the downloader gave it; its flag says that it is from the archive."""
        kind = responsetypes.from_args(headers=self.headers, url=self.url, body=self.body)
        headers = Headers(self.headers)
        return kind(
            self.url, status=self.status, headers=headers, body=self.body, flags=["archived"]
        )

    def unpacked(self) -> Response:
        """The response as a page class wants it, without content-encoding.

        Raises ArchiveError when the body is damaged, as it was when it came.
        """
        body = self.body
        for encoding in reversed(b",".join(self.headers.getlist("Content-Encoding")).split(b",")):
            if name := encoding.strip().lower().decode("latin-1"):
                body = _unpacked(body, name)
        headers = Headers(self.headers)
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=self.url, body=body)
        return kind(self.url, status=self.status, headers=headers, body=body)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding not in {"gzip", "x-gzip"}:  # the one that requests ask for
        raise ArchiveError(f"its encoding {encoding!r} is none that can be undone")
    try:
        return gunzip(body, _MOST_BYTES)
    except GunzipError as error:
        raise ArchiveError(str(error)) from None


def kept_in(path: Path) -> Iterator[Kept]:
    """The responses of an archive file in order, without their bodies.

    Also of one that a run is writing: whole records, up to the last. Raises OSError, and
    ArchiveError where the file is no archive.
    """
    with as_it_stands(path).open("rb") as file:
        yield from _kept(file, path)


def kept_at(path: Path, offset: int) -> Kept:
    """The response whose record begins at an offset. Raises ArchiveError, OSError."""
    with as_it_stands(path).open("rb") as file:
        file.seek(offset)
        for kept in _kept(file, path, has_bodies=True):
            if kept.offset == offset:
                return kept
            break
    raise ArchiveError(f"{path} holds no response at byte {offset}")


def _kept(file: IO[bytes], path: Path, *, has_bodies: bool = False) -> Iterator[Kept]:
    # warcio guesses in which encoding headers are; we want the bytes, so we read them.
    records = ArchiveIterator(file, no_record_parse=True)
    try:
        for record in records:
            offset = records.offset
            if record.rec_type in _KINDS:
                yield _read(record, offset, has_body=has_bodies)
            if has_bodies:
                return  # only the first is asked for
    except (ArchiveLoadFailed, _NoHttpError):
        where = f"at byte {file.tell()} or before" if not has_bodies else "there"
        raise ArchiveError(f"{path} holds what is no record of a WARC file, {where}") from None


class _NoHttpError(ValueError):
    """The block of a record is no HTTP message."""


def _read(record: Any, offset: int, *, has_body: bool) -> Kept:
    said = record.rec_headers.get_header
    block = record.raw_stream
    if not (match := _STATUS.match(block.readline())):
        raise _NoHttpError
    headers = Headers()
    while line := block.readline().rstrip(b"\r\n"):
        name, _, value = line.partition(b":")
        headers.appendlist(name, value.strip())
    return Kept(
        offset=offset,
        kind=record.rec_type,
        id=said("WARC-Record-ID"),
        date=said("WARC-Date"),
        url=said("WARC-Target-URI"),
        status=int(match[1]),
        headers=headers,
        body=block.read() if has_body else b"",
    )
