"""Crawls of the sites as scripts would fill them, in the real Chromium."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running, stories
from tests.conftest import Crawl, Site, json_lines, options, records, scrapy

pytestmark = pytest.mark.usefixtures("mark")

OF_A_RUN = {"date_first_seen", "date_downloaded", "run_id"}


def told(output: Path, site: str) -> dict[str, dict[str, Any]]:
    """What the feed says of each article, whenever and by whichever run."""
    return {
        record["id"]: {name: value for name, value in record.items() if name not in OF_A_RUN}
        for record in records(output, site)
    }


def asked(log: Path) -> list[str]:
    return [entry["path"] for entry in json_lines(log)]


def report(output: Path) -> dict[str, Any]:
    """The report of the last run."""
    return json.loads(max((output / "runs").glob("*.json")).read_text())


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_the_feed_is_that_of_the_plain_site(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log, plain = tmp_path / "log", tmp_path / "plain"
    with running(4) as replica:
        assert crawl(site, replica, OUTPUT_DIR=plain).code == 0
    with running(4, scripted="shells", log=log) as replica:
        done = crawl(site, replica)
    assert done.code == 0, done.err
    assert told(output, site) == told(plain, site)
    assert report(output)["browser"] == {"pages": 5, "refused": 5 * 7, "requests": 6, "starts": 1}
    assert all(entry["active"] == 1 for entry in json_lines(log))
    found = asked(log)
    assert len({*found}) == len(found), "each page, script and answer once"
    api = [path for path in found if path.startswith("/api/page?")]
    assert len(api) == 1 + 4
    others = [path for path in found if path.startswith("/assets/")]
    assert others == ["/assets/app.js"]
    assert len(found) == len(api) + len(others) + 1 + 1 + 1 + 4


def test_delays_hold_for_what_a_page_asks_for(crawl: Crawl, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(1, scripted="shells", log=log) as replica:
        done = crawl("mobiflip", replica, DOWNLOAD_DELAY=1, DOWNLOAD_DELAY_JITTER=0)
    assert done.code == 0, done.err
    times = [entry["time"] for entry in json_lines(log)]
    assert len(times) == 7
    assert all(after - before > 0.9 for before, after in pairwise(times))


def test_a_listing_that_grows_is_scrolled_to_its_end(
    crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(30, scripted="growing", log=log) as replica:
        done = crawl("mobiflip", replica)
        assert done.code == 0, done.err
        first = asked(log)
        again = crawl("mobiflip", replica, FEED_TRUST_HOURS=0)
    assert {record["url"] for record in records(output, "mobiflip")} == {
        story.url for story in stories("mobiflip", 30)
    }
    pages = [path for path in first if "%2Fpage%2F" in path]
    assert pages == [f"/api/page?path=%2Fthema%2Fhuawei%2Fpage%2F{page}%2F" for page in (2, 3)]
    assert again.last_line.endswith("; complete")
    assert asked(log)[len(first) :] == ["/robots.txt", "/thema/huawei/"], "it is all known"


def test_scrolling_ends_with_what_is_known(crawl: Crawl, output: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(14, scripted="growing", log=log) as replica:
        settings = {"FEED_TRUST_HOURS": 0, "BROKEN_ARTICLES_LIMIT": 1}
        assert crawl("mobiflip", replica, **settings).code == 0
        first = asked(log)
        again = crawl("mobiflip", replica, **settings)
    assert len(records(output, "mobiflip")) == 14
    assert any("%2Fpage%2F2" in path for path in first)
    assert again.code == 0, again.err
    assert report(output)["stop"] == "it met what the last complete walk has covered"
    assert not any("%2Fpage%2F" in path for path in asked(log)[len(first) :])


def test_scrolling_is_bounded(crawl: Crawl, output: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(60, scripted="growing", log=log) as replica:
        done = crawl("mobiflip", replica, BROWSER_SCROLLS=1)
    assert done.code == 1
    assert "the listing https://www.mobiflip.de/thema/huawei/ still grew" in done.last_line
    assert len(records(output, "mobiflip")) >= 24, "what was seen is kept"
    assert not any("page%2F4" in path for path in asked(log))


def test_as_many_pages_as_asked_for(crawl: Crawl, output: Path, tmp_path: Path) -> None:
    with running(60, scripted="growing", log=tmp_path / "log") as replica:
        done = crawl("mobiflip", replica, "-a", "max_pages=2")
    assert done.code == 0, done.err
    assert len(records(output, "mobiflip")) == 24
    assert report(output)["stop"] == "it read as many tag pages as asked for"


def test_always_means_every_page(crawl: Crawl, output: Path, tmp_path: Path) -> None:
    with running(2) as replica:
        assert crawl("winfuture", replica, BROWSER="always").code == 0
    assert report(output)["browser"]["pages"] == 3
    with running(2) as replica:
        assert crawl("winfuture", replica, OUTPUT_DIR=tmp_path / "plain").code == 0
    assert told(output, "winfuture") == told(tmp_path / "plain", "winfuture")


NEVER_AT_REST = """<html lang="de"><body><div id="app"></div><script>
let number = 0; setInterval(() => fetch("/tick/" + number++), 100)</script></body></html>"""
NEVER_ENDING = """<html lang="de"><body><div id="app"></div><script>
setTimeout(() => { while (true); }, 50)</script></body></html>"""


def test_a_page_without_end_ends_by_the_limit(crawl: Crawl, output: Path, site: Site) -> None:
    site.lay("https://www.mobiflip.de/nie-fertig-399991/", NEVER_AT_REST)
    site.lay("https://www.mobiflip.de/nie-zu-ende-399992/", NEVER_ENDING)
    with running(2, pages=site.folder) as replica:
        done = crawl("mobiflip", replica, BROWSER_TIMEOUT=4, BROKEN_ARTICLES_LIMIT=1)
    assert "2 new" in done.last_line
    assert "2 failed" in done.last_line
    assert done.err.count("it was not finished within 4 seconds") == 2
    assert len(records(output, "mobiflip")) == 2


def test_what_the_headers_of_a_shell_declare_is_obeyed(
    crawl: Crawl, output: Path, site: Site
) -> None:
    (story,) = stories("winfuture", 1)
    shell = """<html lang="de"><head>
    <meta property="article:published_time" content="2026-01-15T21:10:00+01:00"></head>
    <body><div id="app"></div><script>
    document.body.innerHTML = "<h1>Titel</h1><div id='news_content'>" + "Geheimer Satz. ".repeat(60)
      + "</div>"</script></body></html>"""
    for number, header in (
        (200030, {"X-Robots-Tag": "noindex"}),
        (200031, {"TDM-Reservation": "1"}),
    ):
        site.lay(f"https://winfuture.de/news,{number}.html", shell, headers=header)
    with running(1, pages=site.folder) as replica:
        done = crawl("winfuture", replica)
    assert "2 new" in done.last_line
    assert "1 withheld" in done.last_line
    kept = {record["id"]: record for record in records(output, "winfuture")}
    assert kept.keys() == {f"winfuture:{n}" for n in (200031, story.number)}
    assert kept["winfuture:200031"]["content"] == "excerpt"
    assert len(kept["winfuture:200031"]["article_body"]) <= 300


def test_look_shows_what_scripts_fill(output: Path) -> None:
    (story,) = stories("winfuture", 1)
    with running(1, scripted="shells") as replica:
        done = scrapy("look", "--json", story.url, *options(replica, output))
        refused = scrapy("look", story.url, *options(replica, output, BROWSER="never"))
    assert done.code == 0, done.err
    assert json.loads(done.out)["article_body"] == "\n\n".join(story.paragraphs)
    assert refused.code == 1
    assert "BROWSER=never keeps the browser shut" in refused.last_line


def test_an_audit_reads_listings_that_scripts_fill(crawl: Crawl, output: Path) -> None:
    told = "2026-01-20T12:00:00Z"
    with running(14, scripted="growing") as replica:
        assert crawl("mobiflip", replica, NOW=told).code == 0
    with running(14, scripted="shells") as replica:
        done = scrapy("audit", "mobiflip", "--json", *options(replica, output, NOW=told))
    assert done.code == 0, done.err + done.out
    rows = {row["name"]: row for row in json.loads(done.out)["sources"]}
    assert (rows["tag pages"]["named"], rows["tag pages"]["in_feed"]) == (14, 14)
