"""The tag page: one page of a listing."""

from functools import cached_property
from typing import ClassVar

from lxml import etree

from crawler.html import Find, css, line, xpath
from crawler.normalise import date, url
from crawler.pages.page import Page


class TagPage(Page):
    """One page of a listing: which articles it names, and which page comes next."""

    ENTRIES: ClassVar[Find] = css("a[href]")
    NOT_ENTRIES: ClassVar[Find | None] = None  # boxes whose links are no part of the listing
    NEXT: ClassVar[Find] = xpath(
        "//link[@rel='next'] | //a[@rel or @class][contains(concat(' ', @rel, ' '), ' next ')"
        " or contains(concat(' ', @class, ' '), ' next ')]"
    )

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
                self.ARTICLE_URL.canonical(link.get("href"), self.url) for link in entry.iter("a")
            )
            if address := next(filter(None, addresses), None):
                found[address] = found.get(address) or self.date_of(entry)
        return found

    def date_of(self, entry: etree._Element) -> str | None:
        """The date an entry shows, as RFC 3339; a bare link shows none."""
        return None if entry.tag == "a" else date(line(entry))

    @cached_property
    def next_url(self) -> str | None:
        """The following page of the listing, as the page itself offers it."""
        addresses = (url(link.get("href"), self.url) for link in self.all(self.NEXT))
        return next((found for found in addresses if found and found != url(self.url)), None)
