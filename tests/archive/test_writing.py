"""What a response becomes in the archive: bytes as received, records that other tools read."""

import gzip
import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Headers, HtmlResponse, Request, Response
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.archive.reading import ArchiveError, kept_at, kept_in
from crawler.archive.writing import RunArchive
from crawler.feed import partial
from crawler.items import ArchiveRecord

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://winfuture.de/news,156000.html"
PAGE = "<p>Grüße – „für“ alle</p>".encode()


@pytest.fixture
def archive(tmp_path: Path) -> RunArchive:
    about = {"isPartOf": "winfuture-x", "operator": "me@example.org", "robots": "obey"}
    return RunArchive(tmp_path, "winfuture", "2026-01-31T120000.000Z", about, 10**9)


def answered(body: bytes = PAGE, status: int = 200, **headers: Any) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = ipaddress.ip_address("192.0.2.7")
    return Response(
        URL, status, named, body, request=asked(), ip_address=address, protocol="HTTP/1.0"
    )


def asked(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(f"{URL}#comments", headers={"User-Agent": "crawler", **named})


def written(archive: RunArchive) -> Path:
    archive.complete()
    return archive.path


def records(path: Path) -> Iterator[Any]:
    """As any tool with warcio's reader sees them."""
    with path.open("rb") as file:
        yield from ArchiveIterator(file, check_digests="raise")


def heads(path: Path) -> list[dict[str, str]]:
    return [dict(record.rec_headers.headers) for record in records(path)]


def is_sound(path: Path) -> bool:
    """What `warcio check` says."""
    told: Any = type("Options", (), {"inputs": [str(path)], "verbose": False})
    return Checker(told).process_all() == 0  # type: ignore[no-any-return]


def test_a_file_begins_with_what_made_it(archive: RunArchive) -> None:
    archive.keep(asked(), answered(), NOW)
    first = next(records(written(archive)))
    assert first.rec_type == "warcinfo"
    assert first.rec_headers.protocol == "WARC/1.1"
    assert first.rec_headers["WARC-Filename"] == "2026-01-31T120000.000Z.warc.gz"
    told = first.content_stream().read().decode()
    assert told.startswith("software: crawler/")
    for line in ("format: WARC File Format 1.1", "operator: me@example.org", "robots: obey"):
        assert f"\r\n{line}\r\n" in told


def test_response_and_request_name_each_other_and_the_run(archive: RunArchive) -> None:
    place = archive.keep(asked(), answered(), NOW)
    info, response, request = heads(written(archive))
    assert place == ArchiveRecord(
        file="archive/winfuture/2026-01-31T120000.000Z.warc.gz", offset=place.offset
    )
    assert [response["WARC-Type"], request["WARC-Type"]] == ["response", "request"]
    assert request["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    for head in (response, request):
        assert head["WARC-Target-URI"] == URL
        assert head["WARC-Date"] == "2026-01-31T12:00:00Z"
        assert head["WARC-IP-Address"] == "192.0.2.7"
        assert head["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
        assert head["WARC-Block-Digest"].startswith("sha1:")
        assert head["WARC-Payload-Digest"].startswith("sha1:")


def test_bytes_are_kept_as_they_came(archive: RunArchive) -> None:
    packed = gzip.compress(PAGE)
    headers = {"Content_Encoding": "gzip", "X_Title": "Grüße".encode("latin-1"), "X_Utf": "ü"}
    place = archive.keep(asked(), answered(packed, **headers), NOW)
    path = written(archive)
    with path.open("rb") as file:
        file.seek(place.offset)
        block = gzip.GzipFile(fileobj=file).read().partition(b"\r\n\r\n")[2]
    assert block.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"\r\nX-Title: Gr\xfc\xdfe\r\n" in block
    assert b"\r\nX-Utf: \xc3\xbc\r\n" in block
    assert packed in block
    kept = kept_at(path, place.offset)
    assert (kept.body, kept.headers["X-Title"]) == (packed, b"Gr\xfc\xdfe")
    assert kept.unpacked().body == PAGE
    assert "Content-Encoding" not in kept.unpacked().headers
    assert isinstance(kept.unpacked(), HtmlResponse)
    assert kept.as_received().body == packed


def test_secrets_of_a_request_are_left_out(archive: RunArchive) -> None:
    request = asked(Authorization="Basic eA==", Proxy_Authorization="Basic eQ==", Cookie="z=1")
    archive.keep(request, answered(), NOW)
    *_, last = records(written(archive))
    assert last.http_headers.protocol == "GET"
    assert last.http_headers.statusline == "/news,156000.html HTTP/1.1"
    assert dict(last.http_headers.headers) == {"Host": "winfuture.de", "User-Agent": "crawler"}


@pytest.mark.parametrize("status", [200, 301, 404, 410, 429, 500, 503, 999])
@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", PAGE, bytes(range(256)) * 1000], ids=len)
def test_whatever_was_answered_passes_the_check(
    body: bytes, status: int, archive: RunArchive
) -> None:
    place = archive.keep(asked(), answered(body, status, Location="/x"), NOW)
    path = written(archive)
    assert is_sound(path)
    kept = kept_at(path, place.offset)
    assert (kept.status, kept.body, kept.url, kept.date) == (
        *(status, body, URL),
        "2026-01-31T12:00:00Z",
    )
    assert [found.offset for found in kept_in(path)] == [place.offset]


def test_a_full_file_is_followed_by_the_next(archive: RunArchive) -> None:
    archive.most_bytes = 1
    places = [archive.keep(asked(), answered(), NOW) for _ in range(3)]
    written(archive)
    names = [Path(place.file).name for place in places]
    start = "2026-01-31T120000.000Z"
    assert names == [f"{start}{part}.warc.gz" for part in ("", "_0002", "_0003")]
    assert [next(kept_in(archive.folder / name)).url for name in names] == [URL] * 3


def test_without_a_response_there_is_no_file(archive: RunArchive) -> None:
    archive.complete()
    assert not archive.folder.exists()


def test_a_file_being_written_can_be_read(archive: RunArchive) -> None:
    place = archive.keep(asked(), answered(), NOW)
    assert partial(archive.path).exists()
    assert kept_at(archive.output_dir / place.file, place.offset).body == PAGE
    archive.complete()


def test_a_record_that_does_not_fit_is_taken_back(archive: RunArchive) -> None:
    class Full(type(archive.begin(NOW))):  # type: ignore[misc]
        """A file on a disk that takes a thousand bytes more."""

        left = 1000

        def write(self, content: Any) -> int:
            if not self.left:
                raise OSError(28, "No space left on device")
            taken = min(self.left, len(content))
            self.left -= taken
            return int(super().write(content[:taken]))

    assert archive.file
    archive.file.close()
    archive.file = Full(partial(archive.path), "r+")
    archive.file.seek(0, 2)
    size = archive.file.tell()
    with pytest.raises(OSError, match="No space left"):
        archive.keep(asked(), answered(bytes(range(256)) * 100), NOW)
    assert partial(archive.path).stat().st_size == size == archive.file.tell()
    archive.complete()


# --- pages that are unchanged ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("had", "sent", "refers"),
    [
        ({"ETag": '"1"'}, {"If_None_Match": '"1"'}, True),
        ({"ETag": '"1"'}, {"If_None_Match": '"2"'}, False),
        ({"Last_Modified": "x"}, {"If_Modified_Since": "x"}, True),
        ({"ETag": '"1"', "Last_Modified": "y"}, {"If_None_Match": '"1"'}, True),
        ({"ETag": '"1"'}, {"If_None_Match": '"1"', "If_Modified_Since": "x"}, False),
        ({"ETag": '"1"'}, {}, False),
    ],
)
def test_unchanged_refers_to_the_page_whose_validators_were_sent(
    had: dict[str, str], sent: dict[str, str], refers: bool, archive: RunArchive
) -> None:
    page = archive.keep(asked(), answered(**had), NOW)
    place = archive.keep(asked(**sent), answered(b"", 304, **had), NOW, revisits=page)
    path = written(archive)
    _, response, _, revisit, _ = heads(path)
    assert revisit["WARC-Type"] == "revisit"
    assert revisit["WARC-Profile"].endswith("/revisit/server-not-modified")
    told = {name: revisit.get(f"WARC-Refers-To{name}") for name in ("", "-Target-URI", "-Date")}
    assert told == (
        {"": response["WARC-Record-ID"], "-Target-URI": URL, "-Date": "2026-01-31T12:00:00Z"}
        if refers
        else dict.fromkeys(told)
    )
    assert is_sound(path)
    kept = kept_at(path, place.offset)
    assert (kept.kind, kept.status) == ("revisit", 304)


def test_unchanged_since_an_archive_that_is_gone_refers_to_nothing(archive: RunArchive) -> None:
    gone = ArchiveRecord(file="archive/winfuture/gone.warc.gz", offset=0)
    archive.keep(asked(If_None_Match='"1"'), answered(b"", 304), NOW, revisits=gone)
    assert "WARC-Refers-To" not in heads(written(archive))[1]


# --- what cannot be read --------------------------------------------------------------------------


def test_an_offset_that_is_none_of_a_response_is_an_error(archive: RunArchive) -> None:
    place = archive.keep(asked(), answered(), NOW)
    path = written(archive)
    for offset in (0, place.offset + 1, place.offset - 1, path.stat().st_size, 10**9):
        with pytest.raises(ArchiveError, match="holds"):
            kept_at(path, offset)


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (gzip.compress(PAGE * 99, mtime=0)[:-9], "gzip", "ends too early"),
        (b"\x1f\x8b\x08" + b"\xff" * 40, "gzip", "is damaged"),
        (PAGE, "zstd", "none that can be undone"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_an_error(
    body: bytes, encoding: str, said: str, archive: RunArchive
) -> None:
    place = archive.keep(asked(), answered(body, Content_Encoding=encoding), NOW)
    with pytest.raises(ArchiveError, match=said):
        kept_at(written(archive), place.offset).unpacked()


def test_encodings_are_undone_from_the_last_to_the_first(archive: RunArchive) -> None:
    body = gzip.compress(gzip.compress(PAGE))
    response = answered(body).replace(headers=Headers({"Content-Encoding": ["gzip", "x-gzip"]}))
    place = archive.keep(asked(), response, NOW)
    assert kept_at(written(archive), place.offset).unpacked().body == PAGE
