"""What a run can be told: values that are taken, and what is said of those that are not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.arguments import WrongArgumentError, check_settings
from tests.conftest import ROOT, scrapy

SOUND: dict[str, Any] = {
    "ARCHIVE": False,
    "ARCHIVE_FILE_BYTES": 10**9,
    "ARCHIVE_TRUST_HOURS": 24,
    "BACKFILL_DAYS": 7,
    "BROKEN_ARTICLES_LIMIT": "0.1",
    "BROWSER": "auto",
    "BROWSER_PATH": "",
    "BROWSER_SCROLLS": 100,
    "BROWSER_TIMEOUT": 60,
    "CONTENT": "full",
    "CONTACT": "",
    "DOWNLOAD_DELAY": 1.0,
    "DOWNLOAD_DELAY_JITTER": 0.5,
    "DOWNLOAD_DELAY_LIMIT": 60,
    "DOWNLOAD_MAXSIZE": 2**24,
    "DOWNLOAD_TIMEOUT": 60,
    "DUPLICATES": "mark",
    "DUPLICATES_WINDOW_DAYS": "0",
    "EXCERPT_CHARACTERS": "300",
    "FEED_FILE_LINES": "1",
    "FEED_TRUST_HOURS": 24,
    "LEASE_SECONDS": "90",
    "LOG_LINES": "text",
    "LOOKS_HOURS": [1, 6],
    "NOW": "",
    "OUTPUT_DIR": "output",
    "REPLICA": "",
    "REFUSALS_LIMIT": 5,
    "REFUSAL_PAUSE": 30,
    "RETRY_AFTER_LIMIT": 600,
    "ALARMS_TO": "",
    "COMPLETE_HOURS": 24,
    "CONTROLS": 3,
    "CONTROLS_HOURS": 6,
    "FEED_COPY": "",
    "INDEX": "",
    "RETRY_TIMES": 2,
    "RIGHTS": "obey",
    "ROBOTS_HOURS": 24,
    "ROBOTSTXT_OBEY": True,
    "TAG_PAGES_LIMIT": 1000,
    "WALLS_LIMIT": 0.1,
    "WITHDRAWN_AFTER_HOURS": 24,
}


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"ARCHIVE": "1", "ARCHIVE_FILE_BYTES": "1", "ARCHIVE_TRUST_HOURS": "0"},
        {"LOOKS_HOURS": "1,6.5,24"},
        {"LOOKS_HOURS": ""},
        {"LOOKS_HOURS": []},
        {"DUPLICATES": "drop"},
        {"LOG_LINES": "json"},
        {"RIGHTS": "record", "CONTENT": "metadata", "EXCERPT_CHARACTERS": 1},
        {"NOW": "2026-01-31T12:00:00Z"},
        {"NOW": "2026-01-31T12:00:00+01:00"},
        {"REPLICA": "127.0.0.1:8080"},
        {"BROKEN_ARTICLES_LIMIT": 1},
        {"BROWSER": "never", "BROWSER_PATH": sys.executable},
        {"ROBOTS_HOURS": "0.5"},
        {"CONTACT": "desk@example.org"},
        {"CONTACT": "first.last+crawler@mail.example.org"},
        {"CONTACT": "https://example.org/our-crawler?lang=de#who"},
        {"CONTACT": "http://localhost:8000"},
    ],
)
def test_what_can_be_used_is_taken(told: dict[str, Any]) -> None:
    check_settings(SOUND | told)


def test_a_number_of_scrapys_that_is_none_is_told_in_one_line() -> None:
    for name in ("CONCURRENT_REQUESTS", "CLOSESPIDER_ITEMCOUNT"):
        done = scrapy("crawl", "winfuture", "-s", "REPLICA=127.0.0.1:1", "-s", f"{name}=x")
        assert (done.code, done.out) == (2, "")
        assert done.err == f"scrapy crawl: setting {name}: 'x' is no number\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ARCHIVE", "2", "'2' is neither 1 nor 0"),
        ("ARCHIVE_FILE_BYTES", "0", "'0' is no whole number from 1 to"),
        ("ARCHIVE_TRUST_HOURS", "-1", "'-1' is no number from 0 to"),
        ("FEED_FILE_LINES", "0", "'0' is no whole number from 1 to"),
        ("FEED_FILE_LINES", "1.5", "'1.5' is no whole number from 1 to"),
        ("FEED_FILE_LINES", "many", "'many' is no whole number from 1 to"),
        ("TAG_PAGES_LIMIT", "-1", "'-1' is no whole number from 1 to"),
        ("DOWNLOAD_DELAY", "-1", "'-1' is no number from 0 to"),
        ("DOWNLOAD_DELAY", "nan", "'nan' is no number from 0 to"),
        ("BACKFILL_DAYS", "inf", "'inf' is no number from 0 to"),
        ("RIGHTS", "ignore", "'ignore' is neither obey nor record"),
        ("CONTENT", "all", "'all' is none of full, excerpt, metadata"),
        ("EXCERPT_CHARACTERS", "0", "'0' is no whole number from 1 to"),
        ("LOOKS_HOURS", "1,soon", "'1,soon' are no ages in hours; write them as 1,6,24"),
        ("LOOKS_HOURS", "0", "'0' are no ages in hours"),
        ("LOG_LINES", "xml", "'xml' is neither text nor json"),
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
        ("DOWNLOAD_MAXSIZE", "0", "'0' is no whole number from 1024 to 1073741824"),
        ("DOWNLOAD_TIMEOUT", "x", "'x' is no number from 0.1 to 86400"),
        ("RETRY_TIMES", "x", "'x' is no whole number from 0 to 1000"),
        ("BROWSER", "yes", "'yes' is neither auto, never nor always"),
        ("BROWSER_PATH", "/nowhere/chromium", "'/nowhere/chromium' is no program"),
        ("BROWSER_PATH", "/", "'/' is no program; name the file that starts the browser"),
        ("BROWSER_TIMEOUT", "0", "'0' is no number from 1 to 86400"),
        ("BROWSER_SCROLLS", "-1", "'-1' is no whole number from 0 to"),
        ("ROBOTSTXT_OBEY", "maybe", "'maybe' is neither True nor False"),
        ("ROBOTS_HOURS", "25", "'25' is no number from 0 to 24"),
        ("LEASE_SECONDS", "0.5", "'0.5' is no number from 1 to"),
        ("REFUSALS_LIMIT", "0", "'0' is no whole number from 1 to"),
        ("REFUSAL_PAUSE", "-1", "'-1' is no number from 0 to"),
        ("RETRY_AFTER_LIMIT", "soon", "'soon' is no number from 0 to"),
        ("DOWNLOAD_DELAY_LIMIT", "nan", "'nan' is no number from 0 to"),
        ("DOWNLOAD_DELAY_JITTER", "2", "'2' is no number from 0 to 1"),
        *(
            ("CONTACT", contact, f"{contact!r} is neither an e-mail address nor a web address")
            for contact in (
                *(
                    "me",
                    "me@example",
                    "@example.org",
                    "example.org",
                    "ftp://example.org",
                    "https://",
                ),
                *("desk@example.org\n", "desk@example.org\r\nX-Evil: 1", "a b@example.org", " "),
                *("https://example.org/\x1b[2J", "https://example.org/a b", "https://müller.de"),
                *(
                    "https://example.org/) x (",
                    "desk@example.org, me@example.org",
                    "\\@example.org",
                ),
            )
        ),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(WrongArgumentError) as error:
        check_settings(SOUND | {name: value})
    assert str(error.value).startswith(f"{name} {said}")


LIVE = [
    ("crawl", ["winfuture"]),
    ("harvest", []),
    ("audit", ["winfuture"]),
    ("look", ["https://winfuture.de/news,156000.html"]),
]


@pytest.mark.parametrize(("command", "args"), LIVE, ids=[command for command, _ in LIVE])
def test_no_live_site_is_asked_without_a_contact(
    command: str, args: list[str], tmp_path: Path
) -> None:
    done = scrapy(command, *args, "-s", f"OUTPUT_DIR={tmp_path}/output", CONTACT="")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"scrapy {command}: a live site must know whom to write to: set CONTACT, as in "
        "-s CONTACT=https://example.org/our-crawler, or in the environment\n"
    )
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("contact", ["nobody", "desk@example.org\nX: y"])
def test_a_contact_from_the_environment_must_be_one(contact: str) -> None:
    done = scrapy("crawl", "winfuture", CONTACT=contact)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "is neither an e-mail address nor a web address; write it as" in done.err


def test_a_spider_started_by_other_means_asks_no_live_site_without_a_contact(
    tmp_path: Path,
) -> None:
    program = (
        "from scrapy.crawler import AsyncCrawlerProcess\n"
        "from scrapy.utils.project import get_project_settings\n"
        "process = AsyncCrawlerProcess(get_project_settings())\n"
        "crawler = process.create_crawler('winfuture')\n"
        "process.crawl(crawler)\n"
        "process.start()\n"
        "said = [problem.said for problem in crawler.spider.problems]\n"
        "print(said, crawler.stats.get_value('downloader/request_count'))\n"
    )
    settings = {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | settings | {"CONTACT": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.strip().splitlines()[-1]
    assert said.startswith("['a live site must know whom to write to")
    assert said.endswith("] None")


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
