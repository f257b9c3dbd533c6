"""`scrapy runs` as an operator types it."""

import json
from pathlib import Path

import pytest

from crawler.report import report_paths
from tests.conftest import scrapy
from tests.report.test_chain import crawled as crawled
from tests.report.test_chain import output as output

LAST = "winfuture-2026-01-21T090000.000Z"


def runs(output: Path, *args: str, code: int = 0) -> str:
    done = scrapy("runs", *args, "-s", f"OUTPUT_DIR={output}")
    assert (done.code, "Traceback" in done.err) == (code, False), done.err
    return done.out + done.err


def test_the_table_has_a_row_for_each_run_the_newest_last(output: Path) -> None:
    title, *rows = runs(output).splitlines()
    assert title.split()[:5] == ["started", "site", "topic", "new", "updated"]
    told = [row.split() for row in rows]
    assert [row[:5] for row in told] == [
        ["2026-01-19", "09:00", "winfuture", "huawei", "4"],
        ["2026-01-20", "09:00", "winfuture", "huawei", "0"],
        ["2026-01-21", "09:00", "winfuture", "huawei", "1"],
    ]
    assert {row[-1] for row in told} == {"yes"}
    assert runs(output, "--last", "1").count("winfuture") == 1


@pytest.mark.parametrize("name", [LAST, "winfuture"])
def test_one_run_is_shown_in_full(output: Path, name: str) -> None:
    shown = runs(output, "show", name)
    assert shown.startswith(LAST)
    for said in ("NOW=2026-01-21", "5 listed + ", "1 new", "status 200", "sha256"):
        assert said in shown


def test_a_chain_that_holds_and_one_that_does_not(output: Path) -> None:
    assert runs(output, "verify").startswith("winfuture: 3 reports, the chain holds; the last is")
    report_paths(output)[1].unlink()
    first, last = runs(output, "verify", code=1).splitlines()
    assert first.startswith(f"runs/{LAST}.json: the report before it")
    assert "2 reports, the chain does not hold" in last


def test_a_report_that_is_none_is_told_and_the_others_shown(output: Path) -> None:
    path = report_paths(output)[1]
    path.write_text("{")
    assert runs(output, code=1).count("huawei") == 2
    assert "is no run report" in runs(output, "show", path.stem, code=1)


def test_what_a_site_says_reaches_no_terminal_as_a_command(output: Path) -> None:
    path = report_paths(output)[2]
    told = json.loads(path.read_bytes())
    hostile = {"problems": ["\x1b[2J[red]gone"], "is_complete": False, "topic": "\x1b]0;x\x07"}
    path.write_text(json.dumps(told | hostile))
    for shown in (runs(output), runs(output, "show", LAST)):
        assert "\x1b" not in shown
        assert "[red]gone" in shown


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["shaw"], "there is no 'shaw'"),
        (["show"], "say which run"),
        (["show", "heise"], "there is no run 'heise'"),
        (["verify", "it"], "one argument too many"),
        (["--site", "heise"], "no run report of heise in"),
        (["--last", "0"], "at least one"),
        (["--last", "x"], "invalid int value"),
    ],
)
def test_wrong_use_is_told_in_one_line(output: Path, args: list[str], said: str) -> None:
    line = runs(output, *args, code=2)
    assert said in line
    assert line.count("\n") == 1
