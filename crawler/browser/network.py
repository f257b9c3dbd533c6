"""All the network that a page in the browser has."""

import asyncio
from typing import Final
from urllib.parse import urldefrag

from playwright.async_api import Error, Request, Route
from scrapy.http import Response

from crawler.browser.blocking import is_wanted
from crawler.browser.downloads import Downloads
from crawler.charset import encoding

_MOST_REQUESTS: Final = 40  # of one page, without its document; each step of scrolling has as many
# What of a page's own wishes is passed on: some servers send data only to those who say so.
_REQUEST_HEADERS: Final = ("accept", "x-requested-with")


class Network:
    """All that one page can reach: its document, which is there already, and `Downloads`."""

    def __init__(self, downloads: Downloads, document: Response, hosts: frozenset[str]) -> None:
        self.downloads = downloads
        self.document: Response | None = document  # until the page has it
        self.hosts = hosts
        self.left = _MOST_REQUESTS
        self.asked = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.under_way = 0
        self.is_closed = False

    def allow_more(self) -> None:
        """Grants a step of scrolling the requests of a page."""
        self.left = _MOST_REQUESTS

    async def answer(self, route: Route) -> None:
        """Playwright's handler of every request that the page makes."""
        self.under_way += 1
        self.asked += 1
        self.idle.clear()
        try:
            await self._answer(route)
        except Error:
            pass  # the page was closed meanwhile
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.idle.set()

    async def _answer(self, route: Route) -> None:
        asked = route.request
        document, self.document = self.document, None
        if document is not None and asked.is_navigation_request():
            said = _headers(document, "text/html")["content-type"]
            charset = encoding(document.body, said)  # which browsers guess otherwise, if not told
            told = {"content-type": f"text/html; charset={charset}"}
            await route.fulfill(status=200, headers=told, body=document.body)
            return
        response = await self._fetched(asked)
        if response is None:
            self.downloads.crawler.stats.inc_value("browser/refused")
            if asked.is_navigation_request():
                # Where one fails, the browser shows a page of its own in place of the site's; an
                # answer without content leaves it as it is (RFC 9110, section 15.3.5).
                await route.fulfill(status=204)
            else:
                await route.abort()
        else:
            headers, body = _headers(response, "text/plain"), response.body
            await route.fulfill(status=response.status, headers=headers, body=body)

    async def _fetched(self, asked: Request) -> Response | None:
        """The answer to a wish of the page; None if it is not granted, or cannot be had."""
        url = urldefrag(asked.url).url
        kind = asked.resource_type
        if not is_wanted(asked.method, kind, url, self.hosts):
            return None
        scripts = self.downloads.scripts
        async with self.downloads.turn:
            if self.is_closed:
                return None
            if kind == "script" and url in scripts:
                return scripts[url]
            if self.left <= 0:
                return None
            self.left -= 1
            said = {name: asked.headers[name] for name in _REQUEST_HEADERS if name in asked.headers}
            try:
                response = await self.downloads.fetch(url, said, self.hosts)
            except Exception:  # whatever handlers and middlewares raise: there is no answer
                return None
            if kind == "script" and response.status == 200:
                scripts[url] = response
            return response


def _headers(response: Response, otherwise: str) -> dict[str, str]:
    """What a browser has to know of a response; its Link and Set-Cookie would have it act."""
    said = {"content-type": otherwise}
    for name, values in response.headers.items():
        lower = name.decode("latin-1").lower()
        if values and (lower == "content-type" or lower.startswith("access-control-")):
            said[lower] = values[-1].decode("latin-1")
    return said
