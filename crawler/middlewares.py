"""Downloader middlewares: what Scrapy does by default and we do not."""

import zlib
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Request, Response

from crawler.reach import OutOfReachError, refusal


class RefuseTruncated:
    """Refuses a gzip body that ends too early; Scrapy would unpack what there is of it.

    Half an article is worse than none: the next run asks for it again.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if b"gzip" in (response.headers.get("Content-Encoding") or b"").lower():
            unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                unpacker.decompress(response.body)
            except zlib.error as error:
                raise ResponseDataLossError(f"its gzip body is damaged: {error}") from None
            if not unpacker.eof:
                raise ResponseDataLossError("its gzip body ends too early")
        return response


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
