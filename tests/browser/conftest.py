"""Crawls that need the real Chromium: one at a time, and none outlives its test."""

import os
import uuid
from collections.abc import Iterator
from multiprocessing.forkserver import ensure_running
from pathlib import Path

import pytest

MARK = "CRAWL_OF_A_TEST"


def marked(value: str) -> list[int]:
    """The processes that inherited a mark from their environment."""
    wanted = f"{MARK}={value}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is another user's
            continue
        if wanted in environment and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


@pytest.fixture(scope="session")
def _fork_server() -> None:
    """It outlives all tests, so it must not have inherited the mark of one."""
    ensure_running()


@pytest.fixture
def mark(_fork_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Marks what the test starts, and holds that nothing of it is left."""
    value = uuid.uuid4().hex
    monkeypatch.setenv(MARK, value)
    yield value
    left = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in marked(value)]
    assert left == []
