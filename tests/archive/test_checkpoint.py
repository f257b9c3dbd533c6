"""Killed and started again with ARCHIVE=1: no article page is fetched twice, and none is lost."""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.checkpoint import Checkpoint
from crawler.archive.reading import kept_in
from crawler.archive.writing import RunArchive
from crawler.feed import moment_of
from crawler.replica import running
from tests.archive.test_run import archives, kept_for
from tests.archive.test_writing import NOW, URL, answered, asked, is_sound
from tests.conftest import Finished, json_lines, options, records, scrapy
from tests.killed import ARCHIVE_MOMENTS
from tests.processes import Command

ARTICLES = 35  # on two tag pages
# What differs from run to run.
OWN = ("run_id", "archive", "date_first_seen", "date_downloaded", "backfill")


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[str]:
    with running(ARTICLES, log=tmp_path / "log") as address:
        yield address


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What one run collects that nobody kills."""
    output = tmp_path_factory.mktemp("undisturbed")
    with running(ARTICLES) as replica:
        assert scrapy("crawl", "winfuture", *options(replica, output)).code == 0
    return told(output)


def told(output: Path) -> dict[str, dict[str, Any]]:
    found = records(output, "winfuture")
    assert len({record["id"] for record in found}) == len(found)
    return {r["id"]: {name: r[name] for name in r if name not in OWN} for r in found}


def killed(when: str, replica: str, output: Path) -> bool:
    """A run with an archive that kills itself at a moment; False when it ended before."""
    settings = options(replica, output, ARCHIVE=1)
    return scrapy("crawl", "winfuture", *settings, killed=when).code == -signal.SIGKILL


def finished(replica: str, output: Path, **settings: object) -> Finished:
    return scrapy("crawl", "winfuture", *options(replica, output, ARCHIVE=1, **settings))


def fetched(log: Path) -> Counter[str]:
    """How often each article was sent; the replica fails on some at first."""
    return Counter(
        e["path"] for e in json_lines(log) if e["path"].startswith("/news,") and e["status"] == 200
    )


@pytest.mark.parametrize("moment", [*ARCHIVE_MOMENTS, "between write and index"])
def test_whenever_runs_are_killed_no_page_is_fetched_twice(
    moment: str, replica: str, undisturbed: dict[str, Any], output: Path, tmp_path: Path
) -> None:
    """Each run dies at a later step than the one before, so each gets somewhere."""
    kills = [killed(f"{moment}:{step}", replica, output) for step in (2, 33)]
    assert any(kills)
    done = finished(replica, output)
    assert (done.code, done.last_line.rpartition("; ")[2]) == (0, "complete"), done.err
    assert told(output) == undisturbed
    asked = fetched(tmp_path / "log")
    assert len(asked) == ARTICLES
    assert_kept_once(asked, output)
    for record in records(output, "winfuture"):
        assert kept_for(record, output).url == record["url"]
    assert not [*output.glob("archive/*/.*.part")]
    assert all(is_sound(path) for path in archives(output, "winfuture"))


def assert_kept_once(asked: Counter[str], output: Path) -> None:
    """A page is asked for again only if the kill came before its response was whole in the
    archive."""
    kept = Counter(
        f"/{response.url.rpartition('/')[2]}"
        for path in archives(output, "winfuture")
        for response in kept_in(path)
        if "/news," in response.url and response.status == 200
    )
    assert set(kept.values()) == {1}
    assert sum((asked - kept).values()) <= 2  # of as many kills


def test_killed_at_random_moments_it_adds_up(
    undisturbed: dict[str, Any], output: Path, tmp_path: Path
) -> None:
    chance = random.Random()
    log = tmp_path / "log"
    with running(ARTICLES, log=log, latency_ms=10) as replica:
        kills = 0
        while kills < 4:
            run = Command("crawl", "winfuture", *options(replica, output, ARCHIVE=1))
            wanted = len(fetched(log)) + chance.randint(0, 9) if log.exists() else 3
            while not run.has_ended(0.02) and (not log.exists() or len(fetched(log)) < wanted):
                pass
            code = run.kill()
            kills += code == -signal.SIGKILL
            if code == 0:
                break
        done = finished(replica, output)
    assert done.code == 0, done.err
    assert told(output) == undisturbed
    again = fetched(log) - Counter(fetched(log).keys())
    assert again.total() <= kills  # the one response under way when each kill came


def test_answers_from_the_archive_are_told_apart_and_not_counted(
    replica: str, output: Path, tmp_path: Path
) -> None:
    """Killed after a response was kept, and before anything was made of it."""
    assert killed("between archive and feed:40", replica, output)
    asked = len(json_lines(tmp_path / "log"))
    done = finished(replica, output, DOWNLOAD_DELAY=0)
    assert done.code == 0, done.err
    sent = len(json_lines(tmp_path / "log")) - asked
    assert f"; {sent} requests, " in done.last_line
    *_, path = sorted((output / "runs").iterdir())
    report = json.loads(path.read_text())
    assert report["answered_from_archive"] == 1
    assert sum(report["responses"].values()) == report["requests"] == sent
    first, second = archives(output, "winfuture")
    name = f"archive/winfuture/{first.name}"
    from_first = [r for r in records(output, "winfuture") if r["archive"]["file"] == name]
    taken = [r for r in from_first if r["run_id"] == report["run_id"]]
    assert len(taken) == 1
    assert taken[0]["date_downloaded"] == kept_for(taken[0], output).date
    assert not {kept.url for kept in kept_in(second)} & {r["url"] for r in from_first}


def test_what_is_too_old_or_of_a_run_that_ended_is_asked_for_again(
    replica: str, output: Path
) -> None:
    assert killed("between archive and feed:40", replica, output)
    (left,) = (output / "archive/winfuture").iterdir()
    assert left.name.startswith(".")
    assert finished(replica, output, ARCHIVE_TRUST_HOURS=0).code == 0
    reports = [json.loads(path.read_text()) for path in (output / "runs").iterdir()]
    assert [report["answered_from_archive"] for report in reports] == [0]
    paths = archives(output, "winfuture")
    now = moment_of(paths[-1].name.removesuffix(".warc.gz"))
    assert not Checkpoint.of_killed_runs(output, "winfuture", now, 24).places


def test_of_each_page_the_latest_answers_and_errors_do_not(tmp_path: Path) -> None:
    kept = (("", b"1", 200), ("_0002", b"2", 200), ("_0003", b"3", 503))
    for part, body, status in kept:
        run = RunArchive(tmp_path, "winfuture", f"2026-01-31T120000.000Z{part}", {}, 10**9)
        run.keep(asked(), answered(body, status), NOW)
        run.complete()
    checkpoint = Checkpoint.of_killed_runs(tmp_path, "winfuture", NOW, 24)
    found = checkpoint.answer(URL)
    assert found
    assert (found[0].name, found[1].body) == ("2026-01-31T120000.000Z_0002.warc.gz", b"2")
    assert checkpoint.answer(f"{URL}?other") is None
    found[0].unlink()
    assert checkpoint.answer(URL) is None, "moved away meanwhile"


def test_what_is_no_archive_answers_nothing(tmp_path: Path) -> None:
    run = RunArchive(tmp_path, "winfuture", "2026-01-31T120000.000Z", {}, 10**9)
    run.keep(asked(), answered(), NOW)
    run.complete()
    run.path.with_name("2026-01-31T130000.000Z.warc.gz").write_bytes(b"garbage")
    later = NOW + timedelta(hours=2)
    checkpoint = Checkpoint.of_killed_runs(tmp_path, "winfuture", later, 24)
    assert [*checkpoint.places] == [URL]
