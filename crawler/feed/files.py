"""The states of a feed file: where it lies, what it is called, who may write or recover it."""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec

logger = logging.getLogger(__name__)

QUARANTINE: Final = "quarantine"
ARCHIVE: Final = "archive"
RUNS: Final = "runs"
_START: Final = "%Y-%m-%dT%H%M%S.%f"
_NAME: Final = re.compile(
    r"\.?(\d{4}-[01]\d-[0-3]\dT\d{6}\.\d{3}Z)(?:_\d+)?\.(?:(?:jsonl|warc\.gz)(?:\.part)?|torn)"
)


# --- names ----------------------------------------------------------------------------------


def folders(output_dir: Path, site: str) -> tuple[Path, Path]:
    """Where a site's feed files and its quarantine lie."""
    return output_dir / site, output_dir / QUARANTINE / site


def partial(path: Path) -> Path:
    """The name a feed file bears until it is complete; no reader matches it."""
    return path.with_name(f".{path.name}.part")


def next_start(output_dir: Path, site: str, now: datetime) -> str:
    """The name a run's start gives its files: RFC 3339 in UTC, without colons.

    Later than every name there is, also where the clock was set back: names are never used
    twice, and their order is the order of the runs.
    """
    places = (*folders(output_dir, site), output_dir / ARCHIVE / site)
    names = [name for folder in places for name in _names(folder)]
    reports = (name.removeprefix(f"{site}-") for name in _names(output_dir / RUNS))
    names += [f"{name.removesuffix('.json')}.jsonl" for name in reports]
    if last := max(filter(None, map(start_of, names)), default=None):
        now = max(now, moment_of(last) + timedelta(milliseconds=1))
    return now.astimezone(UTC).strftime(_START)[:-3] + "Z"


def start_of(name: str) -> str | None:
    """The start of the run that wrote a file, as its name says it."""
    match = _NAME.fullmatch(name)
    return match and match.group(1)


@lru_cache(16)
def moment_of(start: str) -> datetime:
    """The start of a run as a moment."""
    return datetime.strptime(start, f"{_START}Z").replace(tzinfo=UTC)


def rolled(path: Path, part: int) -> Path:
    """The name of a run's n-th feed file: the first bears the start alone."""
    return path if part == 1 else path.with_name(f"{path.stem}_{part:04d}{path.suffix}")


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is asked for
    except (FileNotFoundError, NotADirectoryError):
        return []


def feed_files(path: Path, *, quarantine: bool = False) -> Iterator[Path]:
    """The complete feed files of an output folder, by the start of their run, then by site.

    `path` may also be a site's folder, or one file. With `quarantine` those of the quarantine
    follow.
    """
    if path.is_file():
        yield path
        return
    found = [folder / name for folder in (path, *_subfolders(path)) for name in _complete(folder)]
    yield from sorted(found, key=lambda file: (file.name, file.parent.name))
    if quarantine and (path / QUARANTINE).is_dir():
        yield from feed_files(path / QUARANTINE)


def _subfolders(path: Path) -> list[Path]:
    with os.scandir(path) as entries:
        return [Path(e.path) for e in entries if e.is_dir() and e.name != QUARANTINE]


def _complete(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [
            entry.name
            for entry in entries
            if entry.name.endswith(".jsonl") and entry.name[0] != "." and entry.is_file()
        ]


def told(error: BaseException) -> str:
    """What went wrong with a file, in words for people."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {os.fsdecode(error.filename)}"
    return str(error)


# --- from partial to complete ---------------------------------------------------------------


def complete(path: Path) -> None:
    """Gives what was written the final name `path`, durably; never over a file that is there.

    The content is on disk before the name is, and the name before this returns, so that power
    loss leaves either a partial file or a complete one. Raises FileExistsError.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already; {partial(path)} was left beside it")
    with partial(path).open("rb") as file:
        os.fsync(file.fileno())
    partial(path).rename(path)
    sync_folder(path.parent)


def append_whole(file: FileIO, content: bytes) -> int:
    """Appends to a file, all or nothing, and tells at which byte. Raises OSError."""
    start = file.tell()
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        file.truncate(start)
        file.seek(start)
        raise
    return start


def sync_folder(folder: Path) -> None:
    """Puts names created, changed or removed in a folder on disk."""
    sync_descriptor(os.open(folder, os.O_RDONLY))


def sync_descriptor(descriptor: int) -> None:
    """Puts on disk what a descriptor stands for, and closes it."""
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def detach(left: Path) -> None:
    """Moves what a file holds to a new one of its name. Raises OSError.

    Whoever still has the old one open, and wakes up, writes to a file without a name.
    """
    copy = left.with_suffix(".copy")
    shutil.copyfile(left, copy)
    os.replace(copy, left)  # noqa: PTH105 - as in the standard's words: atomically


def recover(output_dir: Path, site: str, *, is_open: bool = False) -> None:
    """Completes what a killed run of a site left. Only who holds the site may call it.

    Whole lines are kept and get the final name. What is no whole record (a torn last line) is
    set aside as `quarantine/<site>/<start>.torn`. Killed in between, it can be called again.
    is_open: that run may not be dead, and still have the files open.
    """
    feed, quarantine = folders(output_dir, site)
    for folder in (feed, quarantine):
        for left in sorted(folder.glob(".*.jsonl.part")):
            if is_open:
                detach(left)
            final = left.with_name(left.name[1 : -len(".part")])
            whole = _whole(left)
            if whole < left.stat().st_size:
                _set_aside(left, whole, quarantine / f"{final.stem}.torn")
            if whole:
                complete(final)
                logger.warning("Recovered %s from a run that was killed", final)
            else:
                left.unlink()


def _whole(path: Path) -> int:
    """How many leading bytes are whole records."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            try:
                if not line.endswith(b"\n") or not isinstance(msgspec.json.decode(line), dict):
                    break
            except msgspec.DecodeError:
                break
            end += len(line)
    return end


def _set_aside(left: Path, whole: int, aside: Path) -> None:
    """Moves what follows the whole records; in an order that a kill cannot lose it in."""
    aside.parent.mkdir(parents=True, exist_ok=True)
    with left.open("rb") as file, aside.open("wb") as copy:
        file.seek(whole)
        copy.write(file.read())
        copy.flush()
        os.fsync(copy.fileno())
    os.truncate(left, whole)
