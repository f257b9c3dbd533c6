"""Policy: what a site's declarations mean for the feed, by the settings RIGHTS and CONTENT."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from crawler.items import Article, Content, Rights
from crawler.rights.excerpts import LEVELS, Keep, kept
from crawler.rights.robots import is_unavailable, limit

# What a copy of the page itself may not be kept for.
_NO_COPY: Final = frozenset({"noindex", "noarchive", "nosnippet"})


@dataclass(frozen=True, slots=True)
class Policy:
    """obeys: whether declarations are obeyed or only recorded. content: the most that is kept of
    any article. characters: the most that an excerpt holds."""

    obeys: bool = True
    content: Content = "full"
    characters: int = 300

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        return cls(
            obeys=settings["RIGHTS"] == "obey",
            content=settings["CONTENT"],
            characters=int(settings["EXCERPT_CHARACTERS"]),
        )

    def forbids(self, rights: Rights | None, now: datetime) -> bool:
        """Whether nothing of an article may be kept: it is not to be indexed, or no longer."""
        return (
            self.obeys
            and rights is not None
            and ("noindex" in rights.robots or is_unavailable(rights.robots, now))
        )

    def keep(self, rights: Rights | None) -> Keep:
        """How much of an article may be kept that is not forbidden altogether."""
        if not self.obeys or rights is None:
            return Keep(self.content, self.characters)
        most, characters = limit(rights.robots), self.characters
        allowed: Content = "excerpt" if rights.tdm_reserved else "full"
        if most == 0 or "noindex" in rights.robots:
            allowed = "metadata"
        elif most is not None:
            is_cut = rights.tdm_reserved or self.content == "excerpt"
            allowed, characters = "excerpt", min(most, characters) if is_cut else most
        return Keep(min(allowed, self.content, key=LEVELS.index), characters)

    def kept(self, article: Article) -> Article:
        """The article with no more of its text than may be kept."""
        return kept(article, self.keep(article.rights))


def may_archive(rights: Rights | None, policy: Policy, now: datetime) -> bool:
    """Whether a page may be kept as it is, in an archive of responses.

    No where the feed keeps less than the whole text, and where the site wants no copy kept.
    """
    if policy.forbids(rights, now) or policy.keep(rights).content != "full":
        return False
    return not policy.obeys or rights is None or _NO_COPY.isdisjoint(rights.robots)
