"""Browser: the downloader middleware that answers a `Render`."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.stats import DownloaderStats
from scrapy.http import Request, Response

from crawler.browser.downloads import Downloads
from crawler.browser.render import BrowserMissingError, Render, RenderError

if TYPE_CHECKING:
    from crawler.browser.chromium import Chromium

logger = logging.getLogger(__name__)

_LOCK: Final = "requirements-browser.lock"
_TRIES: Final = 3  # of a page, since a browser that was killed takes the page with it


class Browser:
    """Shows pages in a browser, which is started when the first is asked for.

    Raises BrowserMissingError where there is none, or BROWSER=never, and RenderError for a page
    that it cannot show.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.turn = asyncio.Lock()
        self.downloads = Downloads(crawler)
        self.chromium: Chromium | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        browser = cls(crawler)
        crawler.signals.connect(browser.close, signals.spider_closed)
        return browser

    def process_request(self, request: Request) -> Awaitable[Response] | None:
        """Costs other requests nothing: only a coroutine is waited for."""
        return self.rendered(request) if isinstance(request, Render) else None

    async def rendered(self, request: Render) -> Response:
        """The page as a reader sees it."""
        if self.crawler.settings["BROWSER"] == "never":
            raise self.lack("and BROWSER=never keeps the browser shut")
        if remedy := self.crawler.stats.get_value("browser/missing"):
            raise BrowserMissingError(remedy)
        async with self.turn:
            response = await self.tried(request)
        self.crawler.stats.inc_value("browser/pages")
        logger.info("The browser has shown %s", request.url)
        return response

    def lack(self, why: str) -> BrowserMissingError:
        """The error of a run that lacks its browser, which its outcome will tell, too."""
        error = BrowserMissingError(f"scripts fill pages of this site, {why}")
        self.crawler.stats.set_value("browser/missing", error.remedy)
        return error

    async def tried(self, request: Render) -> Response:
        why = ""
        for _ in range(_TRIES):
            chromium = await self.opened()
            try:
                return await chromium.show(request)
            except RenderError:
                raise
            except Exception as error:  # whatever breaks when a browser, or its driver, is killed
                why = _first_line(error)
                logger.warning("The browser failed at %s: %s", request.url, why)
                await self.close()
        raise RenderError(f"the browser failed at it {_TRIES} times: {why}")

    async def opened(self) -> "Chromium":
        """The browser, started if need be. Raises BrowserMissingError."""
        if self.chromium is None:
            try:
                from crawler.browser.chromium import Chromium
            except ImportError as error:
                line = f"and the extra is missing: pip install -r {_LOCK} ({error.name})"
                raise self.lack(line) from None
            chromium = Chromium(self.crawler, self.downloads)
            try:
                await chromium.start()
            except Exception as error:  # Playwright's, and the system's about the program
                await chromium.close()
                raise self.lack(_remedy(_first_line(error))) from None
            self.crawler.stats.inc_value("browser/starts")
            self.chromium = chromium
        return self.chromium

    async def close(self) -> None:
        """Ends the browser, if one runs."""
        chromium, self.chromium = self.chromium, None
        if chromium:
            await chromium.close()


def _remedy(why: str) -> str:
    if "Executable doesn't exist" in why:
        return (
            "and there is no Chromium: install it, as with apt-get install chromium, or name "
            "yours with -s BROWSER_PATH=FILE"
        )
    return f"and Chromium does not start: {why}"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


class NetworkStats(DownloaderStats):
    """Counts what came over the network, not what the browser made of it."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if isinstance(request, Render):
            return response
        return super().process_response(request, response)
