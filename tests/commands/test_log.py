"""`--log-format json`: each line one object, whatever is logged."""

import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.commands._log import JsonRecord
from crawler.replica import running
from tests.conftest import options, scrapy

FIELDS = ["time", "level", "logger", "message", "site", "run_id", "exception"]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def logged(message: str, *args: object, error: BaseException | None = None) -> str:
    told = (type(error), error, error.__traceback__) if error else None
    record = JsonRecord("crawler", logging.ERROR, __file__, 1, message, args, told)
    return logging.Formatter("%(message)s").format(record)


@given(st.text())
def test_any_text_is_one_line_that_says_it(text: str) -> None:
    line = logged("%s", text)
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    told = json.loads(line)
    assert [*told] == FIELDS
    assert datetime.fromisoformat(told["time"]).tzinfo is not None


def test_text_that_would_forge_a_line_or_clear_a_screen_stays_text() -> None:
    hostile = 'a\n{"level": "INFO"}\r\x1b[2J\x9b2J\u2028\u202e"\\'
    assert json.loads(logged("%s", hostile))["message"] == hostile


def test_a_traceback_is_in_the_object_and_keeps_secrets() -> None:
    try:
        raise ValueError("first\nhttps://me:geheim@example.org/")
    except ValueError as error:
        told = json.loads(logged("It failed", error=error))
    assert told["message"] == "It failed"
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert "ValueError: first\n" in told["exception"]
    assert "geheim" not in told["exception"]


def test_a_crawl_logs_nothing_else(output: Path) -> None:
    with running(5, broken=1) as replica:
        told = options(replica, output)
        done = scrapy("crawl", "winfuture", "--log-format", "json", *told)
    told_lines = lines(done.err)
    assert done.code == 1
    assert all([*line] == FIELDS for line in told_lines)
    assert {"INFO", "ERROR"} <= {line["level"] for line in told_lines}
    (run_id,) = {line["run_id"] for line in told_lines} - {None}
    assert (output / "runs" / f"{run_id}.json").exists()
    assert told_lines[-1]["level"] == "ERROR"
    assert told_lines[-1]["message"].startswith("winfuture: 4 new, ")


def test_a_harvest_says_which_site_each_line_is_about(replica: str, output: Path) -> None:
    told = options(replica, output, LOG_LINES="json", LOG_LEVEL="INFO")
    done = scrapy("harvest", "mobiflip", "winfuture", *told)
    assert done.code == 0
    last = lines(done.err)[-2:]
    assert [line["site"] for line in last] == ["mobiflip", "winfuture"]
    assert all(line["message"].endswith("; complete") for line in last)
    opened = [line["site"] for line in lines(done.err) if line["message"] == "Spider opened"]
    assert sorted(opened) == ["mobiflip", "winfuture"]


@pytest.mark.parametrize("told", [["--log-format", "xml"], ["-s", "LOG_LINES=xml"]])
def test_another_form_is_refused_in_one_line(told: list[str]) -> None:
    done = scrapy("crawl", "winfuture", *told, CONTACT="https://example.org/")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "xml" in done.err


def test_the_form_is_chosen_without_a_trace_in_this_process() -> None:
    assert not isinstance(logging.makeLogRecord({}), JsonRecord)
    assert sys.modules["crawler.commands._log"].JsonRecord.only is None
