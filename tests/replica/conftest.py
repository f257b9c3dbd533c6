"""A replica that all tests of this folder share, and a plain way to ask it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from crawler.replica import running

pytest.register_assert_rewrite("tests.replica.aged")

ARTICLES = 40


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[..., Answer]


def ask(address: str, url: str, method: str = "GET", **headers: str) -> Answer:
    """Sends one request to a replica as if it were the web; no redirect is followed."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection(address, timeout=10)) as connection:
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running(ARTICLES) as found:
        yield found


@pytest.fixture
def get(address: str) -> Ask:
    return lambda url, method="GET", **headers: ask(address, url, method, **headers)
