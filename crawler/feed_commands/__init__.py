"""What `scrapy feed` can do, a module a verb, and what the verbs share.

A verb's docstring is its help. It has `add_options(parser)` and `run(options, settings)`, which
returns the exit code; FeedError and OSError are told by the command.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from scrapy.settings import BaseSettings

from crawler.commands import printable, wrong_use
from crawler.feed import feed_files, start_of, sync_folder
from crawler.items import Article

T = TypeVar("T")

_EVENTS: Final = ("published", "updated", "withdrawn")


def add_path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="an output folder, a site's folder or one feed file (default: OUTPUT_DIR)",
    )


def feed_at(options: argparse.Namespace, settings: BaseSettings) -> Path:
    """The feed that a verb reads; ends the command where there is none."""
    path = Path(options.path or settings["OUTPUT_DIR"])
    if not path.exists():
        wrong_use(f"feed {options.verb}", f"there is no feed at {path}; name one, or a file of it")
    return path


def add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to this file (default, and -: standard output)",
    )


def check_output(command: str, path: Path) -> None:
    """Ends the command where nothing can be written under a name, or must not be."""
    if path.is_dir():
        wrong_use(command, f"{path} is a folder; name a file, as in -o {path / 'articles'}")
    if not path.parent.is_dir():
        wrong_use(command, f"there is no folder {path.parent} for {path.name}; make it first")
    if start_of(path.name):
        wrong_use(command, f"{path} is named like a feed file, and those are never written to")


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that bears its name when it is complete, and durably; until then nothing is there.

    What was there before stays until then, and so do its mode and a link to it. What is no file
    (a pipe, a device) is written to as it is. Raises OSError.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    path = path.resolve()
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    _tidy(path)
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            if path.exists():
                beside.chmod(path.stat().st_mode)
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.filename == str(beside):  # which nobody has asked for
            error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _tidy(path: Path) -> None:
    """Removes what a killed process left when it wrote the same file."""
    for left in path.parent.glob(f".{escape(path.name)}.*.part"):
        pid = left.name.removesuffix(".part").rpartition(".")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            left.unlink(missing_ok=True)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Options that choose records; each can be given several times, but for --since."""
    parser.add_argument("--site", action="append", default=[], metavar="SITE", help="of this site")
    parser.add_argument("--topic", action="append", default=[], metavar="TAG", help="of this topic")
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        choices=_EVENTS,
        metavar="EVENT",
        help=f"of this kind: {', '.join(_EVENTS)}",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="fetched at this time or later: 2026-01-31, or RFC 3339 (a day begins in UTC)",
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records are wanted; an empty choice is all of them. `since` is RFC 3339 in UTC."""

    sites: Sequence[str] = ()
    topics: Sequence[str] = ()
    events: Sequence[str] = ()
    since: str = ""

    def __contains__(self, article: Article) -> bool:
        return (
            (not self.sites or article.site in self.sites)
            and (not self.topics or article.topic in self.topics)
            and (not self.events or article.event in self.events)
            and article.date_downloaded >= self.since
        )

    def __str__(self) -> str:
        wanted = [
            f"of the site {' or '.join(self.sites)}" if self.sites else "",
            f"of the topic {' or '.join(self.topics)}" if self.topics else "",
            " or ".join(self.events),
            f"fetched since {self.since}" if self.since else "",
        ]
        return ", ".join(filter(None, wanted))


def chosen(
    records: Iterable[T], wanted: Choice, verb: str, article: Callable[[T], Article]
) -> Iterator[T]:
    """Those of articles, or of what holds them, that are wanted; `tell_none` where none is."""
    seen = found = 0
    for record in records:
        seen += 1
        if article(record) in wanted:
            found += 1
            yield record
    tell_none(verb, wanted, seen, found)


def tell_none(verb: str, wanted: Choice, seen: int, found: int) -> None:
    """Says on standard error that of the records seen none was wanted: a misspelt choice looks
    like an empty feed."""
    if seen and not found:
        print(printable(f"scrapy feed {verb}: no record here is {wanted}"), file=sys.stderr)


def tell_empty(command: str, path: Path) -> None:
    """Says on standard error where no feed file is: a wrong folder looks like an empty feed."""
    if not any(feed_files(path)):
        print(printable(f"scrapy {command}: there is no feed file in {path}"), file=sys.stderr)


def choice(options: argparse.Namespace) -> Choice:
    """What the options of `add_choice` say; ends the command for what can choose nothing."""
    if not all((*options.site, *options.topic)):
        wrong_use(
            f"feed {options.verb}", "an empty --site or --topic chooses nothing; leave it out"
        )
    return Choice(options.site, options.topic, options.event, _utc(options))


def _utc(options: argparse.Namespace) -> str:
    if options.since is None:
        return ""
    try:
        moment = datetime.fromisoformat(options.since)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        wrong_use(
            f"feed {options.verb}",
            f"since {options.since!r} is no time; write 2026-01-31 or 2026-01-31T18:00:00+01:00",
        )


def counted(count: int, thing: str) -> str:
    """So many of a thing: `1 record`, `2,000 records`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
