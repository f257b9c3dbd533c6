"""Following a feed: every record once, whatever happens to the consumer or the files."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from crawler.feed import CursorError, FeedError, follow
from tests.conftest import ROOT
from tests.test_feed import lay, line

FORKS = get_context("fork")


def name(number: int, part: int = 1) -> str:
    return f"2026-01-{number:02d}T000000.000Z{f'_{part:04d}' if part > 1 else ''}.jsonl"


def taken(path: Path, cursor: str | Path | None = "me", most: int = 10**6) -> list[str]:
    """What a consumer gets that commits each record."""
    found: list[str] = []
    with follow(path, cursor) as records:
        for article in records:
            found.append(article.id)
            records.commit()
            if len(found) == most:
                break
    return found


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    lay(tmp_path / "feed/winfuture" / name(2), line(1), line(2))
    lay(tmp_path / "feed/winfuture" / name(2, 2), line(3))
    lay(tmp_path / "feed/mobiflip" / name(1), line(4, "mobiflip"))
    return tmp_path / "feed"


ALL = ["mobiflip:4", "winfuture:1", "winfuture:2", "winfuture:3"]


def test_reading_needs_no_scrapy() -> None:
    code = "import sys, crawler.feed.following; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_record_comes_once_and_in_order(feed: Path) -> None:
    assert taken(feed) == ALL
    assert taken(feed) == []
    assert taken(feed, "another") == ALL
    assert taken(feed, None) == taken(feed, None) == ALL


def test_it_goes_on_in_the_middle_of_a_file(feed: Path) -> None:
    assert taken(feed, most=2) == ALL[:2]
    assert taken(feed) == ALL[2:]


def test_new_files_and_new_sites_are_met_also_where_their_name_is_an_earlier_one(
    feed: Path,
) -> None:
    taken(feed)
    lay(feed / "caschys" / name(1), line(9, "caschys"))
    lay(feed / "mobiflip" / name(3), line(5, "mobiflip"))
    lay(feed / "winfuture" / name(1), line(8))
    assert taken(feed) == ["caschys:9", "winfuture:8", "mobiflip:5"]


def test_what_was_not_committed_comes_again(feed: Path) -> None:
    with follow(feed, "me") as records:
        assert next(records).id == ALL[0]
        records.commit()
        assert next(records).id == ALL[1]
    assert taken(feed) == ALL[1:]


def test_one_commit_stands_for_all_records_before(feed: Path) -> None:
    with follow(feed, "me") as records:
        assert [article.id for article in records] == ALL
        records.commit()
    assert taken(feed) == []


@pytest.mark.parametrize("before", [0, 1, 3, 4])
def test_files_that_are_joined_bring_nothing_twice(before: int, feed: Path) -> None:
    """An operator joins a site's small files into one of another name, or of the first's."""
    got = taken(feed, most=before) if before else []
    first, second = feed / "winfuture" / name(2), feed / "winfuture" / name(2, 2)
    content = first.read_bytes() + second.read_bytes()
    second.unlink()
    if before % 2:
        first.unlink()
    lay(feed / "winfuture" / name(2 - before % 2), content)
    assert sorted(got + taken(feed)) == ALL
    assert taken(feed) == []


def test_a_deleted_file_is_no_trouble(feed: Path) -> None:
    taken(feed, most=2)
    (feed / "winfuture" / name(2)).unlink()
    assert taken(feed) == ["winfuture:3"]


def test_partial_files_and_the_quarantine_are_not_read(feed: Path) -> None:
    lay(feed / "winfuture" / f".{name(5)}.part", line(6))
    lay(feed / "quarantine/winfuture" / name(5), line(7))
    assert taken(feed) == ALL


def test_a_line_that_is_no_record_is_named_again_and_again(feed: Path) -> None:
    lay(feed / "winfuture" / name(2, 2), b"{}\n", line(3))
    for wanted in (ALL[:3], []):
        found: list[str] = []
        with follow(feed, "me") as records:
            for _ in wanted:
                found.append(next(records).id)
                records.commit()
            with pytest.raises(FeedError, match=f"{name(2, 2)}, line 1: "):
                next(records)
        assert found == wanted
    lay(feed / "winfuture" / name(2, 2), line(3))
    assert taken(feed) == ["winfuture:3"]


def test_it_waits_for_files_to_come(feed: Path) -> None:
    with follow(feed, "me", poll_seconds=0.01) as records:
        assert [next(records).id for _ in ALL] == ALL
        records.commit()
        late = FORKS.Process(target=lay, args=(feed / "winfuture" / name(7), line(7)))
        late.start()
        assert next(records).id == "winfuture:7"
        late.join()


def test_two_consumers_cannot_share_a_cursor(feed: Path) -> None:
    with follow(feed, "me") as records:
        next(records)
        with pytest.raises(CursorError, match=r"another process reads with the cursor .*/me\."):
            follow(feed, "me")
    assert taken(feed) == ALL


@pytest.mark.parametrize("cursor", ["", "a b", "..", ".hidden"])
def test_a_cursor_needs_a_name(cursor: str, feed: Path) -> None:
    with pytest.raises(CursorError, match="is no name"):
        follow(feed, cursor)


def test_a_cursor_may_lie_elsewhere(feed: Path, tmp_path: Path) -> None:
    place = tmp_path / "mine" / "cursor"
    assert taken(feed, place) == ALL
    assert taken(feed, str(place)) == []
    assert not (feed / "cursors").exists()
    (tmp_path / "file").write_bytes(b"no database" * 100)
    with pytest.raises(CursorError, match="file is not a database"):
        follow(feed, tmp_path / "file")
    other = tmp_path / "other"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE articles (id)")
    before = other.read_bytes()
    with pytest.raises(CursorError, match="it is no cursor, but another database"):
        follow(feed, other)
    assert other.read_bytes() == before
    with pytest.raises(CursorError, match="File exists"):
        follow(feed, tmp_path / "file" / "cursor")


def test_there_must_be_a_feed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No such feed"):
        follow(tmp_path / "none", "me")


# --- a consumer that is killed ------------------------------------------------------------------


def consume(feed: Path, done: Path, step: int) -> None:
    """Notes each record durably, commits, and is killed at a step into or out of C code."""
    steps = count(1)

    def profile(frame: FrameType, event: str, _: Any) -> None:
        is_ours = frame.f_code.co_filename.endswith(("feed/following.py", "feed/reading.py"))
        if is_ours and event in {"c_call", "c_return"} and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(profile)
    with follow(feed, "me") as records:
        for article in records:
            with done.open("a") as file:
                file.write(f"{article.id}\n")
            records.commit()


def test_whenever_it_is_killed_nothing_is_lost_and_at_most_one_record_comes_again(
    feed: Path, tmp_path: Path
) -> None:
    done, kills = tmp_path / "done", 0
    done.touch()
    for step in [*range(1, 160, 7), *random.sample(range(1, 200), 10), 10**9]:
        if step % 5 == 0:
            day = len(list((feed / "winfuture").iterdir())) + 3
            lay(feed / "winfuture" / name(day), line(day * 10), line(day * 10 + 1))
        before = done.read_text().split()
        consumer = FORKS.Process(target=consume, args=(feed, done, step))
        consumer.start()
        consumer.join()
        kills += consumer.exitcode == -signal.SIGKILL
        new = done.read_text().split()[len(before) :]
        assert len(new) == len(set(new))
        assert {*new} & {*before} <= {*before[-1:]}
    lines = {part for path in feed.rglob("*.jsonl") for part in path.read_text().splitlines()}
    assert len(set(done.read_text().split())) == len(lines)
    assert kills > 5
    with sqlite3.connect(feed / "cursors/me.sqlite") as database:
        (size,) = database.execute("SELECT count(*) FROM records").fetchone()
    database.close()
    assert size == len(lines)
