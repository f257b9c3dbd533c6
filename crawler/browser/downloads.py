"""The way out for what pages in the browser ask for: the crawler's own downloader."""

import asyncio
from collections.abc import Collection
from typing import Final
from urllib.parse import urljoin

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.browser.blocking import is_wanted

_MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Downloads:
    """The way out for all pages of a run: one request at a time, each script once."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.turn = asyncio.Lock()  # without a delay, Scrapy starts all that is queued at once
        self.scripts: dict[str, Response] = {}

    async def fetch(self, url: str, headers: dict[str, str], hosts: Collection[str]) -> Response:
        """A page's wish, through every middleware. Raises what they raise, and OSError for a
        redirect that leads elsewhere."""
        for _ in range(_MOST_REDIRECTS + 1):
            request = Request(
                url,
                headers=headers,
                callback=NO_CALLBACK,
                meta={"dont_redirect": True, "handle_httpstatus_all": True},
                dont_filter=True,
            )
            assert self.crawler.engine
            response = await self.crawler.engine.download_async(request)
            self.crawler.stats.inc_value("browser/requests")
            if response.status not in _REDIRECTS:
                return response
            location = response.headers.get("Location") or b""
            url = urljoin(url, location.decode("latin-1"))
            if not is_wanted("GET", "fetch", url, hosts):
                break
        raise OSError(f"{url} is not asked for")
