"""Copies of feed files in object storage: a real server that speaks S3, down at first."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from crawler.replica import running
from tests.conftest import Crawl, feed_paths

PUBLIC = {"x-amz-acl": "public-read"}


@contextmanager
def storage(port: int) -> Iterator[str]:
    """A bucket on a loopback port; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    bucket = f"http://127.0.0.1:{port}/feeds"
    try:
        patience = time.monotonic() + 60
        while True:
            try:
                request = urllib.request.Request(bucket, method="PUT", headers=PUBLIC)
                urllib.request.urlopen(request).close()
                break
            except URLError:
                assert time.monotonic() < patience
                time.sleep(0.1)
        yield bucket
    finally:
        process.terminate()
        process.wait()


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return bytes(answer.read())


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_what_could_not_be_copied_is_copied_by_the_next_run(
    port: int, crawl: Crawl, output: Path
) -> None:
    told = {
        "FEED_COPY": "s3://feeds/huawei/",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "geheim",
        "AWS_REGION_NAME": "eu-central-1",
        "FEED_STORAGE_S3_ACL": "public-read",  # so that the test may look
    }
    with running(3) as replica:
        done = crawl("winfuture", replica, **told)
    assert done.code == 1
    assert "could not be copied" in done.last_line
    assert done.last_line.startswith("winfuture: 3 new")
    with storage(port) as bucket:
        for count, files in ((5, 2), (5, 2)):
            with running(count) as replica:
                done = crawl("winfuture", replica, **told)
            assert done.code == 0, done.err
            paths = feed_paths(output, "winfuture")
            assert len(paths) == files
            for path in paths:
                copy = f"{bucket}/huawei/winfuture/{path.name}"
                assert fetched(copy) == path.read_bytes()
        listed = fetched(f"{bucket}?list-type=2").decode()
        assert listed.count("<Key>") == 2
    with running(5) as replica:
        assert crawl("winfuture", replica, **told).code == 0, "there is nothing to copy"
    assert "geheim" not in done.err


@pytest.mark.parametrize("address", ["feeds", "file:///tmp/x", "s3://", "ftp://h/x"])
def test_what_is_no_storage_is_refused(address: str, crawl: Crawl) -> None:
    done = crawl("winfuture", "127.0.0.1:1", FEED_COPY=address)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"FEED_COPY {address!r} is no storage" in done.err


def test_a_storage_that_has_no_address_is_told_of_in_one_line(crawl: Crawl, output: Path) -> None:
    with running(2) as replica:
        told = {"FEED_COPY": "s3://feeds", "AWS_ENDPOINT_URL": "nowhere", "AWS_REGION_NAME": "x"}
        done = crawl("winfuture", replica, **told)
    assert done.code == 1
    assert "could not be copied: Invalid endpoint: nowhere" in done.last_line
    assert "Traceback" not in done.err
    assert len(feed_paths(output, "winfuture")) == 1
