"""Downloader middlewares: what Scrapy does by default and we do not."""

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.gunzip import GunzipError, TooLongError, gunzip
from crawler.reach import OutOfReachError, TooLargeError, refusal


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
            body = self.unpacked(response.body)
            kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
            # Scrapy would else look for the encoding of the text, which is the pages' to know.
            more: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
            response = response.replace(cls=kind, body=body, **more)
        return response

    def unpacked(self, body: bytes) -> bytes:
        try:
            return gunzip(body, self.most_bytes)
        except TooLongError as error:
            raise TooLargeError(f"it exceeds DOWNLOAD_MAXSIZE: {error}") from None
        except GunzipError as error:
            raise ResponseDataLossError(str(error)) from None


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
