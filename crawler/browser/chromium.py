"""Chromium, started by scrapy-playwright and shut off from the network."""

import asyncio
import logging
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Error
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.browser.downloads import Downloads
from crawler.browser.render import Render, RenderError
from crawler.browser.visit import Visit

# As Debian and others name it. Playwright finds its own by itself.
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# All requests are answered before they would go out. What Playwright does not see, such as
# WebRTC, finds neither names nor a way: nothing answers at the discard port.
_NOWHERE: Final = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}
_ARGUMENTS: Final = [
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--no-pings",
    "--blink-settings=imagesEnabled=false",
]
_CLOSING: Final = 10.0  # seconds that a page or a browser has to close


class Chromium:
    """A browser for one page at a time.

    The setting BROWSER_TIMEOUT limits a page, and each step of scrolling; DOWNLOAD_MAXSIZE what it
    may grow to. Raises playwright's errors where it cannot be started.
    """

    def __init__(self, crawler: Crawler, downloads: Downloads) -> None:
        settings = crawler.settings
        self.downloads = downloads
        self.seconds = settings.getfloat("BROWSER_TIMEOUT")
        self.most = settings.getint("DOWNLOAD_MAXSIZE")
        self.context = {
            "user_agent": settings["USER_AGENT"],
            "locale": "de-DE",
            "timezone_id": "Europe/Berlin",
            "service_workers": "block",
            "accept_downloads": False,
            "viewport": {"width": 1280, "height": 2000},
        }
        # It explains each page that fails with a traceback; we say it in a line.
        logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
        logging.getLogger("asyncio").addFilter(_is_news)
        self.handler = ScrapyPlaywrightDownloadHandler(crawler)
        self.handler.config = replace(
            self.handler.config,
            launch_options=launch_options(settings),
            max_pages_per_context=1,
            navigation_timeout_ms=0,  # the limit is ours, and ends all else, too
            target_closed_max_retries=0,  # so is the second try, with a new browser
        )

    async def start(self) -> None:
        """Starts driver and browser; the handler does so by itself only for crawls that begin."""
        await self.handler._launch()
        await self.handler._maybe_launch_browser()

    async def show(self, request: Render) -> Response:
        """The page as a reader sees it. Raises RenderError for one that has no end, or is too
        large, and playwright's errors where the browser fails."""
        visit = Visit(request, self.downloads, self.seconds, self.most)
        asked = Request(
            request.url,
            headers=_NO_HEADERS,
            meta={
                "playwright": True,
                "playwright_context_kwargs": self.context,
                "playwright_page_init_callback": visit.prepare,
                # Waiting is up to the visit: some pages are never loaded, and yet filled.
                "playwright_page_goto_kwargs": {"wait_until": "commit"},
                "playwright_page_methods": [PageMethod(visit.look)],
            },
        )
        try:
            async with asyncio.timeout(self.seconds) as visit.limit:
                await self.handler.download_request(asked)
        except TimeoutError:
            if visit.seen is None or not request.view.is_filled(visit.seen):
                raise RenderError(f"it was not finished within {self.seconds:g} seconds") from None
            flags = visit.seen.flags if visit.is_over else [*visit.seen.flags, "cut"]
            return visit.seen.replace(flags=flags)
        finally:
            visit.network.is_closed = True
            if visit.page and not visit.page.is_closed():
                async with asyncio.timeout(_CLOSING):
                    await visit.page.close()
        assert visit.seen is not None
        return visit.seen

    async def close(self) -> None:
        """Ends browser and driver, however they stand."""
        with suppress(Error, TimeoutError, OSError):
            async with asyncio.timeout(_CLOSING):
                await self.handler.close()


_NO_HEADERS: Final[dict[str, str]] = {}


def _is_news(record: logging.LogRecord) -> bool:
    """False for what a driver that was killed leaves behind, which was told when it failed."""
    error = record.exc_info[1] if record.exc_info else None
    return "Connection closed while reading from the driver" not in str(error)


def launch_options(settings: BaseSettings) -> dict[str, Any]:
    """How Chromium is started: BROWSER_PATH, else one on the PATH, else Playwright's own.

    Its sandbox needs another user than root. Signals are for the crawl, which ends its browser.
    """
    path = settings["BROWSER_PATH"] or next(filter(None, map(shutil.which, _NAMES)), None)
    return {
        **({"executable_path": str(Path(path).absolute())} if path else {}),
        "chromium_sandbox": os.getuid() != 0,
        "proxy": _NOWHERE,
        "args": _ARGUMENTS,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }
