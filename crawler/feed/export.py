"""Scrapy's feed export, writing feed files: a storage and an exporter (settings FEEDS).

A run writes `output/<site>/.<start>.jsonl.part` and gives it its final name `<start>.jsonl` when
it is complete or full; then `<start>_0002.jsonl` follows.
"""

import os
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final, Protocol, Self, cast

import msgspec
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exporters import BaseItemExporter
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from crawler.feed.files import (
    append_whole,
    complete,
    partial,
    rolled,
    sync_descriptor,
    sync_folder,
    told,
)
from crawler.items import Article, Quarantined

# What a line counts as in the statistics, by its event or the reason of its quarantine.
_FATES: Final = {
    "published": "new",
    "updated": "updated",
    "withdrawn": "withdrawn",
    "invalid": "quarantined",
    "duplicate": "duplicate",
    "rights": "withheld",
}
SYNC_SECONDS: Final = 1.0

# Scrapy signal: an item's line is written. Sent with `item` and `path`, the final name of the
# file that holds the line.
line_written: Final = object()


class Run(Protocol):
    """A spider as the feed sees it.

    confirm: raises OSError when the site is not the run's any more.
    """

    name: str
    start_name: str
    run_id: str

    def confirm(self) -> None: ...

    def problem(self, line: str) -> None: ...

    def give_up(self, line: str) -> None: ...


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """Scrapy's FEED_URI_PARAMS: what the names in the FEEDS setting stand for."""
    return params | {
        "output_dir": spider.settings["OUTPUT_DIR"],
        "start": cast("Run", spider).start_name,
    }


class FeedFile:
    """The feed file that a run is writing, and those that follow when it is full.

    Each line is on its way to the kernel before the next, so it survives a kill; `sync` puts it
    on disk, so that it survives power loss.
    """

    def __init__(self, path: Path, most_lines: int) -> None:
        self.first = path
        self.most_lines = most_lines
        self.part = 1
        self.open()

    def open(self) -> None:
        self.path = rolled(self.first, self.part)
        self.file = FileIO(partial(self.path), "x")
        sync_folder(self.path.parent)
        self.lines = 0
        self.is_synced = True

    def append(self, line: bytes) -> None:
        """Writes a line, whole or not at all. Raises OSError."""
        if self.lines == self.most_lines:
            self.complete()
            self.part += 1
            self.open()
        append_whole(self.file, line)
        self.lines += 1
        self.is_synced = False

    def sync(self) -> Deferred[None] | None:
        """Puts what is written on disk, in a thread. Fails with OSError."""
        if self.is_synced:
            return None
        self.is_synced = True
        return deferToThread(sync_descriptor, os.dup(self.file.fileno()))

    def complete(self) -> None:
        """Gives the file its final name. Raises OSError."""
        self.file.close()
        if self.lines:
            complete(self.path)
        else:  # the first line already found the disk full
            partial(self.path).unlink()


class FeedStorage:
    """Scrapy feed storage for `feed:` URIs: a partial file that becomes complete at the end."""

    def __init__(self, uri: str, most_lines: int) -> None:
        self.path = Path(uri.removeprefix("feed:"))
        self.most_lines = most_lines

    @classmethod
    def from_crawler(cls, crawler: Crawler, uri: str, **options: Any) -> Self:
        return cls(uri, crawler.settings.getint("FEED_FILE_LINES"))

    def open(self, spider: Spider) -> IO[bytes]:
        self.run = cast("Run", spider)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return cast("IO[bytes]", FeedFile(self.path, self.most_lines))
        except OSError as error:
            self.run.give_up(f"the feed could not be written: {told(error)}")
            raise

    def store(self, file: IO[bytes]) -> None:
        """Leaves the file partial when the site is another run's by now, who sees to it."""
        try:
            self.run.confirm()
        except OSError as error:
            self.run.problem(str(error))
            return
        cast("FeedFile", file).complete()


class LineExporter(BaseItemExporter):
    """Scrapy item exporter: one JSON object a line, synced at least once a second.

    When a line cannot be written the run gives up.
    """

    def __init__(self, crawler: Crawler, file: FeedFile) -> None:
        super().__init__(dont_fail=True)
        self.crawler = crawler
        self.file = file
        self.syncing = LoopingCall(self.sync)

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: FeedFile, **options: Any) -> Self:
        return cls(crawler, file)

    def start_exporting(self) -> None:
        self.syncing.start(SYNC_SECONDS, now=False)

    def finish_exporting(self) -> None:
        self.syncing.stop()

    def sync(self) -> Deferred[None] | None:
        done = self.file.sync()
        return done and done.addErrback(self.not_written)

    def not_written(self, failure: Failure) -> None:
        self.give_up(failure.value or OSError(str(failure)))

    def give_up(self, error: BaseException) -> None:
        cast("Run", self.crawler.spider).give_up(f"the feed could not be written: {told(error)}")

    def export_item(self, item: Article | Quarantined) -> None:
        try:
            cast("Run", self.crawler.spider).confirm()
            self.file.append(msgspec.json.encode(item) + b"\n")
        except OSError as error:
            self.give_up(error)
            return
        fate = _FATES[item.event if isinstance(item, Article) else item.reason]
        self.crawler.stats.inc_value(f"article/{fate}")
        self.crawler.signals.send_catch_log(line_written, item=item, path=self.file.path)
