"""The schedule: which site and topic is crawled when, as `schedule.toml` says it.

`entry` holds what a schedule says, `reading` takes it from the file and names every mistake,
`timing` tells when a run is due. docs/operate/watch.md explains the file.
"""

from crawler.schedule.entry import Entry, Quiet, Schedule, duration
from crawler.schedule.reading import ScheduleError, read_schedule
from crawler.schedule.timing import Past, next_interval, next_run

__all__ = [
    "Entry",
    "Past",
    "Quiet",
    "Schedule",
    "ScheduleError",
    "duration",
    "next_interval",
    "next_run",
    "read_schedule",
]
