"""Whole crawls by subprocess over the replica: what reaches the feed, and what the run says."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crawler.replica import Story, running, stories
from tests.conftest import ROOT, Crawl, Site, feed_paths, json_lines, options, records, scrapy

SCHEMA = json.loads((ROOT / "docs/article.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def expected(story: Story) -> dict[str, Any]:
    """What the record of an invented article must say."""
    return {
        "id": f"{story.site}:{story.number}",
        "url": story.url,
        "headline": story.headline,
        "description": story.description,
        "article_body": "\n\n".join(story.paragraphs),
        "summary_points": list(story.summary_points),
        "authors": [{"name": name, "url": url} for name, url in story.authors],
        "date_published": story.date_published,
        "date_modified": story.date_modified,
        "article_section": story.article_section,
        "keywords": list(story.keywords),
        "images": [{"url": u, "caption": c, "credit": by} for u, c, by in story.images],
        "is_advertisement": story.is_advertisement,
    }


def requested(log: Path) -> Counter[str]:
    """Paths a replica was asked for, by its log."""
    return Counter(entry["path"] for entry in json_lines(log))


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_every_listed_article_reaches_the_feed_as_it_is(
    site: str, crawl: Crawl, output: Path
) -> None:
    with running(60) as replica:
        done = crawl(site, replica)
    assert done.code == 0, done.err
    found = {record["id"]: record for record in records(output, site)}
    for story in stories(site, 60):
        wanted = expected(story)
        assert {name: found[wanted["id"]][name] for name in wanted} == wanted
    assert len(found) == 60
    told = f"{site}: 60 new, 0 known, 0 duplicate, 0 quarantined, 0 failed; "
    assert re.fullmatch(re.escape(told) + r"\d+ requests, [\d,]+ bytes; complete", done.last_line)


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_every_line_is_valid_in_order_and_stamped(
    site: str, replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl(site, replica).code == 0
    (path,) = feed_paths(output, site)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z\.jsonl", path.name)
    for record in records(output, site):
        VALIDATOR.validate(record)
        assert list(record) == SCHEMA["required"]
        assert record["run_id"] == f"{site}-{path.stem}"
        assert record["date_first_seen"] == record["date_downloaded"]
        assert record["word_count"] == len(record["article_body"].split())


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_a_second_run_requests_no_article_and_writes_no_file(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(40, log=log) as replica:
        assert crawl(site, replica).code == 0
        before = [*feed_paths(output, site)]
        first = requested(log)
        second = crawl(site, replica)
    assert second.code == 0
    assert "0 new, 25 known" in second.last_line, "the topic's feed names 25"
    assert re.search(
        r"2 requests, .* \(a whole walk: 4\d and [\d,]+\); complete$", second.last_line
    )
    assert feed_paths(output, site) == before
    again = requested(log) - first
    assert [*again] == ["/robots.txt", RSS[site]]


RSS = {"winfuture": "/feeds/special/huawei/latest-rss2.0.xml", "mobiflip": "/thema/huawei/feed/"}


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_a_third_run_does_not_even_get_the_unchanged_page(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(40, log=log) as replica:
        for _ in range(3):
            assert crawl(site, replica).code == 0
        assert crawl(site, replica, FEED_TRUST_HOURS=0).code == 0
    *_, feed, _, tag_page = json_lines(log)
    assert (feed["path"], feed["status"], feed["bytes"]) == (RSS[site], 304, 0)
    assert ("huawei" in tag_page["path"], tag_page["status"]) == (True, 304)


def test_without_its_index_a_run_builds_it_anew(replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("winfuture", replica).code == 0
    for path in output.glob("index.sqlite*"):
        path.unlink()
    done = crawl("winfuture", replica)
    assert "0 new, 15 known" in done.last_line
    assert (output / "index.sqlite").exists()


def test_a_deleted_feed_file_is_collected_again(replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("mobiflip", replica).code == 0
    (path,) = feed_paths(output, "mobiflip")
    path.unlink()
    assert "15 new, 0 known" in crawl("mobiflip", replica).last_line


def test_max_pages_ends_the_walk(crawl: Crawl, tmp_path: Path) -> None:
    with running(40, log=tmp_path / "log") as replica:
        done = crawl("mobiflip", replica, "-a", "max_pages=2")
    assert done.code == 0
    pages = [path for path in requested(tmp_path / "log") if path.startswith("/thema/")]
    assert sorted(pages) == ["/thema/huawei/", "/thema/huawei/page/2/"]


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_since_leaves_older_articles_alone_and_ends_the_walk(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    told = list(stories(site, 60))
    since = told[25].date_published[:10]
    with running(60, log=tmp_path / "log") as replica:
        done = crawl(site, replica, "-a", f"since={since}")
        assert done.code == 0
        again = crawl(site, replica, "-a", f"since={since}")
    wanted = {story.url for story in told if story.date_published[:10] >= since}
    assert {record["url"] for record in records(output, site)} == wanted
    assert len(requested(tmp_path / "log")) < 60, "the walk went on to the end"
    assert f"0 new, {len(wanted)} known" in again.last_line


def test_another_topic_walks_its_own_tag_pages(replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("mobiflip", replica, "-a", "topic=honor").code == 0
    topics = {record["topic"] for record in records(output, "mobiflip")}
    assert topics == {"honor"}
    assert 0 < len(records(output, "mobiflip")) < 15


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("topik=huawei", "unknown argument 'topik'; known are topic, since, max_pages"),
        ("topic=a/b", "topic 'a/b' is no tag"),
        ("topic=", "topic '' is no tag"),
        ("topic=..", "topic '..' is no tag"),
        ("since=31.12.2025", "since '31.12.2025' is no day; write it as 2026-01-31"),
        ("since=2026-02-30", "since '2026-02-30' is no day"),
        ("max_pages=0", "max_pages '0' is no number from 1 up"),
        ("max_pages=-1", "max_pages '-1' is no number from 1 up"),
        ("max_pages=many", "max_pages 'many' is no number from 1 up"),
    ],
)
def test_a_wrong_argument_ends_at_once_with_one_line(argument: str, said: str) -> None:
    done = scrapy("crawl", "winfuture", "-a", argument)
    assert done.code == 2
    assert done.err.startswith(f"scrapy crawl: {said}")
    assert done.err.count("\n") == 1
    assert done.out == ""


@pytest.mark.parametrize("args", [["nosuch"], [], ["winfuture", "mobiflip"]])
def test_a_wrong_site_ends_at_once_with_one_line(args: list[str]) -> None:
    done = scrapy("crawl", *args)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("scrapy crawl: ")


# --- runs that must not look like runs that found nothing new -----------------------------------


def assert_incomplete(done: Any, *words: str) -> None:
    assert done.code == 1
    assert "; incomplete: " in done.last_line
    for word in words:
        assert word in done.last_line
    assert "Traceback" not in done.err


def test_an_unreachable_host_is_a_failure(crawl: Crawl) -> None:
    done = crawl("winfuture", "127.0.0.1:1", RETRY_TIMES=0)
    assert_incomplete(done, "https://winfuture.de/special/huawei/ could not be read", "refused")


@pytest.mark.parametrize("status", [403, 404, 410, 503])
def test_a_refused_listing_is_a_failure(status: int, crawl: Crawl, site: Site) -> None:
    site.lay("https://www.mobiflip.de/thema/huawei/", "no", status=status)
    with running(3, pages=site.folder) as replica:
        done = crawl("mobiflip", replica, RETRY_TIMES=0)
    assert_incomplete(done, "could not be read", f"the server answered {status}")


def test_a_listing_without_articles_is_a_failure(crawl: Crawl, site: Site, output: Path) -> None:
    advert = '<li class="infinite-post"><a href="https://ads.example/x">Kaufen</a></li>'
    site.lay("https://www.mobiflip.de/thema/huawei/", f"<html><ul>{advert * 3}</ul></html>")
    with running(3, pages=site.folder) as replica:
        done = crawl("mobiflip", replica)
    assert_incomplete(done, "names no article")
    assert feed_paths(output, "mobiflip") == []


def test_a_listing_forbidden_by_robots_txt_is_a_failure(crawl: Crawl, site: Site) -> None:
    site.lay(
        "https://winfuture.de/robots.txt",
        "User-agent: *\nDisallow: /special/\n",
        headers={"Content-Type": "text/plain"},
    )
    with running(3, pages=site.folder) as replica:
        done = crawl("winfuture", replica)
    assert_incomplete(done, "could not be read", "robots.txt")


def test_too_many_broken_articles_are_a_failure(crawl: Crawl, output: Path) -> None:
    with running(20, broken=3) as replica:
        done = crawl("winfuture", replica)
        assert_incomplete(done, "3 of 20 listed articles are broken")
        assert len(records(output, "winfuture")) == 17
        assert crawl("winfuture", replica, BROKEN_ARTICLES_LIMIT=0.2).code == 0


def test_paging_that_never_ends_is_a_failure(crawl: Crawl, site: Site, output: Path) -> None:
    entry = (
        '<a href="/news,156000.html">Neues</a><a rel="next" href="/special/huawei/?p={}">mehr</a>'
    )
    site.lay("https://winfuture.de/special/huawei/", entry.format(1))
    for page in range(1, 40):
        site.lay(f"https://winfuture.de/special/huawei/?p={page}", entry.format(page + 1))
    site.lay("https://winfuture.de/news,156000.html", article("Neues"))
    with running(1, pages=site.folder, log=site.folder / "log") as replica:
        done = crawl("winfuture", replica)
    assert_incomplete(done, "the listing does not end")
    assert len(records(output, "winfuture")) == 1
    assert sum(requested(site.folder / "log").values()) < 10


def test_paging_in_a_circle_ends(crawl: Crawl, site: Site, output: Path) -> None:
    for here, there in [("", "?p=2"), ("?p=2", "")]:
        site.lay(
            f"https://winfuture.de/special/huawei/{here}",
            f'<a href="/news,156000.html">x</a><a rel="next" href="/special/huawei/{there}">x</a>',
        )
    site.lay("https://winfuture.de/news,156000.html", article("Neues"))
    with running(1, pages=site.folder) as replica:
        assert crawl("winfuture", replica).code == 0
    assert len(records(output, "winfuture")) == 1


def test_an_output_folder_that_cannot_be_used_is_a_failure(replica: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = scrapy("crawl", "mobiflip", *options(replica, tmp_path / "file"))
    assert_incomplete(done, str(tmp_path / "file"), "cannot be used for the feed")


def test_a_second_run_of_a_site_leaves_while_the_first_writes(crawl: Crawl, output: Path) -> None:
    with running(25, latency_ms=300) as replica:
        first = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        wait_for_lines(output / "winfuture", 1)
        second = crawl("winfuture", replica)
        assert second.code == 3
        (run_id,) = re.findall(
            rf"^winfuture: not begun: another run of winfuture is under way: (winfuture-\S+), "
            rf"process {first.pid} on \S+, since 20\d\d-\S+Z$",
            second.last_line,
        )
        assert [*(output / "runs").glob("*")] == []
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 1
        assert [path.stem for path in (output / "runs").iterdir()] == [run_id]
        kept = len(records(output, "winfuture"))
        assert f"{25 - kept} new, {kept} known" in crawl("winfuture", replica).last_line


def test_sigterm_leaves_a_complete_file_and_says_incomplete(output: Path) -> None:
    with running(200, latency_ms=20) as replica:
        run = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for_lines(output / "winfuture", 3)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "ended early (shutdown)" in err
    assert 3 <= len(records(output, "winfuture")) < 200
    assert not [*(output / "winfuture").glob(".*.part")]


def test_crawling_is_polite_unless_told_otherwise(crawl: Crawl, tmp_path: Path) -> None:
    with running(2, log=tmp_path / "log") as replica:
        done = crawl("winfuture", replica, DOWNLOAD_DELAY=0.3, CONTACT="https://example.org/me")
    assert done.code == 0
    asked = json_lines(tmp_path / "log")
    assert asked[0]["path"] == "/robots.txt"
    assert {entry["active"] for entry in asked} == {1}
    gaps = [b["time"] - a["time"] for a, b in pairwise(asked[1:])]
    assert min(gaps) >= 0.15, "half the delay is the least that its jitter allows"
    for entry in asked:
        assert entry["user_agent"] == "crawler/0.1.0 (+https://example.org/me)"
        assert "cookie" not in entry["headers"]
        assert "referer" not in entry["headers"]


def test_a_site_cannot_ask_for_the_page_we_came_from(
    crawl: Crawl, site: Site, tmp_path: Path
) -> None:
    site.lay(
        "https://winfuture.de/special/huawei/",
        '<a href="/news,156000.html">Neues</a>',
        headers={"Content-Type": "text/html", "Referrer-Policy": "unsafe-url"},
    )
    site.lay("https://winfuture.de/news,156000.html", article("Neues"))
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        assert crawl("winfuture", replica).code == 0
    asked = json_lines(tmp_path / "log")
    assert "/news,156000.html" in {entry["path"] for entry in asked}
    assert not [entry["path"] for entry in asked if "referer" in entry["headers"]]


def test_files_asked_for_with_o_come_beside_the_feed(
    replica: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    assert crawl("mobiflip", replica, "-O", f"{tmp_path}/articles.json").code == 0
    beside = json.loads((tmp_path / "articles.json").read_text())
    assert [a["id"] for a in beside] == [r["id"] for r in records(output, "mobiflip")]


def article(
    headline: str, body: str = "Ein Satz.<br/><br/>Noch ein Satz.", number: int = 156000
) -> str:
    """A small WinFuture page."""
    return f"""<html lang="de"><head><meta charset="utf-8">
        <link rel="canonical" href="https://winfuture.de/news,{number}.html">
        <meta property="article:published_time" content="2026-01-15T21:10:00+01:00">
        </head><body><h1>{headline}</h1><div id="news_content">{body}</div></body></html>"""


def wait_for_lines(folder: Path, count: int, seconds: float = 30) -> None:
    """Until a run has written so many lines."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if sum(path.read_bytes().count(b"\n") for path in folder.glob(".*.part")) >= count:
            return
        time.sleep(0.01)
    raise TimeoutError(f"no {count} lines in {folder}")


@pytest.mark.parametrize("since", ["2026-01-02", "2099-01-01"])
def test_what_since_left_out_is_collected_by_the_next_run(
    since: str, crawl: Crawl, output: Path
) -> None:
    """Also where the first older article stands on the last tag page."""
    with running(40) as replica:
        done = crawl("mobiflip", replica, "-a", f"since={since}")
        assert "not complete: it reached articles from before" in done.last_line
        assert "whole walk" not in done.last_line, "nobody knows how long it is"
        crawl("mobiflip", replica)
    assert len(records(output, "mobiflip")) == 40


def test_another_host_speaks_for_no_article(crawl: Crawl, site: Site, output: Path) -> None:
    site.lay("https://winfuture.de/special/huawei/", '<a href="/news,156000.html">x</a>')
    away = {"Location": "https://evil.example/steal"}
    site.lay("https://winfuture.de/news,156000.html", status=302, headers=away)
    site.lay("https://evil.example/steal", article("Untergeschoben"))
    with running(1, pages=site.folder, log=site.folder / "log") as replica:
        done = crawl("winfuture", replica, BROKEN_ARTICLES_LIMIT=1)
    assert "0 new" in done.last_line
    assert "it leads to evil.example, which is no host of this site" in done.err
    assert {entry["host"] for entry in json_lines(site.folder / "log")} == {"winfuture.de"}
    assert records(output, "winfuture") == []


def test_another_host_is_no_listing_of_the_site(crawl: Crawl, site: Site) -> None:
    listing = '<a href="https://winfuture.de/news,156000.html">x</a>'
    listing += '<a rel="next" href="https://evil.example/2">mehr</a>'
    site.lay("https://winfuture.de/special/huawei/", listing)
    site.lay("https://winfuture.de/news,156000.html", article("Echt"))
    with running(1, pages=site.folder, log=site.folder / "log") as replica:
        assert crawl("winfuture", replica).code == 0
    assert {entry["host"] for entry in json_lines(site.folder / "log")} == {"winfuture.de"}
