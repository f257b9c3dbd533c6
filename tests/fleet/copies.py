"""A server that plays one site under many hosts, and counts what each is asked at a time."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Final

ORIGINAL: Final = "winfuture.de"
_KEPT: Final = ("content-type", "etag", "last-modified", "location", "link")


class Copies(ThreadingHTTPServer):
    """asked: requests by host. most: the most that one host was asked at a time. connections: by
    host, the client's port of each request, in order."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, replica: str, latency: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replica, self.latency = replica, latency
        self.lock = Lock()
        self.asked: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.connections: defaultdict[str, list[int]] = defaultdict(list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @contextmanager
    def counted(self, host: str, port: int) -> Iterator[None]:
        with self.lock:
            self.asked[host] += 1
            self.connections[host].append(port)
            self.under_way[host] += 1
            self.most[host] = max(self.most[host], self.under_way[host])
        try:
            yield
        finally:
            with self.lock:
                self.under_way[host] -= 1


class Handler(BaseHTTPRequestHandler):
    server: Copies
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host = self.headers["Host"]
        with self.server.counted(host, self.client_address[1]):
            time.sleep(self.server.latency)
            status, headers, body = self.asked_of_original()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value.replace(ORIGINAL, host))
            body = body.replace(ORIGINAL.encode(), host.encode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def asked_of_original(self) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self.server.replica)
        validators = ("If-None-Match", "If-Modified-Since")
        told = {name: self.headers[name] for name in validators if name in self.headers}
        connection.request("GET", self.path, headers={"Host": ORIGINAL, **told})
        answer = connection.getresponse()
        kept = [(k, v) for k, v in answer.getheaders() if k.lower() in _KEPT]
        body = answer.read()
        connection.close()
        return answer.status, kept, body

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def copies(replica: str, latency: float = 0.0) -> Iterator[Copies]:
    with Copies(replica, latency) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
