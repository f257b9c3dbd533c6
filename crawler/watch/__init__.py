"""Watching: runs started by the schedule, each in a process of its own, in one that stays.

`memory` is what of the past is kept on disk, `child` runs a crawl within its time limit,
`watcher` starts what is due, `table` and `metrics` show it. docs/operate/watch.md tells how it is
used.
"""

from crawler.watch.memory import Last, Memory, Remembered
from crawler.watch.watcher import Watcher

__all__ = ["Last", "Memory", "Remembered", "Watcher"]
