"""What a run with ARCHIVE=1 writes to, and what it may answer from."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from scrapy.settings import BaseSettings

from crawler.archive.checkpoint import Checkpoint
from crawler.archive.writing import RunArchive


@dataclass(frozen=True)
class Archives:
    """The archive that a run writes, and the checkpoint that killed runs have left it."""

    written: RunArchive
    checkpoint: Checkpoint

    @classmethod
    def of_run(cls, site: str, start: str, now: datetime, settings: BaseSettings) -> Self:
        """Those of a run that holds the site. Raises OSError."""
        output_dir = Path(settings["OUTPUT_DIR"])
        about = {
            "isPartOf": f"{site}-{start}",
            "operator": settings["CONTACT"],
            "http-header-user-agent": settings["USER_AGENT"],
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        }
        most_bytes = settings.getint("ARCHIVE_FILE_BYTES")
        hours = settings.getfloat("ARCHIVE_TRUST_HOURS")
        return cls(
            RunArchive(output_dir, site, start, about, most_bytes),
            Checkpoint.of_killed_runs(output_dir, site, now, hours),
        )
