"""How the jobs and workers of a fleet stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crawler.fleet.queue import QUEUE, Queue

_JOBS: Final = """
    SELECT DISTINCT ON (args->>'site', args->>'topic')
        args->>'site' AS site, args->>'topic' AS topic, status::text AS status, attempts,
        scheduled_at, worker_id,
        (SELECT max(at) FROM procrastinate_events WHERE job_id = jobs.id) AS at
    FROM procrastinate_jobs AS jobs WHERE queue_name = %(queue)s
    ORDER BY args->>'site', args->>'topic', status = 'doing' DESC, id DESC
"""
_WORKERS: Final = """
    SELECT id, extract(epoch FROM now() - last_heartbeat)::float AS silent
    FROM procrastinate_workers ORDER BY id
"""


@dataclass(frozen=True)
class Job:
    """A site and topic, by its job that goes on, or the last one. state: `queued`, `running`,
    `done`, `failed` or `given up`. attempts: how many have ended. at: when that state began;
    due: when it may begin, if not at once."""

    site: str
    topic: str
    state: str
    attempts: int
    worker: int | None
    at: datetime | None
    due: datetime | None


_STATES: Final = {
    "todo": "queued",
    "doing": "running",
    "succeeded": "done",
    "failed": "failed",
}


async def jobs(queue: Queue) -> list[Job]:
    """The jobs, a site and topic each."""
    return [
        Job(
            site=row["site"],
            topic=row["topic"],
            state=_STATES.get(row["status"], "given up"),
            attempts=row["attempts"],
            worker=row["worker_id"] if row["status"] == "doing" else None,
            at=row["at"],
            due=row["scheduled_at"] if row["status"] == "todo" else None,
        )
        for row in await queue.rows(_JOBS, queue=QUEUE)
    ]


async def workers(queue: Queue) -> dict[int, float]:
    """The workers by number, and for how many seconds each has not been heard of."""
    return {row["id"]: row["silent"] for row in await queue.rows(_WORKERS)}
