"""Under which circumstances a run took place: software, and settings that an operator changed."""

import platform
from typing import Final

import lxml.etree
import msgspec
import scrapy
import twisted
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler import __version__
from crawler.normalise import discreet

# Settings that decide what a run finds and keeps. Named one by one, so that no password and no
# address of a receiver can ever get into a report.
_MATTER: Final = (
    *("ARCHIVE", "ARCHIVE_FILE_BYTES", "ARCHIVE_TRUST_HOURS", "COMPLETE_HOURS", "CONTROLS"),
    *("CONTROLS_HOURS", "LEASE_SECONDS"),
    *("BACKFILL_DAYS", "BROKEN_ARTICLES_LIMIT"),
    *("BROWSER", "BROWSER_SCROLLS", "BROWSER_TIMEOUT", "CONCURRENT_REQUESTS", "CONTENT"),
    *("CONCURRENT_REQUESTS_PER_DOMAIN", "DOWNLOAD_DELAY", "DOWNLOAD_DELAY_LIMIT"),
    *("DOWNLOAD_MAXSIZE", "DOWNLOAD_TIMEOUT", "DUPLICATES", "DUPLICATES_WINDOW_DAYS"),
    *("EXCERPT_CHARACTERS", "FEED_COPY", "FEED_FILE_LINES", "FEED_TRUST_HOURS"),
    *("LOOKS_HOURS", "NOW"),
    *("REFUSALS_LIMIT", "REFUSAL_PAUSE", "REPLICA", "RETRY_AFTER_LIMIT", "RETRY_TIMES", "RIGHTS"),
    *("ROBOTSTXT_OBEY", "ROBOTS_HOURS", "TAG_PAGES_LIMIT", "WALLS_LIMIT"),
    "WITHDRAWN_AFTER_HOURS",
)


def versions() -> dict[str, str]:
    """The software that decides what is read from a page and how: name → version."""
    return {
        "crawler": __version__,
        "python": platform.python_version(),
        "scrapy": scrapy.__version__,
        "twisted": twisted.__version__,
        "lxml": lxml.etree.__version__,
        "msgspec": msgspec.__version__,
    }


def changed(settings: BaseSettings) -> dict[str, str]:
    """The settings that matter and that this run was given other than the project has them."""
    return {
        name: discreet(str(settings[name]))
        for name in sorted(_MATTER)
        if (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]
    }
