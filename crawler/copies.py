"""Copies of complete feed files in object storage, by Scrapy's own storage for S3."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import S3FeedStorage
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.feed import feed_files, sync_folder

_COPIED: Final = "copied"


class CopyError(Exception):
    """A feed file that could not be copied; the next run tries again."""


class Copies:
    """The copies of a site's feed files below an address (`s3://bucket/prefix`).

    An object is there as a whole or not at all, under the feed file's own path. What was copied
    is noted in `output/copied/<site>.txt`; deleted, all is copied once more, which does no harm.
    """

    def __init__(self, crawler: Crawler, output_dir: Path, site: str) -> None:
        self.crawler, self.output_dir, self.site = crawler, output_dir, site
        self.address = str(crawler.settings["FEED_COPY"]).rstrip("/")
        self.noted = output_dir / _COPIED / f"{site}.txt"

    def lacking(self) -> Iterator[Path]:
        """The complete feed files that have no copy yet, in order. Raises OSError."""
        had = set(self.noted.read_text().splitlines()) if self.noted.exists() else set()
        folder = self.output_dir / self.site
        for path in feed_files(folder) if folder.is_dir() else ():
            if self._name(path) not in had:
                yield path

    async def complete(self) -> None:
        """Copies what lacks a copy. Raises CopyError, OSError."""
        for path in [*self.lacking()]:
            try:
                await self._copy(path)
            # ValueError: an address of the storage that is none.
            except (Boto3Error, BotoCoreError, ClientError, ValueError) as error:
                reason = str(error).partition("\n")[0] or type(error).__name__
                raise CopyError(f"{self._name(path)} could not be copied: {reason}") from None
            self._note(path)

    async def _copy(self, path: Path) -> None:
        uri = f"{self.address}/{self._name(path)}"
        storage = S3FeedStorage.from_crawler(self.crawler, uri)
        # The storage closes it.
        await maybe_deferred_to_future(storage.store(path.open("rb")))

    def _note(self, path: Path) -> None:
        self.noted.parent.mkdir(parents=True, exist_ok=True)
        with self.noted.open("a") as file:
            file.write(f"{self._name(path)}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.noted.parent)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.output_dir).as_posix()
