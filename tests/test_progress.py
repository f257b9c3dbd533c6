"""Progress: what statistics say, and what a terminal of any kind shows of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.index import Index
from crawler.outcome import Outcome
from crawler.progress import Pace, duration, told
from crawler.replica import running
from tests.commands.conftest import on_terminal, plain
from tests.conftest import ROOT, Crawl, options

WALKING = {"response_received_count": 10, "article/listed": 40, "article/new": 8}


def paced(then: float, done: int) -> Pace:
    pace = Pace()
    pace.per_second(done, then)
    return pace


@pytest.mark.parametrize(
    ("stats", "said"),
    [
        ({}, "starting"),
        (
            {"index/bytes_read": 1_000_000, "index/bytes": 4_000_000},
            "reading the feed files: 25 % of 4,000,000 bytes",
        ),
        ({"response_received_count": 2}, "2 pages, 12 a minute"),
        (WALKING, "8 new, 8 of 40 or more articles, 10 pages, 60 a minute"),
        (
            WALKING | {"walk/is_listed": True},
            "8 new, 8 of 40 articles, 10 pages, 60 a minute, 0:32 left",
        ),
        (
            WALKING | {"walk/is_listed": True, "article/known": 32},
            "8 new, 40 of 40 articles, 10 pages, 60 a minute",
        ),
        (
            {"reparse/pages": 100, "article/looked": 20},
            "20 of 100 archived pages, 120 a minute, 0:40 left",
        ),
        ({"reparse/pages": 100}, "0 of 100 archived pages"),
    ],
)
def test_the_statistics_are_told(stats: dict[str, Any], said: str) -> None:
    assert told(stats, paced(100.0, 0), 110.0) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0:00"), (5, "0:05"), (750, "12:30"), (10_800, "3:00:00")]
)
def test_durations_read_like_a_clock(seconds: float, said: str) -> None:
    assert duration(seconds) == said


counts = st.integers(0, 10**7)
names = [
    *(f"article/{name}" for name in Outcome.COUNTS),
    *("response_received_count", "index/bytes", "index/bytes_read", "reparse/pages"),
]


@given(
    st.dictionaries(st.sampled_from(names), counts),
    st.lists(st.tuples(counts, st.floats(0, 1e6)), max_size=4),
    st.floats(0, 1e6),
)
def test_whatever_the_statistics_hold_is_one_line(
    stats: dict[str, Any], earlier: list[tuple[int, float]], now: float
) -> None:
    pace = Pace()
    for done, then in earlier:
        pace.per_second(done, then)
    said = told(stats, pace, now)
    assert said
    assert said.isprintable()
    assert "-" not in said


# --- on a terminal ---


def screen(written: str, columns: int) -> list[str]:
    """What a terminal showed in the end, and what had scrolled off it, without empty lines."""
    terminal = pyte.HistoryScreen(columns, 40, history=1000)
    pyte.Stream(terminal).feed(written)
    above = ["".join(row[x].data for x in range(columns)) for row in terminal.history.top]
    return [line.rstrip() for line in [*above, *terminal.display] if line.strip()]


@pytest.mark.parametrize(
    ("columns", "variables"), [(300, {}), (30, {"NO_COLOR": "1"}), (300, {"TERM": "dumb"})]
)
def test_log_lines_stay_whole_above_the_progress(
    columns: int, variables: dict[str, str], output: Path
) -> None:
    with running(15, broken=1, latency_ms=20) as replica:
        given = options(replica, output)
        done = on_terminal(columns, "crawl", "winfuture", *given, **variables)
    assert done.code == 0
    left = screen(done.out, columns)
    logged = "[winfuture] ERROR: The article https://winfuture.de/news,156088.html could not be had"
    whole = "".join(left).replace(" ", "")
    assert re.search(r"\d\d" + re.escape(logged.replace(" ", "")) + ":theserveranswered404", whole)
    assert "aminute" not in whole, "progress was left on the screen, or torn apart by a line"
    assert whole.endswith("complete")
    if columns == 300:
        assert all(line.count("INFO") + line.count("ERROR") <= 1 for line in left)
    drawn = re.findall(r"winfuture: \d+ new, \d+ of [^\r\n\x1b]*", plain(done.out))
    progress = [line for line in drawn if " known, " not in line]
    if "TERM" in variables:
        assert "\x1b[" not in done.out
        assert progress == []
    elif columns == 300:
        assert any("of 15 articles" in line and " left" in line for line in progress), progress
    else:
        assert progress
        assert max(map(len, progress)) <= columns
        assert "\x1b[3" not in done.out, "a colour"


@pytest.mark.parametrize("command", ["crawl", "audit", "reparse"])
def test_a_run_in_a_pipe_draws_nothing_and_commands_no_terminal(
    command: str, replica: str, output: Path
) -> None:
    code = (
        "import sys, atexit, logging, scrapy.cmdline as c;"
        "atexit.register(lambda: logging.getLogger('page').error('\\x1b[2J'));"
        "atexit.register(lambda: print([m for m in sys.modules if m == 'rich.live']));"
        "c.execute()"
    )
    told = options(replica, output)
    done = subprocess.run(
        [sys.executable, "-c", code, command, "winfuture", "-L", "ERROR", *told],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "[]"
    assert "a minute" not in done.stderr
    assert "ERROR: \\u001b[2J" in done.stderr
    assert "\x1b" not in done.stderr


def test_reading_the_feed_files_is_told(crawl: Crawl, replica: str, output: Path) -> None:
    assert crawl("winfuture", replica).code == 0
    size = sum(path.stat().st_size for path in (output / "winfuture").glob("*.jsonl"))
    heard: list[tuple[int, int]] = []
    for path in output.glob("index.sqlite*"):
        path.unlink()
    index = Index(output, told=lambda *so_far: heard.append(so_far))
    index.catch_up()
    index.catch_up()
    index.close()
    assert heard == [(0, size), (size, size), (0, 0)]
