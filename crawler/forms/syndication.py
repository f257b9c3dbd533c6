"""RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1: the newest articles, for feed readers."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from heapq import nlargest
from html import escape
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import urlsplit

import msgspec

from crawler.forms import Told
from crawler.items import Article

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

_NEVER: Final = "1970-01-01T00:00:00Z"  # when a feed without articles was last updated
# XML 1.0, production 2: what no document may hold, however it is escaped.
_NO_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rss(records: Iterable[Article], file: BinaryIO, told: Told) -> None:
    """RSS 2.0, with the whole text as `content:encoded` and authors as `dc:creator`."""
    file.write(_generated(records, told, is_rss=True).rss_str(pretty=True))


def atom(records: Iterable[Article], file: BinaryIO, told: Told) -> None:
    file.write(_generated(records, told).atom_str(pretty=True))


def json_feed(records: Iterable[Article], file: BinaryIO, told: Told) -> None:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": told.title,
        **({"feed_url": told.url} if told.url else {}),
        "items": [_item(article) for article in _newest(records, told)],
    }
    file.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def _item(article: Article) -> dict[str, Any]:
    item = {
        "id": _id(article),
        "url": article.url,
        "title": article.headline,
        "summary": article.description,
        "content_text": article.article_body or article.description or article.headline,
        "image": article.images[0].url if article.images else None,
        "date_published": article.date_published,
        "date_modified": _updated(article),
        "authors": [
            {"name": author.name, **({"url": author.url} if author.url else {})}
            for author in article.authors
        ],
        "tags": article.keywords,
        "language": article.in_language,
    }
    return {name: value for name, value in item.items() if value}


def _newest(records: Iterable[Article], told: Told) -> list[Article]:
    return nlargest(told.limit, records, key=lambda it: datetime.fromisoformat(it.date_published))


def _id(article: Article) -> str:
    """A tag URI (RFC 4151), of what stays the same when URL or headline change."""
    return f"tag:{urlsplit(article.url).hostname},{article.date_first_seen[:10]}:{article.id}"


def _updated(article: Article) -> str:
    """When the latest revision was made, as far as the publisher says so, or we saw it."""
    if article.revision == 1:
        return article.date_modified or article.date_published
    return article.date_downloaded


def _generated(records: Iterable[Article], told: Told, *, is_rss: bool = False) -> "FeedGenerator":
    from feedgen.feed import FeedGenerator

    articles = _newest(records, told)
    made = FeedGenerator()
    made.load_extension("dc")
    made.id(told.url or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, told.title)}")
    made.title(_xml(told.title))
    made.description(_xml(told.title))
    if told.url:
        made.link(href=told.url, rel="self")
    made.link(href=_home(articles), rel="alternate")  # RSS knows one link, the last
    if articles:
        made.language(articles[0].in_language)
        # Of the articles, not of this moment: the same articles make the same document.
        made.updated(max(map(_updated, articles), key=datetime.fromisoformat))
    else:
        made.updated(_NEVER)
        made.author(name=_xml(told.title))  # RFC 4287, 4.1.1: unless each entry has one
    for article in articles:
        _add(made.add_entry(order="append"), article, is_rss=is_rss)
    return made


def _home(articles: list[Article]) -> str:
    hosts = sorted({f"https://{urlsplit(article.url).hostname}/" for article in articles})
    return hosts[0] if hosts else "https://example.invalid/"


def _add(entry: Any, article: Article, *, is_rss: bool) -> None:
    entry.id(_id(article))
    entry.guid(_id(article), permalink=False)
    entry.title(_xml(article.headline))
    entry.link(href=article.url)
    entry.published(article.date_published)
    entry.updated(_updated(article))
    if article.description:
        entry.summary(_xml(article.description))
    if article.article_body:
        entry.content(_html(article.article_body), type="html")
    for keyword in article.keywords:
        entry.category(term=_xml(keyword))
    names = [_xml(author.name) for author in article.authors] or [article.site]
    if is_rss:  # whose own `author` is an e-mail address
        entry.dc.dc_creator(names)
    else:
        entry.author([{"name": name} for name in names])


def _html(body: str) -> str:
    return "".join(f"<p>{escape(_xml(part), quote=False)}</p>" for part in body.split("\n\n"))


def _xml(text: str) -> str:
    return _NO_XML.sub("", text)
