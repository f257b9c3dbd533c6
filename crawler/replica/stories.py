"""The articles of both sites, and the truth about them.

An article is made when it is asked for and depends on site, seed and index alone, so the replica
can play a site of thousands of articles without ever holding them.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize
from zoneinfo import ZoneInfo

from crawler.replica.drafts import AUTHORS, blocks_of, draft, slug

SITES: Final = ("winfuture", "mobiflip")
MOST_ARTICLES = 100_000
ARCHIVE = 8000  # the first index of the archive, whose articles are numbered and dated more densely
# The first number of the archive, and how far apart they are. WinFuture's lie above all others:
# of one below 100,000 nobody could tell a teaser's appended 1, nor of one from 300,000 on.
ARCHIVE_NUMBERS = {"winfuture": (299_999, 1), "mobiflip": (327_900, 3)}
BERLIN = ZoneInfo("Europe/Berlin")
NEWEST = datetime(2026, 1, 15, 20, 10, tzinfo=ZoneInfo("UTC"))
LINK = re.compile(r"\[([^\[\]]+)\]\(([^()]+)\)")


@dataclass(frozen=True)
class Story:
    """What a faultless reader would say about an article: the truth that crawls are held to."""

    site: str
    number: int
    url: str
    headline: str
    description: str
    paragraphs: tuple[str, ...]
    summary_points: tuple[str, ...]
    authors: tuple[tuple[str, str | None], ...]
    date_published: str
    date_modified: str | None
    article_section: str
    keywords: tuple[str, ...]
    images: tuple[tuple[str, str | None, str | None], ...]
    is_advertisement: bool
    press_release: str | None = None


@dataclass(frozen=True)
class Block:
    """A piece of an article's middle; ``text`` may hold ``[links](url)`` and ``**bold**``."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Article:
    """A story with what only its page shows: markup, oddities, neighbours."""

    story: Story
    index: int
    blocks: tuple[Block, ...]
    traits: frozenset[str]
    tags: tuple[str, ...]
    lead: str
    keywords: tuple[str, ...]
    shared_title: str
    comments: int = 0  # written since the first day
    adverts: int = 0  # which advert stands in the text; 0 is none
    boxes: int = 0  # which articles the boxes around it name


def plain(text: str) -> str:
    """Text without our markup, soft hyphens and doubled spaces."""
    text = LINK.sub(r"\1", text).replace("**", "")
    text = text.replace("\u00ad", "").replace("&shy;", "").replace("\u00a0", " ")
    return normalize("NFC", " ".join(text.split()))


def number_of(site: str, index: int) -> int:
    """The site's own article number; it falls as the index grows, in the archive once more."""
    if index >= ARCHIVE:
        first, step = ARCHIVE_NUMBERS[site]
        return first - step * (index - ARCHIVE)
    jitter = random.Random(f"number:{site}:{index}").randrange(6)
    return 156_190 - 7 * index - jitter if site == "winfuture" else 512_000 - 23 * index - jitter


def index_of(site: str, number: int) -> int | None:
    """The index whose article bears the number."""
    first, step = ARCHIVE_NUMBERS[site]
    recent = (156_190 - number) // 7 if site == "winfuture" else (512_000 - number) // 23
    for index in (recent, ARCHIVE + (first - number) // step):
        if 0 <= index < MOST_ARTICLES and number_of(site, index) == number:
            return index
    return None


def has_tag(site: str, index: int, tag: str) -> bool:
    """Whether a tag lists the article: all are about Huawei, a third about each other tag."""
    return tag == "huawei" or random.Random(f"tag:{site}:{tag}:{index}").random() < 0.34


def stories(site: str, count: int, *, seed: int = 0) -> Iterator[Story]:
    """The truth about the newest ``count`` articles of a site, in the order of its listing."""
    if site not in SITES:
        raise ValueError(f"no such site: {site!r}, there are {', '.join(SITES)}")
    return (article(site, index, seed).story for index in range(count))


@lru_cache(maxsize=4096)
def article(site: str, index: int, seed: int = 0) -> Article:
    """The article at a place of the listing, newest first, the same however many are listed."""
    return dated(site, index, seed, published_at(site, index))


def dated(site: str, index: int, seed: int, published: datetime) -> Article:
    """The article at a place of the listing, as if published at another moment."""
    drafted = draft(site, index, seed)
    number = number_of(site, index)
    modified = published + timedelta(minutes=7 * (number % 61) + 3, seconds=number % 60)
    address = _address(site, number, drafted)
    blocks = tuple(_block(site, number, published, raw) for raw in blocks_of(drafted))
    lead_image = _lead_image(site, number, published, address)
    pictures = [picture for block in blocks for picture in _pictures(site, number, block)]
    traits = frozenset(drafted["traits"])
    headline = plain(drafted["headline"])
    story = Story(
        site=site,
        number=number,
        url=address,
        headline=headline,
        description=plain(drafted["description"]),
        paragraphs=tuple(paragraphs_of(blocks)),
        summary_points=tuple(drafted.get("summary", ())),
        authors=tuple((name, profile(site, name, traits)) for name in drafted["authors"]),
        date_published=published.isoformat(),
        date_modified=modified.isoformat() if "updated" in traits else None,
        article_section=drafted["section"],
        keywords=_distinct(drafted["keywords"]),
        images=((lead_image, None, None), *pictures),
        is_advertisement=drafted.get("advertisement", False),
        press_release=drafted.get("press"),
    )
    return Article(
        story=story,
        index=index,
        blocks=blocks,
        traits=traits,
        tags=tuple(drafted["tags"]),
        lead=drafted["description"],
        keywords=tuple(drafted["keywords"]),
        shared_title=drafted.get("og_title") or _tested(headline, traits),
    )


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, as spelled first; some pages repeat one in lower case."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.casefold(), word)
    return tuple(found.values())


def _tested(headline: str, traits: frozenset[str]) -> str:
    """Another headline for the same article, as editors try them out on social networks."""
    return f"Ausgerechnet Huawei: {headline}" if "title_test" in traits else headline


def published_at(site: str, index: int) -> datetime:
    """When an article is published, in Berlin: one every nine hours or so, in the archive six
    times as many, so that it begins in 2002."""
    jitter = random.Random(f"date:{site}:{index}").randrange(8 * 60)
    minutes = 9 * 60 * min(index, ARCHIVE) + jitter
    if index >= ARCHIVE:
        minutes = 9 * 60 * ARCHIVE + 90 * (index - ARCHIVE) + jitter // 6
    return (NEWEST - timedelta(minutes=minutes)).astimezone(BERLIN)


def _address(site: str, number: int, drafted: dict[str, Any]) -> str:
    if site == "winfuture":
        return f"https://winfuture.de/news,{number}.html"
    folder = "shortnews/" if drafted.get("short") else ""
    return f"https://www.mobiflip.de/{folder}{slug(drafted['headline'])}-{number}/"


def profile(site: str, name: str, traits: frozenset[str]) -> str | None:
    """An author's page, whose address differs between WinFuture's layouts."""
    number = AUTHORS[site][name]
    if site == "mobiflip":
        return f"https://www.mobiflip.de/author/{slug(name)}/"
    if not number:
        return None
    new = "layout2026" in traits or "deal" in traits
    return f"https://winfuture.de/{f'mywf/{number}/' if new else f'mywinfuture,{number}.html'}"


def _lead_image(site: str, number: int, published: datetime, address: str) -> str:
    if site == "winfuture":
        return f"https://i.wfcdn.de/teaser/1920/{number - 90_000}.jpg"
    name = address.rstrip("/").rpartition("/")[2]
    return f"https://www.mobiflip.de/wp-content/uploads/{published:%Y/%m}/{name}.jpg"


def _block(site: str, number: int, published: datetime, raw: list[Any]) -> Block:
    kind, rest = raw[0], raw[1:]
    if kind in ("list", "gallery"):
        return Block(kind, items=tuple(rest[0]))
    if kind == "image":
        name, caption, credit = rest
        if site == "winfuture":
            taken = int(published.timestamp())
            url = f"https://scr.wfcdn.de/{number % 40_000}/{name}-{taken}-0-0.jpg"
        else:
            url = (
                f"https://www.mobiflip.de/wp-content/uploads/{published:%Y/%m}/{name}-{number}.jpg"
            )
        return Block(kind, text=caption, url=url, note=credit)
    text, note = (*rest, "", "")[:2]
    return Block(kind, text=text, note=note)


def gallery_image(number: int, place: int) -> str:
    """The address of a picture in one of mobiFlip's galleries."""
    return f"https://www.mobiflip.de/wp-content/uploads/galerie/{number}-{place}.jpg"


def _pictures(site: str, number: int, block: Block) -> Iterator[tuple[str, str | None, str | None]]:
    """A block's pictures; WinFuture's galleries are teasers of other pages, so they hold none."""
    if block.kind == "image":
        yield block.url, block.text or None, block.note or None
    elif block.kind == "gallery" and site == "mobiflip":
        for place, caption in enumerate(block.items, 1):
            yield gallery_image(number, place), caption, None


def paragraphs_of(blocks: tuple[Block, ...]) -> Iterator[str]:
    """What a reader takes for the text of the blocks."""
    for block in blocks:
        if block.kind in ("p", "h2", "h3", "question", "quote"):
            yield plain(block.text)
        elif block.kind == "list":
            yield from map(plain, block.items)
