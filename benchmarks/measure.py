"""Runs a program to its end and says what it cost."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


class ProgramFailedError(Exception):
    """A program ended with another exit code than 0; the message holds what it said last."""


@dataclass(frozen=True)
class Cost:
    """seconds: by the clock. cpu: seconds of processor time, the kernel's included. peak: bytes
    of resident memory at most."""

    seconds: float
    cpu: float
    peak: int


def cost(command: Sequence[str | Path], cwd: Path) -> Cost:
    """What a program costs from its first instruction to its last, by wait4(2).

    The kernel counts the memory of the process that starts a program as the program's own until
    it is loaded, so the peak is only known when it is the larger of the two: asserted here.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*map(str, command)],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            tail = said.read().decode(errors="replace")[-2000:]
            raise ProgramFailedError(f"{' '.join(map(str, command))}: {process.returncode}\n{tail}")
    assert usage.ru_maxrss > _own_peak(), "the starting process is larger than what it measures"
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _environment() -> dict[str, str]:
    """Ours without Scrapy's variables, which would make the bare spider use our settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCRAPY")}
    return kept | {"PYTHONPATH": str(ROOT)}


def _own_peak() -> int:
    """Most resident memory of this process so far, in KiB; its getrusage tells its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
