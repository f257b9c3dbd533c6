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
    """A Scrapy command that runs in the project's folder, or elsewhere.

    killed: a moment at which it kills itself (`tests.killed`), if it comes to that.
    variables: what its environment has besides ours.
    """

    def __init__(
        self,
        *arguments: object,
        killed: str = "",
        folder: Path = ROOT,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._files = [_new_file(), _new_file()]
        self._said: list[str] = []
        environment = os.environ | (variables or {})
        if folder != ROOT:
            environment["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
        told = [*map(str, arguments)], killed, folder, environment, self._files
        self._process = FORKS.Process(target=_run, args=told, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        number: int = self._process.pid
        return number

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
        os.kill(self.pid, number)

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


def scrapy(
    *arguments: object,
    timeout: float = 60,
    killed: str = "",
    folder: Path = ROOT,
    **variables: str,
) -> Finished:
    """Runs a Scrapy command to its end."""
    command = Command(*arguments, killed=killed, folder=folder, variables=variables)
    return command.finished(timeout)


def _new_file() -> Path:
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    return Path(name)


def _run(
    arguments: list[str], killed: str, folder: Path, environment: dict[str, str], files: list[Path]
) -> None:
    os.chdir(folder)
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
