"""Many machines: crawls as jobs in PostgreSQL, which workers on any of them take.

A job is a site and topic, run by an ordinary `scrapy crawl` in a process of its own. No site has
two jobs at a time (`lock`), nor is one queued twice (`queueing_lock`); and whatever goes wrong
with that, the site's lease still lets one run in. What a worker did that died is taken over when
its heartbeat has been silent for a while; since every crawl goes on where the feed ends, doing
one again does no harm.

`queue` holds the jobs, `plan` adds what a schedule says is due, `worker` runs them, `status`
tells how they stand. docs/operate/fleet.md explains how it is used.
"""

from crawler.fleet.queue import Queue, QueueError

__all__ = ["Queue", "QueueError"]
