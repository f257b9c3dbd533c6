"""What changes on an article's page while its text stays: nothing here is an edit."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from crawler.replica.stories import BERLIN, LINK, Article, profile

TEXTS = frozenset({"p", "h2", "h3", "quote", "question", "list"})
LONG_WORD = re.compile(r"\b[a-zäöüA-ZÄÖÜß]{8,}\b")
SPACES = ("\u00a0", "  ", "\n\t")
# Traits that a page has or has not, by site where the sites differ.
TRAITS = {
    "summary": {"winfuture": "summary_on_top", "mobiflip": "summary_on_top"},
    "spelling": {"winfuture": "entities", "mobiflip": "decomposed"},
    "layout": {"winfuture": "layout2026", "mobiflip": "yoast"},
    "tracking": {"winfuture": "tracking", "mobiflip": "tracking"},
}


def redecorated(article: Article, change: str, at: datetime) -> Article:
    """The article with another page; see `events.Cosmetic`."""
    match change:
        case "comments":
            return replace(article, comments=article.comments + 3)
        case "adverts":
            return replace(article, adverts=article.adverts + 1)
        case "boxes":
            return replace(article, boxes=article.boxes + 1)
        case "date_modified":
            return modified(article, at)
        case "spaces":
            return _rewritten(article, _loosened)
        case "hyphens":
            return _rewritten(article, _hyphenated)
        case "summary" if not article.story.summary_points:
            return article
    changed = _toggled(article, TRAITS[change][article.story.site])
    return _rewritten(changed, _tracked) if change == "tracking" else changed


def modified(article: Article, at: datetime) -> Article:
    """The article with another date of modification, in Berlin."""
    date = at.astimezone(BERLIN).replace(microsecond=0).isoformat()
    return replace(article, story=replace(article.story, date_modified=date))


def _toggled(article: Article, trait: str) -> Article:
    traits, story = article.traits ^ {trait}, article.story
    authors = tuple((name, profile(story.site, name, traits)) for name, _ in story.authors)
    return replace(article, traits=traits, story=replace(story, authors=authors))


def _rewritten(article: Article, rewrite: Callable[[str], str]) -> Article:
    """The article with its texts in another spelling, which its story knows nothing of."""
    blocks = tuple(
        replace(block, text=rewrite(block.text), items=tuple(map(rewrite, block.items)))
        if block.kind in TEXTS
        else block
        for block in article.blocks
    )
    return replace(article, blocks=blocks, lead=rewrite(article.lead))


def _loosened(text: str) -> str:
    if "**" in text or "](" in text:  # our markup keeps to one line
        return text
    words = text.split(" ")
    return "".join(
        word + (SPACES[place % len(SPACES)] if place % 7 == 2 else " ")
        for place, word in enumerate(words)
    ).rstrip(" ")


def _hyphenated(text: str) -> str:
    """Soft hyphens in all long words but those of addresses; a second time, they go."""
    bare = text.replace("\u00ad", "").replace("&shy;", "")
    if bare != text:
        return bare
    parts = re.split(r"(\]\([^)]*\))", text)
    return "".join(
        part if part.startswith("](") else LONG_WORD.sub(lambda m: _halves(m[0]), part)
        for part in parts
    )


def _halves(word: str) -> str:
    return f"{word[: len(word) // 2]}\u00ad{word[len(word) // 2 :]}"


def _tracked(text: str) -> str:
    """Links with a campaign's name; a second time, without."""

    def mark(link: re.Match[str]) -> str:
        address, _, campaign = link[2].partition("?utm_source=")
        return f"[{link[1]}]({address if campaign else f'{address}?utm_source=text'})"

    return LINK.sub(mark, text)
