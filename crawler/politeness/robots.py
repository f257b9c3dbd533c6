"""robots.txt, by RFC 9309: what it forbids is not asked for."""

import asyncio
import re
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawler.politeness.pace import TOO_MANY, SiteRefusesError
from crawler.reach import ANY_HOST

_MOST_BYTES: Final = 512 * 2**10  # section 2.5 asks for 500 KiB at least
_MOST_REDIRECTS: Final = 5  # section 2.3.1.2
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_TOKEN: Final = re.compile(r"[A-Za-z_-]+")  # section 2.2.1
# The records that Protego should see, in its spellings: what else is written between the lines
# of a group must not divide it (section 2.2.4).
_RECORD: Final = re.compile(
    r"\s*(?:(user[ -]?agent)|allow|d\w+l\w*w|crawl[ -]delay)(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE
)
_ANOTHER: Final = "another/crawler"  # never found within a product token


class ForbiddenError(IgnoreRequest):
    """robots.txt forbids what was asked for."""


class RobotsUnreadableError(IgnoreRequest):
    """robots.txt could not be had, for reasons other than that there is none."""


def product_token(user_agent: str) -> str:
    """The name that a crawler has in robots.txt: what its user agent begins with."""
    found = _TOKEN.match(user_agent)
    return found[0].lower() if found else ""


def for_token(body: bytes, token: str) -> bytes:
    """A robots.txt with its groups addressed to the token, to all (`*`) or to another crawler.

    Protego compares names more loosely than section 2.2.1 says: it finds "crawl" in "crawler",
    and no "crawler/1.0" there. What is beyond the largest size that is read is left out, with the
    line that it cuts.
    """
    if len(body) > _MOST_BYTES:
        body = body[:_MOST_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    kept = []
    for line in re.split(r"\r\n?|\n", body.decode("utf-8-sig", errors="ignore")):
        record = _RECORD.match(line)
        if record and record[1]:
            kept.append(f"User-agent: {_addressee(record[2].strip(), token)}")
        elif record:
            kept.append(line)
    return "\n".join(kept).encode()


def _addressee(name: str, token: str) -> str:
    if re.fullmatch(r"\*(?:\s.*)?", name):
        return "*"
    return token if token and product_token(name) == token else _ANOTHER


class TokenRobotParser(ProtegoRobotParser):
    """Scrapy's parser, for a crawler that is told its name in robots.txt once.

    text: the file as it was served.
    """

    def __init__(self, body: bytes, token: str) -> None:
        super().__init__(for_token(body, token), None)
        self.text, self.token = body, token

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        name = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        return cls(robotstxt_body, product_token(name))

    def allowed(self, url: str | bytes, user_agent: str | bytes = b"") -> bool:
        return super().allowed(url, self.token)

    def crawl_delay(self, user_agent: str | bytes = b"") -> float | None:
        return super().crawl_delay(self.token)


@dataclass(frozen=True, slots=True)
class _Read:
    """The robots.txt of a host at a moment; without a parser it could not be had: nothing is
    allowed there."""

    at: float
    parser: RobotParser | None
    why: str = ""


class ObeyRobots(RobotsTxtMiddleware):
    """Lets through what robots.txt allows. Raises ForbiddenError and RobotsUnreadableError.

    Scrapy's own takes whatever it is answered for the file, an error page among it, and allows
    everything where there was no answer; it reads each once a run, however long that takes. Here,
    by section 2.3.1: where there is none (4xx), or it is more than five redirects away, all is
    allowed. Where it cannot be had (5xx, no answer), nothing is, until it can, unless it was read
    before. 429 is no statement about the file and counts as the latter.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.seconds = crawler.settings.getfloat("ROBOTS_HOURS") * 3600
        self.read: dict[str, _Read] = {}  # by scheme, host and port
        self.reading = asyncio.Lock()

    async def robot_parser(self, request: Request) -> RobotParser:
        site = _authority(request.url)
        read = self.read.get(site)
        if read is None or monotonic() - read.at >= self.seconds:
            read = await self.ask(site, request)
        if read.parser is None:
            raise RobotsUnreadableError(
                f"{site}/robots.txt could not be read ({read.why}), so nothing may be asked for"
            )
        return read.parser

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if rp and not rp.allowed(request.url, b""):
            self._stats.inc_value("robotstxt/forbidden")
            raise ForbiddenError("robots.txt forbids it")

    def forbids(self, url: str) -> bool:
        """Whether a robots.txt that was read already forbids a URL."""
        read = self.read.get(_authority(url))
        return bool(read and read.parser and not read.parser.allowed(url, b""))

    async def ask(self, site: str, request: Request) -> _Read:
        """Reads a robots.txt; one that was read before is believed on if it is out of reach."""
        before = self.read.get(site)
        async with self.reading:
            if self.read.get(site) is before:  # nobody else has read it meanwhile
                now = await self._ask(site, request)
                if before and now.parser is None:
                    now = replace(before, at=now.at)
                self.read[site] = now
            return self.read[site]

    async def _ask(self, site: str, request: Request) -> _Read:
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.fetch(f"{site}/robots.txt")
        except SiteRefusesError:
            raise
        except Exception as error:  # whatever handlers and middlewares raise: it is out of reach
            return _Read(monotonic(), None, str(error) or type(error).__name__)
        body = b""
        if response is not None:
            self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
            if response.status == TOO_MANY or response.status >= 500:
                return _Read(monotonic(), None, f"the server answered {response.status}")
            body = response.body if 200 <= response.status < 300 else b""
        parser = TokenRobotParser.from_crawler(self.crawler, body)
        await self.crawler.signals.send_catch_log_async(
            signals.robots_parsed, robotparser=parser, request=request
        )
        return _Read(monotonic(), parser)

    async def fetch(self, url: str) -> Response | None:
        """The answer behind at most five redirects, on whichever host that is; or none."""
        for _ in range(1 + _MOST_REDIRECTS):
            request = Request(
                url,
                NO_CALLBACK,
                meta={"dont_obey_robotstxt": True, "dont_redirect": True, ANY_HOST: True},
                priority=self.DOWNLOAD_PRIORITY,
            )
            response = await self.crawler.engine.download_async(request)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or not location:
                return response
            url = urljoin(url, location.decode("latin-1"))
            if urlsplit(url).scheme not in ("http", "https"):
                return None
        return None


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
