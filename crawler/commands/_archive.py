"""What `scrapy look` shows of an archive: what it holds, or the page at an offset."""

import re
import sys
from pathlib import Path
from typing import Final, NoReturn

import msgspec
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.arguments import can_archive
from crawler.commands import printable, reader_may_leave, wrong_use
from crawler.feed import told
from crawler.normalise import discreet
from crawler.outcome import COMPLETE, INCOMPLETE

_LISTED: Final = ("offset", "kind", "date", "status", "url")


def wrong_page(line: str) -> NoReturn:
    """Ends the command: there is no such page, or it holds no article."""
    print(f"scrapy look: {printable(discreet(line))}", file=sys.stderr)
    raise SystemExit(INCOMPLETE)


def _path(settings: BaseSettings, name: str) -> Path:
    """The archive file of that name, which may be relative to the output folder."""
    if not can_archive(True):
        wrong_use("look", "archives need warcio; install it from requirements-archive.lock")
    below = Path(settings["OUTPUT_DIR"], name)
    return below if below.exists() and not Path(name).exists() else Path(name)


def list_archive(settings: BaseSettings, name: str, *, as_json: bool) -> int:
    """Prints what an archive holds; gives the exit code."""
    path = _path(settings, name)
    from crawler.archive.reading import ArchiveError, kept_in  # which needs warcio

    try:
        found = [*kept_in(path)]
    except (ArchiveError, OSError) as error:
        wrong_use("look", told(error))
    with reader_may_leave():
        if as_json:
            said = [{key: getattr(kept, key) for key in _LISTED} for kept in found]
            print(printable(msgspec.json.encode({"responses": said}).decode()))
            return COMPLETE
        for kept in found:
            print(f"{kept.offset:>12}  {kept.date}  {kept.status}  {printable(kept.url)}")
    return COMPLETE


def archived(settings: BaseSettings, name: str, offset: str) -> Response:
    """The page that an archive holds at an offset; ends the command where there is none."""
    if not re.fullmatch("[0-9]{1,18}", offset):
        wrong_use("look", f"offset {offset!r} is no number of bytes")
    path = _path(settings, name)
    from crawler.archive.reading import ArchiveError, kept_at

    try:
        kept = kept_at(path, int(offset))
        if kept.status != 200:
            wrong_page(f"{kept.url} was no page then: the server answered {kept.status}")
        return kept.unpacked()
    except (ArchiveError, OSError) as error:
        wrong_use("look", told(error))
