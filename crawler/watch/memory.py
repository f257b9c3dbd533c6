"""What is remembered of the schedule's runs, in `output/watch.json`."""

import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

import msgspec

from crawler.schedule import Entry, Past

logger = logging.getLogger(__name__)

FILE: Final = "watch.json"


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """The last run of an entry, by its report; without one, all counts are 0.

    why_ended: why it was ended from outside; empty for one that ended by itself.
    """

    started: datetime
    ended: datetime
    exit_code: int
    why_ended: str = ""
    run_id: str = ""
    is_complete: bool = False
    new: int = 0
    updated: int = 0
    alarms: int = 0
    requests: int = 0
    seconds: float = 0.0


class Totals(msgspec.Struct, kw_only=True):
    """What all runs of an entry have come to, since it is in the schedule."""

    runs: int = 0
    failed_runs: int = 0
    new_articles: int = 0
    updated_articles: int = 0
    requests: int = 0
    run_seconds: float = 0.0

    def add(self, last: Last) -> None:
        self.runs += 1
        self.failed_runs += last.exit_code != 0
        self.new_articles += last.new
        self.updated_articles += last.updated
        self.requests += last.requests
        self.run_seconds += (last.ended - last.started).total_seconds()


class Remembered(msgspec.Struct, kw_only=True):
    """An entry's past. since: when the schedule first had it. started: when its last run began
    that need not be made up for. interval: by now, in seconds. completed: when it was last
    complete."""

    since: datetime
    started: datetime | None = None
    interval: float | None = None
    completed: datetime | None = None
    last: Last | None = None
    totals: Totals = msgspec.field(default_factory=Totals)

    def past(self) -> Past:
        interval = None if self.interval is None else timedelta(seconds=self.interval)
        return Past(since=self.since, started=self.started, interval=interval)


class Memory(dict[str, Remembered]):
    """Each entry's past, by its name."""

    @classmethod
    def read(cls, output_dir: Path) -> Self:
        """What was kept; nothing where there is none. Raises OSError."""
        path = output_dir / FILE
        try:
            return cls(msgspec.json.decode(path.read_bytes(), type=dict[str, Remembered]))
        except FileNotFoundError:
            return cls()
        except msgspec.DecodeError as error:
            logger.warning("%s cannot be read, and is begun anew: %s", path, error)
            return cls()

    def keep(self, output_dir: Path) -> None:
        """Writes it, whole or not at all. Raises OSError."""
        output_dir.mkdir(parents=True, exist_ok=True)
        path = output_dir / FILE
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(dict(self)), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105 - as in the standard's words: atomically

    def follow(self, entries: tuple[Entry, ...], now: datetime) -> None:
        """Forgets entries that the schedule has no more, and begins with those it has anew."""
        for name in self.keys() - {entry.name for entry in entries}:
            del self[name]
        for entry in entries:
            self.setdefault(entry.name, Remembered(since=now))
