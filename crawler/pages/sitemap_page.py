"""The sitemap page: articles of a whole site, or the sitemaps that name them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from lxml import etree

from crawler.gunzip import GunzipError, gunzip
from crawler.normalise import ArticleUrl, date, url

_NEWS: Final = "{http://www.google.com/schemas/sitemap-news/0.9}"
_MOST_BYTES: Final = 50 * 2**20  # sitemaps.org/protocol.html: no sitemap is larger, unpacked
_GZIP: Final = b"\x1f\x8b"  # RFC 1952, section 2.3.1


class SitemapError(ValueError):
    """The content is no whole sitemap; the message says what is wrong with it."""


class SitemapPage:
    """A sitemap or an index of sitemaps (sitemaps.org/protocol.html), also as a gzip file.

    content: the bytes as the server sent them. Half a sitemap would look like one that names
    less, so what is torn, larger than the protocol allows, or something else raises SitemapError.
    """

    def __init__(self, content: bytes, article_url: ArticleUrl) -> None:
        self.article_url = article_url
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            self.tree = etree.fromstring(_unpacked(content), parser)
        except etree.XMLSyntaxError as error:
            raise SitemapError(f"it is no XML: {error}") from None
        if (kind := etree.QName(self.tree).localname) not in {"urlset", "sitemapindex"}:
            raise SitemapError(f"it is no sitemap: it begins with {kind!r}")

    @cached_property
    def sitemaps(self) -> dict[str, str | None]:
        """The sitemaps that an index names, in order, each with its last change (RFC 3339)."""
        return {
            address: date(entry.findtext("{*}lastmod"))
            for entry, said in self._entries("sitemap")
            if (address := url(said))
        }

    @cached_property
    def articles(self) -> dict[str, str | None]:
        """Canonical URLs of the articles named, in order, each with its date of publication
        (RFC 3339) where the sitemap is one for news."""
        return {
            address: date(entry.findtext(f"{_NEWS}news/{_NEWS}publication_date"))
            for entry, address in self._articles
        }

    @cached_property
    def last_changes(self) -> dict[str, str | None]:
        """The same articles, each with its last change: it was published no later than that."""
        return {address: date(entry.findtext("{*}lastmod")) for entry, address in self._articles}

    @cached_property
    def _articles(self) -> list[tuple[etree._Element, str]]:
        return [
            (entry, address)
            for entry, said in self._entries("url")
            if (address := self.article_url.canonical(said))
        ]

    def _entries(self, kind: str) -> Iterator[tuple[etree._Element, str]]:
        for entry in self.tree.iterchildren(f"{{*}}{kind}"):
            yield entry, (entry.findtext("{*}loc") or "").strip()


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        return gunzip(content, _MOST_BYTES)
    except GunzipError as error:
        raise SitemapError(str(error)) from None
