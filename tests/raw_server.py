"""A web server made of bare sockets: it says what no library would let it say."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext

Talk = Callable[[socket.socket], None]
NOT_THERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def answer(body: bytes | str, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with a true length, unless a header says otherwise."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *headers]
    for name, value in (("Content-Type", "text/html"), ("Content-Length", len(body))):
        if not any(header.lower().startswith(f"{name.lower()}:") for header in headers):
            lines.append(f"{name}: {value}")
    if any(header.lower().startswith("transfer-encoding:") for header in headers):
        lines.pop()
    return "\r\n".join([*lines, "", ""]).encode() + body


def moved(target: str) -> bytes:
    return answer("moved", f"Location: {target}", status="302 Found")


@dataclass
class RawServer:
    """What it says to each path: bytes, after which the connection goes on, or a function that
    does as it likes with the socket, which is closed behind it.

    address: host:port. requests: all heads of requests, as they came.
    """

    says: dict[str, bytes | Talk]
    tls: SSLContext | None = None
    address: str = ""
    requests: list[str] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(20)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while head := read_head(connection):
                self.requests.append(head)
                said = self.says.get(head.split()[1], NOT_THERE)
                if callable(said):
                    said(connection)
                    break
                connection.sendall(said)
            connection.close()


def read_head(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        got = connection.recv(65536)
        if not got:
            return ""
        head += got
    return head.decode("latin-1")


@contextmanager
def serving(says: dict[str, bytes | Talk], tls: SSLContext | None = None) -> Iterator[RawServer]:
    """The server, on a port of its own."""
    server = RawServer(says, tls)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.address = f"127.0.0.1:{listening.getsockname()[1]}"
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threads.append(threading.Thread(target=server.serve, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


# --- ways to say it ---


def forever(first: bytes, then: bytes, seconds: float = 0) -> Talk:
    """Says something, and then one thing again and again until nobody listens."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(first)
        pause = threading.Event()
        while True:
            connection.sendall(then)
            if seconds:
                pause.wait(seconds)

    return talk


def nothing(connection: socket.socket) -> None:
    """Says nothing until the other side leaves."""
    connection.recv(1)


def and_closes(said: bytes) -> Talk:
    """Says something and closes."""
    return lambda connection: connection.sendall(said)


def and_resets(said: bytes) -> Talk:
    """Says something and breaks the connection off, so that the other side sees an error."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        threading.Event().wait(0.2)  # or the reset overtakes what was said
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )

    return talk
