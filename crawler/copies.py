"""Copies of complete feed files in object storage, by Scrapy's own feed storages."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from scrapy.crawler import Crawler
from scrapy.utils.conf import feed_complete_default_values_from_settings
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.misc import load_object

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
            except Exception as error:
                reason = str(error).partition("\n")[0] or type(error).__name__
                raise CopyError(f"{self._name(path)} could not be copied: {reason}") from None
            self._note(path)

    async def _copy(self, path: Path) -> None:
        settings = self.crawler.settings
        uri = f"{self.address}/{self._name(path)}"
        storages = settings.getwithbase("FEED_STORAGES")
        kind: Any = load_object(storages[uri.partition(":")[0]])
        options = feed_complete_default_values_from_settings({"format": "jsonlines"}, settings)
        storage = kind.from_crawler(self.crawler, uri, feed_options=options)
        file = storage.open(self.crawler.spider)
        with path.open("rb") as source:
            shutil.copyfileobj(source, file)
        await maybe_deferred_to_future(storage.store(file))

    def _note(self, path: Path) -> None:
        self.noted.parent.mkdir(parents=True, exist_ok=True)
        with self.noted.open("a") as file:
            file.write(f"{self._name(path)}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.noted.parent)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.output_dir).as_posix()
