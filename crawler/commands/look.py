"""`scrapy look`: what a page class says about one page."""

import argparse
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import scrapy
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response

from crawler.commands import sites, wrong_use
from crawler.items import Article
from crawler.normalise import utc
from crawler.outcome import COMPLETE, INCOMPLETE
from crawler.pages import ArticlePage, Page, TagPage
from crawler.pipelines import normalised, problems
from crawler.tag_spider import TagSpider, cause


class _Looker(scrapy.Spider):
    """Fetches one page and keeps it."""

    name = "look"
    custom_settings = {"FEEDS": {}, "ITEM_PIPELINES": {}}

    def __init__(self, url: str, found: list[Response], why: list[str]) -> None:
        super().__init__()
        self.url, self.found, self.why = url, found, why

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, self.parse, errback=lambda failure: self.why.append(cause(failure)))

    def parse(self, response: Response) -> None:
        self.found.append(response)


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # a saved file needs none, and starting one takes a second
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "CRITICAL"}

    def syntax(self) -> str:
        return "[options] URL_OR_FILE"

    def short_desc(self) -> str:
        return "Show what the page class of a site says about one page"

    def long_desc(self) -> str:
        return (
            "Read one page of a site, from the web or from a saved file, and show each field of "
            "its record with the source that answered it (json-ld, microdata, meta, visible, "
            "url), or, for a tag page, the articles it lists. A file is read as bytes, as a "
            "server that names no encoding would send it. Exit code: 0 the record is fit for "
            "the feed, 1 it is not or there is no page, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="where a saved file comes from (default: as it says)")
        parser.add_argument("--site", help="whose page classes to use (default: by the URL)")
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the normalised record, and nothing else, as one JSON object",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) != 1:
            wrong_use("look", "name one URL or file")
        known = sites(self.settings)
        if opts.site and opts.site not in known:
            wrong_use("look", f"there is no site {opts.site!r}; there are {', '.join(known)}")
        candidates = [known[opts.site]] if opts.site else list(known.values())
        if "://" in args[0]:
            content, url, content_type = self.fetch(args[0])
        else:
            content, url, content_type = self.read(args[0]), opts.url or "", None
        spider = _spider_for(candidates, content, url) or (opts.site and candidates[0])
        if not spider:
            wrong_use("look", "no site claims this page; name its --url, or its --site")
        page = _page(spider, content, url or _said_url(spider, content), content_type)
        self.exitcode = _show(page, spider.name, as_json=opts.json)

    def read(self, path: str) -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            wrong_use("look", f"{path} cannot be read: {error.strerror}")

    def fetch(self, url: str) -> tuple[bytes, str, str | None]:
        process = AsyncCrawlerProcess(self.settings)
        found: list[Response] = []
        why: list[str] = []
        process.crawl(_Looker, url=url, found=found, why=why)
        process.start()
        if not found:
            print(f"scrapy look: {url} could not be read: {', '.join(why)}", file=sys.stderr)
            raise SystemExit(INCOMPLETE)
        header = found[0].headers.get("Content-Type")
        return found[0].body, found[0].url, header.decode("latin-1") if header else None


def _spider_for(
    candidates: list[type[TagSpider]], content: bytes, url: str
) -> type[TagSpider] | None:
    """The site that a URL, or else the page itself, belongs to."""
    for spider in candidates:
        hosts = spider.article_page.ARTICLE_URL.hosts
        if any(f"//{host}/" in f"{url or _said_url(spider, content)}/" for host in hosts):
            return spider
    return None


def _said_url(spider: type[TagSpider], content: bytes) -> str:
    return spider.article_page(content, "").canonical_url or ""


def _page(
    spider: type[TagSpider], content: bytes, url: str, content_type: str | None
) -> ArticlePage | TagPage:
    is_article = spider.article_page.ARTICLE_URL.canonical(url) or not url
    kind: type[ArticlePage | TagPage] = spider.article_page if is_article else spider.tag_page
    return kind(content, url, content_type)


def _show(page: Page, site: str, *, as_json: bool) -> int:
    if isinstance(page, TagPage):
        listing = {"articles": page.articles, "next": page.next_url}
        print(json.dumps(listing, ensure_ascii=False, indent=None if as_json else 2))
        return COMPLETE if page.articles else INCOMPLETE
    assert isinstance(page, ArticlePage)
    now = utc(datetime.now(UTC))
    article = normalised(page.to_article(site, "huawei"))
    article = replace(article, date_first_seen=now, date_downloaded=now, run_id="look")
    found = problems(article)
    if as_json:
        print(msgspec.json.encode(article).decode())
    else:
        _draw(article, page.sources)
    for problem in found:
        print(f"scrapy look: not fit for the feed: {problem}", file=sys.stderr)
    return INCOMPLETE if found else COMPLETE


_SOURCE_OF = {"url": "canonical_url", "id": "number"}
_OURS = {
    *("schema_version", "event", "revision", "duplicate_of", "changes", "backfill"),
    *("date_first_seen", "date_downloaded", "run_id", "topic"),
}


def _draw(article: Article, sources: dict[str, str]) -> None:
    from rich.console import Console  # as in harvest.py
    from rich.table import Table

    drawn = Table("field", "source", "value", header_style="bold", show_lines=True)
    for name, value in asdict(article).items():
        if name not in _OURS:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            source = sources.get(_SOURCE_OF.get(name, name), "")
            drawn.add_row(name, source, shown.replace("[", r"\["))
    Console(width=None if sys.stdout.isatty() else 120).print(drawn)
