"""The bare spider with the logic of scrapy-deltafetch: a page that gave an item is not asked again.

    scrapy runspider deltafetch.py -a site=winfuture -a output=FILE -a store=FILE -s REPLICA=…

scrapy-deltafetch 2.1.0 itself cannot start on Scrapy 2.16 or newer, since its middleware is not
asynchronous. This is its rule anew: the fingerprint of each request whose response gave an item
is kept in a file, and requests with a fingerprint kept there are dropped.
"""

import dbm
import time
from collections.abc import AsyncIterator
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from benchmarks.peers.bare import BareSpider


class DeltaFetch:
    """Spider middleware."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        with dbm.open(self.crawler.spider.store, "c") as store:  # type: ignore[union-attr]
            async for found in result:
                if not isinstance(found, Request):
                    store[self.key(response.request)] = str(time.time())
                elif self.key(found) in store:
                    continue
                yield found

    def key(self, request: scrapy.Request | None) -> bytes:
        return self.crawler.request_fingerprinter.fingerprint(request)  # type: ignore[union-attr,arg-type]


class DeltaFetchSpider(BareSpider):
    name = "deltafetch"
    custom_settings = BareSpider.custom_settings | {"SPIDER_MIDDLEWARES": {DeltaFetch: 100}}

    def __init__(self, store: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store = store
