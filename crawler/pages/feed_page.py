"""The feed page: a topic's RSS, which names its newest articles in a few kilobytes."""

from functools import cached_property

from lxml import etree

from crawler.normalise import ArticleUrl, date


class FeedPage:
    """A topic's RSS 2.0 (rssboard.org/rss-specification).

    content: the bytes as the server sent them. What is no RSS names no article.
    """

    def __init__(self, content: bytes, article_url: ArticleUrl) -> None:
        self.content = content
        self.article_url = article_url

    @cached_property
    def articles(self) -> dict[str, str | None]:
        """Canonical URLs of the articles named, in order, each with its date (RFC 3339)."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        try:
            tree = etree.fromstring(self.content, parser)
        except etree.XMLSyntaxError:  # beyond recovery
            tree = None
        found: dict[str, str | None] = {}
        for item in () if tree is None else tree.iter("item"):
            address = self.article_url.canonical(item.findtext("link"))
            if address:
                found[address] = date(item.findtext("pubDate"))
        return found
