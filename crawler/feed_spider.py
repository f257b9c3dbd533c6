"""FeedSpider: what a run holds from its start to its end, whatever it crawls."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from crawler import __version__, archive
from crawler.arguments import WrongArgumentError, check_contact
from crawler.circumstances import changed, versions
from crawler.feed import next_start, recover, told
from crawler.feed.export import line_written
from crawler.index import Index
from crawler.lease import Heart, LeaseLostError, SiteBusyError, SiteLease, leases_at
from crawler.normalise import discreet, utc
from crawler.outcome import COMPLETE, FEED, INCOMPLETE, Outcome, Problem
from crawler.politeness import site_refuses
from crawler.report import Alarm, Chain, Declaration, Flagged, RunReport, Tally, told_by

if TYPE_CHECKING:  # it needs warcio, which only a run with ARCHIVE=1 does
    from crawler.archive.run import Archives

# RFC 9110, sections 15.4.5, 15.5.5 and 15.5.11
NOT_MODIFIED: Final = 304
GONE: Final = (404, 410)
# Settings that say what is obeyed and kept, for the report.
POLICY: Final = ("ROBOTSTXT_OBEY", "RIGHTS", "CONTENT", "EXCERPT_CHARACTERS")


class FeedSpider(scrapy.Spider):
    """A spider that adds to a site's feed: one at a time, on top of what the feed holds.

    asks: whether it asks a site for anything. start_name: the start of the run as file names have
    it. run_id: names the run report. problems: one line for each thing that makes the run
    incomplete. raised: its alarms. reason: why Scrapy ended it. flagged, declarations: dates that
    look odd, and what the site declared, for the report.
    """

    asks: ClassVar[bool] = True
    index: Index
    start_name: str
    run_id: str
    started: str
    topic: str

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self.problems: list[Problem] = []
        self.reason = "not started"
        self.has_given_up = False
        self.is_busy = False  # another run has the site
        self.lease: SiteLease | None = None
        self.tally = Tally()
        self.flagged: list[Flagged] = []
        self.declarations: list[Declaration] = []
        self.raised: list[Alarm] = []
        self.archives: Archives | None = None

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        contact = f" (+{settings['CONTACT']})" if settings["CONTACT"] else ""
        agent = f"{settings['BOT_NAME']}/{__version__}{contact}"
        settings.set("USER_AGENT", agent, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.start_name = next_start(spider.output_dir, spider.name, spider.now())
        spider.run_id = f"{spider.name}-{spider.start_name}"
        spider.started = utc(spider.now())
        crawler.signals.connect(spider.end, site_refuses)
        crawler.signals.connect(spider.tally.add, line_written)
        crawler.signals.connect(spider.release, signals.feed_exporter_closed)
        crawler.signals.connect(spider.report, signals.engine_stopped)
        return spider

    @property
    def output_dir(self) -> Path:
        return Path(self.settings["OUTPUT_DIR"])

    def now(self) -> datetime:
        """The time, in UTC; the setting NOW stands in for the clock."""
        given = self.settings["NOW"]
        return datetime.fromisoformat(given).astimezone(UTC) if given else datetime.now(UTC)

    def problem(self, line: str, fault: str = "") -> None:
        """Notes what makes this run incomplete, as `crawler.outcome.Problem` has it."""
        problem = Problem(discreet(line), fault)
        if problem not in self.problems:
            self.logger.error(problem.said)
            self.problems.append(problem)

    def give_up(self, line: str) -> None:
        """Ends the run early: what follows could not be kept."""
        self.end(line, FEED)

    def end(self, line: str, fault: str = "") -> None:
        """Ends the run early, for a reason that is a problem."""
        self.problem(line, fault)
        if not self.has_given_up:
            self.has_given_up = True
            deferred_from_coro(self.crawler.engine.close_spider_async(reason="gave_up"))

    def count(self, name: str, by: int = 1) -> None:
        self.crawler.stats.inc_value(name, by)

    async def start(self) -> AsyncIterator[Request]:
        try:
            if self.asks:
                check_contact(self.settings)
            is_open = await self.hold_site()
            recover(self.output_dir, self.name, is_open=is_open)
            archive.recover(self.output_dir, self.name, is_open=is_open)
            self.open_archives()
            self.index = Index(
                self.output_dir,
                database=self.settings["INDEX"],
                window_days=self.settings.getfloat("DUPLICATES_WINDOW_DAYS"),
                looks=[float(hours) for hours in self.settings.getlist("LOOKS_HOURS")],
                now=self.now,
                told=self.tell_reading,
            )
            self.index.catch_up()
        except (SiteBusyError, WrongArgumentError) as error:
            self.is_busy = isinstance(error, SiteBusyError)
            self.problem(str(error))
        except (OSError, sqlite3.Error) as error:
            self.problem(f"{self.output_dir} cannot be used for the feed: {told(error)}", FEED)
        else:
            for request in self.first_requests():
                yield request

    async def hold_site(self) -> bool:
        """Makes the site this run's alone until `release`. Raises SiteBusyError, OSError.

        True when the run that had it may still have its files open.
        """
        seconds = self.settings.getfloat("LEASE_SECONDS")
        leases = leases_at(self.output_dir, self.settings["INDEX"])
        self.lease = SiteLease(leases, self.name, self.run_id, seconds)
        while not self.lease.attempt():
            await asyncio.sleep(min(1.0, seconds / 10))
        loop = asyncio.get_running_loop()
        self.heart = Heart(self.lease, lambda why: loop.call_soon_threadsafe(self.end, why))
        return self.lease.is_taken_over

    def confirm(self) -> None:
        """Raises LeaseLostError when the site is not this run's any more: do not write."""
        if self.lease:
            self.lease.confirm()

    def has_site(self) -> bool:
        """Whether the site is this run's, and still is."""
        try:
            self.confirm()
        except LeaseLostError:
            return False
        return self.lease is not None and self.lease.is_held

    def release_site(self) -> None:
        """Lets another run have the site."""
        if self.lease:
            self.heart.stop()
            self.lease.release()

    def tell_reading(self, read: int, size: int) -> None:
        """Puts into the statistics how far the index has caught up, in bytes."""
        self.crawler.stats.set_value("index/bytes_read", read)
        self.crawler.stats.set_value("index/bytes", size)

    def open_archives(self) -> None:
        """Begins the archive of this run with ARCHIVE=1. Raises OSError."""
        if self.settings.getbool("ARCHIVE"):
            from crawler.archive.run import Archives

            self.archives = Archives.of_run(self.name, self.start_name, self.now(), self.settings)

    def may_archive(self, response: Response) -> bool:
        """Whether a response, as received, may be kept in the archive."""
        return True

    def first_requests(self) -> Iterable[Request]:
        """What the run begins with, once site and index are held."""
        raise NotImplementedError

    def closed(self, reason: str) -> None:
        self.reason = reason
        try:
            if self.archives:
                self.confirm()
                self.archives.written.complete()
        except OSError as error:
            self.problem(f"the archive could not be completed: {told(error)}", FEED)

    def alarms(self, report: RunReport) -> list[Alarm]:
        """What someone must look at after this run; sent on, if it is to be."""
        return []

    async def report(self) -> None:
        """Writes the run report, when all else is done, and lets go of the site.

        A run that never held the site did nothing, and may have met another one; one that lost it
        is followed by another: it leaves none, so that each report can name the one before it. Its
        alarms are raised all the same, but where another run has the site, which will see to them.
        """
        has_site = self.has_site()
        if self.is_busy or (self.lease and self.lease.lost):
            return
        try:
            if has_site:
                await self.copy()
            report = self.reported()
            self.raised = report.alarms = await asyncio.to_thread(self.alarms, report)
            report.exit_code = max(report.exit_code, INCOMPLETE if self.raised else COMPLETE)
            if has_site:
                self.tie_in(report)
                report.write(self.output_dir)
        except OSError as error:
            self.logger.error("The run report could not be written: %s", told(error))
        finally:
            if has_site:
                self.release_site()

    def reported(self) -> RunReport:
        """What the run did, but for the files that it wrote."""
        outcome = Outcome.of(self.name, self.crawler)
        return RunReport(
            schema_version=RunReport.VERSION,
            run_id=self.run_id,
            site=self.name,
            topic=self.topic,
            arguments=self.told_arguments(),
            version=__version__,
            versions=versions(),
            settings=changed(self.settings),
            started=self.started,
            ended=utc(self.now()),
            reason=self.reason,
            covers=(outcome.covers_from, self.started),
            dates_flagged=self.flagged,
            declarations=self.declarations,
            policy={name: str(self.settings[name]) for name in POLICY},
            written=self.tally.written,
            filled=self.tally.fields(),
            lost=dict(self.tally.lost),
            repeated=self.tally.repeated(),
            quarantine=self.tally.quarantine,
            **told_by(self.crawler.stats.get_stats(), outcome),
        )

    def tie_in(self, report: RunReport) -> None:
        """Names the files of the run, and the report before it. Raises OSError."""
        chain = Chain.of(self.output_dir, self.name, self.start_name)
        report.previous_run_id, report.previous = chain.previous_run_id, chain.previous
        report.feed_files, report.recovered_files = chain.written, chain.recovered
        report.archive_files = self.written_archives()

    async def copy(self) -> None:
        """Copies complete feed files to FEED_COPY, also those that an earlier run could not."""
        if not self.settings["FEED_COPY"]:
            return
        from crawler.copies import Copies, CopyError

        try:
            await Copies(self.crawler, self.output_dir, self.name).complete()
        except (CopyError, OSError) as error:
            self.problem(f"{error}; the next run tries again")

    def told_arguments(self) -> dict[str, str]:
        """The spider arguments of this run that differ from their defaults, for the report."""
        return {}

    def written_archives(self) -> list[str]:
        """The archive files of this run, relative to the output folder."""
        return [
            str(path.relative_to(self.output_dir))
            for path in archive.archive_files(self.output_dir, self.name)
            if path.name.startswith(self.start_name)
        ]

    def release(self) -> None:
        """Lets go of the index; the feed files are complete by now."""
        if hasattr(self, "index"):
            self.index.close()


def cause(failure: Failure) -> str:
    """Why a request failed, in a few words."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    if isinstance(error, IgnoreRequest):  # a middleware's, which says it in words
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
