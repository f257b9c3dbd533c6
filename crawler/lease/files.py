"""Leases as files in the folder of the feed."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec

from crawler.lease.record import Decide, Lease

LEASES: Final = "leases"
_GUARD_SECONDS: Final = 5.0  # who decides holds the file for a thousandth of that


class FileLeases:
    """Leases as files of a folder that all machines share.

    A decision is made while the file itself is locked (flock), which also NFSv4 does between
    machines; taking the lock is what makes it show the other machine's writing. The lock is held
    for a moment only, so it says nothing of who holds the site.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, site: str, decide: Decide) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / f"{site}.json") as file:
            held = _read(file)
            kept = decide(held)
            if kept != held:
                content = msgspec.json.encode(kept) + b"\n"
                os.pwrite(file.fileno(), content, 0)
                file.truncate(len(content))


# What stands in for a record that nobody can read: if somebody writes it, it will change.
_UNREADABLE: Final = Lease(
    run_id="unknown",
    host="unknown",
    machine="",
    pid=1,
    process_started=0,
    since=datetime(1970, 1, 1, tzinfo=UTC),
    heartbeat=datetime(1970, 1, 1, tzinfo=UTC),
    seconds=90,
)


def _read(file: FileIO) -> Lease | None:
    """The first line counts: what follows is the rest of a longer record before it."""
    line = file.readline()
    if not line.strip():
        return None
    try:
        return msgspec.json.decode(line, type=Lease | None)
    except msgspec.DecodeError:
        return _UNREADABLE


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    with FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+") as file:
        end = time.monotonic() + _GUARD_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError(f"another process keeps {path} locked") from None
                time.sleep(0.01)
        yield file
