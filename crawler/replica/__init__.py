"""The replica: a loopback web server that plays both sites with invented articles.

    with running(articles=40) as address:  # "127.0.0.1:40123"
        ...  # requests with `Host: winfuture.de` or `Host: www.mobiflip.de`

``stories`` tells what a faultless crawl of it finds.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crawler.replica.stories import Story, stories

__all__ = ["ReplicaError", "Story", "running", "stories"]

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
) -> Iterator[str]:
    """Runs a replica in a process of its own and yields its ``host:port``.

    The process ends with the context, and with this process however that ends.
    """
    command = [sys.executable, "-m", "crawler.replica", "--until-eof", f"--articles={articles}"]
    command += [f"--seed={seed}", f"--latency-ms={latency_ms}", f"--broken={broken}"]
    command += [f"--pages={Path(pages).absolute()}"] if pages is not None else []
    command += [f"--log={Path(log).absolute()}"] if log is not None else []
    search = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    with tempfile.TemporaryFile() as errors:
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
