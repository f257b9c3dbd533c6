"""Downloader middlewares: what Scrapy does by default and we do not."""

import zlib
from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Request, Response


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
    """Follows redirects and never says where from.

    Scrapy's own looks for a spider middleware that sets the header and warns when there is none.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)
