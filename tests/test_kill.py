"""`kill -9` in the middle of a run, and the run after it."""

import random
from pathlib import Path

import pytest

from crawler.replica import running, stories
from tests.conftest import Crawl, feed_paths, json_lines, options, records
from tests.processes import Command
from tests.test_crawl import wait_for_lines


def killed_run(site: str, replica: str, output: Path, lines: int) -> Path:
    """A crawl that is killed as soon as it has written some lines; what it left."""
    run = Command("crawl", site, *options(replica, output))
    try:
        wait_for_lines(output / site, lines)
    finally:
        run.kill()
    (left,) = (output / site).glob(".*.part")
    return left


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_after_a_kill_the_next_run_completes_the_feed(
    site: str, crawl: Crawl, output: Path
) -> None:
    with running(60, latency_ms=5) as replica:
        for lines in (1, random.randint(2, 15)):
            left = killed_run(site, replica, output, lines)
            assert not left.with_name(left.name[1:-5]).exists()
        done = crawl(site, replica)
    assert done.code == 0, done.err
    ids = [record["id"] for record in records(output, site)]
    assert sorted(ids) == sorted(f"{site}:{story.number}" for story in stories(site, 60))
    assert len(feed_paths(output, site)) == 3
    assert not [*(output / site).glob(".*.part")]


def test_a_torn_line_is_set_aside_and_its_article_collected_again(
    crawl: Crawl, output: Path
) -> None:
    with running(30, latency_ms=5) as replica:
        left = killed_run("winfuture", replica, output, 5)
        content = left.read_bytes()
        start_of_last = content.rindex(b"\n", 0, -1) + 1
        torn = content[start_of_last:-40]
        left.write_bytes(content[:start_of_last] + torn)
        done = crawl("winfuture", replica)
    assert done.code == 0, done.err
    (aside,) = (output / "quarantine" / "winfuture").glob("*.torn")
    assert aside.read_bytes() == torn
    ids = [record["id"] for record in records(output, "winfuture")]
    assert len(ids) == len(set(ids)) == 30


def test_what_was_whole_when_the_run_was_killed_is_kept_as_it_was(
    crawl: Crawl, output: Path
) -> None:
    with running(30, latency_ms=5) as replica:
        left = killed_run("mobiflip", replica, output, 4)
        content = left.read_bytes()
        assert crawl("mobiflip", replica).code == 0
    recovered = left.with_name(left.name[1:-5])
    assert recovered.read_bytes() == content[: content.rindex(b"\n") + 1]
    assert all(record["site"] == "mobiflip" for record in json_lines(recovered))
