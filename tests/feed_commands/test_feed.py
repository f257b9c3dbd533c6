"""`scrapy feed`: what its verbs print, and how they refuse."""

import json
import os
from pathlib import Path

import pytest

from crawler.feed import feed_files
from tests.conftest import scrapy
from tests.feed_commands.feeds import GONE, HEADLINE, lay_feed
from tests.processes import Command


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return lay_feed(tmp_path / "feed")


def ids(text: str) -> list[tuple[str, int]]:
    return [(it["id"], it["revision"]) for it in map(json.loads, text.splitlines())]


def test_tail_prints_the_lines_of_the_feed_and_remembers(feed: Path) -> None:
    done = scrapy("feed", "tail", feed, "--once", "--cursor", "me")
    whole = b"".join(path.read_bytes() for path in feed_files(feed))
    assert (done.code, done.out.encode(), done.err) == (0, whole, "")
    assert scrapy("feed", "tail", feed, "--once", "--cursor", "me").out == ""


def test_tail_chooses(feed: Path) -> None:
    chosen = ["--event", "updated", "--event", "withdrawn", "--site", "winfuture"]
    done = scrapy("feed", "tail", feed, "--once", *chosen, "--since", "2026-01-16")
    assert ids(done.out) == [("winfuture:1", 2), ("winfuture:2", 2)]


@pytest.mark.parametrize("verb", [["tail", "--once"], ["current"], ["export", "--to", "csv"]])
def test_a_choice_that_chooses_nothing_is_told_of(verb: list[str], feed: Path) -> None:
    chosen = ["--site", "golem", "--topic", "nokia", "--event", "updated", "--since", "2026-01-01"]
    done = scrapy("feed", verb[0], feed, *verb[1:], *chosen)
    assert (done.code, len(done.out.splitlines())) == (0, verb[0] == "export")
    assert done.err == (
        f"scrapy feed {verb[0]}: no record here is of the site golem, of the topic nokia, updated, "
        "fetched since 2026-01-01T00:00:00Z\n"
    )


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("feed current", []),
        ("feed export", ["--to", "jsonfeed"]),
        ("feed stories", []),
        ("report", []),
    ],
)
def test_a_folder_without_a_feed_is_told_of(command: str, more: list[str], tmp_path: Path) -> None:
    done = scrapy(*command.split(), *more, "-s", f"OUTPUT_DIR={tmp_path}")
    assert done.code == 0
    assert done.err.startswith(f"scrapy {command}: there is no feed file in {tmp_path}\n")


def test_tail_waits_and_ends_when_it_is_told(feed: Path) -> None:
    tail = Command("feed", "tail", feed, "--table", "--event", "withdrawn", "--cursor", "me")
    database = feed / "cursors" / "me.sqlite"
    while not database.exists():
        assert not tail.has_ended(0.02)
    assert not tail.has_ended(1)
    os.kill(tail.pid, 2)
    done = tail.finished()
    assert done.code == 0
    assert done.out == f"2026-01-17 21:00  winfuture   withdrawn 2   {GONE}\n"


def test_current_is_the_latest_of_each(feed: Path, tmp_path: Path) -> None:
    done = scrapy("feed", "current", "-s", f"OUTPUT_DIR={feed}")
    assert ids(done.out) == [("mobiflip:5", 1), ("winfuture:1", 2)]
    target = tmp_path / "current.jsonl"
    assert scrapy("feed", "current", feed, "-o", target).code == 0
    assert target.read_text() == done.out
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [target.name]


def test_history_marks_what_changed(feed: Path) -> None:
    done = scrapy("feed", "history", "winfuture:1", feed)
    assert done.code == 0
    assert f"  headline: Huawei [-zeigt-]{{+verschiebt+}} {HEADLINE}\n" in done.out
    assert ids(scrapy("feed", "history", "winfuture:1", feed, "--json").out) == [
        ("winfuture:1", 1),
        ("winfuture:1", 2),
    ]
    assert "withdrawn" in scrapy("feed", "history", "winfuture:2", feed).out


def test_lint_says_what_is_wrong(feed: Path) -> None:
    done = scrapy("feed", "lint", feed)
    assert (done.code, done.out, done.err) == (0, "", "5 records in 3 files: nothing found\n")
    path = min(feed.glob("winfuture/*.jsonl"))
    path.write_bytes(path.read_bytes()[:-9])
    done = scrapy("feed", "lint", feed / "winfuture", feed / "mobiflip")
    assert done.code == 1
    assert f"{path}:2: torn: the line has no end" in done.out
    assert done.err.startswith("4 records in 3 files: 2 found")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "scrapy feed: name what to do, as in: scrapy feed tail; there are "),
        (["tial"], 2, "scrapy feed: argument VERB: invalid choice: 'tial'"),
        (["tail", "none"], 2, "scrapy feed tail: there is no feed at none; name one, or a file"),
        (["lint", "none"], 2, "scrapy feed lint: there is no feed at none; name one, or a file"),
        (["tail", "--since", "x"], 2, "scrapy feed tail: since 'x' is no time; write 2026-01-31"),
        (["tail", "--event", "x"], 2, "scrapy feed tail: argument --event: invalid choice: 'x'"),
        (["tail", "--bogus"], 2, "scrapy feed tail: there is no option --bogus; see scrapy feed"),
        (["current", "a", "b"], 2, "scrapy feed current: 'b' is one argument too many; see"),
        (["tail", "tests", "--cursor", "a b"], 2, "scrapy feed tail: cursor 'a b' is no name"),
        (
            ["current", "tests", "-o", "/no/x"],
            2,
            "scrapy feed current: there is no folder /no for x",
        ),
        (["lint", "docs"], 1, "scrapy feed lint: there is no feed file in docs\n0 records in 0 f"),
        (["tail", "tests", "--site", ""], 2, "scrapy feed tail: an empty --site or --topic choose"),
        (["history", "a:1", "tests"], 1, "scrapy feed history: a:1 is not in the feed at tests;"),
        (["current", "README.md"], 1, "scrapy feed current: README.md, line 1: JSON is malformed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], code: int, said: str
) -> None:
    done = scrapy("feed", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1 + said.count("\n0")


@pytest.mark.parametrize(
    "command",
    ["feed tail FEED --once", "feed current FEED", "feed history winfuture:1 FEED --json"],
)
def test_lines_are_utf8_whatever_the_locale(command: str, feed: Path) -> None:
    done = scrapy(*command.replace("FEED", str(feed)).split(), PYTHONIOENCODING="latin-1")
    assert (done.code, done.err) == (0, "")
    assert "\u201eProfis\u201c" in done.out


def test_names_that_are_no_text_are_no_traceback(feed: Path, tmp_path: Path) -> None:
    path = tmp_path / "winfuture" / os.fsdecode(b"\xff\xfe.jsonl")
    path.parent.mkdir()
    path.write_bytes(min(feed.glob("winfuture/*.jsonl")).read_bytes())
    for _ in range(2):
        done = scrapy("feed", "tail", tmp_path, "--once", "--cursor", "me")
        assert (done.code, done.err) == (0, "")
    assert done.out == ""
    done = scrapy("feed", "history", os.fsdecode(b"\xff"), feed)
    assert (done.code, done.err.count("\n")) == (1, 1)


def test_what_a_killed_export_left_goes_and_a_living_one_stays(feed: Path, tmp_path: Path) -> None:
    dead, living, other = (
        tmp_path / f".{name}.part" for name in ("a.jsonl.99999999", f"a.jsonl.{os.getpid()}", "x.1")
    )
    for path in (dead, living, other):
        path.touch()
    assert scrapy("feed", "current", feed, "-o", tmp_path / "a.jsonl").code == 0
    assert (dead.exists(), living.exists(), other.exists()) == (False, True, True)


def test_the_file_asked_for_is_named_and_no_other(feed: Path, tmp_path: Path) -> None:
    done = scrapy("feed", "current", feed, "-o", tmp_path / ("x" * 250))
    assert done.code == 1
    assert done.err == f"scrapy feed current: File name too long: {tmp_path / ('x' * 250)}\n"
