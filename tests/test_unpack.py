"""gzip, unpacked once and never too far."""

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import HtmlResponse, Request, Response

from crawler.gunzip import GunzipError, TooLongError, gunzip
from crawler.middlewares import Unpack

URL = "https://winfuture.de/"
MOST = 10_000


@given(st.binary(max_size=MOST), st.integers(1, 5), st.binary(max_size=20))
def test_what_was_packed_comes_out_whole(content: bytes, members: int, padding: bytes) -> None:
    size = len(content) // members + 1
    parts = [content[i * size : (i + 1) * size] for i in range(members)]
    body = b"".join(map(gzip.compress, parts))
    assert gunzip(body + b"\0" + padding, MOST) == content


@given(st.binary(max_size=200), st.data())
def test_what_ends_too_early_is_refused_wherever_it_ends(
    content: bytes, data: st.DataObject
) -> None:
    body = gzip.compress(content)
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(GunzipError):
        gunzip(body[:end], MOST)


@given(st.binary(max_size=500))
def test_noise_is_refused_or_read_but_never_breaks(noise: bytes) -> None:
    with suppress(GunzipError):
        assert len(gunzip(noise, MOST)) <= MOST


@pytest.mark.parametrize(("size", "fits"), [(MOST - 1, True), (MOST, True), (MOST + 1, False)])
def test_the_limit_is_exact(size: int, fits: bool) -> None:
    if fits:
        assert len(gunzip(gzip.compress(bytes(size)), MOST)) == size
    else:
        with pytest.raises(TooLongError):
            gunzip(gzip.compress(bytes(size)), MOST)


def test_the_limit_holds_for_all_members_together() -> None:
    with pytest.raises(TooLongError):
        gunzip(gzip.compress(bytes(MOST // 2 + 1)) * 2, MOST)


def answered(status: int, encoding: str | None, body: bytes) -> Response:
    headers = {"Content-Type": "text/html"} | ({"Content-Encoding": encoding} if encoding else {})
    response = HtmlResponse(URL, status=status, headers=headers, body=body)
    return Unpack(MOST).process_response(Request(URL), response)


@pytest.mark.parametrize("status", [204, 304, 404])
def test_an_answer_without_a_body_may_name_an_encoding(status: int) -> None:
    assert answered(status, "gzip", b"").status == status


def test_an_empty_page_that_should_be_gzip_is_torn() -> None:
    with pytest.raises(ResponseDataLossError):
        answered(200, "gzip", b"")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " x-gzip"])
def test_an_unpacked_page_is_a_page_like_any_other(encoding: str) -> None:
    response = answered(200, encoding, gzip.compress("<p>Größe".encode()))
    assert isinstance(response, HtmlResponse)
    assert (response.body, response.text) == ("<p>Größe".encode(), "<p>Größe")
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("encoding", [None, "identity"])
def test_a_page_that_is_not_packed_stays_as_it_is(encoding: str | None) -> None:
    assert answered(200, encoding, b"<p>x").body == b"<p>x"
