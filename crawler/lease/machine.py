"""Which machine this is, and whether a process of it lives."""

import os
from functools import cache
from pathlib import Path

from crawler.lease.record import Lease


@cache
def this_machine() -> str:
    """Tells this machine, as long as it runs, from all others; containers count as machines.

    Empty where it cannot be told (no Linux, /proc is hidden, or is another namespace's): then it
    is not known again.
    """
    try:
        if Path("/proc/self").readlink() != Path(str(os.getpid())):
            return ""
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def started_at(pid: int) -> int | None:
    """When a process of this machine started, in clock ticks since boot; None if it has ended,
    or is not shown. Source: proc(5), /proc/pid/stat."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if state in {b"Z", b"X"} else int(rest[18])


def is_running(holder: Lease) -> bool | None:
    """Whether the holder's process lives; None where this machine cannot tell."""
    if not holder.machine or holder.machine != this_machine():
        return None
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's, which /proc may hide
        started = started_at(holder.pid)
        return None if started is None else started == holder.process_started
    return started_at(holder.pid) == holder.process_started
