"""BrowserSpider: what a spider does about pages that scripts fill."""

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.http import Response

from crawler.browser import Render, View
from crawler.outcome import LISTING
from crawler.pages import ArticlePage, Page, TagPage
from crawler.second_looks import SecondLooks
from crawler.shown import Scroll, view
from crawler.walk import Stop


class BrowserSpider(SecondLooks):
    """A spider that asks once more, in the browser, for what the plain page does not say.

    script_hosts: hosts, beside those of the articles, whose scripts and data fill the pages.
    """

    tag_page: ClassVar[type[TagPage]]
    article_page: ClassVar[type[ArticlePage]]
    script_hosts: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self.scroll: Scroll | None = None  # of the listing that the browser shows

    def is_at_home(self, url: str) -> bool:
        """Whether a URL is on one of the site's hosts; what others say of its articles is void."""
        return urlsplit(url).hostname in self.article_page.ARTICLE_URL.hosts

    @cached_property
    def shows_all(self) -> bool:
        return bool(self.settings["BROWSER"] == "always")

    def in_browser(self, page: Page, response: Response) -> Render | None:
        """The request for a page as a browser shows it, if it is an empty shell; once a page.

        What is a wall is no shell, and is told before.
        """
        if is_rendered(response) or not (self.shows_all or page.is_shell):
            return None
        if not self.is_at_home(response.url):
            return None
        return self.render(response, view(type(page), self.all_hosts()))

    def listing_in_browser(self, page: TagPage, response: Response) -> Render | None:
        """The same for a listing, which is scrolled if it offers no further page."""
        found = self.in_browser(page, response)
        return found and self.render(response, self.scrolling(set()))

    def more_of(self, page: TagPage, response: Response, asked: str) -> Render:
        """The request for what a listing shows only to those who scroll."""
        cb_kwargs = {"asked": asked}
        return self.render(response, self.scrolling({*page.articles}), cb_kwargs=cb_kwargs)

    def scrolling(self, shown: set[str]) -> View:
        most = self.settings.getint("BROWSER_SCROLLS")
        self.scroll = Scroll(self.walk, self.tag_page, most, shown)
        return self.scroll.view(self.all_hosts())

    @classmethod
    def all_hosts(cls) -> frozenset[str]:
        """The hosts that its pages may ask, in the browser, for what fills them."""
        return cls.article_page.ARTICLE_URL.hosts | cls.script_hosts

    def render(self, response: Response, wanted: View, **changes: Any) -> Render:
        return Render.of(response, wanted, **changes)

    def note_scroll(self, response: Response, asked: str) -> None:
        """Tells the walk how far a listing that the browser has shown was scrolled, and why."""
        scroll, self.scroll = self.scroll, None
        if scroll is None or not is_rendered(response):
            return
        self.walk.pages.update(f"{asked}#{number}" for number in range(1, scroll.growths))
        if "cut" in response.flags:
            scroll.stop = Stop.ENDLESS
        if scroll.stop:
            self.walk.stop = scroll.stop
        if scroll.stop is Stop.ENDLESS:
            self.problem(
                f"the listing {response.url} still grew when the limit ended its scrolling: "
                f"{len(scroll.shown)} articles seen; see BROWSER_SCROLLS and BROWSER_TIMEOUT",
                LISTING,
            )


def as_sent(response: Response) -> Response:
    """The response as the server sent it, of one that a browser may have made another of."""
    request = response.request
    return request.shell if isinstance(request, Render) else response


def is_rendered(response: Response) -> bool:
    """Whether a response is what a browser made of another."""
    return isinstance(response.request, Render)
