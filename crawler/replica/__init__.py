"""The replica: a loopback web server that plays both sites with invented articles.

    with running(articles=40) as address:  # "127.0.0.1:40123"
        ...  # requests with `Host: winfuture.de` or `Host: www.mobiflip.de`

``stories`` tells what a faultless crawl of it finds.

With a timeline the sites age: articles appear, change and vanish as a clock moves, which only
moves when told. `crawler.replica.timeline` has the events, a month made by rule, and the truth.

    script = month(seed=1)
    with running(timeline=script) as address:
        Clock(address).advance(hours=6)  # or .set("2026-01-03T12:00:00Z")
        standings(script, "winfuture", Clock(address).now())
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crawler.replica.clock import Clock, ClockError
from crawler.replica.stories import Story, stories

if TYPE_CHECKING:  # only who has a timeline needs it
    from crawler.replica.timeline import Timeline

__all__ = ["Clock", "ClockError", "ReplicaError", "Story", "running", "stories"]

GREETING = "replica on "


class ReplicaError(Exception):
    """The replica did not start; the message holds what it said."""


@contextmanager
def running(
    articles: int = 20,
    *,
    seed: int = 0,
    latency_ms: int = 0,
    pages: str | os.PathLike[str] | None = None,
    log: str | os.PathLike[str] | None = None,
    broken: int = 0,
    timeline: "Timeline | str | os.PathLike[str] | None" = None,
    scripted: str = "",
) -> Iterator[str]:
    """Runs a replica in a process of its own and yields its ``host:port``.

    A timeline, or the file of one, says itself how many articles there are, and their seed.
    scripted: "shells" or "growing", as the command's option.
    The process ends with the context, and with this process however that ends.
    """
    command = [sys.executable, "-m", "crawler.replica", "--until-eof", f"--latency-ms={latency_ms}"]
    if timeline is None:
        command += [f"--articles={articles}", f"--seed={seed}", f"--broken={broken}"]
    command += [f"--pages={Path(pages).absolute()}"] if pages is not None else []
    command += [f"--scripted={scripted}"] if scripted else []
    command += [f"--log={Path(log).absolute()}"] if log is not None else []
    search = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    with tempfile.TemporaryFile() as errors, _file_of(timeline) as script:
        command += [f"--timeline={script}"] if script else []
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": search},
        )
        with process:
            try:
                yield _address(process, errors)
            finally:
                _stop(process)


@contextmanager
def _file_of(timeline: "Timeline | str | os.PathLike[str] | None") -> Iterator[Path | None]:
    if timeline is None or isinstance(timeline, str | os.PathLike):
        yield Path(timeline).absolute() if timeline else None
        return
    with tempfile.TemporaryDirectory(prefix="timeline-") as folder:
        path = Path(folder) / "timeline.json"
        timeline.dump(path)
        yield path


def _address(process: subprocess.Popen[bytes], errors: IO[bytes]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    if not line.startswith(GREETING):
        process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
        raise ReplicaError(f"the replica ended with code {process.returncode}: {said}")
    return line.removeprefix(GREETING)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
