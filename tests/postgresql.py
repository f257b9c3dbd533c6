"""A real PostgreSQL for the tests: a server of their own, on a loopback port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

PATIENCE = 30.0


class Server:
    """A server that can be restarted, and makes as many databases as one likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # It refuses to be root's.
        self.user = _another() if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self.port = _free_port()
        self.numbers = count(1)
        self._run(
            "initdb", "--no-sync", "-A", "trust", "-U", "crawler", "-E", "UTF8", "data"
        ).wait()
        self.start()

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}
        return subprocess.Popen(
            [_path(program), *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **identity,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        own = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        options = [part for name, value in own.items() for part in ("-c", f"{name}={value}")]
        self.process = self._run("postgres", "-D", "data", "-p", str(self.port), *options)
        patience = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ends it as an administrator does who does not wait for clients."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)

    def restart(self) -> None:
        self.stop()
        self.start()

    def address(self, name: str) -> str:
        return f"postgresql://crawler@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)


@contextmanager
def running() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def _path(program: str) -> str:
    """Debian keeps the server's programs off the PATH, a folder for each version."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = shutil.which(program) or (debian and debian[-1])
    assert found, "PostgreSQL is missing; .ci/postgresql sees to it"
    return str(found)


def _another() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
