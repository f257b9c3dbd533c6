"""A crawl as a process of its own, which ends within its time."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

# For so long a crawl that is told to end may finish the request in flight and complete its files.
GRACE: Final = timedelta(seconds=90)
TIME_LIMIT: Final = "time limit"
STOPPED: Final = "stopped"


async def run(
    command: Sequence[str],
    limit: timedelta,
    stopping: asyncio.Event,
    tell: Callable[[str], None] | None,
    grace: timedelta = GRACE,
    *,
    dies_with_parent: bool = False,
) -> tuple[int, str]:
    """Runs a command until it ends, its time is up, or `stopping` is set.

    It is told to end by SIGTERM, and killed when it has not within `grace`. tell: gets each line
    that it writes to standard error, which otherwise is ours. The exit code, negative for a
    signal, and why it was ended: TIME_LIMIT, STOPPED, or nothing. dies_with_parent: it is told to
    end when we are killed, where the system can (Linux). Raises OSError.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE if tell else None,
        # The terminal's Ctrl-C must not reach it as well: told twice, a crawl ends at once.
        start_new_session=True,
        preexec_fn=_end_with_parent if dies_with_parent else None,
    )
    waiting = asyncio.create_task(_ended(process, tell))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait(
        {waiting, stop}, timeout=limit.total_seconds(), return_when=asyncio.FIRST_COMPLETED
    )
    stop.cancel()
    why = ""
    if not waiting.done():
        why = STOPPED if stopping.is_set() else TIME_LIMIT
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait({waiting}, timeout=grace.total_seconds())
        if not waiting.done():
            with suppress(ProcessLookupError):  # and a browser, if it has one
                os.killpg(process.pid, signal.SIGKILL)
    return await waiting, why


def _end_with_parent() -> None:
    """Asks for a SIGTERM when the parent dies: PR_SET_PDEATHSIG of prctl(2)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


async def _ended(process: asyncio.subprocess.Process, tell: Callable[[str], None] | None) -> int:
    if tell and process.stderr:
        async for line in process.stderr:
            tell(line.decode(errors="replace").rstrip("\n"))
    return await process.wait()
