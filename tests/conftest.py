"""Real parts for the tests: a replica on a loopback port, commands in their own processes."""

import json
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running
from tests.processes import ROOT as ROOT
from tests.processes import Finished, scrapy


def no_idle_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Makes a skip a failure, unless it is for want of the pages beside the repository."""
    is_idle = report.skipped and not hasattr(report, "wasxfail")
    if is_idle and os.environ.get("CI") and "../shared" not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped under CI, where only ../shared may be missing: {report.longrepr}"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    no_idle_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    no_idle_skip(report)
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-expected",
        action="store_true",
        help="write what the code says of the pages in tests/sites as their expected answers, "
        "and fail",
    )


def options(replica: str, output: Path, **settings: object) -> list[str]:
    """Settings for a crawl of a replica, as quick as it goes."""
    quick = {"DOWNLOAD_DELAY": 0, "REFUSAL_PAUSE": 0, "DOWNLOAD_DELAY_LIMIT": 0.05}
    settings = {"REPLICA": replica, "OUTPUT_DIR": output, **quick, **settings}
    return [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]


Crawl = Callable[..., Finished]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def crawl(output: Path) -> Crawl:
    """Crawls a site of a replica into the test's output folder."""

    def run(site: str, replica: str, *args: str, **settings: object) -> Finished:
        return scrapy("crawl", site, *options(replica, output, **settings), *args)

    return run


@pytest.fixture(scope="session")
def replica() -> Iterator[str]:
    """A replica that tests share: they only read it."""
    with running(15) as address:
        yield address


@dataclass
class Site:
    """Pages laid over a replica: what the invented site of a test answers."""

    folder: Path

    def lay(self, url: str, body: bytes | str | None = None, **answer: Any) -> None:
        """Lays one answer; call it again to change it before the replica starts."""
        self.folder.mkdir(exist_ok=True)
        listing = self.folder / "pages.json"
        pages = json.loads(listing.read_text()) if listing.exists() else {}
        if body is not None:
            name = f"{len([*self.folder.iterdir()])}.page"  # what was laid before may still be used
            content = body.encode() if isinstance(body, str) else body
            (self.folder / name).write_bytes(content)
            answer["file"] = name
        pages[url] = answer
        listing.write_text(json.dumps(pages))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "pages")


def feed_paths(output: Path, site: str) -> list[Path]:
    return sorted((output / site).glob("*.jsonl"))


def records(output: Path, site: str) -> list[dict[str, Any]]:
    """What a consumer reads: every line of every file of a site."""
    return [record for path in feed_paths(output, site) for record in json_lines(path)]


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
