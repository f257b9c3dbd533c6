"""Writing an archive: each response, and the request it answers, as records of a WARC file."""

import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

from scrapy.http import Request, Response
from scrapy.http.headers import Headers
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler import __version__
from crawler.archive.files import file_name, folder
from crawler.archive.reading import ArchiveError, kept_at
from crawler.feed import append_whole, complete, partial, sync_descriptor, sync_folder
from crawler.items import ArchiveRecord
from crawler.normalise import utc

# WARC 1.1, section 6.7.3; what warcio writes by itself is the profile for identical payloads.
_NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_FORMAT: Final = {
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
}
_SECRET: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie"})
_LEVEL: Final = 6  # of zlib; a body that came compressed gains nothing from more


class RunArchive:
    """The archive of one run: a file, and those that follow when it is full.

    about: what the `warcinfo` record at the head of each file says of the run. most_bytes: a file
    as long is full. Each response is on its way to the kernel when `keep` returns, so it survives
    a kill; `sync` puts it on disk, so that it survives power loss.
    """

    def __init__(
        self, output_dir: Path, site: str, start: str, about: dict[str, str], most_bytes: int
    ) -> None:
        self.output_dir, self.start = output_dir, start
        self.folder = folder(output_dir, site)
        made_by = {"crawler": __version__} | {name: version(name) for name in ("scrapy", "warcio")}
        software = " ".join(f"{name}/{number}" for name, number in made_by.items())
        self.about = {"software": software, **_FORMAT, **about}
        self.most_bytes = most_bytes
        self.part = 0
        self.file: FileIO | None = None
        self.is_synced = True

    # --- files ---

    def begin(self, now: datetime) -> FileIO:
        """The next file, with its `warcinfo` record. Raises OSError."""
        self.part += 1
        self.path = self.folder / file_name(self.start, self.part)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = file = FileIO(partial(self.path), "x")
        sync_folder(self.folder)
        writer = _writer()
        record = writer.create_warcinfo_record(self.path.name, self.about)
        record.rec_headers.replace_header("WARC-Date", utc(now))
        self.info_id: str = record.rec_headers.get_header("WARC-Record-ID")
        self.append(file, _member(writer, record))
        return file

    def append(self, file: FileIO, content: bytes) -> int:
        """Writes records, whole or not at all, and tells where they begin. Raises OSError."""
        start = append_whole(file, content)
        self.is_synced = False
        return start

    def sync(self) -> Deferred[None] | None:
        """Puts what is written on disk, in a thread. Fails with OSError."""
        if self.is_synced or self.file is None:
            return None
        self.is_synced = True
        return deferToThread(sync_descriptor, os.dup(self.file.fileno()))

    def complete(self) -> None:
        """Gives the file its final name; without a response there is none. Raises OSError."""
        if self.file:
            self.file.close()
            self.file = None
            complete(self.path)

    # --- records ---

    def keep(
        self,
        request: Request,
        response: Response,
        now: datetime,
        revisits: ArchiveRecord | None = None,
    ) -> ArchiveRecord:
        """Writes a response as received, and its request; tells where. Raises OSError.

        revisits: the record of the page that a 304 says is unchanged, where it is known.
        """
        if self.file and self.file.tell() >= self.most_bytes:
            self.complete()
        file = self.file or self.begin(now)
        writer = _writer()
        url = urldefrag(response.url)[0]
        common = {"WARC-Date": utc(now), "WARC-Warcinfo-ID": self.info_id}
        if response.ip_address:
            common["WARC-IP-Address"] = str(response.ip_address)
        is_revisit = response.status == HTTPStatus.NOT_MODIFIED
        answer = writer.create_warc_record(
            url,
            "revisit" if is_revisit else "response",
            payload=BytesIO(response.body),
            length=len(response.body),
            http_headers=_head_of_response(response),
            warc_headers_dict=common | (self.revisited(request, revisits) if is_revisit else {}),
        )
        common["WARC-Concurrent-To"] = answer.rec_headers.get_header("WARC-Record-ID")
        question = writer.create_warc_record(
            url,
            "request",
            payload=BytesIO(request.body),
            length=len(request.body),
            http_headers=_head_of_request(request, url),
            warc_headers_dict=common,
        )
        start = self.append(file, _member(writer, answer) + _member(writer, question))
        return ArchiveRecord(file=self.path.relative_to(self.output_dir).as_posix(), offset=start)

    def revisited(self, request: Request, record: ArchiveRecord | None) -> dict[str, str]:
        """What a `revisit` record says of the response it refers to: the one whose validators the
        request has sent, else none, since another one may have been about another text."""
        said = {"WARC-Profile": _NOT_MODIFIED}
        if record is None:
            return said
        try:
            kept = kept_at(self.output_dir / record.file, record.offset)
        except (ArchiveError, OSError):
            return said
        asked = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        sent = {name: value for name, ask in asked.items() if (value := request.headers.get(ask))}
        has_sent = sent and all(kept.headers.get(name) == value for name, value in sent.items())
        if not has_sent or kept.url != urldefrag(request.url)[0]:
            return said
        return said | {
            "WARC-Refers-To": kept.id,
            "WARC-Refers-To-Target-URI": kept.url,
            "WARC-Refers-To-Date": kept.date,
        }


class _Head(StatusAndHeaders):  # type: ignore[misc] # warcio has no types
    """A start line and headers in the bytes that came; warcio would percent-encode some."""

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        self.headers_buff = self.to_bytes(header_filter, encoding="latin-1")


def _head_of_response(response: Response) -> _Head:
    """The reason phrase is the standard's; Scrapy does not keep the one that was sent."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    line = f"{response.status} {phrase}"
    return _Head(line, [*_lines(response.headers)], response.protocol or "HTTP/1.1")


def _head_of_request(request: Request, url: str) -> _Head:
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    headers = [(name, value) for name, value in _lines(request.headers)]
    if "Host" not in request.headers:
        headers.insert(0, ("Host", parts.netloc))
    return _Head(f"{target} HTTP/1.1", headers, request.method)


def _lines(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, values in headers.items():
        if name.lower() not in _SECRET:
            yield from ((name.decode("latin-1"), value.decode("latin-1")) for value in values)


def _writer() -> WARCWriter:
    """Builds records in memory, since a file must get each of them whole."""
    return WARCWriter(BytesIO(), gzip=False, warc_version="1.1")


def _member(writer: WARCWriter, record: Any) -> bytes:
    """A record as a gzip member of its own, as WARC 1.1, annex D, wants it."""
    writer.out.seek(0)
    writer.out.truncate()
    writer.write_record(record)
    return zlib.compress(writer.out.getvalue(), _LEVEL, wbits=zlib.MAX_WBITS | 16)
