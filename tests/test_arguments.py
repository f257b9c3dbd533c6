"""What a run can be told: values that are taken, and what is said of those that are not."""

from typing import Any

import pytest

from crawler.arguments import WrongArgumentError, check_settings
from tests.conftest import scrapy

SOUND: dict[str, Any] = {
    "BACKFILL_DAYS": 7,
    "BROKEN_ARTICLES_LIMIT": "0.1",
    "DOWNLOAD_DELAY": 1.0,
    "DOWNLOAD_TIMEOUT": 60,
    "DUPLICATES": "mark",
    "DUPLICATES_WINDOW_DAYS": "0",
    "FEED_FILE_LINES": "1",
    "FEED_TRUST_HOURS": 24,
    "LOOKS_HOURS": [1, 6],
    "NOW": "",
    "OUTPUT_DIR": "output",
    "REPLICA": "",
    "RETRY_TIMES": 2,
    "ROBOTSTXT_OBEY": True,
    "TAG_PAGES_LIMIT": 1000,
    "WALLS_LIMIT": 0.1,
    "WITHDRAWN_AFTER_HOURS": 24,
}


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"LOOKS_HOURS": "1,6.5,24"},
        {"LOOKS_HOURS": ""},
        {"LOOKS_HOURS": []},
        {"DUPLICATES": "drop"},
        {"NOW": "2026-01-31T12:00:00Z"},
        {"NOW": "2026-01-31T12:00:00+01:00"},
        {"REPLICA": "127.0.0.1:8080"},
        {"BROKEN_ARTICLES_LIMIT": 1},
    ],
)
def test_what_can_be_used_is_taken(told: dict[str, Any]) -> None:
    check_settings(SOUND | told)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FEED_FILE_LINES", "0", "'0' is no whole number from 1 to"),
        ("FEED_FILE_LINES", "1.5", "'1.5' is no whole number from 1 to"),
        ("FEED_FILE_LINES", "many", "'many' is no whole number from 1 to"),
        ("TAG_PAGES_LIMIT", "-1", "'-1' is no whole number from 1 to"),
        ("DOWNLOAD_DELAY", "-1", "'-1' is no number from 0 to"),
        ("DOWNLOAD_DELAY", "nan", "'nan' is no number from 0 to"),
        ("BACKFILL_DAYS", "inf", "'inf' is no number from 0 to"),
        ("LOOKS_HOURS", "1,soon", "'1,soon' are no ages in hours; write them as 1,6,24"),
        ("LOOKS_HOURS", "0", "'0' are no ages in hours"),
        ("DUPLICATES", "keep", "'keep' is neither mark nor drop"),
        ("NOW", "2026-01-31", "'2026-01-31' is no moment; write it as 2026-01-31T12:00:00Z"),
        ("NOW", "soon", "'soon' is no moment"),
        ("NOW", "9999-12-31T23:59:59Z", "'9999-12-31T23:59:59Z' is no moment"),
        ("REPLICA", "8080", "'8080' is no address of this machine; write it as 127.0.0.1:8080"),
        ("REPLICA", "8.8.8.8:80", "'8.8.8.8:80' is no address of this machine"),
        ("REPLICA", "127.0.0.1:99999", "'127.0.0.1:99999' is no address of this machine"),
        ("OUTPUT_DIR", "", "'' is no folder; name one, as in -s OUTPUT_DIR=output"),
        ("OUTPUT_DIR", "s3://bucket/x", "'s3://bucket/x' is no folder"),
        ("DUPLICATES_WINDOW_DAYS", "1e30", "'1e30' is no number from 0 to 36500"),
        ("DOWNLOAD_TIMEOUT", "x", "'x' is no number from 0.1 to 86400"),
        ("RETRY_TIMES", "x", "'x' is no whole number from 0 to 1000"),
        ("ROBOTSTXT_OBEY", "maybe", "'maybe' is neither True nor False"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(WrongArgumentError) as error:
        check_settings(SOUND | {name: value})
    assert str(error.value).startswith(f"{name} {said}")


@pytest.mark.parametrize(
    ("command", "args"),
    [("crawl", ["winfuture"]), ("harvest", []), ("look", ["https://winfuture.de/"]), ("demo", [])],
)
def test_a_wrong_setting_ends_at_once_with_one_line(command: str, args: list[str]) -> None:
    done = scrapy(command, *args, "-s", "FEED_FILE_LINES=0")
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"scrapy {command}: FEED_FILE_LINES '0' is no whole number from 1 to 1000000000\n"
    )
