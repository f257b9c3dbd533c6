"""The jobs: what each is, when it is tried again, and how it gets into the queue."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, ProcrastinateException

from crawler.outcome import BUSY, WRONG_USE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from procrastinate.jobs import Job

logger = logging.getLogger("crawler.fleet")

QUEUE: Final = "crawl"
_RETRIES: Final = 3  # of a crawl that fails
_RETRIES_OF_MANY: Final = 30  # of one that finds its site taken, or was ended
_KEPT_HOURS: Final = 7 * 24  # a job that is over, for `scrapy fleet status`
# Two that begin at once must not both make the tables. Any number, the same for all.
_LOCK: Final = 7_118_203_964_551_343

Crawl = Callable[[str, str, float], Awaitable[int]]


class QueueError(Exception):
    """The queue cannot be used; the message says why, in one line."""


class CrawlError(Exception):
    """A crawl that has not done its work. `code` as of `scrapy crawl`, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the crawl ended with exit code {code}")
        self.code = code


class Again(BaseRetryStrategy):
    """When a crawl is tried again: not after wrong use, which fails each time; soon where the site
    was taken, or the crawl ended by a signal; later and later where it failed."""

    def __init__(self, patience: float) -> None:
        self.patience = patience

    def get_retry_decision(self, *, exception: BaseException, job: "Job") -> RetryDecision | None:
        if not isinstance(exception, CrawlError) or exception.code == WRONG_USE:
            return None
        is_soon = exception.code == BUSY or exception.code < 0
        if job.attempts >= (_RETRIES_OF_MANY if is_soon else _RETRIES):
            return None
        seconds = self.patience * (1 if is_soon else 2 ** (job.attempts + 1))
        return RetryDecision(retry_in={"seconds": int(seconds)})


class Queue:
    """The jobs in the database at an address. patience: after so many seconds without a heartbeat
    a worker is dead. crawl: runs a site and topic within so many seconds; its exit code."""

    def __init__(self, address: str, patience: float = 30.0, crawl: Crawl | None = None) -> None:
        self.address, self.patience = address, patience
        self.app = App(connector=PsycopgConnector(conninfo=address, max_size=8, timeout=10))
        self.crawl = crawl
        options: dict[str, Any] = {"queue": QUEUE, "retry": Again(patience), "name": "crawl"}
        self.task = self.app.task(**options)(self._run)

    async def _run(self, site: str, topic: str, limit: float) -> None:
        assert self.crawl
        if code := await self.crawl(site, topic, limit):
            raise CrawlError(code)

    @asynccontextmanager
    async def opened(self) -> "AsyncIterator[None]":
        """Connects, and makes the tables where there are none. Raises QueueError."""
        try:
            await self._prepare()
            async with self.app.open_async():
                yield
        except (ProcrastinateException, psycopg.Error) as error:
            raise QueueError(_said(error)) from None

    async def _prepare(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self.address, connect_timeout=10)
        async with connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            found = await connection.execute("SELECT to_regclass('procrastinate_jobs')")
            if await found.fetchone() == (None,):
                schema = self.app.schema_manager.get_schema()
                await connection.execute(schema.encode())
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS crawler_fleet_plan (name TEXT PRIMARY KEY, "
                "since TIMESTAMPTZ NOT NULL, started TIMESTAMPTZ, seconds DOUBLE PRECISION)"
            )

    async def enqueue(self, site: str, topic: str, limit: timedelta) -> bool:
        """Queues a crawl; False where it is queued already."""
        job = self.task.configure(lock=site, queueing_lock=f"{site} {topic}")
        try:
            await job.defer_async(site=site, topic=topic, limit=limit.total_seconds())
        except AlreadyEnqueued:
            return False
        return True

    async def take_over(self) -> None:
        """Queues anew what dead workers were at."""
        stalled = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self.patience)
        for job in stalled:
            told = job.task_kwargs
            logger.warning(
                "Taking over from a worker that has died: %s %s", told["site"], told["topic"]
            )
            with suppress(ConnectorException):  # another worker was faster
                await self.app.job_manager.retry_job(job)

    async def forget(self) -> None:
        """Removes the jobs that were over a week ago."""
        await self.app.job_manager.delete_old_jobs(
            nb_hours=_KEPT_HOURS, queue=QUEUE, include_failed=True
        )

    async def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """What a query finds, a mapping a row."""
        return await self.app.connector.execute_query_all_async(query, **values)

    async def execute(self, query: str, **values: Any) -> None:
        await self.app.connector.execute_query_async(query, **values)


def _said(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"PostgreSQL: {str(cause).strip().partition(chr(10))[0]}"
