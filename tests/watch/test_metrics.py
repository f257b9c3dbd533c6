"""Metrics: what Prometheus is told, and the alerts that rest on it, by Prometheus' own tool."""

import asyncio
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from crawler.watch import Watcher
from crawler.watch.metrics import address, serve
from tests.conftest import ROOT
from tests.watch.test_watcher import REPORT, entry, once, watcher

RULES = ROOT / "deploy/prometheus/crawler.rules.yml"


def promtool(*arguments: object, told: str = "") -> str:
    """What it says of what is right; .ci/promtool sees to it that it is there."""
    path = shutil.which("promtool") or str(Path(sys.executable).with_name("promtool"))
    command = [path, *map(str, arguments)]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Watcher, str]]:
    """A watcher of two entries, and what it tells at which address."""
    made = watcher(
        tmp_path,
        f'if [ "$1" = mobiflip ]; then exit 1; fi; {REPORT % {"hour": 1, "new": 3}}',
        entry(),
        entry("mobiflip"),
        entry("winfuture", "later", every=None, cron="0 0 1 1 *"),
    )
    server, thread = serve(made, "127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    server.server_close()
    thread.join()


def asked(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        text: str = response.read().decode()
        return text


def values(text: str) -> dict[tuple[str, str, str], float]:
    return {
        (sample.name.removeprefix("crawler_"), sample.labels["site"], sample.labels["topic"]): (
            sample.value
        )
        for family in families(text)
        for sample in family.samples
    }


def test_the_metrics_tell_what_the_runs_have_come_to(watched: tuple[Watcher, str]) -> None:
    made, url = watched
    before = values(asked(url))
    assert before["runs_total", "winfuture", "huawei"] == 0
    began = datetime.now(UTC).timestamp()
    once(made)
    text = asked(url)
    found = values(text)
    for name, wanted in {
        "runs_total": (1, 1, 0),
        "failed_runs_total": (0, 1, 0),
        "new_articles_total": (3, 0, 0),
        "updated_articles_total": (0, 0, 0),
        "requests_total": (7, 0, 0),
        "last_run_complete": (1, 0, 0),
        "last_run_alarms": (0, 0, 0),
        "running": (0, 0, 0),
    }.items():
        places = (("winfuture", "huawei"), ("mobiflip", "huawei"), ("winfuture", "later"))
        assert tuple(found[name, *place] for place in places) == wanted, name
    assert found["last_complete_run_timestamp_seconds", "winfuture", "huawei"] >= began
    since = made.memory["mobiflip huawei"].since.timestamp()
    assert found["last_complete_run_timestamp_seconds", "mobiflip", "huawei"] == since
    ahead = found["next_run_timestamp_seconds", "winfuture", "huawei"] - began
    assert 3500 < ahead < 3700
    assert found["run_seconds_total", "winfuture", "huawei"] > 0
    promtool("check", "metrics", told=text)


def test_counters_go_on_over_restarts(watched: tuple[Watcher, str], tmp_path: Path) -> None:
    once(watched[0])
    again = watcher(tmp_path, REPORT % {"hour": 2, "new": 4}, entry())
    again.next["winfuture huawei"] -= timedelta(hours=2)
    once(again)
    totals = again.memory["winfuture huawei"].totals
    assert (totals.runs, totals.new_articles, totals.requests) == (2, 7, 14)


def test_a_run_that_goes_on_is_told(tmp_path: Path) -> None:
    made = watcher(tmp_path, "trap 'exit 0' TERM; while :; do sleep 0.01; done", entry())
    server, thread = serve(made, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.server_port}/metrics"

    async def look() -> float:
        task = asyncio.create_task(made.watch())
        async with asyncio.timeout(30):
            while not made.begun:
                await asyncio.sleep(0.01)
        found = values(await asyncio.to_thread(asked, url))
        made.stopping.set()
        await task
        return found["running", "winfuture", "huawei"]

    assert asyncio.run(look()) == 1
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_alerts_name_metrics_there_are_and_fire_when_they_should(
    watched: tuple[Watcher, str],
) -> None:
    assert "SUCCESS: 5 rules found" in promtool("check", "rules", RULES)
    exported = {f"crawler_{name}" for name, _, _ in values(asked(watched[1]))}
    named = {
        name
        for line in re.findall(r"^ +expr: (.*)$", RULES.read_text(), re.MULTILINE)
        for name in re.findall(r"crawler_\w+", line)
    }
    assert named <= exported
    assert len(named) == 5
    assert "SUCCESS" in promtool("test", "rules", ROOT / "tests/watch/alerts.yml")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
    ],
)
def test_an_address_is_read(said: str, wanted: tuple[str, int]) -> None:
    assert address(said) == wanted


@pytest.mark.parametrize("said", ["", "9464", "127.0.0.1", "127.0.0.1:", "host:1", "127.0.0.1:0",
                                  "127.0.0.1:65536", "127.0.0.1:²"])  # fmt: skip
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(repr(said))} is no address; write it as"):
        address(said)


def test_every_metric_is_explained(watched: tuple[Watcher, str]) -> None:
    text = (ROOT / "docs/operate/watch.md").read_text()
    explained = set(re.findall(r"`(crawler_\w+)`", text))
    assert explained == {f"crawler_{name}" for name, _, _ in values(asked(watched[1]))}
