"""What a spider does when it stands before a wall: it says so, counts it, and goes elsewhere."""

from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.browser import Render
from crawler.browser_spider import BrowserSpider
from crawler.feed_spider import GONE
from crawler.outcome import LISTING
from crawler.pages import ArticlePage, Page, TagPage, listing_wall, wall_of
from crawler.walk import Stop


class BeforeWalls(BrowserSpider):
    """A spider that tells walls from articles and listings. Nothing on a wall is ever followed.

    has_lost_articles: whether the next run must ask for an article of the listing again.
    """

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self.has_lost_articles = False

    def in_browser(self, page: Page, response: Response) -> Render | None:
        """As every spider does; but a wall is no page that a browser would fill."""
        again = super().in_browser(page, response)
        is_wall = again and isinstance(page, TagPage) and listing_wall(page)
        return None if is_wall else again

    def is_listing(self, page: TagPage) -> bool:
        """Whether a tag page is what it should be; what it is instead is a problem."""
        wall = listing_wall(page)
        if page.articles and not wall and self.is_at_home(page.url):
            return True
        self.walk.stop = Stop.UNREADABLE
        instead = f"is {wall.name}" if wall else "names no article; has the page changed?"
        # An error page sent as a listing may be a listing again the next time.
        fault = LISTING if wall is None or wall.is_before_site else ""
        self.problem(f"the listing {page.url} {instead}", fault)
        return False

    def wall_beside(self, failure: Failure) -> str:
        """What wall the listing's error status came with, as the end of a sentence."""
        error = failure.value
        if not isinstance(error, HttpError) or error.response.status in GONE:
            return ""
        wall = listing_wall(self.tag_page.from_response(error.response))
        return f" with {wall.name}" if wall and wall.is_before_site else ""

    def meets_wall(self, response: Response, page: ArticlePage | None = None) -> bool:
        """Whether a wall stands in place of an article, which then is counted and asked for again.

        Beside an error's status an error page says nothing new, a bot challenge does.
        """
        if response.status in GONE:
            return False
        wall = wall_of(page or self.article_page.from_response(response))
        if wall is None or (page is None and not wall.is_before_site):
            return False
        asked = response.meta.get("redirect_urls", [response.url])[0]
        self.logger.error("In place of the article %s there is %s", asked, wall.name)
        self.count("article/walled")
        self.count(f"wall/{wall.kind}")
        if wall.is_before_site:
            self.count("article/walled_off")
        self.has_lost_articles |= "listed_on" in response.request.cb_kwargs  # type: ignore[union-attr]
        return True
