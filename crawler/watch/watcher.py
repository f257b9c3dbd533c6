"""The watcher: starts what is due, remembers what came of it, and plans what comes next."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from crawler.feed import told
from crawler.outcome import BUSY, INCOMPLETE
from crawler.report import RunReport, left_report, report_paths
from crawler.schedule import Entry, Schedule, next_interval, next_run
from crawler.watch import child
from crawler.watch.memory import Last, Memory, Remembered

logger = logging.getLogger("crawler.watch")

# A site that another run has is asked for again so much later.
RETRY: Final = timedelta(minutes=5)
# Timers stand still while the machine sleeps; so often the clock is looked at.
_TICK_SECONDS: Final = 15


class Watcher:
    """Runs a schedule's crawls, each in a process of its own.

    command: what crawls an entry. output_dir: where its run reports go, and the memory. tell: as
    of `child.run`. next: when each entry is due, by its name. begun: since when those go on that
    do. stopping: set it to end the runs that go on, and begin no more.
    """

    def __init__(
        self,
        schedule: Schedule,
        memory: Memory,
        output_dir: Path,
        command: Callable[[Entry], list[str]],
        stopping: asyncio.Event,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.schedule, self.memory, self.output_dir = schedule, memory, output_dir
        self.command, self.stopping, self.tell = command, stopping, tell
        self.entries = {entry.name: entry for entry in schedule.entries}
        memory.follow(schedule.entries, _now())
        self.next = {name: self._due(entry) for name, entry in self.entries.items()}
        self.begun: dict[str, datetime] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.sites: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.turns = asyncio.Semaphore(schedule.at_once)

    def _due(self, entry: Entry) -> datetime:
        return next_run(entry, self.memory[entry.name].past(), self.schedule.timezone)

    def due(self) -> list[Entry]:
        """What should have begun by now."""
        now = _now()
        return [entry for name, entry in self.entries.items() if self.next[name] <= now]

    async def once(self) -> list[int]:
        """Runs what is due, and ends; the exit codes of what could run."""
        self.keep()
        codes = await asyncio.gather(*map(self.run, self.due()))
        return [code for code in codes if code is not None]

    async def watch(self) -> None:
        """Runs what is due when it is due, until `stopping` is set and the runs have ended."""
        # A quarter of a second to import, which --dry-run and --once need not wait for.
        from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self.keep()
        anytime = {"misfire_grace_time": None, "coalesce": True}  # late is better than never
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=anytime)

        def plan(name: str) -> None:
            entry = self.entries[name]
            if not self.stopping.is_set():
                scheduler.add_job(self.run, "date", [entry], run_date=self.next[name], id=name)

        def plan_again(event: Any) -> None:
            if event.job_id in self.entries:
                plan(event.job_id)

        for name in self.entries:
            plan(name)
        # The next run is planned when one has ended, so that none meets another of its entry.
        scheduler.add_listener(plan_again, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        scheduler.add_job(lambda: None, "interval", seconds=_TICK_SECONDS)
        scheduler.start()
        await self.stopping.wait()
        scheduler.remove_all_jobs()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        scheduler.shutdown(wait=False)

    async def run(self, entry: Entry) -> int | None:
        """Crawls an entry when its site and a turn are free; its exit code, None if it did not
        begin since the watch is over."""
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            async with self.sites[entry.site], self.turns:
                return None if self.stopping.is_set() else await self._crawl(entry)
        finally:
            self.tasks.discard(task)

    async def _crawl(self, entry: Entry) -> int:
        started = self.begun[entry.name] = _now()
        logger.info("%s: a run begins", entry.name)
        # Until it is known better: were this to fail, the next try is no sooner.
        self.next[entry.name] = started + RETRY
        try:
            before = set(report_paths(self.output_dir, entry.site))
            code, why = await child.run(
                self.command(entry), entry.time_limit, self.stopping, self.tell
            )
            last = Last(started=started, ended=_now(), exit_code=code, why_ended=why)
            report = left_report(self.output_dir, entry.site, entry.topic, before)
            self._remember(entry, _with_report(last, report) if report else last)
            return code
        except OSError as error:
            logger.error("%s: the run could not begin: %s", entry.name, told(error))
            return INCOMPLETE
        finally:
            del self.begun[entry.name]

    def _remember(self, entry: Entry, last: Last) -> None:
        past = self.memory[entry.name]
        is_over = last.exit_code != BUSY and last.why_ended != child.STOPPED
        if is_over:
            past.last = last
            past.totals.add(last)
            past.started = last.started
            if last.is_complete:
                past.completed = last.ended
            if entry.every and last.run_id:
                interval = next_interval(entry, past.past(), last.new + last.updated)
                past.interval = interval.total_seconds()
            self.next[entry.name] = self._due(entry)
        self.keep()
        when = self.next[entry.name].astimezone(self.schedule.timezone)
        level = logging.INFO if last.exit_code == 0 else logging.WARNING
        told_next = "" if self.stopping.is_set() else f"; next run {when:%Y-%m-%d %H:%M %Z}"
        logger.log(level, "%s: %s%s", entry.name, verdict(last), told_next)

    def keep(self) -> None:
        """Writes the memory; that it cannot be written stops no run."""
        try:
            self.memory.keep(self.output_dir)
        except OSError as error:
            logger.error("What ran when could not be kept: %s", told(error))


def _with_report(last: Last, report: RunReport) -> Last:
    return Last(
        started=last.started,
        ended=last.ended,
        exit_code=last.exit_code,
        why_ended=last.why_ended,
        run_id=report.run_id,
        is_complete=report.is_complete,
        new=report.counts.get("new", 0),
        updated=report.counts.get("updated", 0),
        alarms=len(report.alarms),
        requests=report.requests,
        seconds=report.seconds,
    )


def verdict(last: Last) -> str:
    """What came of a run, in a few words."""
    if last.exit_code == BUSY:
        return "not begun, another run has the site"
    if last.why_ended == child.TIME_LIMIT:
        ended = "its time was up, and it was ended"
    elif last.why_ended:
        ended = "ended before it was done"
    elif last.exit_code < 0:
        ended = f"killed by signal {-last.exit_code}"
    elif last.exit_code:
        ended = f"failed with exit code {last.exit_code}"
    else:
        ended = "complete" if last.is_complete else "not complete"
    return f"{last.new} new, {last.updated} updated; {ended}" if last.run_id else ended


def state(past: Remembered) -> str:
    """Whether the last run was complete, in one word or two."""
    last = past.last
    if last is None:
        return ""
    if last.why_ended:
        return last.why_ended
    if last.is_complete and last.exit_code == 0:
        return "yes"
    return "no" if last.exit_code in {0, 1} else f"killed ({-last.exit_code})"


def _now() -> datetime:
    return datetime.now(UTC)
