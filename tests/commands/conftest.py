"""A terminal for the commands: a pseudo terminal of a stated width, and what appeared on it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from tests.conftest import ROOT, Finished

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(columns: int, *args: object, **variables: str) -> Finished:
    """Runs a Scrapy command on a terminal; `out` is all that was written there, as it was.

    variables: what its environment has besides ours.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("COLUMNS", "NO_COLOR"):
        environment.pop(name, None)
    environment |= variables
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *map(str, args)],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    with process, open(ours, "rb", buffering=0) as screen:  # noqa: PTH123 - a descriptor
        try:
            while piece := screen.read(65536):
                written += piece
        except OSError:  # how Linux tells that nobody writes to it any more
            pass
    return Finished(process.returncode, written.decode(), "")


def plain(written: str) -> str:
    """What was written to a terminal, without colours and cursor movements."""
    return CONTROL.sub("", written).replace("\r\n", "\n")
