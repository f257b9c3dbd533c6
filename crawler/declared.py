"""Declared: what the hosts of a site declare, asked before the first of their articles is."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler import structured
from crawler.feed_spider import FeedSpider, cause
from crawler.gunzip import GunzipError, gunzip
from crawler.html import parse
from crawler.index.declarations import Declarations
from crawler.items import Evidence, Rights
from crawler.report import Declaration
from crawler.rights import (
    PATH,
    Page,
    Policy,
    TdmFile,
    found,
    may_archive,
    tdm_file,
    usage_lines,
)
from crawler.rights.found import HEADERS

# As long as a robots.txt may be kept (RFC 9309, section 2.4).
_TRUSTED: Final = timedelta(hours=24)
_MOST_BYTES: Final = 2**24  # of a page, unpacked
_MOST_TOLD: Final = 100  # different declarations in a run report

_decode = msgspec.json.Decoder(TdmFile).decode


class Declared:
    """What is declared about the pages of a site, by host and by page.

    Each host is asked at most once a run, and not at all within a day of its last answer. One
    that cannot answer is taken to declare what it last did.
    """

    def __init__(self, spider: FeedSpider) -> None:
        self.spider = spider
        # The product token is the agent's name before its version (RFC 9309, section 2.2.1).
        agent = spider.settings["ROBOTSTXT_USER_AGENT"] or spider.settings["USER_AGENT"]
        self.agent = str(agent).split("/")[0].strip().lower()
        self.files: dict[str, TdmFile] = {}  # by host
        self.usage: dict[str, list[str]] = {}  # likewise, by robots.txt
        self.told: dict[tuple[str, str], Declaration] = {}
        spider.crawler.signals.connect(self.answered, signals.response_received)

    # --- hosts ---

    def before(self, requests: Sequence[Request], callbacks: Sequence[Any]) -> list[Request]:
        """The requests, once it is known what the hosts of those with these callbacks declare.

        TDMRep demands that its file is asked for before any page. While a host is asked, all of
        them wait for its answer, so that none overtakes it.
        """
        hosts = (_host(request.url) for request in requests if request.callback in callbacks)
        unknown = next((host for host in hosts if not self.knows(host)), None)
        if unknown is None:
            return [*requests]
        request = Request(
            f"https://{unknown}{PATH}",
            self.parse,
            errback=self.failed,
            meta={"handle_httpstatus_all": True},
            cb_kwargs={"host": unknown, "then": (requests, callbacks)},
            dont_filter=True,
        )
        return [request]

    def knows(self, host: str) -> bool:
        """Whether it is known what a host declares: asked in this run, or not long ago."""
        if host not in self.files:
            asked, file = self.remembered(host)
            if file and self.spider.now() - asked < _TRUSTED:
                self.files[host] = file
        return host in self.files

    def recall(self, host: str) -> None:
        """Takes what a host last declared as it is, however long ago: nobody is to be asked."""
        if file := self.remembered(host)[1]:
            self.files[host] = file

    def remembered(self, host: str) -> tuple[datetime, TdmFile | None]:
        try:
            known = Declarations(self.spider.index).of(host)
            if known:
                return datetime.fromisoformat(known.asked), _decode(known.said)
        except (sqlite3.Error, msgspec.DecodeError, ValueError):
            self.spider.logger.info("What %s declares is asked for anew", host, exc_info=True)
        return self.spider.now(), None

    def parse(self, response: Response, host: str, then: tuple[Any, Any]) -> list[Request]:
        self.learn(host, tdm_file(response.url, response.status, response.body))
        return self.before(*then)

    def failed(self, failure: Failure) -> list[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        self.learn(request.cb_kwargs["host"], TdmFile(request.url, problem=cause(failure)))
        return self.before(*request.cb_kwargs["then"])

    def learn(self, host: str, file: TdmFile) -> None:
        """Takes note of a host's answer; where it is none, of the last one that was."""
        now = self.spider.now()
        if file.problem:
            self.spider.logger.warning("%s says nothing of rights: %s", file.url, file.problem)
            asked, last = self.remembered(host)
            why = f"{file.problem}; taken as of {asked:%Y-%m-%d}" if last else file.problem
            file = TdmFile(file.url, last.rules if last else [], why)
        else:
            try:
                Declarations(self.spider.index).set(host, now, msgspec.json.encode(file))
            except sqlite3.Error as error:
                self.spider.logger.warning("What %s declares is not remembered: %s", host, error)
        self.files[host] = file
        if not file.rules and not file.problem:
            self.tell(Evidence(source="tdmrep.json", url=file.url, says="nothing"), 0)

    def answered(self, response: Response) -> None:
        """Scrapy's signal for any response: reads usage preferences off a robots.txt."""
        if response.url.endswith("/robots.txt") and response.status == 200:
            self.usage[_host(response.url)] = usage_lines(response.body, self.agent)

    # --- pages ---

    def about(self, response: Response, metas: Mapping[str, Sequence[str]]) -> Rights | None:
        """What is declared about the use of a page, which the run report tells."""
        rights = self.of(response, metas)
        for entry in rights.evidence if rights else ():
            self.tell(entry)
        return rights

    def of(self, response: Response, metas: Mapping[str, Sequence[str]]) -> Rights | None:
        """What is declared about the use of a page."""
        host = _host(response.url)
        page = Page(
            url=response.url,
            headers=declared_in(response),
            metas=metas,
            tdm_file=self.files.get(host),
            usage=self.usage.get(host, ()),
        )
        return found(page, self.agent)

    def may_be_copied(self, response: Response) -> bool:
        """Whether a page may be kept as it was received: not where the feed keeps less than its
        whole text, nor where the site wants no copy kept. What cannot be unpacked is no page."""
        content = response.body
        if b"gzip" in (response.headers.get("Content-Encoding") or b"").lower():
            try:
                content = gunzip(content, _MOST_BYTES)
            except GunzipError:
                return True
        header = response.headers.get("Content-Type")
        tree = parse(content, header.decode("latin-1") if header else None)
        rights = self.of(response, structured.meta(tree))
        return may_archive(rights, Policy.of(self.spider.settings), self.spider.now())

    def tell(self, entry: Evidence, articles: int = 1) -> None:
        """Counts a declaration for the run report, each wording once."""
        key = entry.source, entry.says
        if key not in self.told and len(self.told) < _MOST_TOLD:
            told = Declaration(source=entry.source, says=entry.says, url=entry.url)
            self.told[key] = told
            self.spider.declarations.append(told)
        if key in self.told:
            self.told[key].articles += articles


def declared_in(response: Response) -> dict[str, list[str]]:
    """The headers of a response that declare something, each time they were sent."""
    said = {name: response.headers.getlist(name) for name in HEADERS}
    return {name: [value.decode("latin-1") for value in values] for name, values in said.items()}


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
