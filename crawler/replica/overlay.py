"""Pages laid over the replica's own: a folder with a ``pages.json`` that maps URLs to files."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.replica.markup import Entry
from crawler.replica.site import Reply
from crawler.replica.stories import NEWEST, index_of

ARTICLES = {
    "winfuture": (re.compile(r"(www\.)?winfuture\.de"), re.compile(r"/news,\d+\.html")),
    "mobiflip": (
        re.compile(r"(www\.)?mobiflip\.de"),
        re.compile(r"/(?!(?:thema|author|feed|page|category|tag)/)(?:shortnews/)?[\w-]+/"),
    ),
}
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
SPELLINGS = {"etag": "ETag", "last-modified": "Last-Modified"}
PUBLISHED = re.compile(r'article:published_time" content="([^"]+)"')


class PagesError(Exception):
    """A ``pages.json`` that cannot be used; the message says why."""


class Overlay:
    """The pages of a folder: a reply for each address, and the articles among them."""

    def __init__(self, folder: Path) -> None:
        self.replies: dict[tuple[str, str], Reply] = {}
        self.articles: dict[str, tuple[Entry, ...]] = {}
        for url, page in _read(folder).items():
            if not isinstance(page, dict):
                raise PagesError(f"pages.json: {url}: not an object")
            parts = urlsplit(url)
            if not parts.hostname:
                raise PagesError(f"pages.json: {url!r} is no absolute URL")
            reply = _reply(folder, url, page)
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            self.replies[parts.hostname, target] = reply
            for site, (hosts, paths) in ARTICLES.items():
                if hosts.fullmatch(parts.hostname) and paths.fullmatch(parts.path):
                    known = self.articles.get(site, ())
                    self.articles[site] = (*known, _entry(url, reply))

    def unknown_articles(self, count: int) -> Mapping[str, tuple[Entry, ...]]:
        """The articles that the replica's own listing of ``count`` does not name anyway."""
        return {
            site: tuple(entry for entry in entries if not _is_own(site, entry.url, count))
            for site, entries in self.articles.items()
        }


def _read(folder: Path) -> dict[str, Any]:
    try:
        pages = json.loads((folder / "pages.json").read_bytes())
    except OSError as error:
        raise PagesError(f"{folder / 'pages.json'}: {error.strerror}") from error
    except ValueError as error:
        raise PagesError(f"{folder / 'pages.json'}: not JSON: {error}") from error
    if not isinstance(pages, dict):
        raise PagesError(f"{folder / 'pages.json'}: not an object of URLs")
    return pages


def _reply(folder: Path, url: str, page: dict[str, Any]) -> Reply:
    status, headers = page.get("status", 200), page.get("headers", {})
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise PagesError(f"pages.json: {url}: status {status!r} is no HTTP status")
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise PagesError(f"pages.json: {url}: headers are not an object of texts")
    if not any(name.lower() == "content-type" for name in headers):
        headers = {"Content-Type": "text/html", **headers}
    headers = {SPELLINGS.get(name.lower(), name): value for name, value in headers.items()}
    if page.get("file") is None:
        return Reply(status, headers)
    path = folder / str(page["file"])
    try:
        body, changed = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise PagesError(f"pages.json: {url}: {path}: {error.strerror}") from error
    modified = datetime.fromtimestamp(int(changed), UTC).isoformat()
    return Reply(status, headers, (body,), modified)


def _entry(url: str, reply: Reply) -> Entry:
    html = b"".join(reply.pieces).decode("cp1252", "replace")
    title, published = TITLE.search(html), PUBLISHED.search(html)
    return Entry(
        url=url,
        headline=unescape(" ".join(title[1].split())) if title else url,
        teaser="Mehr dazu im Beitrag.",
        published=_valid(published[1] if published else ""),
        author="Redaktion",
        image="https://i.wfcdn.de/teaser/1920/1.jpg",
    )


def _valid(date: str) -> str:
    try:
        return datetime.fromisoformat(date).isoformat()
    except ValueError:
        return NEWEST.isoformat()


def _is_own(site: str, url: str, count: int) -> bool:
    number = re.search(r"(\d{6})(?:\.html|/)$", url)
    index = index_of(site, int(number[1])) if number else None
    return index is not None and index < count
