"""What both sites have in common: which articles they list, and how replies look."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import SplitResult

from crawler.replica.drafts import known_tags
from crawler.replica.markup import Entry, entry_of
from crawler.replica.stories import Article, article, has_tag

FEED_LENGTH = 25
NEIGHBOURS = 7


@dataclass(frozen=True)
class Reply:
    """An answer of the server; the body comes in pieces, most of them shared between pages."""

    status: int
    headers: Mapping[str, str]
    pieces: tuple[bytes, ...] = ()
    modified: str | None = None  # RFC 3339, for Last-Modified
    flaky: str | None = None  # names the article whose first request fails


@dataclass(frozen=True)
class Edition:
    """Which articles a replica has, and the pages laid over each site's listings."""

    articles: int = 20
    seed: int = 0
    broken: int = 0
    extra: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def moved(url: str) -> Reply:
    """A lasting redirect."""
    body = f'<html><body>Moved: <a href="{url}">{url}</a></body></html>\n'.encode("ascii")
    return Reply(301, {"Content-Type": "text/html", "Location": url}, (body,))


def missing() -> Reply:
    """A page that is not there."""
    body = b"<html><body><h1>404</h1><p>Diese Seite gibt es nicht.</p></body></html>\n"
    return Reply(404, {"Content-Type": "text/html"}, (body,))


class Site(ABC):
    """One of the sites; ``answer`` turns the address of a request into a reply."""

    name: str
    page_size: int
    content_type: str
    first_failure: int

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.extra = edition.extra.get(self.name, ())
        self.listed = lru_cache(maxsize=64)(self._listed)

    @abstractmethod
    def answer(self, host: str, url: SplitResult) -> Reply:
        """The reply to a GET request for a path and query."""

    def article(self, index: int) -> Article:
        """The article at a place of the listing."""
        return article(self.name, index, self.edition.seed)

    def is_broken(self, index: int) -> bool:
        """The oldest articles of the listing are the broken ones."""
        return index >= self.edition.articles - self.edition.broken

    def fails_first(self, index: int) -> bool:
        """Whether the first request for an article meets an error."""
        return index >= 12 and index % 23 == self.first_failure

    def _listed(self, tag: str) -> tuple[int | Entry, ...]:
        """What a tag lists, newest first; pages laid over come before all others."""
        indices: list[int] = []
        if tag in known_tags():
            every = range(self.edition.articles)
            indices = [index for index in every if has_tag(self.name, index, tag)]
        return (*self.extra, *indices)

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
        indices = [place for place in self.listed(tag) if isinstance(place, int)]
        return [self.article(index) for index in indices[:FEED_LENGTH]]

    def neighbours(self, index: int) -> list[Entry]:
        """Newer articles, named beside an article; the newest ones name each other."""
        around = range(max(0, index - NEIGHBOURS), index)
        if index < NEIGHBOURS:
            around = range(min(NEIGHBOURS, self.edition.articles))
        return [entry_of(self.article(place)) for place in around if place != index]

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
        return dates[0] if dates else None
