"""Pace: one request at a time to a site, a delay before the next, and longer ones when asked."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser

from crawler.normalise import utc

logger = logging.getLogger(__name__)

# Sent once, with `line`: why a site is not asked any more in this run.
site_refuses = object()

TOO_MANY, UNAVAILABLE = 429, 503  # RFC 6585, section 4; RFC 9110, section 15.6.4
_REFUSALS: Final = (403, TOO_MANY, UNAVAILABLE)
_LEAST_SLOWED: Final = 0.5  # seconds; where there was no delay, doubling would not give one
_TEN_YEARS: Final = 315_360_000.0  # seconds; whoever asks for more gets the same
_BLINK: Final = 1.0  # seconds; how soon a wait notices that the run is ending
_SLOT: Final = "site"  # of the setting DOWNLOAD_SLOTS


class SiteRefusesError(IgnoreRequest):
    """A request that is not sent, since the site refuses us, or the run is ending."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """For how many seconds a Retry-After header asks to stay away (RFC 9110, section 10.2.3).

    value: seconds, or an HTTP date. now: when the answer was made. None for what is neither.
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _TEN_YEARS)
    try:
        moment = parsedate_to_datetime(value)
        # A date without a zone is in UTC: HTTP knows no other.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds.total_seconds(), 0.0), _TEN_YEARS)


@dataclass(slots=True)
class Pace:
    """When a site may be asked again. In seconds; moments are those of a monotonic clock.

    delay, jitter: ours, counted from the end of an answer, and the share by which it varies.
    longest_delay: what a site may make of it. pause, longest_pause: how long nobody asks after a
    refusal that does not say how long, doubled each time in a row; and the longest a run waits.
    patience: refusals in a row that end the run.
    """

    delay: float
    jitter: float
    longest_delay: float
    pause: float
    longest_pause: float
    patience: int
    crawl_delay: float = 0.0
    slowed: float = 0.0
    refusals: int = 0
    ended: float = float("-inf")  # the last answer
    paused_until: float = float("-inf")

    @property
    def least(self) -> float:
        """The shortest delay that the site has asked for."""
        return max(self.crawl_delay, self.slowed)

    def wait(self, now: float) -> float:
        """How long the next request has to wait."""
        ours = self.delay * (1 + random.uniform(-self.jitter, self.jitter))  # noqa: S311
        return max(self.ended + max(ours, self.least), self.paused_until, now) - now

    def asked_for(self, crawl_delay: float) -> float:
        """Takes note of a Crawl-delay, as far as it is in bounds; gives what came of it."""
        self.crawl_delay = max(self.crawl_delay, min(crawl_delay, self.longest_delay))
        return self.crawl_delay

    def answered(self, status: int, asked: float | None, now: float) -> float | None:
        """Takes note of an answer; asked: what its Retry-After says.

        Gives for how long nobody may ask the site, if it wants to be left alone; that may be
        longer than a run waits.
        """
        self.ended = now
        if status in _REFUSALS:
            self.refusals += 1
        elif status < 500:
            self.refusals = 0
        if status not in (TOO_MANY, UNAVAILABLE) and (asked is None or status < 400):
            return None
        doubled = 2 * max(self.delay, self.least, _LEAST_SLOWED / 2)
        self.slowed = max(self.slowed, min(doubled, self.longest_delay))
        if asked is None:
            asked = min(self.pause * 2.0 ** min(self.refusals - 1, 30), self.longest_pause)
        self.paused_until = max(self.paused_until, now + asked)
        return asked

    @property
    def is_over(self) -> bool:
        """Whether the site has refused us too often to go on."""
        return self.refusals >= self.patience


class TakeTurns:
    """Sends one request at a time to a site, all its hosts together, and none too soon.

    Downloader middleware, the last before the network, so that robots.txt, redirects and retries
    wait their turn like all others. The statistic `politeness/seconds_waited` is the time in
    which nothing was under way though something could have been.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.pace = Pace(
            delay=settings.getfloat("DOWNLOAD_DELAY"),
            jitter=settings.getfloat("DOWNLOAD_DELAY_JITTER"),
            longest_delay=settings.getfloat("DOWNLOAD_DELAY_LIMIT"),
            pause=settings.getfloat("REFUSAL_PAUSE"),
            longest_pause=settings.getfloat("RETRY_AFTER_LIMIT"),
            patience=settings.getint("REFUSALS_LIMIT"),
        )
        self.turn = asyncio.Lock()
        self.under_way: Request | None = None
        self.waited = 0.0
        self.refusal = ""  # why the site is not asked any more

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, signals.robots_parsed)
        return middleware

    async def process_request(self, request: Request) -> None:
        await self.turn.acquire()
        try:
            await self.wait()
        except BaseException:
            self.turn.release()
            raise
        self.under_way = request
        request.meta["download_slot"] = _SLOT

    def process_response(self, request: Request, response: Response) -> Response:
        if self.leave(request):
            self.hear(response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if self.leave(request):
            self.pace.ended = monotonic()

    def leave(self, request: Request) -> bool:
        """Gives the turn to the next, if this request had it: others answer without a server."""
        if request is not self.under_way:
            return False
        self.under_way = None
        self.turn.release()
        return True

    async def wait(self) -> None:
        """Until the site may be asked. Raises SiteRefusesError when it may not in this run."""
        begun = now = monotonic()
        until = now + self.pace.wait(now)
        is_running = True
        while not self.refusal and now < until and is_running:
            await asyncio.sleep(min(until - now, _BLINK))
            now, is_running = monotonic(), self.crawler.engine.running
        if now > begun:
            self.waited += now - begun
            self.crawler.stats.set_value("politeness/seconds_waited", self.waited)
        if self.refusal or now < until:
            raise SiteRefusesError(self.refusal or "the run was ended early")

    def hear(self, response: Response) -> None:
        """Takes note of what an answer says about our pace."""
        pace, asked = self.pace, None
        if response.status >= 400 and (said := response.headers.get("Retry-After")):
            asked = retry_after(said.decode("latin-1"), _made(response))
        pause = pace.answered(response.status, asked, monotonic())
        if pause is not None and pause > pace.longest_pause:
            back = utc(datetime.now(UTC) + timedelta(seconds=pause))
            self.refuse(
                f"the site answered {response.status} and asks to be left alone until {back} "
                "(Retry-After); come back then"
            )
        elif pace.is_over:
            self.refuse(
                f"the site refused {pace.refusals} requests in a row, the last with "
                f"{response.status}; come back later"
            )
        elif pause is not None:
            logger.warning(
                "%s answered %s: no request for %.1f s, then one every %.1f s at most",
                *(response.url, response.status, pause, pace.least),
            )

    def refuse(self, line: str) -> None:
        """Sends no request any more."""
        if not self.refusal:
            self.refusal = line
            self.crawler.signals.send_catch_log(site_refuses, line=line)

    def robots_parsed(self, robotparser: RobotParser) -> None:
        asked = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])
        if asked:
            kept = self.pace.asked_for(asked)
            if kept < asked:
                logger.warning(
                    "robots.txt asks for a Crawl-delay of %g s; %g is the most we wait "
                    "(DOWNLOAD_DELAY_LIMIT)",
                    *(asked, kept),
                )


def _made(response: Response) -> datetime:
    """When an answer was made, by the server's clock if it says so: ours may be another."""
    try:
        made = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    except (ValueError, TypeError):
        return datetime.now(UTC)
    return made if made.tzinfo else made.replace(tzinfo=UTC)
