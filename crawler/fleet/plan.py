"""What a schedule says is due gets into the queue, whichever worker looks at the clock."""

import logging
from datetime import UTC, datetime, timedelta

from crawler.fleet.queue import Queue
from crawler.schedule import Entry, Past, Schedule, next_interval, next_run

logger = logging.getLogger("crawler.fleet")


async def plan(queue: Queue, schedule: Schedule, now: datetime) -> list[Entry]:
    """Queues what is due and returns it. However many turns were missed, one makes up for them."""
    due = []
    for entry in schedule.entries:
        await queue.execute(
            "INSERT INTO crawler_fleet_plan (name, since) VALUES (%(name)s, %(now)s) "
            "ON CONFLICT DO NOTHING",
            name=entry.name,
            now=now,
        )
        past = await _past(queue, entry)
        if next_run(entry, past, schedule.timezone) > now:
            continue
        # Were the clock moved first, a worker that dies in between would lose the turn.
        if await queue.enqueue(entry.site, entry.topic, entry.time_limit):
            due.append(entry)
        await queue.execute(
            "UPDATE crawler_fleet_plan SET started = %(now)s "
            "WHERE name = %(name)s AND started IS NOT DISTINCT FROM %(before)s",
            name=entry.name,
            now=now,
            before=past.started,
        )
    return due


async def learn(queue: Queue, entry: Entry, news: int) -> None:
    """Moves the interval of an entry that has one, after a run that wrote so many records."""
    if entry.every:
        interval = next_interval(entry, await _past(queue, entry), news)
        await queue.execute(
            "UPDATE crawler_fleet_plan SET seconds = %(seconds)s WHERE name = %(name)s",
            seconds=interval.total_seconds(),
            name=entry.name,
        )


async def _past(queue: Queue, entry: Entry) -> Past:
    found = await queue.rows(
        "SELECT since, started, seconds FROM crawler_fleet_plan WHERE name = %(name)s",
        name=entry.name,
    )
    if not found:
        return Past(since=datetime.now(UTC))
    (row,) = found
    seconds = row["seconds"]
    interval = None if seconds is None else timedelta(seconds=seconds)
    return Past(since=row["since"], started=row["started"], interval=interval)
