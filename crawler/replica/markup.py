"""What the pages of both sites share: text to HTML, quoted attributes, dates in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from crawler.replica.stories import LINK, Article, Block, plain

LONG_WORD = re.compile(r"\b[A-Za-zäöüÄÖÜß]{13,}\b")
MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
)


@dataclass(frozen=True)
class Entry:
    """An article as a listing names it."""

    url: str
    headline: str
    teaser: str
    published: str
    author: str
    image: str


def entry_of(article: Article) -> Entry:
    """An article's entry in a listing."""
    story = article.story
    return Entry(
        url=story.url,
        headline=story.headline,
        teaser=story.description,
        published=story.date_published,
        author=story.authors[0][0],
        image=story.images[0][0],
    )


def quoted(text: str) -> str:
    """Text inside an attribute."""
    return escape(text, quote=True)


def links_and_bold(text: str, anchor: str) -> str:
    """Our markup as HTML; ``anchor`` is a link's start tag with ``{}`` for the address."""
    html = escape(text, quote=False).replace("&amp;shy;", "&shy;")
    html = LINK.sub(lambda link: anchor.format(link[2]) + link[1] + "</a>", html)
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html)


def hyphenated(text: str) -> str:
    """Text with soft hyphens in some of its long words, as entity or character."""

    def hyphen(word: re.Match[str]) -> str:
        middle = len(word[0]) // 2 + 1
        if len(word[0]) % 3 == 0:
            return word[0]
        return word[0][:middle] + ("&shy;" if middle % 2 else "\u00ad") + word[0][middle:]

    return LONG_WORD.sub(hyphen, text)


def spoken(blocks: tuple[Block, ...]) -> Iterator[str]:
    """All a page shows in its middle, captions included, as the publisher's own data mix it."""
    for block in blocks:
        yield plain(block.text)
        yield from map(plain, block.items)


def moment(date: str) -> datetime:
    """A story's date as an object."""
    return datetime.fromisoformat(date)


def day_in_words(date: str) -> str:
    """A date as mobiFlip shows it: 21. März 2018."""
    day = moment(date)
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"
