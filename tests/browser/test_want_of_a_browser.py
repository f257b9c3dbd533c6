"""Runs that need no browser, or need one that is not there, or lose the one they have."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running
from tests.browser.conftest import marked
from tests.conftest import ROOT, Crawl, Site, feed_paths, options, records, scrapy

pytestmark = pytest.mark.usefixtures("mark")

SHELL = """<html lang="de"><head><title>Hülle</title>
<meta property="article:published_time" content="2026-01-15T12:00:00+01:00"></head>
<body><div id="app"></div><script>
setTimeout(() => document.getElementById("app").innerHTML =
  "<article><h1>Aus der Hülle</h1><p>Das stand nicht darin.</p></article>", 1)
</script></body></html>"""
URL = "https://www.mobiflip.de/huelle-399990/"


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """A program that stands in for driver or browser, and leaves a trace of having been run."""
    program = tmp_path / "witness"
    program.write_text(f'#!/bin/sh\ntouch "{tmp_path}/was-run"\nexit 1\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("scripted", "is_run"), [("", False), ("shells", True)])
def test_a_plain_run_starts_neither_driver_nor_browser(
    scripted: str, is_run: bool, output: Path, witness: Path
) -> None:
    with running(2, scripted=scripted) as replica:
        told = options(replica, output, BROWSER_PATH=witness)
        driver = {"PLAYWRIGHT_NODEJS_PATH": str(witness)}
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "scrapy", "crawl", "mobiflip", *told],
            cwd=ROOT,
            env=os.environ | driver,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == int(is_run)
    assert witness.with_name("was-run").exists() is is_run
    assert ("playwright" in done.stderr) is is_run


def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment in which there is no Chromium."""
    empty = tmp_path / "nothing"
    empty.mkdir()
    return {"PATH": str(empty), "PLAYWRIGHT_BROWSERS_PATH": str(empty)}


def without_extra(tmp_path: Path) -> dict[str, str]:
    """An environment in which the extra cannot be imported."""
    (tmp_path / "extra").mkdir()
    for name in ("playwright", "scrapy_playwright"):
        line = f"raise ModuleNotFoundError(name={name!r})\n"
        (tmp_path / "extra" / f"{name}.py").write_text(line)
    path = os.pathsep.join([str(tmp_path / "extra"), *filter(None, [os.getenv("PYTHONPATH")])])
    return {"PYTHONPATH": path}


@pytest.mark.parametrize(
    ("environment", "settings", "said"),
    [
        (nowhere, {}, "and there is no Chromium: install it, as with apt-get install chromium, or"),
        (without_extra, {}, "and the extra is missing: pip install -r requirements-browser.lock"),
        (lambda _: {}, {"BROWSER": "never"}, "and BROWSER=never"),
        (lambda _: {}, {"BROWSER_PATH": "/bin/false"}, "and Chromium does not start: "),
    ],
    ids=["no browser", "no extra", "never", "no start"],
)
def test_without_a_browser_the_run_is_incomplete_and_nothing_else(
    environment: Any,
    settings: dict[str, str],
    said: str,
    crawl: Crawl,
    site: Site,
    output: Path,
    tmp_path: Path,
) -> None:
    site.lay(URL, SHELL)
    with running(3, pages=site.folder) as replica:
        told = options(replica, output, BROKEN_ARTICLES_LIMIT=1, **settings)
        done = scrapy("crawl", "mobiflip", *told, **environment(tmp_path))
        assert done.code == 1, done.err
        assert f"scripts fill pages of this site, {said}" in done.last_line
        assert "3 new, 0 known, 0 duplicate, 0 quarantined, 1 failed" in done.last_line
        assert "Traceback" not in done.err
        assert len(records(output, "mobiflip")) == 3
        with_one = crawl("mobiflip", replica)
    assert with_one.code == 0, with_one.err
    assert "1 new, " in with_one.last_line
    assert with_one.last_line.endswith("; complete")
    (late,) = [record for record in records(output, "mobiflip") if record["url"] == URL]
    assert late["article_body"] == "Das stand nicht darin."


def test_a_listing_without_a_browser_cannot_be_read(crawl: Crawl) -> None:
    with running(3, scripted="shells") as replica:
        done = crawl("winfuture", replica, BROWSER="never")
    assert done.code == 1
    assert "the listing https://winfuture.de/special/huawei/ could not be read" in done.last_line
    assert "BROWSER=never" in done.last_line


def started(mark: str, name: str) -> list[int]:
    """The processes of a program among those that the test has started."""
    found = []
    for pid in marked(mark):
        try:
            program = Path(f"/proc/{pid}/exe").readlink().name
        except OSError:
            continue
        if program == name:
            found.append(pid)
    return found


@pytest.mark.parametrize("victim", ["chromium", "node"])
def test_what_kills_the_browser_costs_nothing(victim: str, output: Path, mark: str) -> None:
    with running(5, scripted="shells", latency_ms=200) as replica:
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)]
        crawl = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        with crawl:
            deadline = time.monotonic() + 60
            while not feed_paths_open(output) and time.monotonic() < deadline:
                time.sleep(0.05)
            pids = started(mark, victim)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            assert crawl.stderr
            said = crawl.stderr.read()
    assert pids, "there was nothing to kill"
    assert crawl.returncode == 0, said
    assert said.splitlines()[-1].startswith("winfuture: 5 new, 0 known, 0 duplicate, 0 quarantined")
    if victim == "node":  # scrapy-playwright replaces Chromium by itself, and counts nothing
        assert "'browser/starts': 2" in said
    assert len(feed_paths(output, "winfuture")) == 1
    assert len(records(output, "winfuture")) == 5


def feed_paths_open(output: Path) -> bool:
    """Whether the first line of the feed is written."""
    return any(path.stat().st_size for path in (output / "winfuture").glob("*.jsonl*"))


def test_a_crawl_that_is_killed_takes_its_browser_along(output: Path, mark: str) -> None:
    with running(5, scripted="shells", latency_ms=200) as replica:
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as crawl:
            deadline = time.monotonic() + 60
            while not started(mark, "chromium") and time.monotonic() < deadline:
                time.sleep(0.05)
            assert started(mark, "chromium")
            crawl.kill()
    deadline = time.monotonic() + 60
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked(mark) == []
