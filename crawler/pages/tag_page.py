"""The tag page: one page of a listing."""

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import ClassVar
from urllib.parse import urlsplit

from lxml import etree

from crawler.html import Find, css, xpath
from crawler.normalise import date, url
from crawler.pages.page import Page

_MOST = 100  # elements of an entry that are looked at; entries within entries are read anew
_BARE = frozenset({"a", "h1", "h2", "h3", "h4"})
_PAGES = "contains(@class, 'pagination') or contains(@class, 'nav-links')"
_PAGINGS = f"(//*[{_PAGES}])[position() <= 10]"  # boxes within boxes cost time by the square
_CURRENT = "(self::b or self::strong or @aria-current or contains(@class, 'current'))"
_MORE = " or ".join(
    f"starts-with(normalize-space(), '{word}')"
    for word in ("Mehr", "Weiter", "Ältere", "Nächste", "More", "Older", "Next")
)


class TagPage(Page):
    """One page of a listing: which articles it names, and which page comes next."""

    ENTRIES: ClassVar[Find] = css("a[href]")
    NOT_ENTRIES: ClassVar[Find | None] = None  # boxes whose links are no part of the listing
    NEXT: ClassVar[Find] = css(
        "link[rel~=next], a[rel~=next], a.next",
        # The number after that of this page, which is no link.
        xpath(
            f"({_PAGINGS}//*[{_CURRENT}])[position() <= 10][not(descendant-or-self::a)]"
            "/following-sibling::*[1]/descendant-or-self::a"
        ),
        # A link to more, which scripts follow when one scrolls.
        xpath(f"{_PAGINGS}//a[{_MORE}]"),
    )

    # What tells that scripts add entries as one scrolls.
    GROWING: ClassVar[Find] = css(
        "#infinite-handle, [data-next-page], [data-infinite-scroll],"
        "[class*=load-more], [class*=loadmore], [class*=infinite-load], [class*=infinite-scroll]"
    )

    @property
    def is_filled(self) -> bool:
        return bool(self.articles)

    @property
    def grows(self) -> bool:
        """Whether scrolling, and nothing else that the page offers, leads to further entries."""
        return self.next_url is None and bool(self.all(self.GROWING))

    @cached_property
    def articles(self) -> dict[str, str | None]:
        """Canonical URLs of the articles listed, in order, each with its date if one is shown.

        An entry is a link, or a box whose first article link counts and whose text may name the
        date (RFC 3339 here). Links to adverts, videos, comments and the like are passed over.
        """
        found: dict[str, str | None] = {}
        others = {link for box in self.all(self.NOT_ENTRIES) for link in box.iter("a")}
        for entry in self.all(self.ENTRIES):
            if entry in others:
                continue
            addresses = (
                self.ARTICLE_URL.canonical(link.get("href"), self.url)
                for link in islice(entry.iter("a"), _MOST)
            )
            if address := next(filter(None, addresses), None):
                found[address] = found.get(address) or self.date_of(entry)
        return found

    def date_of(self, entry: etree._Element) -> str | None:
        """The date an entry shows, as RFC 3339; a bare link or headline shows none.

        What is longer than a byline is a headline or a teaser, which may speak of other dates.
        """
        if entry.tag in _BARE:
            return None
        for time in entry.iter("time"):
            if shown := date(time.get("datetime")):
                return shown
        return next(filter(None, (date(said) for said in _lines(entry) if len(said) < 60)), None)

    @cached_property
    def next_url(self) -> str | None:
        """The following page of the listing, as the page itself offers it, on the same site."""
        here, hosts = url(self.url), self.ARTICLE_URL.hosts
        addresses = filter(None, (url(a.get("href"), self.url) for a in self.all(self.NEXT)))
        others = (found for found in addresses if found != here)
        return next((found for found in others if urlsplit(found).hostname in hosts), None)


def _lines(entry: etree._Element) -> Iterator[str]:
    """The pieces of text of an entry that are neither headline nor link."""
    for element in islice(entry.iter("*"), _MOST):
        if element.tag not in _BARE:
            yield " ".join((element.text or "").split())
        holder = element.getparent()
        if element is not entry and holder is not None and holder.tag not in _BARE:
            yield " ".join((element.tail or "").split())
