"""A fleet: real workers, a real PostgreSQL; one killed, the other restarted, and nothing lost."""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import psycopg
import pytest

from crawler.fleet import Queue
from crawler.replica import running as replica_running
from crawler.report import reports
from tests.conftest import ROOT, options, records, scrapy
from tests.fleet.copies import copies
from tests.fleet.sites import NAMES
from tests.postgresql import Server, running

ARTICLES = 4
LATENCY = 0.05
PATIENCE = 3  # seconds until a silent worker is taken for dead


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def jobs(address: str) -> Counter[str]:
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT status::text FROM procrastinate_jobs").fetchall()
    return Counter(status for (status,) in found)


def until(reached: Callable[[], bool], seconds: float = 240) -> None:
    patience = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < patience, "it takes too long"
        time.sleep(0.2)


def told(address: str, *more: str) -> list[str]:
    return [*more, "-s", f"INDEX={address}"]


def test_forty_sites_one_worker_killed_and_the_database_restarted(
    server: Server, tmp_path: Path
) -> None:
    output, address = tmp_path / "output", server.database()
    with replica_running(ARTICLES) as replica, copies(replica, LATENCY) as web:
        more = options(
            web.address, output, SPIDER_MODULES="tests.fleet.sites", LEASE_SECONDS=PATIENCE
        )
        done = scrapy("fleet", "enqueue", *NAMES, *more, *told(address))
        assert (done.code, done.out.count(": queued")) == (0, len(NAMES))
        command = [sys.executable, "-m", "scrapy", "fleet", "worker", "--at-once", "1"]
        command += ["--patience", str(PATIENCE), *more, *told(address)]
        log = (tmp_path / "log").open("wb")
        workers = [subprocess.Popen(command, cwd=ROOT, stderr=log) for _ in range(4)]
        try:
            until(lambda: jobs(address)["succeeded"] >= 6)
            workers[0].send_signal(signal.SIGKILL)
            until(lambda: jobs(address)["succeeded"] >= 12)
            server.stop()
            time.sleep(PATIENCE + 1)  # an outage that each worker notices
            server.start()
            until(lambda: jobs(address) == {"succeeded": len(NAMES)})
            for worker in workers[1:]:
                worker.terminate()
            assert [worker.wait(60) for worker in workers] == [-signal.SIGKILL, 0, 0, 0]
        finally:
            for worker in workers:
                worker.kill()
            log.close()
    said = (tmp_path / "log").read_text()
    assert "Taking over from a worker that has died" in said
    assert "gone away" in said or "PostgreSQL: " in said, "the outage was noticed"
    assert "Traceback" not in said
    for name in NAMES:
        numbers = Counter(record["id"] for record in records(output, name))
        assert len(numbers) == ARTICLES, name
        assert set(numbers.values()) == {1}, "every article exactly once"
    assert set(web.most.values()) == {1}, "a site is asked one thing at a time"
    for host, ports in web.connections.items():
        turns = [port for port, _ in groupby(ports)]
        assert len(turns) == len(set(turns)), f"two crawls of {host} at a time"
    for name in NAMES:
        spans = [(run.started, run.ended) for run in reports(output, name)]
        times = [datetime.fromisoformat(moment) for span in spans for moment in span]
        assert times == sorted(times), "two crawls of a site at a time"
    assert any(record["duplicate_of"] for name in NAMES for record in records(output, name)), (
        "what one machine has written another knows"
    )


def attempts(address: str) -> list[tuple[str, str, int]]:
    query = "SELECT args->>'site', status::text, attempts FROM procrastinate_jobs ORDER BY 1"
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def working(*more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "scrapy", "fleet", "worker", "--patience", "1", *more]
    worker = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.terminate()
        assert worker.wait(60) == 0


def test_a_job_is_queued_once_run_and_told_of(server: Server, tmp_path: Path, replica: str) -> None:
    output, address = tmp_path / "output", server.database()
    more = [*options(replica, output), *told(address)]
    assert scrapy("fleet", "enqueue", "winfuture", *more).code == 0
    again = scrapy("fleet", "enqueue", "winfuture", *more)
    assert again.out == "winfuture huawei: is queued already\n"
    shown = scrapy("fleet", "status", *told(address)).out.splitlines()
    assert shown[1].split()[:3] == ["winfuture", "huawei", "queued"]
    assert shown[-1] == "Workers: none"
    with working(*more):
        until(lambda: jobs(address) == {"succeeded": 1})
    assert len(records(output, "winfuture")) == 15
    assert " done " in scrapy("fleet", "status", *told(address)).out
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE procrastinate_events SET at = at - interval '8 days'")
    with working(*more):
        until(lambda: not jobs(address))


def test_a_site_that_another_run_has_is_tried_again_soon(server: Server, tmp_path: Path) -> None:
    output, address = tmp_path / "output", server.database()
    with replica_running(ARTICLES, latency_ms=700) as replica:
        more = [*options(replica, output), *told(address)]
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *more]
        by_hand = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        assert scrapy("fleet", "enqueue", "winfuture", *more).code == 0
        with working(*more):
            until(lambda: by_hand.poll() is not None)
            assert by_hand.returncode == 0
            until(lambda: jobs(address) == {"succeeded": 1})
    ((_, _, tries),) = attempts(address)
    assert tries >= 2, "the first found the site taken"
    assert len(records(output, "winfuture")) == ARTICLES


def test_wrong_use_has_failed_and_is_not_tried_again(
    server: Server, tmp_path: Path, replica: str
) -> None:
    address = server.database()
    more = [*options(replica, tmp_path / "output"), *told(address)]

    async def no_site() -> None:
        queue = Queue(address)
        async with queue.opened():
            await queue.enqueue("nosuchsite", "huawei", timedelta(minutes=1))

    asyncio.run(no_site())
    with working(*more):
        until(lambda: jobs(address) == {"failed": 1})
    assert attempts(address) == [("nosuchsite", "failed", 1)]


def test_what_fails_is_tried_three_times_more(server: Server, tmp_path: Path) -> None:
    output, address = tmp_path / "output", server.database()
    more = [*options("127.0.0.1:1", output, RETRY_TIMES=0), *told(address)]
    assert scrapy("fleet", "enqueue", "winfuture", *more).code == 0
    with working(*more):
        until(lambda: jobs(address) == {"failed": 1})
    assert attempts(address) == [("winfuture", "failed", 4)]


def test_what_a_worker_was_at_when_told_to_end_another_does(server: Server, tmp_path: Path) -> None:
    output, address = tmp_path / "output", server.database()
    with replica_running(12, latency_ms=300) as replica:
        more = [*options(replica, output, FEED_FILE_LINES=1), *told(address)]
        assert scrapy("fleet", "enqueue", "winfuture", *more).code == 0
        with working(*more):
            until(lambda: bool([*output.glob("winfuture/*.jsonl")]))
        assert attempts(address) == [("winfuture", "todo", 1)]
        assert 0 < len(records(output, "winfuture")) < 12
        with working(*more):
            until(lambda: jobs(address) == {"succeeded": 1})
    numbers = Counter(record["id"] for record in records(output, "winfuture"))
    assert (len(numbers), set(numbers.values())) == (12, {1})


def test_what_a_schedule_says_is_queued_and_crawled(
    server: Server, tmp_path: Path, replica: str
) -> None:
    output, address = tmp_path / "output", server.database()
    schedule = tmp_path / "schedule.toml"
    schedule.write_text('[[run]]\nsite = "mobiflip"\nevery = "6h"\n')
    more = [*options(replica, output), *told(address)]
    command = [sys.executable, "-m", "scrapy", "fleet", "worker", schedule, *more]
    worker = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _has_ended(address))
    finally:
        worker.terminate()
        assert worker.wait(60) == 0
    assert len(records(output, "mobiflip")) == 15
    assert jobs(address) == {"succeeded": 1}, "once in six hours"


def _has_ended(address: str) -> bool:
    try:
        return jobs(address)["succeeded"] == 1
    except psycopg.errors.UndefinedTable:
        return False


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["status"], 2, "set INDEX to a database"),
        (["status", *told("postgresql://u:geheim@127.0.0.1:1/x")], 1, "PostgreSQL: connection"),
        (["status", *told("mysql://geheim@h/x")], 2, "INDEX *** is no address"),
        (["status", *told("postgresql://u:geheim@w@h/x")], 2, "INDEX *** is no address"),
        ([], 2, "say worker, enqueue or status"),
        (["start"], 2, "say worker, enqueue or status"),
        (["enqueue", "heise", *told("postgresql://127.0.0.1:1/x")], 2, "there is no site 'heise'"),
        (["status", "x", *told("postgresql://127.0.0.1:1/x")], 2, "'x' is one argument too many"),
        (["status", "--at-once", "2", *told("postgresql://127.0.0.1:1/x")], 2, "--at-once is for"),
        (["status", "--time-limit", "1h", *told("postgresql://127.0.0.1:1/x")], 2, "--time-limit"),
        (
            ["enqueue", "--time-limit", "0", *told("postgresql://127.0.0.1:1/x")],
            2,
            "--time-limit 0",
        ),
        (["worker", "--patience", "0", *told("postgresql://127.0.0.1:1/x")], 2, "--patience 0"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(args: list[str], code: int, said: str) -> None:
    done = scrapy("fleet", *args)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert done.err.startswith(f"scrapy fleet: {said}")
    assert "geheim" not in done.err
