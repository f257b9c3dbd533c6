"""Downloader middlewares: what Scrapy does by default and we do not."""

import zlib
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.reach import OutOfReachError, TooLargeError, refusal

_GZIP: Final = b"\x1f\x8b"  # RFC 1952, section 2.3.1
_MOST_MEMBERS: Final = 16  # each costs a copy of all that follows


class UnaskedEncodingError(IgnoreRequest):
    """A body in an encoding that no request accepts; nobody unpacks it."""


class Unpack:
    """Unpacks gzip, once, and no further than DOWNLOAD_MAXSIZE.

    Scrapy's own gives what there is of a body that ends too early. Half an article is worse than
    none: the next run asks for it again. Other encodings, and several on top of each other, are
    refused: our requests accept gzip alone.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        said = response.headers.getlist("Content-Encoding")
        # An answer that something is unchanged, or gone, may name the encoding of a body it lacks.
        if not said or (not response.body and response.status != 200):
            return response
        encoding = b",".join(said).strip().lower()
        if encoding not in {b"gzip", b"x-gzip", b"identity"}:
            named = encoding[:60].decode("latin-1")
            raise UnaskedEncodingError(f"its body is encoded as {named!r}, not as gzip")
        del response.headers["Content-Encoding"]
        if encoding != b"identity":
            body = unpacked(response.body, self.most_bytes)
            kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
            # Scrapy would else look for the encoding of the text, which is the pages' to know.
            more: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
            response = response.replace(cls=kind, body=body, **more)
        return response


def unpacked(body: bytes, most_bytes: int) -> bytes:
    """What a gzip body holds (RFC 1952). Raises ResponseDataLossError where it is damaged or ends
    too early, TooLargeError as soon as it is longer than `most_bytes`.

    It may consist of a few members; what is behind the last one is padding.
    """
    found, length = [], 0
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            found.append(unpacker.decompress(body, most_bytes - length + 1))
        except zlib.error as error:
            raise ResponseDataLossError(f"its gzip body is damaged: {error}") from None
        length += len(found[-1])
        if length > most_bytes:
            raise TooLargeError(
                f"the answer is longer than DOWNLOAD_MAXSIZE, {most_bytes} bytes, once unpacked"
            )
        if not unpacker.eof:
            raise ResponseDataLossError("its gzip body ends too early")
        body = unpacker.unused_data
        if not body.startswith(_GZIP):
            return b"".join(found)
    raise TooLargeError(f"its gzip body has more than {_MOST_MEMBERS} members")


class Redirect(RedirectMiddleware):
    """Follows redirects within the site, and never says where from.

    One that leads elsewhere is a failure of what was asked for. Scrapy's own looks for a spider
    middleware that sets the header and warns when there is none.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        hosts = getattr(self.crawler.spider, "hosts", None)
        if hosts is not None and (why := refusal(redirected.url, hosts)):
            raise OutOfReachError(f"it leads to {why}")
        return super()._redirect(redirected, request, reason)
