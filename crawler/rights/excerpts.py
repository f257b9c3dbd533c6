"""How much of an article is kept: all of it, an excerpt, or what is known about it."""

from dataclasses import replace
from typing import Final, NamedTuple

from crawler.items import Article, Content

LEVELS: Final[tuple[Content, ...]] = ("metadata", "excerpt", "full")
_ELLIPSIS: Final = "…"


class Keep(NamedTuple):
    """How much may be kept; `characters` counts for an excerpt alone."""

    content: Content
    characters: int


def cut(text: str, most: int) -> str:
    """At most so many characters of a text, in whole words, an ellipsis included where it is cut.

    Empty where not even the first word fits. Cutting again, to as many or fewer, is the same as
    cutting to the fewer at once.
    """
    if len(text) <= most:
        return text
    if most < 1:
        return ""
    end = next((at for at in range(most - 1, 0, -1) if text[at].isspace()), 0)
    head = text[:end].rstrip()
    return f"{head}{_ELLIPSIS}" if head else ""


def kept(article: Article, keep: Keep) -> Article:
    """The article with no more of its text than may be kept; doing it twice changes nothing.

    An excerpt holds headline, and of the lead and then the body as many characters as allowed,
    both together. Neither it nor metadata holds the site's summary or captions.
    """
    if keep.content == "full":
        return article
    content = min(article.content, keep.content, key=LEVELS.index)
    description, body = None, ""
    if content == "excerpt":
        lead = article.description or ""
        shown = cut(lead, keep.characters)
        description = shown or None
        body = cut(article.article_body, keep.characters - len(shown)) if shown == lead else ""
    return replace(
        article,
        content=content,
        description=description,
        article_body=body,
        summary_points=[],
        images=[replace(image, caption=None) for image in article.images],
    )
