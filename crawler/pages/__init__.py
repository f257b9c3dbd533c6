"""What a page can say. Plain classes, one property a field, schema.org's words first.

A page takes bytes and answers questions as the site spells things; it never requests, never
logs, knows no settings. A site overrides a selector, or a property, only where these fail.
"""

from crawler.html import css, xpath
from crawler.normalise import ArticleUrl
from crawler.pages.answer import Candidates, answer
from crawler.pages.article_page import ArticlePage
from crawler.pages.body import OPENING
from crawler.pages.dates import DATES, disputed_dates
from crawler.pages.feed_page import FeedPage
from crawler.pages.page import Page
from crawler.pages.sitemap_page import SitemapError, SitemapPage
from crawler.pages.tag_page import TagPage
from crawler.pages.walls import WALLS, Wall, listing_wall, wall_of

__all__ = [
    "DATES",
    "OPENING",
    "WALLS",
    "ArticlePage",
    "ArticleUrl",
    "Candidates",
    "FeedPage",
    "Page",
    "SitemapError",
    "SitemapPage",
    "TagPage",
    "Wall",
    "answer",
    "css",
    "disputed_dates",
    "listing_wall",
    "wall_of",
    "xpath",
]
