"""What keeps a record out of the feed: a field of the wrong form, a text that is not clean."""

from typing import Final

import msgspec

from crawler import normalise
from crawler.items import Article

_TEXTS: Final = ("headline", "description", "article_body", "article_section")

# Characters. Real ones have a fifth of that; beyond, the page holds something else there.
_LONGEST: Final = {"headline": 1000, "description": 10_000}


def problems(article: Article) -> list[str]:
    """All that is wrong with a record, a sentence each: its types, and what `flaws` finds."""
    found = _lacking(article)
    if not found:
        try:
            msgspec.convert(msgspec.to_builtins(article), Article)
        except msgspec.ValidationError as error:
            found.append(f"not of the record's form: {error}")
    return [*found, *_unclean(article)]


def flaws(article: Article) -> list[str]:
    """What is wrong with a record whose types are right: a field that lacks, a text not clean."""
    return [*_lacking(article), *_unclean(article)]


def _lacking(article: Article) -> list[str]:
    found = [
        f"{name} is empty: the page names none"
        for name in ("headline", "article_body", "date_published")
        if not getattr(article, name) and (name != "article_body" or article.content == "full")
    ]
    for name, most in _LONGEST.items():
        if len(getattr(article, name) or "") > most:
            found.append(f"{name} is longer than {most:,} characters")
    return found


def _unclean(article: Article) -> list[str]:
    found = []
    texts = {name: getattr(article, name) or "" for name in _TEXTS}
    # Most are clean, and one look at all of them costs less than four.
    if normalise.flaws("\n".join(texts.values())):
        for name, text in texts.items():
            found += [f"{name} holds {flaw}" for flaw in normalise.flaws(text)]
    return found + [
        f"article_body holds a notice of the page: {paragraph[:60]!r}"
        for paragraph in normalise.notices(article.article_body)
    ]
