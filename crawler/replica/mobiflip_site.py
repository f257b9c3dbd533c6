"""Answers for www.mobiflip.de, a WordPress site with readable addresses."""

import re
from urllib.parse import SplitResult, parse_qs

from crawler.replica import feeds, mobiflip
from crawler.replica.site import Reply, Site, missing, moved

TOPIC = re.compile(r"/thema/([a-z0-9-]+)/(?:page/(\d{1,4})/)?")
TOPIC_FEED = re.compile(r"/thema/([a-z0-9-]+)/feed/")
ARTICLE = re.compile(r"/(?:shortnews/)?[a-z0-9-]+-(\d+)/(amp/)?")
POSTS = re.compile(r"/post-sitemap(\d+)\.xml")
POSTS_PER_SITEMAP = 200
ROBOTS = """User-agent: *
Disallow: /wp-admin/
Disallow: /out/
Disallow: /*?s=
Allow: /wp-admin/admin-ajax.php

Sitemap: https://www.mobiflip.de/sitemap.xml
"""


class MobiflipSite(Site):
    """www.mobiflip.de; the bare domain redirects to it."""

    name = "mobiflip"
    page_size = 12
    content_type = "text/html; charset=UTF-8"
    first_failure = 15
    kinds = {
        "feed": re.compile(r"/(?:thema/.*/)?feed/.*"),
        "listing": re.compile(r"/(?:thema/.*)?"),
        "sitemap": re.compile(r"/.*\.xml"),
        "article": re.compile(r"/(?:shortnews/)?[a-z0-9-]+-\d+/?.*|/\?p=\d+"),
    }

    def answer(self, host: str, url: SplitResult) -> Reply:
        """The reply to a GET request for a path and query."""
        path = url.path
        if host == "mobiflip.de":
            return moved(f"{mobiflip.HOME}{url.geturl()}")
        if path == "/robots.txt":
            return Reply(200, {"Content-Type": "text/plain"}, (ROBOTS.encode("ascii"),))
        if path.endswith(".xml"):
            return self._sitemap(path)
        if numbers := parse_qs(url.query).get("p"):
            return self._short_link(numbers[0])
        if not path.endswith("/"):
            return self._slashed(host, url)
        return self._page(path)

    def _page(self, path: str) -> Reply:
        if found := TOPIC.fullmatch(path):
            return self._topic(found[1], int(found[2] or 1))
        if path == "/":
            return self._topic("huawei", 1)
        if path == "/feed/":
            return feeds.xml(feeds.wordpress_rss("mobiFlip.de", self.newest()))
        if found := TOPIC_FEED.fullmatch(path):
            return self._topic_feed(found[1])
        return self._article(path)

    def _topic_feed(self, tag: str) -> Reply:
        articles = self.topic_feed(tag)
        if articles is None:
            return missing()
        return feeds.xml(feeds.wordpress_rss(tag.title(), articles))

    def _slashed(self, host: str, url: SplitResult) -> Reply:
        whole = url._replace(path=url.path + "/")
        found = self.answer(host, whole)
        return moved(f"{mobiflip.HOME}{whole.geturl()}") if found.status == 200 else found

    def _short_link(self, number: str) -> Reply:
        index = self.index(number)
        return self.absent(number) if index is None else moved(self.article(index).story.url)

    def _article(self, path: str) -> Reply:
        found = ARTICLE.fullmatch(path)
        if found is None:
            return missing()
        index = self.index(found[1])
        if index is None:
            return self.absent(found[1])
        shown = self.article(index)
        if path.removesuffix("amp/") != shown.story.url.removeprefix(mobiflip.HOME):
            return moved(shown.story.url)
        if found[2]:
            return self.page((mobiflip.amp_page(shown),), shown.story.date_published)
        neighbours = self.edition.neighbours(self.name, index)
        return self.article_reply(index, mobiflip.article_page(shown, neighbours))

    def _topic(self, tag: str, page: int) -> Reply:
        last = self.last_page(tag)
        if not self.is_listed(tag) or not 1 <= page <= last:
            return missing()
        newest = self.edition.newest(self.name)
        pieces = mobiflip.tag_page(tag, page, last, self.entries(tag, page), newest)
        return self.page(pieces, self.listing_date(tag))

    def _sitemap(self, path: str) -> Reply:
        listed = self.edition.indices(self.name)
        parts = max(1, -(-len(listed) // POSTS_PER_SITEMAP))
        if path in ("/sitemap.xml", "/sitemap_index.xml"):
            names = [f"{mobiflip.HOME}/post-sitemap{part}.xml" for part in range(1, parts + 1)]
            return feeds.xml(feeds.sitemap_index(names))
        found = POSTS.fullmatch(path)
        if not found or not 1 <= int(found[1]) <= parts:
            return missing()
        start = (int(found[1]) - 1) * POSTS_PER_SITEMAP
        indices = listed[start : start + POSTS_PER_SITEMAP]
        return feeds.xml(feeds.sitemap([self.article(index) for index in indices]))
