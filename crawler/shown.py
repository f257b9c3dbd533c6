"""What a walk wants to see of a page in the browser. Decides, and shows nothing itself."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from scrapy.http import Response

from crawler.browser import View
from crawler.pages import Page, TagPage
from crawler.walk import Stop, Walk

_BARREN_LIMIT: Final = 3  # times that a listing grows, one after another, by no new article


def view(page: type[Page], hosts: Collection[str]) -> View:
    """A page as it is when it is filled, without scrolling."""
    return View(frozenset(hosts), lambda response: page.from_response(response).is_filled)


@dataclass
class Scroll:
    """A listing that grows as one scrolls: each growth counts as a page of the walk.

    shown: the articles listed before scrolling. most: how many growths to wait for.
    stop: why there is no need to go on; None where the listing has ended by itself, or where the
    page offers another way on.
    """

    walk: Walk
    tag_page: type[TagPage]
    most: int
    shown: set[str] = field(default_factory=set)
    stop: Stop | None = None
    growths: int = 0
    barren: int = 0

    def view(self, hosts: Collection[str]) -> View:
        return View(frozenset(hosts), view(self.tag_page, hosts).is_filled, self.goes_on)

    def goes_on(self, response: Response) -> bool:
        """Whether to scroll on, given the listing as it has grown."""
        page = self.tag_page.from_response(response)
        if page.next_url:
            return False
        fresh = {url: date for url, date in page.articles.items() if url not in self.shown}
        if fresh:
            self.shown.update(fresh)
            self.growths += 1
            self.stop = self.walk.enough(fresh, len(self.walk.pages) + self.growths)
        self.barren = 0 if fresh else self.barren + 1
        if self.stop is None and (self.growths > self.most or self.barren >= _BARREN_LIMIT):
            self.stop = Stop.ENDLESS
        return self.stop is None
