"""Answers for winfuture.de and its subdomains, in the forms in which the site links articles."""

import re
from urllib.parse import SplitResult

from crawler.replica import feeds, winfuture
from crawler.replica.site import Reply, Site, missing, moved

ARTICLE = re.compile(r"/news,(\d{6})1?\.html")
COMMENTS = re.compile(r"/news-kommentare,(\d{6})\.html")
MOBILE = re.compile(r"/news/(\d{6})")
RENAMED = re.compile(r"/news/(\d{6})/[a-z0-9-]+")
SPECIAL = re.compile(r"/special/([a-z0-9-]+)/(?:(\d{1,4})/)?")
TAG_FEED = re.compile(r"/feeds/special/([a-z0-9-]+)/latest-rss2\.0\.xml")
ROBOTS = """User-agent: *
Disallow: /suche/
Disallow: /mywf/
Disallow: /r?
Disallow: /downloadvorschalt,
Disallow: /preisvergleich/wfredirect

Sitemap: https://winfuture.de/sitemap.xml
"""


class WinfutureSite(Site):
    """winfuture.de with www., m. and static."""

    name = "winfuture"
    page_size = 15
    content_type = "text/html"  # the charset stands in the page only
    first_failure = 13
    kinds = {
        "article": re.compile(r"/news,\d+\.html.*|/news/\d+.*"),
        "listing": re.compile(r"/(?:special/.*)?"),
        "feed": re.compile(r"/feeds/.*"),
        "sitemap": re.compile(r"/sitemap.*"),
    }

    def answer(self, host: str, url: SplitResult) -> Reply:
        """The reply to a GET request for a path and query."""
        path = url.path
        if path == "/robots.txt":
            return Reply(200, {"Content-Type": "text/plain"}, (ROBOTS.encode("ascii"),))
        match host:
            case "winfuture.de":
                return self._desktop(path)
            case "www.winfuture.de":
                return moved(f"https://winfuture.de{url.geturl()}")
            case "m.winfuture.de":
                return self._mobile(path)
            case "static.winfuture.de":
                return self._feed(path)
        return missing()

    def _desktop(self, path: str) -> Reply:
        if found := ARTICLE.fullmatch(path) or RENAMED.fullmatch(path):
            return self._article(found[1], path)
        if found := SPECIAL.fullmatch(path):
            return self._special(found[1], int(found[2] or 1))
        if found := COMMENTS.fullmatch(path):
            return self._comments(found[1])
        if path == "/sitemap.xml":
            return feeds.xml(
                feeds.sitemap_index(["https://winfuture.de/sitemap-latest-news.xml.gz"])
            )
        if path == "/sitemap-latest-news.xml.gz":
            return feeds.gzipped(feeds.news_sitemap("WinFuture.de", self.newest()))
        return self._special("huawei", 1) if path == "/" else missing()

    def _article(self, number: str, path: str) -> Reply:
        index = self.index(number)
        if index is None:
            return self.absent(number)
        shown = self.article(index)
        address = shown.story.url.removeprefix(winfuture.HOME)
        if path != address and RENAMED.fullmatch(address):
            return moved(shown.story.url)
        if path != address and RENAMED.fullmatch(path):
            return missing()
        neighbours = self.edition.neighbours(self.name, index)
        return self.article_reply(index, winfuture.article_page(shown, neighbours))

    def _special(self, tag: str, page: int) -> Reply:
        last = self.last_page(tag)
        if not self.is_listed(tag) or not 1 <= page <= last:
            return missing()
        newest = self.edition.newest(self.name)
        pieces = winfuture.tag_page(tag, page, last, self.entries(tag, page), newest)
        return self.page(pieces, self.listing_date(tag))

    def _comments(self, number: str) -> Reply:
        if self.index(number) is None:
            return self.absent(number)
        url = f"https://winfuture.de/news-kommentare,{number}.html"
        html = (
            f'<html><head><title>Kommentare</title><link rel="canonical" href="{url}" /></head>'
            f'<body><a href="/news,{number}.html">Zur Nachricht</a></body></html>\n'
        )
        return self.page((winfuture.encode(html),), None)

    def _mobile(self, path: str) -> Reply:
        found = MOBILE.fullmatch(path)
        if found is None:
            return missing()
        index = self.index(found[1])
        if index is None:
            return self.absent(found[1])
        shown = self.article(index)
        return self.page((winfuture.mobile_page(shown),), shown.story.date_published)

    def _feed(self, path: str) -> Reply:
        found = TAG_FEED.fullmatch(path)
        if found:
            articles = self.topic_feed(found[1])
            return missing() if articles is None else feeds.xml(feeds.winfuture_rss(articles))
        if path == "/feeds/WinFuture-News-rss2.0.xml":
            return feeds.xml(feeds.winfuture_rss(self.newest()))
        return missing()
