"""What both sites have in common: which articles they list, and how replies look."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import ClassVar
from urllib.parse import SplitResult

from crawler.replica.drafts import known_tags
from crawler.replica.edition import Edition
from crawler.replica.markup import Entry, entry_of, moment
from crawler.replica.stories import Article, has_tag, index_of

FEED_LENGTH = 25


@dataclass(frozen=True)
class Reply:
    """An answer of the server; the body comes in pieces, most of them shared between pages."""

    status: int
    headers: Mapping[str, str]
    pieces: tuple[bytes, ...] = ()
    modified: str | None = None  # RFC 3339, for Last-Modified
    flaky: str | None = None  # names the article whose first request fails


def moved(url: str) -> Reply:
    """A lasting redirect."""
    body = f'<html><body>Moved: <a href="{url}">{url}</a></body></html>\n'.encode("ascii")
    return Reply(301, {"Content-Type": "text/html", "Location": url}, (body,))


def missing(status: int = 404) -> Reply:
    """A page that is not there, or (410) no longer."""
    body = f"<html><body><h1>{status}</h1><p>Diese Seite gibt es nicht.</p></body></html>\n"
    return Reply(status, {"Content-Type": "text/html"}, (body.encode("ascii"),))


class Site(ABC):
    """One of the sites; ``answer`` turns the address of a request into a reply."""

    name: str
    page_size: int
    content_type: str
    first_failure: int
    kinds: ClassVar[Mapping[str, re.Pattern[str]]]  # of pages, by path and query

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.extra = edition.extra.get(self.name, ())
        self.listed = lru_cache(maxsize=64)(self._listed)

    @abstractmethod
    def answer(self, host: str, url: SplitResult) -> Reply:
        """The reply to a GET request for a path and query."""

    def article(self, index: int) -> Article:
        """The article at a place of the listing."""
        return self.edition.article(self.name, index)

    def index(self, number: str) -> int | None:
        """The place of the article that bears a number; None where no page answers for it."""
        index = index_of(self.name, int(number)) if number.isdigit() else None
        return index if index is not None and self._status(index) == 200 else None

    def absent(self, number: str) -> Reply:
        """The reply in place of an article that has no `index`."""
        index = index_of(self.name, int(number)) if number.isdigit() else None
        return missing(404 if index is None else self._status(index))

    def _status(self, index: int) -> int:
        return self.edition.status(self.name, index)

    def kind(self, target: str) -> str:
        """The kind of page a path and query lead to: article, listing, feed, sitemap, other."""
        return next((kind for kind, form in self.kinds.items() if form.fullmatch(target)), "other")

    def fails_first(self, index: int) -> bool:
        """Whether the first request for an article meets an error."""
        return index >= 12 and index % 23 == self.first_failure

    def _listed(self, tag: str) -> tuple[int | Entry, ...]:
        """What a tag lists, newest first; pages laid over come before all others."""
        return (*self.extra, *self._tagged(self.edition, tag))

    def _tagged(self, edition: Edition, tag: str) -> Iterator[int]:
        """The articles a tag lists, newest first, each told when asked for."""
        if tag in known_tags():
            indices = edition.indices(self.name)
            yield from (index for index in indices if has_tag(self.name, index, tag))

    def is_listed(self, tag: str) -> bool:
        """Whether a listing exists for a tag."""
        return tag in known_tags() or bool(self.extra)

    def entry(self, listed: int | Entry) -> Entry:
        """An article's line in a listing."""
        return listed if isinstance(listed, Entry) else entry_of(self.article(listed))

    def entries(self, tag: str, page: int) -> list[Entry]:
        """One page of a listing."""
        start = (page - 1) * self.page_size
        return [self.entry(place) for place in self.listed(tag)[start : start + self.page_size]]

    def last_page(self, tag: str) -> int:
        """The number of a listing's last page; an empty listing has one page, too."""
        return max(1, -(-len(self.listed(tag)) // self.page_size))

    def newest(self, tag: str = "huawei") -> list[Article]:
        """The articles of a feed."""
        return self._newest(self.edition, tag)

    def topic_feed(self, tag: str) -> list[Article] | None:
        """The articles of a topic's feed; None where there is no such feed."""
        edition = self.edition.in_topic_feed(self.name)
        return self._newest(edition, tag) if edition and self.is_listed(tag) else None

    def _newest(self, edition: Edition, tag: str) -> list[Article]:
        newest = islice(self._tagged(edition, tag), FEED_LENGTH)
        return [edition.article(self.name, index) for index in newest]

    def page(self, pieces: tuple[bytes, ...], modified: str | None) -> Reply:
        """A page of the site."""
        return Reply(200, {"Content-Type": self.content_type}, pieces, modified)

    def article_reply(self, index: int, pieces: tuple[bytes, ...]) -> Reply:
        """An article's own page, which at times fails before it answers."""
        story = self.article(index).story
        return Reply(
            200,
            {"Content-Type": self.content_type},
            pieces,
            story.date_modified or story.date_published,
            story.url if self.fails_first(index) else None,
        )

    def listing_date(self, tag: str) -> str | None:
        """When a listing last changed."""
        dates = [self.entry(place).published for place in self.listed(tag)[:1]]
        changed = self.edition.changed(self.name)
        return max(filter(None, [*dates, changed]), key=moment, default=None)
