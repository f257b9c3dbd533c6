"""One page in the browser, from its shell to what a reader sees."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Page, WebSocketRoute
from scrapy.http import HtmlResponse, Response

from crawler.browser.downloads import Downloads
from crawler.browser.network import Network
from crawler.browser.render import Render, RenderError

# Ways out that are no requests, which Playwright does not see; and windows, which it sees later.
_NO_WAY_OUT: Final = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport",
                    "EventSource", "SharedWorker", "Worker"])
    try { delete window[name]; } catch {}
window.open = () => null;
"""
# Waits until the page has drawn itself and had time to act on what it was given.
_BREATHE: Final = """
(milliseconds) => new Promise(done => {
    const drawn = () => setTimeout(done, milliseconds);
    requestAnimationFrame(() => requestAnimationFrame(drawn));
})
"""
_SCROLL: Final = """
(step) => { window.scrollTo(0, document.documentElement.scrollHeight - (step ? 400 : 0));
            window.scrollTo(0, document.documentElement.scrollHeight); }
"""
_SIZE: Final = "() => document.getElementsByTagName('*').length"
_SHOWN: Final = """
(most) => { const html = document.documentElement.outerHTML;
            return [location.origin, html.length, html.length > most ? "" : html]; }
"""
_QUIET: Final = 0.5  # seconds without a request, after which a page is taken to be at rest
_PATIENCE: Final = 5.0  # seconds that a page at rest, but empty, is given to fill
_TRIES: Final = 2  # of scrolling to the end without effect


class Visit:
    """Looks at the page of a `Render`.

    seen: the page as last looked at. seconds: the limit for the page, and for each step of
    scrolling. most: bytes that a page may have.
    """

    def __init__(self, request: Render, downloads: Downloads, seconds: float, most: int) -> None:
        self.request = request
        self.seconds = seconds
        self.most = most
        self.network = Network(downloads, request.shell, request.view.hosts)
        self.page: Page | None = None
        self.limit: asyncio.Timeout | None = None
        self.seen: Response | None = None
        self.is_over = False

    async def prepare(self, page: Page, _request: Any) -> None:
        """Shuts all ways out of a new page but one."""
        self.page = page
        page.on("popup", _close)
        await page.add_init_script(_NO_WAY_OUT)
        await page.route_web_socket("**", _refuse)
        await page.route("**/*", self.network.answer)  # the last one registered is asked first

    async def look(self, page: Page) -> None:
        """Waits until the page is filled, and scrolls for as long as that is wanted."""
        view = self.request.view
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        self.seen = await self.at_rest(page)
        while not view.is_filled(self.seen) and loop.time() < until:
            self.seen = await self.at_rest(page)
        if view.goes_on and view.is_filled(self.seen):
            while view.goes_on(self.seen) and await self.has_grown(page):
                self.seen = await self.shown(page)
        self.is_over = True

    async def has_grown(self, page: Page) -> bool:
        """Whether the page has more in it after scrolling to its end."""
        assert self.limit
        self.limit.reschedule(asyncio.get_running_loop().time() + self.seconds)
        self.network.allow_more()
        before = await page.evaluate(_SIZE)
        for step in range(_TRIES):
            await page.evaluate(_SCROLL, step)
            await self.rest(page)
            if await page.evaluate(_SIZE) > before:
                return True
        return False

    async def at_rest(self, page: Page) -> Response:
        await self.rest(page)
        return await self.shown(page)

    async def rest(self, page: Page) -> None:
        """Returns once the page has asked for nothing for a while."""
        asked = -1
        while asked != self.network.asked or self.network.under_way:
            await self.network.idle.wait()
            asked = self.network.asked
            await page.evaluate(_BREATHE, _QUIET * 1000)

    async def shown(self, page: Page) -> Response:
        """The page as it is, in UTF-8. Raises RenderError for one that is too large, or has left
        for another, such as the browser's own about a page that cannot be had."""
        origin, length, html = await page.evaluate(_SHOWN, self.most)
        if _origin(origin) != _origin(self.request.url):
            raise RenderError(f"it has left for a page of {origin}")
        if length > self.most:
            raise RenderError(f"it has grown to {length:,} characters")
        return HtmlResponse(
            self.request.url,
            headers={"Content-Type": "text/html; charset=utf-8"},
            body=f"<!DOCTYPE html>{html}".encode("utf-8", "replace"),
            encoding="utf-8",
            request=self.request,
            flags=["rendered"],
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


async def _close(page: Page) -> None:
    await page.close()


async def _refuse(socket: WebSocketRoute) -> None:
    await socket.close()
