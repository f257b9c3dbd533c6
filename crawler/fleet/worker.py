"""A worker: takes jobs and runs them, until it is told to end, whatever the database does."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from procrastinate.exceptions import ConnectorException

from crawler.feed import told
from crawler.fleet.plan import learn, plan
from crawler.fleet.queue import QUEUE, Queue, QueueError
from crawler.outcome import INCOMPLETE
from crawler.report import RunReport, left_report, report_paths
from crawler.schedule import Schedule
from crawler.watch import child

logger = logging.getLogger("crawler.fleet")

_PLAN_SECONDS: Final = 15.0
_PAUSE: Final = 2.0  # seconds before a lost database is tried again


def _tell_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What comes of a job that another worker has taken over meanwhile is nobody's to note."""
    error = context.get("exception")
    if not isinstance(error, ConnectorException):
        loop.default_exception_handler(context)
        return
    cause = error.__cause__ or error
    logger.warning("What came of a job could not be noted: %s", str(cause).partition("\n")[0])


class Worker:
    """Runs the jobs of a queue, so many at once.

    command: what crawls a site and topic. output_dir: where their run reports go. schedule: what
    it sees to that it gets queued, if anything. stopping: set it to end.
    """

    def __init__(
        self,
        address: str,
        command: Callable[[str, str], list[str]],
        output_dir: Path,
        *,
        stopping: asyncio.Event,
        schedule: Schedule | None = None,
        at_once: int = 1,
        patience: float = 30.0,
    ) -> None:
        self.command, self.output_dir = command, output_dir
        self.stopping, self.schedule, self.at_once = stopping, schedule, at_once
        self.queue = Queue(address, patience, self.crawl)
        self.name = socket.gethostname()

    async def work(self) -> None:
        """Works until `stopping` is set, and what it is at has ended. Raises QueueError when the
        database cannot be reached at the beginning; later on it is waited for."""
        asyncio.get_running_loop().set_exception_handler(_tell_lost)
        has_worked = False
        while not self.stopping.is_set():
            try:
                async with self.queue.opened():
                    has_worked = True
                    await self._work()
                if not self.stopping.is_set():
                    logger.warning("The database has gone away; beginning anew")
            except QueueError as error:
                if not has_worked:
                    raise
                logger.warning("Waiting for the database: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), _PAUSE)

    async def _work(self) -> None:
        worker = asyncio.create_task(
            self.queue.app.run_worker_async(
                queues=[QUEUE],
                concurrency=self.at_once,
                name=self.name,
                install_signal_handlers=False,
                update_heartbeat_interval=self.queue.patience / 3,
                stalled_worker_timeout=self.queue.patience,
                fetch_job_polling_interval=min(5.0, self.queue.patience / 3),
            )
        )
        tending = asyncio.create_task(self._tend())
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({worker, tending, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in (tending, stop, worker):  # the worker waits for its crawls
            task.cancel()
        for task in (tending, worker):
            with suppress(asyncio.CancelledError):
                await task

    async def _tend(self) -> None:
        """Takes over from the dead, forgets what is long over, and queues what is due."""
        while True:
            await self.queue.take_over()
            await self.queue.forget()
            if self.schedule:
                for entry in await plan(self.queue, self.schedule, datetime.now(UTC)):
                    logger.info("Queued what is due: %s", entry.name)
            await asyncio.sleep(min(_PLAN_SECONDS, self.queue.patience))

    async def crawl(self, site: str, topic: str, limit: float) -> int:
        """Runs a crawl in a process that ends with ours; its exit code.

        0 also for a run that was complete and has alarms: trying again would not end them; that
        of the signal for one that was not done when we were told to end.
        """
        before = {*report_paths(self.output_dir, site)}
        logger.info("Crawling %s %s", site, topic)
        command = self.command(site, topic)
        span = timedelta(seconds=limit)
        try:
            code, why = await child.run(command, span, self.stopping, None, dies_with_parent=True)
        except OSError as error:
            logger.error("%s %s could not begin: %s", site, topic, told(error))
            return INCOMPLETE
        report = left_report(self.output_dir, site, topic, before)
        if report:
            await self._learn(report)
        level = logging.WARNING if code else logging.INFO
        logger.log(level, "%s %s: exit code %d%s", site, topic, code, why and f", {why}")
        is_done = code == INCOMPLETE and report and report.is_complete and not report.problems
        if is_done or not code:
            return 0
        return -signal.SIGTERM if why == child.STOPPED else code

    async def _learn(self, report: RunReport) -> None:
        news = report.counts.get("new", 0) + report.counts.get("updated", 0)
        for entry in self.schedule.entries if self.schedule else ():
            if (entry.site, entry.topic) == (report.site, report.topic):
                await learn(self.queue, entry, news)
