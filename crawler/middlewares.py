"""Downloader middlewares: what Scrapy lets through and we do not."""

import zlib

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
