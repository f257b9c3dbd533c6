"""Scrapy commands in processes of their own, forked from one that has imported what they need.

The imports are two thirds of what a short crawl costs, and the tests run many hundreds of them.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.preloaded"])


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return (self.err.strip() or "(nothing)").splitlines()[-1]


class Command:
    """A Scrapy command that runs in the project's folder.

    killed: a moment at which it kills itself (`tests.killed`), if it comes to that.
    variables: what its environment has besides ours.
    """

    def __init__(
        self, *arguments: object, killed: str = "", variables: Mapping[str, str] | None = None
    ) -> None:
        self._files = [Path(tempfile.mkstemp()[1]) for _ in range(2)]
        self._said: list[str] = []
        told = [*map(str, arguments)], killed, os.environ | (variables or {}), self._files
        self._process = FORKS.Process(target=_run, args=told, daemon=True)
        self._process.start()

    def has_ended(self, timeout: float) -> bool:
        """Whether it ends within so many seconds."""
        self._process.join(timeout)
        return self._process.exitcode is not None

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, or the negative number of the signal that ended it."""
        if not self.has_ended(timeout):
            self.kill()
            raise TimeoutError(f"a command ran for longer than {timeout} seconds: {self._said}")
        return self._ended()

    def finished(self, timeout: float = 60) -> Finished:
        return Finished(self.wait(timeout), *self._said)

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def kill(self) -> int:
        """Ends it with SIGKILL, if nothing else did; its exit code."""
        self._process.kill()
        self._process.join()
        return self._ended()

    def _ended(self) -> int:
        if not self._said:
            self._said = [path.read_text() for path in self._files]
            for path in self._files:
                path.unlink()
        code: int = self._process.exitcode
        return code


def scrapy(*arguments: object, timeout: float = 60, killed: str = "", **variables: str) -> Finished:
    """Runs a Scrapy command to its end."""
    return Command(*arguments, killed=killed, variables=variables).finished(timeout)


def _run(arguments: list[str], killed: str, environment: dict[str, str], files: list[Path]) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    for number, path in enumerate(files, 1):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - what the process began with was another file
    sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
    sys.argv = ["scrapy", *arguments]
    if killed:
        from tests.killed import main

        main(killed)
    else:
        from scrapy.cmdline import execute

        execute()
