"""Feed files: written line by line under another name, complete and immutable under their own.

The contract is docs/feed.md. A run writes `output/<site>/.<start>.jsonl.part`, holds a lock on
it, and gives it its final name `<start>.jsonl` when it is complete. What a killed run left bears
no lock and is recovered by the next run of that site.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final, Protocol, Self, cast

import msgspec
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exporters import BaseItemExporter

from crawler.items import Article, Quarantined

logger = logging.getLogger(__name__)

QUARANTINE: Final = "quarantine"


class Run(Protocol):
    """A spider as the feed sees it."""

    name: str
    start_name: str
    run_id: str

    def give_up(self, line: str) -> None: ...


class SiteBusyError(Exception):
    """Another run of the same site is writing."""


def start_name(moment: datetime) -> str:
    """The name a run's start gives its files: RFC 3339 in UTC, without colons."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H%M%S.%f")[:-3] + "Z"


def folders(output_dir: Path, site: str) -> tuple[Path, Path]:
    """Where a site's feed files and its quarantine lie."""
    return output_dir / site, output_dir / QUARANTINE / site


def partial(path: Path) -> Path:
    """The name a feed file bears until it is complete; no reader matches it."""
    return path.with_name(f".{path.name}.part")


# --- reading --------------------------------------------------------------------------------


def feed_files(output_dir: Path) -> Iterator[Path]:
    """All complete files below an output folder, quarantine included, oldest first by site."""
    for pattern in ("*/*.jsonl", f"{QUARANTINE}/*/*.jsonl"):
        yield from sorted(path for path in output_dir.glob(pattern) if path.name[0] != ".")


def lines(path: Path, offset: int = 0) -> Iterator[bytes]:
    """The whole lines of a file from a byte offset on, each with its line feed."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if line.endswith(b"\n"):
                yield line


# --- recovering -----------------------------------------------------------------------------


class SiteLock:
    """Held while a run writes a site's feed: the kernel lets go of it when the run dies.

    Raises SiteBusyError when another run holds it, OSError when the folder is not writable.
    """

    def __init__(self, output_dir: Path, site: str) -> None:
        folder, _ = folders(output_dir, site)
        folder.mkdir(parents=True, exist_ok=True)
        self.file = FileIO(folder / ".lock", "a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.seek(0)
            holder = (self.file.read() or b"another process").decode(errors="replace").strip()
            self.file.close()
            raise SiteBusyError(
                f"another run of {site} is writing to {folder} ({holder})"
            ) from None
        self.file.truncate(0)
        self.file.write(f"process {os.getpid()}".encode())

    def release(self) -> None:
        self.file.close()


def recover(output_dir: Path, site: str) -> None:
    """Completes what a killed run of a site left. Call it under the site's lock only.

    Whole lines are kept and get the final name. What is no whole record (a torn last line) is
    set aside as `quarantine/<site>/<start>.torn`. Killed in between, it can be called again.
    """
    feed, quarantine = folders(output_dir, site)
    for folder in (feed, quarantine):
        for left in sorted(folder.glob(".*.jsonl.part")):
            final = left.with_name(left.name[1 : -len(".part")])
            content = left.read_bytes()
            whole = _whole(content)
            if torn := content[whole:]:
                quarantine.mkdir(parents=True, exist_ok=True)
                with (quarantine / f"{final.stem}.torn").open("wb") as aside:
                    aside.write(torn)
                    os.fsync(aside.fileno())
                os.truncate(left, whole)
            if whole:
                _complete(left, final)
                logger.warning("Recovered %s from a run that was killed", final)
            else:
                left.unlink()


def _whole(content: bytes) -> int:
    """How many leading bytes are whole records."""
    end = 0
    for line in content.splitlines(keepends=True):
        try:
            if not line.endswith(b"\n") or not isinstance(msgspec.json.decode(line), dict):
                break
        except msgspec.DecodeError:
            break
        end += len(line)
    return end


def _complete(written: Path, final: Path) -> None:
    """Gives a file its final name, durably; never over a file that is there."""
    if final.exists():
        raise FileExistsError(f"{final} exists already; {written} was left beside it")
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.rename(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# --- writing --------------------------------------------------------------------------------


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """Scrapy's FEED_URI_PARAMS: what the names in the FEEDS setting stand for."""
    return params | {
        "output_dir": spider.settings["OUTPUT_DIR"],
        "start": cast("Run", spider).start_name,
    }


class FeedStorage:
    """Scrapy feed storage for `feed:` URIs: a partial file that becomes complete at the end."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        self.path = Path(uri.removeprefix("feed:"))

    def open(self, spider: Spider) -> IO[bytes]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return cast("IO[bytes]", FileIO(partial(self.path), "x"))
        except OSError as error:
            cast("Run", spider).give_up(f"the feed could not be written: {error}")
            raise

    def store(self, file: IO[bytes]) -> None:
        file.close()
        if partial(self.path).stat().st_size:
            _complete(partial(self.path), self.path)
        else:  # the first line already found the disk full
            partial(self.path).unlink()


class LineExporter(BaseItemExporter):
    """Scrapy item exporter: one JSON object a line, on its way to the kernel before the next.

    A line that cannot be written whole is taken back, so that the file never holds a torn one,
    and the run gives up.
    """

    def __init__(self, crawler: Crawler, file: FileIO) -> None:
        super().__init__(dont_fail=True)
        self.crawler = crawler
        self.file = file

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: FileIO, **options: Any) -> Self:
        return cls(crawler, file)

    def export_item(self, item: Article | Quarantined) -> None:
        line = memoryview(msgspec.json.encode(item) + b"\n")
        start = self.file.tell()
        try:
            while line:
                line = line[self.file.write(line) :]
        except OSError as error:
            self.file.truncate(start)
            self.file.seek(start)
            cast("Run", self.crawler.spider).give_up(f"the feed could not be written: {error}")
        else:
            count = "article/new" if isinstance(item, Article) else "article/quarantined"
            self.crawler.stats.inc_value(count)
