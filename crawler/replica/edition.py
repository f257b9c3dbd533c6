"""Which articles a replica has, and how each stands. This edition never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.replica.markup import Entry, entry_of
from crawler.replica.stories import Article, article

NEIGHBOURS = 7


@dataclass(frozen=True)
class Edition:
    """The newest ``articles`` of each site, and the pages laid over each site's listings."""

    articles: int = 20
    seed: int = 0
    broken: int = 0
    extra: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    def article(self, site: str, index: int) -> Article:
        """The article at a place of the listing, as its page shows it."""
        return article(site, index, self.seed)

    def status(self, site: str, index: int) -> int:
        """What an article's page is answered with; the oldest of the listing are broken."""
        return 200 if index < self.articles - self.broken else 404

    def indices(self, site: str) -> Sequence[int]:
        """The articles a site lists, newest first."""
        return range(self.articles)

    def neighbours(self, site: str, index: int) -> list[Entry]:
        """Newer articles, named beside an article; the newest ones name each other."""
        around = range(max(0, index - NEIGHBOURS), index)
        if index < NEIGHBOURS:
            around = range(min(NEIGHBOURS, self.articles))
        return [entry_of(self.article(site, place)) for place in around if place != index]

    def newest(self, site: str) -> list[Entry]:
        """The articles named beside a listing."""
        return self.neighbours(site, 0)

    def in_topic_feed(self, site: str) -> "Edition | None":
        """What a site's topic feeds know of; None where they are missing."""
        return self

    def changed(self, site: str) -> str | None:
        """When a listing last changed, RFC 3339; None where its newest article tells."""
        return None
