"""What befalls a feed besides kills: each has a clear outcome, and the next run completes it."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.feed import feed_files, partial
from crawler.replica import running
from tests.conftest import ROOT, Crawl, Finished, feed_paths, json_lines, options, records

ARTICLES = 25  # more than a tag page lists


@pytest.fixture(scope="module")
def replica() -> Iterator[str]:
    with running(ARTICLES) as address:
        yield address


def assert_complete(output: Path, site: str = "winfuture") -> None:
    ids = [record["id"] for record in records(output, site)]
    assert len(ids) == len(set(ids)) == ARTICLES
    assert not [*(output / site).glob("*.part")]


# --- folders that do not take what is written ---------------------------------------------------


def limited(prefix: list[str], replica: str, output: Path) -> Finished:
    """A crawl under a command that takes something away from it."""
    command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)]
    done = subprocess.run(
        [*prefix, *command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("kilobytes", [8, 40, 90])
def test_a_full_disk_ends_the_run_and_tears_no_line(
    kilobytes: int, replica: str, crawl: Crawl, output: Path
) -> None:
    """A limit on the size of files: feed and index meet it as they meet a full disk."""
    done = limited(["prlimit", f"--fsize={kilobytes * 1024}"], replica, output)
    assert done.code == 1, done.err
    assert "; incomplete: " in done.last_line
    assert re.search("could not be written|brought up to date|cannot be used", done.last_line)
    assert "Traceback" not in done.err
    for path in feed_files(output):
        assert path.read_bytes().endswith(b"\n")
        assert json_lines(path)
    assert crawl("winfuture", replica).code == 0
    assert_complete(output)


def test_a_read_only_folder_is_a_failure_that_changes_nothing(
    replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica, "-a", "max_pages=1").code == 0
    kept = {path: path.read_bytes() for path in feed_files(output)}
    shutil.rmtree(output / "quarantine", ignore_errors=True)
    # Root may write anywhere, unless it gives that up.
    drop = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-all"]
    folders = (output, output / "winfuture")
    try:
        for folder in folders:
            folder.chmod(0o500)
        done = limited(drop if os.geteuid() == 0 else [], replica, output)
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert done.code == 1, done.err
    assert str(output) in done.last_line
    assert "cannot be used for the feed" in done.last_line
    assert "Traceback" not in done.err
    assert {path: path.read_bytes() for path in feed_files(output)} == kept


# --- an index that is not as we left it ---------------------------------------------------------


def garbage(index: Path) -> None:
    index.write_bytes(b"not a database" * 1000)


def truncated(index: Path) -> None:
    os.truncate(index, index.stat().st_size // 2)


def scribbled_on(index: Path) -> None:
    content = bytearray(index.read_bytes())
    for start in range(4096, len(content), 4096):  # every page but the first
        content[start : start + 64] = b"\xee" * 64
    index.write_bytes(content)


def of_version(number: int) -> Callable[[Path], None]:
    def change(index: Path) -> None:
        with sqlite3.connect(index) as connection:
            connection.execute(f"PRAGMA user_version = {number}")
        connection.close()

    return change


def without(table: str) -> Callable[[Path], None]:
    def change(index: Path) -> None:
        with sqlite3.connect(index) as connection:
            connection.execute(f"DROP TABLE {table}")
        connection.close()

    return change


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(Path.unlink, id="deleted"),
        pytest.param(garbage, id="garbage"),
        pytest.param(truncated, id="truncated"),
        pytest.param(scribbled_on, id="scribbled on"),
        pytest.param(without("band"), id="without a table"),
        pytest.param(without("look"), id="without looks"),
        pytest.param(without("walk"), id="without walks"),
        pytest.param(of_version(1), id="of an older version"),
        pytest.param(of_version(99), id="of a newer version"),
    ],
)
def test_an_index_of_no_use_is_built_anew(
    harm: Callable[[Path], None], replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica, "-a", "max_pages=1").code == 0
    known = len(records(output, "winfuture"))
    for path in output.glob("index.sqlite-*"):
        path.unlink()
    harm(output / "index.sqlite")
    done = crawl("winfuture", replica)
    assert 0 < known < ARTICLES
    assert done.code == 0, done.err
    assert f"{ARTICLES - known} new, {known} known" in done.last_line
    assert "Traceback" not in done.err
    assert_complete(output)


# --- feed files that are not as we left them ----------------------------------------------------


def test_a_feed_file_edited_by_hand_is_named_and_left_as_it_is(
    replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica).code == 0
    (path,) = feed_paths(output, "winfuture")
    lines = path.read_bytes().splitlines(keepends=True)
    eaten = lines[1].replace(b'"event":"published"', b'"event":"eaten"')
    too_far = lines[2].replace(b'"revision":1', b'"revision":99999999999999999999')
    edited = b"".join([lines[0], eaten, too_far, *lines[3:]])
    path.write_bytes(edited)
    done = crawl("winfuture", replica)
    assert done.code == 0, done.err
    assert f"{path} has changed since it was complete" in done.err
    assert f"{path}, line 2: Invalid enum value 'eaten'" in done.err
    assert f"{path}, line 3" in done.err
    assert "Traceback" not in done.err
    assert "2 new, 23 known" in done.last_line, "what was cut out is collected again"
    assert path.read_bytes() == edited
    again = crawl("winfuture", replica)
    assert "has changed" not in again.err, "once told, it is taken as it is"


def test_names_are_never_used_twice_though_the_clock_is_set_back(
    replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica, "-a", "max_pages=1").code == 0
    (path,) = feed_paths(output, "winfuture")
    future = path.with_name("2999-12-31T235959.999Z.jsonl")
    path.rename(future)
    assert crawl("winfuture", replica).code == 0
    first, second = feed_paths(output, "winfuture")
    assert (first, second.name) == (future, "3000-01-01T000000.000Z.jsonl")
    assert_complete(output)


def test_a_file_that_bears_the_final_name_already_is_not_overwritten(
    replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica, "-a", "max_pages=1").code == 0
    (path,) = feed_paths(output, "winfuture")
    kept = path.read_bytes()
    partial(path).write_bytes(kept)
    done = crawl("winfuture", replica)
    assert done.code == 1
    assert "exists already" in done.last_line
    assert path.read_bytes() == kept
    assert partial(path).read_bytes() == kept


# --- long runs ------------------------------------------------------------------------------------


def test_a_full_feed_file_is_complete_while_the_run_goes_on(
    replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("winfuture", replica, FEED_FILE_LINES=8).code == 0
    paths = [*feed_files(output / "winfuture")]
    start = paths[0].name.removesuffix(".jsonl")
    assert [path.name for path in paths] == [
        f"{start}{part}.jsonl" for part in ("", "_0002", "_0003", "_0004")
    ]
    assert [len(json_lines(path)) for path in paths] == [8, 8, 8, 1]
    assert_complete(output)
    assert f"0 new, {ARTICLES} known" in crawl("winfuture", replica).last_line
