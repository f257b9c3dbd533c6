"""What must hold for whatever bytes come in: for a fuzzer, and for the tests.

Each target takes bytes and raises nothing but what its docstring in `crawler` promises. An input
of `check` is the number of a target, one byte, and what that target is given.
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from lxml import etree

from crawler import normalise, structured
from crawler.feed import FeedError, read
from crawler.html import parse
from crawler.items import Article
from crawler.normal_form import normalised
from crawler.pages import (
    ArticlePage,
    FeedPage,
    SitemapError,
    SitemapPage,
    TagPage,
    disputed_dates,
    listing_wall,
    wall_of,
)
from crawler.problems import problems
from crawler.spiders.mobiflip import MobiflipArticlePage, MobiflipTagPage
from crawler.spiders.winfuture import WinfutureArticlePage, WinfutureTagPage

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ADDRESSES = {
    WinfutureArticlePage: "https://winfuture.de/news,156000.html",
    MobiflipArticlePage: "https://www.mobiflip.de/mate/",
    WinfutureTagPage: "https://winfuture.de/special/huawei/",
    MobiflipTagPage: "https://www.mobiflip.de/thema/huawei/",
}


def article(kind: type[ArticlePage], content: bytes) -> None:
    page = kind(content, ADDRESSES[kind])
    disputed_dates(page)
    wall_of(page)
    found = normalised(page.to_article("winfuture", "huawei"))
    assert normalised(found) == found
    problems(found)
    assert msgspec.json.decode(msgspec.json.encode(found), type=dict)["id"] == found.id
    for value in (found.headline, found.description or "", *found.article_body.split("\n\n")):
        settled(value)
    assert not {"\\", "\0"} & {*found.id}


def settled(value: str) -> None:
    """Text of a record: clean but for mojibake, which only the check of the record can judge."""
    assert all(flaw.startswith("mojibake") for flaw in normalise.flaws(value)), value


def listing(kind: type[TagPage], content: bytes) -> None:
    page = kind(content, ADDRESSES[kind])
    listing_wall(page)
    for address, date in page.articles.items():
        assert kind.ARTICLE_URL.canonical(address) == address
        assert date is None or normalise.date(date) == date
    assert page.next_url is None or normalise.url(page.next_url) == page.next_url


def text(content: bytes) -> None:
    value = content.decode(errors="surrogateescape")
    line = normalise.text(value)
    settled(line or "")
    assert normalise.text(line) == line
    assert normalise.body([*(line or "").split("\n\n")]) == (line or "")
    for function in (normalise.name, normalise.date, normalise.url, normalise.image_url):
        found = function(value)
        assert found is None or function(found) == found
    normalise.credit(value)
    normalise.notice(value)
    normalise.date_oddities(value, NOW)
    assert normalise.keywords(normalise.keywords([value])) == normalise.keywords([value])


def scripts(content: bytes) -> None:
    tree = etree.Element("html")
    script = etree.SubElement(tree, "script", type="application/ld+json")
    source = normalise.text(content.decode(errors="replace")) or ""
    script.text = source.replace("\ufffe", "")
    nodes = structured.json_ld(tree)
    node = structured.article_node(nodes, ADDRESSES[WinfutureArticlePage])
    for key in node:
        structured.strings(node[key])
        structured.resolve(nodes, node[key])
    page = b'<script type="application/ld+json">' + content + b"</script><p>Ein Satz."
    article(WinfutureArticlePage, page)


def marks(content: bytes) -> None:
    tree = parse(content)
    for found in (structured.meta(tree), structured.links(tree), structured.microdata(tree)):
        assert all(values for values in found.values())


def topic_feed(content: bytes) -> None:
    for address in FeedPage(content, WinfutureArticlePage.ARTICLE_URL).articles:
        assert WinfutureArticlePage.ARTICLE_URL.canonical(address) == address


def sitemap(content: bytes) -> None:
    try:
        page = SitemapPage(content, WinfutureArticlePage.ARTICLE_URL)
    except SitemapError:
        return
    assert page.articles.keys() == page.last_changes.keys()
    assert all(normalise.url(address) == address for address in page.sitemaps)


def feed(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "2026-01-15T201000.000Z.jsonl"
        path.write_bytes(content)
        with suppress(FeedError):
            assert all(isinstance(record, Article) for record in read(path))


TARGETS: list[Callable[[bytes], None]] = [
    *(partial(article, kind) for kind in (WinfutureArticlePage, MobiflipArticlePage)),
    *(partial(listing, kind) for kind in (WinfutureTagPage, MobiflipTagPage)),
    *(text, scripts, marks, topic_feed, sitemap, feed),
]


def check(content: bytes) -> None:
    """Gives an input to the target that its first byte names."""
    if content:
        TARGETS[content[0] % len(TARGETS)](content[1:])


def seeds(root: Path) -> list[bytes]:
    """Sound inputs to begin with: the pages of `tests/sites` and the finds kept, a few feeds."""
    pages = sorted((root / "tests/sites").glob("*/*.html"))
    found = [bytes([number]) + page.read_bytes() for page in pages for number in range(4)]
    found += [path.read_bytes() for path in sorted((root / "tests/fuzzed").glob("*"))]
    dates = ["15.01.2026 21:10 Uhr", "Thu, 15 Jan 2026 21:10:00 +0100", "2026-01-15T21:10:00+01:00"]
    addresses = ["https://winfuture.de/news,156000.html?utm_source=x#y", "//i0.wp.com/a.de/b.jpg"]
    found += [b"\x04" + value.encode() for value in (*dates, *addresses, "Von Ji Feng (Foto: Li)")]
    node = b'{"@graph":[{"@type":["NewsArticle"],"@id":"#a","author":{"@id":"#b","name":"Ji"}}]}'
    found += [b"\x05" + node, b"\x06<meta name=a content=b><p itemprop=author>Ji</p>"]
    rss = (
        b"\x07<rss><channel><item><link>https://winfuture.de/news,156000.html</link><pubDate>"
        b"Thu, 15 Jan 2026 21:10:00 +0100</pubDate></item></channel></rss>"
    )
    xmlns = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    entry = b"<loc>https://winfuture.de/news,156000.html</loc><lastmod>2026-01-15</lastmod>"
    maps = [
        b"\x08<urlset " + xmlns + b"><url>" + entry + b"</url></urlset>",
        b"\x08<sitemapindex " + xmlns + b"><sitemap>" + entry + b"</sitemap></sitemapindex>",
    ]
    record = Article(
        id="winfuture:156000",
        site="winfuture",
        topic="huawei",
        url="https://winfuture.de/news,156000.html",
        headline="Titel",
        article_body="Ein Satz.",
        date_published="2026-01-15T21:10:00+01:00",
    )
    return [*found, rss, *maps, b"\x09" + msgspec.json.encode(record) + b"\n"]
