"""Feed files on disk: names, order, reading, recovery. Real files, no crawl."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.feed import (
    FeedError,
    current,
    feed_files,
    follow,
    line_at,
    lines,
    next_start,
    partial,
    read,
    recover,
)
from crawler.feed.export import FeedFile
from crawler.feed.files import rolled
from crawler.items import Article
from tests.conftest import ROOT

ARTICLE = Article(
    id="winfuture:1",
    site="winfuture",
    topic="huawei",
    url="https://winfuture.de/news,1.html",
    headline="Schlagzeile",
    article_body="Ein Satz.\n\nNoch ein Satz – „mit“ Zeichen.",
    date_published="2026-01-15T21:10:00+01:00",
    word_count=8,
    content_hash="sha256:" + "0" * 64,
    date_first_seen="2026-01-15T21:00:00Z",
    date_downloaded="2026-01-15T21:00:00Z",
    run_id="run",
)


def line(number: int, site: str = "winfuture", **fields: str) -> bytes:
    """A line of a feed file."""
    article = replace(ARTICLE, id=f"{site}:{number}", site=site, **fields)
    return msgspec.json.encode(article) + b"\n"


def lay(path: Path, *content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(content))
    return path


# --- reading --------------------------------------------------------------------------------


def test_reading_needs_no_scrapy() -> None:
    code = "import sys, crawler.feed; sys.exit(any(n in sys.modules for n in ('scrapy', 'lxml')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_records_come_typed_in_the_order_of_the_runs(tmp_path: Path) -> None:
    lay(tmp_path / "winfuture" / "2026-01-02T000000.000Z.jsonl", line(3), line(4))
    lay(tmp_path / "winfuture" / "2026-01-02T000000.000Z_0002.jsonl", line(5))
    lay(tmp_path / "mobiflip" / "2026-01-01T000000.000Z.jsonl", line(1, "mobiflip"))
    lay(tmp_path / "mobiflip" / "2026-01-02T000000.000Z.jsonl", line(2, "mobiflip"))
    found = [*read(tmp_path)]
    assert all(isinstance(article, Article) for article in found)
    assert [article.id.partition(":")[2] for article in found] == ["1", "2", "3", "4", "5"]
    assert [a.id for a in read(str(tmp_path / "mobiflip"))] == ["mobiflip:1", "mobiflip:2"]
    (first,) = read(tmp_path / "mobiflip" / "2026-01-01T000000.000Z.jsonl")
    assert first == replace(ARTICLE, id="mobiflip:1", site="mobiflip")


def test_what_is_no_complete_feed_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "winfuture" / "2026-01-02T000000.000Z.jsonl"
    lay(partial(path), line(1))
    lay(path.with_name("notes.txt"), b"x")
    lay(path.with_name("2026-01-02T000000.000Z.torn"), b"{")
    lay(tmp_path / "quarantine" / "winfuture" / path.name, b'{"reason": "invalid"}\n')
    (tmp_path / "empty").mkdir()
    assert [*read(tmp_path)] == []
    assert [*feed_files(tmp_path, quarantine=True)] == [
        tmp_path / "quarantine" / "winfuture" / path.name
    ]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"{\n", id="torn"),
        pytest.param(b"\n", id="empty"),
        pytest.param(b'{"id": "winfuture:9"}\n', id="without fields"),
        pytest.param(line(9).replace(b"winfuture:9", b"no id"), id="of the wrong form"),
        pytest.param(line(9).replace(b"Schlag", b"\xff\xfe"), id="not UTF-8"),
    ],
)
def test_a_line_that_is_no_record_is_named_not_skipped(broken: bytes, tmp_path: Path) -> None:
    path = lay(tmp_path / "winfuture" / "2026-01-02T000000.000Z.jsonl", line(1), broken, line(3))
    found = read(tmp_path)
    assert next(found).id == "winfuture:1"
    with pytest.raises(FeedError, match=f"{path}, line 2: "):
        next(found)


def test_a_folder_that_is_not_there_is_no_empty_feed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(read(tmp_path / "nowhere"))


def test_fields_of_a_later_version_do_no_harm(tmp_path: Path) -> None:
    later = line(1).replace(b'{"schema_version":1', b'{"schema_version":1,"new":[1]')
    lay(tmp_path / "winfuture" / "2026-01-02T000000.000Z.jsonl", later)
    (article,) = read(tmp_path)
    assert article.id == "winfuture:1"


@pytest.mark.parametrize("reader", [read, current, follow])
def test_records_that_mean_something_else_are_refused(reader: Any, tmp_path: Path) -> None:
    later = line(1).replace(b'{"schema_version":1', b'{"schema_version":2')
    lay(tmp_path / "winfuture" / "2026-01-02T000000.000Z.jsonl", later)
    with pytest.raises(FeedError, match="line 1: schema_version 2 is later than 1"):
        [*reader(tmp_path)]


def test_a_line_is_found_by_where_it_begins(tmp_path: Path) -> None:
    path = lay(tmp_path / "a.jsonl", line(1), line(22), line(333))
    found = [*lines(path)]
    assert [entry.offset for entry in found] == [0, found[0].end, found[1].end]
    assert [line_at(path, entry.offset) for entry in found] == found
    assert [entry.number for entry in found] == [1, 2, 3]
    assert [*lines(path, found[1].offset)] == found[1:]


# --- names ----------------------------------------------------------------------------------

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def test_a_run_is_named_by_its_start(tmp_path: Path) -> None:
    assert next_start(tmp_path, "winfuture", MOMENT) == "2026-01-02T030405.678Z"


@pytest.mark.parametrize(
    "there",
    [
        "winfuture/2026-01-02T030405.678Z.jsonl",
        "winfuture/2026-01-02T030405.678Z_0002.jsonl",
        "winfuture/.2026-01-02T030405.678Z.jsonl.part",
        "quarantine/winfuture/2026-01-02T030405.678Z.jsonl",
        "quarantine/winfuture/2026-01-02T030405.678Z.torn",
    ],
)
def test_no_name_is_used_twice(there: str, tmp_path: Path) -> None:
    lay(tmp_path / there)
    assert next_start(tmp_path, "winfuture", MOMENT) == "2026-01-02T030405.679Z"
    assert next_start(tmp_path, "mobiflip", MOMENT) == "2026-01-02T030405.678Z"


@given(st.lists(st.integers(1, 9999), unique=True))
def test_the_parts_of_a_run_sort_in_their_order(parts: list[int]) -> None:
    paths = [rolled(Path("2026-01-02T030405.678Z.jsonl"), part) for part in sorted(parts)]
    assert [path.name for path in paths] == sorted(path.name for path in paths)


# --- writing and recovering -----------------------------------------------------------------


def test_a_file_has_its_final_name_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "2026-01-02T030405.678Z.jsonl"
    file = FeedFile(path, most_lines=2)
    for number in (1, 2):
        file.append(line(number))
    assert partial(path).read_bytes() == line(1) + line(2)
    assert not path.exists()
    file.append(line(3))
    assert path.read_bytes() == line(1) + line(2)
    assert not partial(path).exists()
    file.complete()
    assert rolled(path, 2).read_bytes() == line(3)


WHOLE = b"".join(map(line, range(5)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE)), st.binary(max_size=20))
def test_recovery_keeps_whole_lines_and_sets_the_rest_aside(length: int, noise: bytes) -> None:
    """Whatever a kill or a power cut left: a prefix of what was written, then anything."""
    kept = WHOLE[: WHOLE.rfind(b"\n", 0, length) + 1]
    noise = noise.replace(b"\n", b"\0")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "winfuture" / "2026-01-02T030405.678Z.jsonl"
        lay(partial(path), WHOLE[:length], noise)
        recover(Path(folder), "winfuture")
        assert not partial(path).exists()
        assert (path.read_bytes() if path.exists() else b"") == kept
        torn = Path(folder) / "quarantine" / "winfuture" / f"{path.stem}.torn"
        rest = WHOLE[len(kept) : length] + noise
        assert (torn.read_bytes() if torn.exists() else b"") == rest
        recover(Path(folder), "winfuture")  # once more changes nothing
        assert (path.read_bytes() if path.exists() else b"") == kept


def test_recovery_never_writes_over_a_complete_file(tmp_path: Path) -> None:
    path = lay(tmp_path / "winfuture" / "2026-01-02T030405.678Z.jsonl", line(1))
    lay(partial(path), line(2))
    with pytest.raises(FileExistsError, match="exists already"):
        recover(tmp_path, "winfuture")
    assert (path.read_bytes(), partial(path).read_bytes()) == (line(1), line(2))
