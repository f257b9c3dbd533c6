"""`scrapy look`: what a page class says about one page."""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import msgspec
import scrapy
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler import normalise, rights, structured
from crawler.arguments import Arguments
from crawler.browser import BrowserMissingError, Render
from crawler.browser_spider import as_sent, is_rendered
from crawler.commands import (
    check_live,
    check_options,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    sites,
    wrong_use,
)
from crawler.commands._archive import archived, list_archive, wrong_page
from crawler.declared import declared_in
from crawler.feed_spider import cause
from crawler.html import parse
from crawler.items import Article
from crawler.normal_form import normalised
from crawler.outcome import COMPLETE, INCOMPLETE
from crawler.pages import ArticlePage, TagPage, listing_wall, wall_of
from crawler.problems import problems
from crawler.settings import BOT_NAME
from crawler.shown import view
from crawler.tag_spider import TagSpider

_ARCHIVES: Final = (".warc.gz", ".warc.gz.part")


class _Looker(scrapy.Spider):
    """Fetches one page and keeps it."""

    name = "look"
    # Nobody sits at a prompt for ten minutes; what says no is told instead.
    custom_settings = {"FEEDS": {}, "ITEM_PIPELINES": {}, "RETRY_AFTER_LIMIT": 10}

    def __init__(
        self, url: str, site: type[TagSpider], found: list[Response], why: list[str]
    ) -> None:
        super().__init__()
        self.url, self.site, self.found, self.why = url, site, found, why
        asked = urlsplit(url).hostname  # with --site it may be a stranger, who was named on purpose
        self.hosts = site.may_ask() | ({asked} if asked else set())

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, self.parse, errback=self.failed)

    def parse(self, response: Response) -> list[Request]:
        """Keeps the page, and asks for it in the browser if scripts fill it."""
        self.found[:] = [response]
        page = _page(self.site, response.body, [response.url], _content_type(response))
        if page.is_shell and _belongs(response.url, self.site) and not is_rendered(response):
            return [Render.of(response, view(type(page), self.site.all_hosts()))]
        return []

    def failed(self, failure: Failure) -> None:
        error = failure.value
        self.found.clear()
        self.why.append(error.remedy if isinstance(error, BrowserMissingError) else cause(failure))


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
            "url), or, for a tag page, the articles it lists. `rights` is what the page itself "
            "declares, of one from the web also its headers. Nothing is added to the feed. A "
            "file is read as bytes, as a server that names no encoding would send it. Of an "
            "archive (.warc.gz), --offset names the record, as the field `archive` has it; without "
            "it, what the archive holds is listed. Exit code: 0 the record is fit for the feed, 1 "
            "it is not, or there is no article, with a line saying why, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("look", parser)
        parser.add_argument(
            "--url", help="where a saved file comes from (default: the address it names as its own)"
        )
        parser.add_argument(
            "--site", help="whose page classes to use (default: the site the address belongs to)"
        )
        parser.add_argument(
            "--offset", metavar="N", help="the record of an archive, by the byte where it begins"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the normalised record (of a tag page: its articles and next page), and "
            "nothing else, as one JSON object",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("look", self.settings, args)
        if len(args) != 1:
            wrong_use("look", "name one URL or file")
        known = sites(self.settings)
        if opts.site and opts.site not in known:
            wrong_use("look", f"there is no site {opts.site!r}; there are {', '.join(known)}")
        if args[0].endswith(_ARCHIVES) and not opts.offset:
            self.exitcode = list_archive(self.settings, args[0], as_json=opts.json)
            return
        response = self.response(args[0], known, opts)
        content = response.body if response else self.read(args[0])
        url = response.url if response else opts.url or ""
        content_type = _content_type(response) if response else None
        headers = declared_in(as_sent(response)) if response else {}
        addresses = [address for address in (url, *_own_addresses(content)) if address]
        site = opts.site or _owner(known, addresses)
        page = _page(known[site], content, addresses, content_type)
        with reader_may_leave():
            self.exitcode = _show(page, site, headers, as_json=opts.json)

    def response(
        self, name: str, known: dict[str, type[TagSpider]], opts: argparse.Namespace
    ) -> Response | None:
        """What a web address or an archive answers; None for a file."""
        is_web, is_archive = "://" in name, name.endswith(_ARCHIVES)
        if (is_web or is_archive) and opts.url:
            wrong_use("look", "--url is for files; a page from the web or an archive has its own")
        if opts.offset and not is_archive:
            wrong_use("look", "--offset is for archives, whose names end in .warc.gz")
        assert self.settings is not None
        if is_archive:
            return archived(self.settings, name, opts.offset)
        url = name if is_web else opts.url or ""
        if url and not normalise.url(url):
            wrong_use("look", f"{url} is no web address")
        if url and not opts.site:
            _owner(known, [url])  # asks nobody for a page that no site claims
        if not is_web:
            return None
        check_live("look", self.settings)
        return self.fetch(url, known[opts.site or _owner(known, [url])])

    def read(self, path: str) -> bytes:
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", error)
            wrong_use("look", f"{path} cannot be read: {why} (a URL begins with https://)")
        if not content.strip():
            wrong_page(f"{path} is empty")
        return content

    def fetch(self, url: str, site: type[TagSpider]) -> Response:
        assert self.settings is not None
        TagSpider.update_settings(self.settings)  # the same honest user agent
        keep_secrets()
        process = AsyncCrawlerProcess(self.settings)
        found: list[Response] = []
        why: list[str] = []
        process.crawl(_Looker, url=url, site=site, found=found, why=why)
        process.start()
        if not found:
            wrong_page(f"{url} could not be read: {', '.join(why) or 'there was no answer'}")
        return found[0]


def _content_type(response: Response) -> str | None:
    header = response.headers.get("Content-Type")
    return header.decode("latin-1") if header else None


def _own_addresses(content: bytes) -> Iterator[str | None]:
    """What a page names as its own address, for want of the one it was fetched from."""
    tree = parse(content, None)
    for value in (
        *structured.links(tree).get("canonical", ()),
        *structured.meta(tree).get("og:url", ()),
    ):
        yield normalise.url(value)


def _belongs(address: str, spider: type[TagSpider]) -> bool:
    return urlsplit(address).hostname in spider.article_page.ARTICLE_URL.hosts


def _owner(known: dict[str, type[TagSpider]], addresses: Sequence[str]) -> str:
    """The site that one of the addresses belongs to; without one the command ends."""
    owners = (
        name for address in addresses for name, spider in known.items() if _belongs(address, spider)
    )
    return next(owners, None) or wrong_use(
        "look", "no site claims this page; name its --url, or its --site"
    )


def _page(
    spider: type[TagSpider], content: bytes, addresses: Sequence[str], content_type: str | None
) -> ArticlePage | TagPage:
    """An article, unless the address is one of the site and not one of an article."""
    url = addresses[0] if addresses else ""
    is_article = any(map(spider.article_page.ARTICLE_URL.canonical, addresses))
    is_listing = not is_article and _belongs(url, spider)
    kind: type[ArticlePage | TagPage] = spider.tag_page if is_listing else spider.article_page
    return kind(content, url, content_type)


def _show(
    page: ArticlePage | TagPage, site: str, headers: dict[str, list[str]], *, as_json: bool
) -> int:
    if wall := listing_wall(page) if isinstance(page, TagPage) else wall_of(page):
        wrong_page(f"the page is {wall.name}")
    if isinstance(page, TagPage):
        if not page.articles:
            wrong_page("the page is no article, and lists none")
        _show_listing(page, as_json=as_json)
        return COMPLETE
    if not (page.headline or page.article_body):
        wrong_page("there is no article: neither headline nor text")
    now = normalise.utc(datetime.now(UTC))
    article = normalised(page.to_article(site, Arguments.topic))
    said = rights.Page(url=article.url, headers=headers, metas=page.metas)
    article.rights = rights.found(said, BOT_NAME)
    article = replace(article, date_first_seen=now, date_downloaded=now, run_id="look")
    found = (
        problems(article) if page.canonical_url else [f"its address is none of {site}'s articles"]
    )
    if as_json:
        print(printable(msgspec.json.encode(article).decode()))
    else:
        _draw(article, page.sources)
        print("Not fit for the feed." if found else "Fit for the feed.", flush=True)
    for problem in found:
        print(f"scrapy look: not fit for the feed: {printable(problem)}", file=sys.stderr)
    return INCOMPLETE if found else COMPLETE


def _show_listing(page: TagPage, *, as_json: bool) -> None:
    if as_json:
        print(
            printable(
                msgspec.json.encode({"articles": page.articles, "next": page.next_url}).decode()
            )
        )
        return
    print(f"Articles listed: {len(page.articles)}\n")
    for url, date in page.articles.items():
        print(printable(f"  {date or 'no date shown':25}  {url}"))
    print("\nNext page:", printable(page.next_url or "none"))


_LONG = 80  # characters; a longer value gets a blank line below it
_SOURCE_OF = {"url": "canonical_url", "id": "number"}
_OURS = {
    *("schema_version", "event", "revision", "duplicate_of", "changes", "backfill"),
    *("correction", "date_first_seen", "date_downloaded", "archive", "run_id", "topic", "content"),
}


def _draw(article: Article, sources: dict[str, str]) -> None:
    """The fields a page answers, each with its source; those we fill in are left out."""
    from rich import box  # as in harvest.py
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table("field", "source", "value", header_style="bold", box=box.SIMPLE_HEAD)
    for name, value in asdict(article).items():
        if name not in _OURS:
            source = sources.get(_SOURCE_OF.get(name, name), "")
            shown = "\n".join(map(printable, _lines(value)))
            if "\n" in shown or len(shown) > _LONG:
                shown += "\n"
            drawn.add_row(name, source, Text(shown or "–", overflow="fold"))
    Console(width=None if sys.stdout.isatty() else 120).print(drawn)


def _lines(value: Any) -> Iterator[str]:
    """A field's value as lines to read: an entry a line, its parts side by side."""
    if isinstance(value, str):
        yield from value.split("\n")
    elif isinstance(value, list):
        for entry in value:
            parts = entry.values() if isinstance(entry, dict) else [entry]
            line = " · ".join(part for part in parts if part)
            yield line if len(value) == 1 else f"• {line}"
    elif value is not None:
        yield json.dumps(value)
