"""One run at a time has a site: real processes that are killed and stopped, and other machines,
which are seen as they are, by their record alone."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import archive
from crawler.feed import ARCHIVE, recover
from crawler.lease import (
    LEASES,
    FileLeases,
    Heart,
    LeaseLostError,
    SiteBusyError,
    SiteLease,
    started_at,
    this_machine,
)
from crawler.replica import running, stories
from tests.conftest import ROOT, Crawl, options, records
from tests.processes import Command
from tests.test_crawl import wait_for_lines

SITE = "winfuture"


def lease(folder: Path, run_id: str = "winfuture-now", seconds: float = 90) -> SiteLease:
    return SiteLease(FileLeases(folder), SITE, run_id, seconds)


def until(asked: Callable[[], bool], timeout: float = 30) -> None:
    end = time.monotonic() + timeout
    while not asked():
        assert time.monotonic() < end, f"not within {timeout} seconds"
        time.sleep(0.01)


def written(folder: Path) -> dict[str, Any]:
    """The record of the site as a person finds it."""
    found: dict[str, Any] = json.loads((folder / f"{SITE}.json").read_text())
    return found


def rewrite(folder: Path, **fields: object) -> None:
    """As another machine's clock or heartbeat would."""
    (folder / f"{SITE}.json").write_text(json.dumps(written(folder) | fields) + "\n")


def elsewhere(folder: Path, age: float, seconds: float = 0.5) -> None:
    """Leaves the lease of a run on another machine, last heard of some seconds ago."""
    held = lease(folder, "winfuture-elsewhere", seconds)
    assert held.attempt()
    heartbeat = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    rewrite(folder, machine="another boot pid:[1]", host="elsewhere", heartbeat=heartbeat)


def test_a_site_has_one_run_at_a_time_and_others_do_not_wait(tmp_path: Path) -> None:
    first = lease(tmp_path, "winfuture-first")
    assert first.attempt()
    assert SiteLease(FileLeases(tmp_path), "mobiflip", "mobiflip-run", 90).attempt()
    since = written(tmp_path)["since"][:19]
    told = rf"another run of winfuture is under way: winfuture-first, process {os.getpid()} on "
    with pytest.raises(SiteBusyError, match=rf"{told}\S+, since {since}Z$"):
        lease(tmp_path).attempt()
    first.release()
    assert (tmp_path / "winfuture.json").read_text() == "null\n"
    assert lease(tmp_path).attempt()


HOLDER = """
import sys, time
from pathlib import Path
from crawler.lease import FileLeases, SiteLease
assert SiteLease(FileLeases(Path(sys.argv[1])), "winfuture", "winfuture-holder", 90).attempt()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Any:
    """Another process of this machine that holds the site."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_stopped_holder_of_this_machine_keeps_its_site_and_a_killed_one_loses_it(
    holder: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    holder.send_signal(signal.SIGSTOP)
    rewrite(tmp_path, heartbeat="2020-01-01T00:00:00Z")
    with pytest.raises(SiteBusyError, match=f"process {holder.pid} "):
        lease(tmp_path).attempt()
    holder.kill()
    until(lambda: started_at(holder.pid) is None)  # a zombie by now, which holds nothing
    next_run = lease(tmp_path)
    assert next_run.attempt()
    assert not next_run.is_taken_over, "a dead process has no files open"


def test_another_process_with_the_number_of_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    assert lease(tmp_path, "winfuture-before").attempt()
    rewrite(tmp_path, process_started=(started_at(os.getpid()) or 0) - 1)
    assert lease(tmp_path).attempt()


def test_a_machine_tells_itself_from_others() -> None:
    boot, namespace = this_machine().split(" ", 1)
    assert boot in Path("/proc/sys/kernel/random/boot_id").read_text()
    assert namespace.startswith("pid:[")


# --- holders on other machines ---


def test_a_holder_elsewhere_that_was_just_heard_of_lives(tmp_path: Path) -> None:
    elsewhere(tmp_path, age=0.1, seconds=60)
    with pytest.raises(
        SiteBusyError, match="another run of winfuture is under way: winfuture-elsewhere, "
    ):
        lease(tmp_path).attempt()


@pytest.mark.parametrize("age", [60, -3600], ids=["long ago", "by a clock that went ahead"])
def test_a_silent_holder_elsewhere_is_watched_before_it_loses_its_site(
    tmp_path: Path, age: float
) -> None:
    elsewhere(tmp_path, age, seconds=0.5)
    newcomer = lease(tmp_path)
    began = time.monotonic()
    assert not newcomer.attempt()
    until(newcomer.attempt)
    assert 0.5 <= time.monotonic() - began < 5
    assert newcomer.is_taken_over


def test_a_holder_elsewhere_whose_clock_is_wrong_lives_as_long_as_it_is_heard_of(
    tmp_path: Path,
) -> None:
    elsewhere(tmp_path, age=3600, seconds=60)
    newcomer = lease(tmp_path)
    assert not newcomer.attempt()
    rewrite(tmp_path, beats=1)
    with pytest.raises(SiteBusyError):
        newcomer.attempt()


def test_of_several_that_watch_one_gets_the_site(tmp_path: Path) -> None:
    elsewhere(tmp_path, age=60, seconds=0.2)
    newcomers = [lease(tmp_path, f"winfuture-{number}") for number in range(3)]
    assert not any(newcomer.attempt() for newcomer in newcomers)
    time.sleep(0.25)
    assert newcomers[1].attempt()
    for other in (newcomers[0], newcomers[2]):
        with pytest.raises(SiteBusyError, match="winfuture-1"):
            other.attempt()


def test_a_record_that_nobody_can_read_is_watched_like_a_silent_holder(tmp_path: Path) -> None:
    (tmp_path / "winfuture.json").write_bytes(b'{"run_id": "winf\xff\n')
    newcomer = lease(tmp_path)
    assert not newcomer.attempt()
    assert newcomer.watched
    assert newcomer.watched[0].host == "unknown"
    (tmp_path / "winfuture.json").write_bytes(b"")
    assert newcomer.attempt()


# --- renewing ---


def test_a_lease_is_renewed_however_busy_its_run_is_until_it_is_lost(tmp_path: Path) -> None:
    held = lease(tmp_path, seconds=0.3)
    assert held.attempt()
    lost: list[str] = []
    heart = Heart(held, lost.append)
    busy_until = time.monotonic() + 30
    while written(tmp_path)["beats"] < 3 and time.monotonic() < busy_until:
        sum(range(10_000))
    assert written(tmp_path)["beats"] >= 3
    rewrite(tmp_path, run_id="winfuture-other")
    until(lambda: bool(lost))
    assert "winfuture-other" in lost[0]
    assert not held.is_held
    heart.stop()


def test_a_released_lease_is_not_renewed(tmp_path: Path) -> None:
    held = lease(tmp_path)
    assert held.attempt()
    held.release()
    held.beat()
    assert lease(tmp_path).attempt()


# --- a holder that was silent ---


def test_a_holder_whose_site_was_taken_learns_it_before_it_writes(tmp_path: Path) -> None:
    sleeper = lease(tmp_path, "winfuture-sleeper", seconds=0.2)
    assert sleeper.attempt()
    sleeper.confirm()
    # As the newcomer's machine sees it.
    rewrite(tmp_path, machine="another boot pid:[1]", heartbeat="2020-01-01T00:00:00Z")
    newcomer = lease(tmp_path, "winfuture-newcomer")
    until(newcomer.attempt)
    for _ in range(2):
        with pytest.raises(
            LeaseLostError, match="silent for too long, and winfuture-newcomer, pro"
        ):
            sleeper.confirm()
    sleeper.release()
    assert written(tmp_path)["run_id"] == "winfuture-newcomer"
    newcomer.confirm()


def test_a_holder_that_slept_and_was_not_missed_goes_on(tmp_path: Path) -> None:
    sleeper = lease(tmp_path, seconds=0.1)
    assert sleeper.attempt()
    time.sleep(0.2)
    sleeper.confirm()
    assert written(tmp_path)["beats"] == 1


def test_a_lease_that_cannot_be_renewed_is_lost_only_when_its_time_is_up(tmp_path: Path) -> None:
    folder = tmp_path / LEASES
    held = lease(folder, seconds=0.5)
    assert held.attempt()
    folder.rename(tmp_path / "away")
    folder.write_text("no folder any more")
    held.beat()
    time.sleep(0.6)
    with pytest.raises(LeaseLostError, match="could not be renewed"):
        held.confirm()
    held.release()


RIVAL = """
import os, sys, time
from pathlib import Path
from crawler.lease import FileLeases, SiteBusyError, SiteLease
folder = Path(sys.argv[1])
won = 0
while won < 15:
    lease = SiteLease(FileLeases(folder), "winfuture", f"winfuture-{os.getpid()}", 90)
    try:
        assert lease.attempt()
    except SiteBusyError:
        time.sleep(0.001)
        continue
    os.close(os.open(folder / "inside", os.O_CREAT | os.O_EXCL))
    (folder / "inside").unlink()
    lease.beat()
    lease.release()
    won += 1
"""


def test_rivals_never_have_the_site_at_once(tmp_path: Path) -> None:
    rivals = [subprocess.Popen([sys.executable, "-c", RIVAL, tmp_path], cwd=ROOT) for _ in range(3)]
    assert [rival.wait(60) for rival in rivals] == [0, 0, 0]


def test_who_still_has_a_file_open_that_another_run_completed_does_not_reach_it(
    tmp_path: Path,
) -> None:
    left = tmp_path / SITE / ".2026-01-02T030405.678Z.jsonl.part"
    warc = tmp_path / ARCHIVE / SITE / ".2026-01-02T030405.678Z.warc.gz.part"
    lines = {left: b'{"id": 1}\n', warc: gzip.compress(b"WARC/1.1")}
    for path, content in lines.items():
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    with left.open("ab") as feed, warc.open("ab") as archived:
        recover(tmp_path, SITE, is_open=True)
        archive.recover(tmp_path, SITE, is_open=True)
        for file in (feed, archived):
            file.write(b"written by who woke up")
    for path, content in lines.items():
        assert [p.read_bytes() for p in path.parent.iterdir()] == [content]


# --- runs ---


def test_a_run_that_was_stopped_too_long_leaves_the_site_to_who_took_it(
    crawl: Crawl, output: Path
) -> None:
    """The first run is seen as another machine's, since its own would see that it is only
    stopped."""
    with running(40, latency_ms=20) as replica:
        first = Command("crawl", SITE, *options(replica, output, LEASE_SECONDS=2))
        with suppress(ProcessLookupError):
            wait_for_lines(output / SITE, 3)
            first.send_signal(signal.SIGSTOP)
            rewrite(output / LEASES, machine="another boot pid:[1]", host="elsewhere")
            busy = crawl(SITE, replica)
            assert busy.code == 3, "it was heard of less than two seconds ago"
            assert "process" in busy.last_line
            assert "on elsewhere, since" in busy.last_line
            time.sleep(2)  # no heartbeat comes
            second = crawl(SITE, replica)
        after = {path: path.read_bytes() for path in (output / SITE).iterdir()}
        first.send_signal(signal.SIGCONT)
        woken = first.finished()
    assert second.code == 0, second.err
    assert woken.code == 1
    assert "this run was silent for too long, and nobody has the site now" in woken.err
    assert "Traceback" not in woken.err
    assert {path: path.read_bytes() for path in (output / SITE).iterdir()} == after
    assert len([*(output / "runs").glob("*.json")]) == 1, "the second run's"
    ids = [record["id"] for record in records(output, SITE)]
    assert sorted(ids) == sorted(f"{SITE}:{story.number}" for story in stories(SITE, 40))


def test_a_run_that_waits_for_a_silent_holder_can_be_ended(output: Path, replica: str) -> None:
    elsewhere(output / LEASES, age=3600, seconds=60)
    command = [sys.executable, "-m", "scrapy", "crawl", SITE, *options(replica, output)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        assert any("Watching for 60 seconds whether a run lives" in line for line in run.stderr)
        run.send_signal(signal.SIGTERM)
        *_, last = run.stderr
        assert run.wait(60) == 1, last
    assert "the run was ended early (shutdown)" in last
    assert written(output / LEASES)["run_id"] == "winfuture-elsewhere"
