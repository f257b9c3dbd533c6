"""`scrapy watch`: whole runs by the schedule, told to end, killed, and shown on a terminal."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.lease import LEASES
from crawler.replica import running, stories
from tests.commands.conftest import on_terminal
from tests.conftest import ROOT, Site, json_lines, options, records, scrapy
from tests.test_crawl import wait_for_lines
from tests.test_progress import screen

SCHEDULE = """
[defaults]
every = "1h"
[[run]]
site = "winfuture"
[[run]]
site = "mobiflip"
"""


@pytest.fixture
def schedule(tmp_path: Path) -> Path:
    path = tmp_path / "schedule.toml"
    path.write_text(SCHEDULE)
    return path


def until(asked: Callable[[], Any], timeout: float = 60) -> Any:
    end = time.monotonic() + timeout
    while not (found := asked()):
        assert time.monotonic() < end, f"not within {timeout} seconds"
        time.sleep(0.02)
    return found


def holder(output: Path, name: str) -> int:
    """The process that has a site, or the watch; 0 for none."""
    path = output / LEASES / f"{name}.json"
    lease = json_lines(path)[0] if path.exists() and path.read_text().strip() else None
    return lease["pid"] if lease else 0


def test_what_would_run_is_shown_and_does_not(schedule: Path, output: Path) -> None:
    schedule.write_text(
        SCHEDULE + 'every = "2h"\n[[run]]\nsite="mobiflip"\ntopic="x"\ncron="5 4 29 2 *"\n'
    )
    done = scrapy("watch", schedule, "--once", "--dry-run", "-s", f"OUTPUT_DIR={output}")
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0] == "site topic last run new updated complete next run".split()
    assert rows[1:3] == [[site, "huawei", "never", "now"] for site in ("winfuture", "mobiflip")]
    assert re.fullmatch(r"20\d\d-02-29", rows[3][-1])
    assert done.out.endswith("Would run now: winfuture huawei, mobiflip huawei\n")
    assert not output.exists()


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (
            ["nowhere.toml"],
            [r"nowhere\.toml: No such file or directory; docs/operate/watch\.md tells .*"],
        ),
        (["a.toml", "b.toml"], ["'b.toml' is one argument too many; name one schedule"]),
        (["--twice"], ["there is no option --twice; see scrapy watch --help"]),
        (
            ["SCHEDULE"],
            [
                r"SCHEDULE: there is no 'runs'; did you mean run\?",
                r"SCHEDULE: timezone '\\x1b' is none; write it as 'Europe/Berlin'",
            ],
        ),
        (
            ["--metrics", "9464", "GOOD"],
            ["--metrics '9464' is no address; write it as 127.0.0.1:9464"],
        ),
        (
            ["--metrics", "127.0.0.1:1", "--once", "GOOD"],
            ["--metrics is of no use with --once, .*"],
        ),
        (["--dry-run", "-s", "LEASE_SECONDS=x"], ["LEASE_SECONDS 'x' is no number from 1 to .*"]),
    ],
)
def test_wrong_use_is_told_in_a_line_each(
    given: list[str], lines: list[str], schedule: Path
) -> None:
    wrong = schedule.with_name("wrong.toml")
    wrong.write_text('timezone = "\\u001b"\n[[runs]]\n')
    paths = {"GOOD": str(schedule), "SCHEDULE": str(wrong)}
    done = scrapy("watch", *(paths.get(word, word) for word in given))
    assert (done.code, done.out) == (2, "")
    wanted = [line.replace("SCHEDULE", re.escape(str(wrong))) for line in lines]
    found = done.err.splitlines()
    assert len(found) == len(wanted), found
    for line, pattern in zip(found, wanted, strict=True):
        assert re.fullmatch(f"scrapy watch: {pattern}", line), found


def test_metrics_that_cannot_be_given_are_told(schedule: Path, output: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        told = ["-s", "REPLICA=127.0.0.1:9", "-s", f"OUTPUT_DIR={output}", "--metrics", address]
        done = scrapy("watch", schedule, *told)
    assert done.code == 1
    assert re.fullmatch(r"scrapy watch: --metrics: nobody can listen on .*in use\n", done.err)


def test_once_runs_what_is_due_and_ends_with_the_worst_of_it(
    schedule: Path, site: Site, output: Path
) -> None:
    site.lay("https://www.mobiflip.de/thema/huawei/", status=404)
    with running(5, pages=site.folder) as replica:
        done = scrapy("watch", schedule, "--once", *options(replica, output))
    assert done.code == 1
    assert len(records(output, "winfuture")) == 5, "whatever became of the other site"
    assert re.search(
        r"\[crawler.watch\] INFO: winfuture huawei: 5 new, 0 updated; complete; next run 20",
        done.err,
    )
    assert re.search(
        r"\[crawler.watch\] WARNING: mobiflip huawei: 0 new, 0 updated; failed with exit code 1; ",
        done.err,
    )
    again = scrapy("watch", schedule, "--once", "--dry-run", "-s", f"OUTPUT_DIR={output}")
    assert again.out.endswith("Nothing is due; nothing would run.\n")


def test_a_run_that_is_killed_leaves_the_others_alone_and_ctrl_c_complete_files(
    schedule: Path, output: Path
) -> None:
    with running(40, latency_ms=40) as replica:
        told = options(replica, output)
        command = [sys.executable, "-m", "scrapy", "watch", schedule, *told]
        watch = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            for site in ("winfuture", "mobiflip"):
                wait_for_lines(output / site, 1)
            os.kill(holder(output, "winfuture"), signal.SIGKILL)
            until(lambda: '"exit_code": -9' in (output / "watch.json").read_text())
            second = scrapy("watch", schedule, "--once", *told)
            lines = len((output / "mobiflip").glob(".*.part").__next__().read_bytes().splitlines())
            wait_for_lines(output / "mobiflip", lines + 1)
        finally:
            # As a terminal does, whose Ctrl-C reaches all that it has started.
            os.killpg(watch.pid, signal.SIGINT)
        _, said = watch.communicate(timeout=60)
        assert second.code == 3
        assert re.fullmatch(
            rf"scrapy watch: another watch has {output}: scrapy watch, process {watch.pid} on \S+, "
            r"since 20\S+Z\n",
            second.err,
        )
        assert watch.returncode == 0, said
        assert "WARNING: winfuture huawei: killed by signal 9; next run 20" in said
        assert re.search(r"mobiflip huawei: \d+ new, 0 updated; ended before it was done", said)
        assert "Traceback" not in said
        assert [*(output / "mobiflip").glob(".*.part")] == []
        assert 1 <= len(records(output, "mobiflip")) < 40
        # What it had to leave is made up for at once when it is back.
        assert scrapy("watch", schedule, "--once", *told).code == 0
    ids = [record["id"] for record in records(output, "mobiflip")]
    assert sorted(ids) == sorted(f"mobiflip:{story.number}" for story in stories("mobiflip", 40))


def test_a_terminal_shows_the_schedule_below_whole_log_lines(schedule: Path, output: Path) -> None:
    schedule.write_text('[[run]]\nsite = "winfuture"\nevery = "1h"\n')

    def end_when_done() -> None:
        memory = output / "watch.json"
        until(lambda: memory.exists() and '"run_id": "winfuture' in memory.read_text())
        time.sleep(1.2)  # the table is drawn once a second
        os.kill(holder(output, "watch"), signal.SIGTERM)

    ending = threading.Thread(target=end_when_done)
    ending.start()
    with running(5, broken=1, latency_ms=250) as replica:
        done = on_terminal(100, "watch", schedule, *options(replica, output))
    ending.join()
    assert done.code == 0
    left = screen(done.out, 100)
    whole = "".join(left).replace(" ", "")
    assert re.search(r"\[winfuture\]ERROR:Thearticle\S+couldnotbehad:theserveranswered404", whole)
    assert any(line.startswith("winfuture: 4 new, ") for line in left)
    head, row = left[-2:]
    assert head.split() == "site topic last run new updated complete next run".split()
    assert re.fullmatch(r"winfuture +huawei +\d\d:\d\d +4 +0 +no +(\w{3} )?\d\d:\d\d", row.strip())
    assert "running 0:0" in done.out
