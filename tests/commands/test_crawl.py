"""`scrapy crawl` as a command; what crawls do is told in tests/test_crawl.py."""

import pytest

from tests.conftest import scrapy


@pytest.mark.parametrize("command", ["crawl", "harvest", "look", "demo"])
def test_help_is_for_strangers(command: str) -> None:
    done = scrapy(command, "--help", COLUMNS="80")
    assert (done.code, done.err) == (0, "")
    text = " ".join(done.out.split())
    assert f"scrapy {command} [options]" in text
    assert "Exit code: " in text
    assert "2 wrong use" in text


@pytest.mark.parametrize("command", ["crawl", "harvest"])
def test_help_names_what_a_run_can_be_told(command: str) -> None:
    text = scrapy(command, "--help", COLUMNS="200").out
    for word in ("topic=", "since=2026-01-01", "max_pages=", "OUTPUT_DIR=", "CONTACT="):
        assert word in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["winfuture", "--nosuch"], "there is no option --nosuch; see scrapy crawl --help"),
        (["winfuture", "-a", "x"], "Invalid -a value, use -a NAME=VALUE"),
        (["winfuture", "-L", "LOUD"], "there is no log level 'LOUD'"),
        (["\x1b[2J"], "there is no site '\\x1b[2J'"),
    ],
    ids=repr,
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], said: str) -> None:
    done = scrapy("crawl", *args)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"scrapy crawl: {said}")
