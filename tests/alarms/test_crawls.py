"""Alarms of real crawls: what a run counts, and which of its problems do not go away."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running
from crawler.report import RunReport, reports
from tests.alarms.made import NOW, month
from tests.conftest import ROOT, Crawl, Site, options
from tests.test_crawl import article

LISTING = "https://winfuture.de/special/huawei/"
RSS = "https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml"
TEXT = [f"Absatz {n} erzählt von Masten, Netzen und Preisen in der Stadt {n}." for n in range(8)]


def told(output: Path) -> list[tuple[str, str]]:
    """Kind and subject of the alarms in the last report."""
    *_, last = reports(output)
    return [(alarm.kind, alarm.subject) for alarm in last.alarms]


@pytest.fixture
def watched(output: Path) -> None:
    """A month of runs in which nothing was odd."""
    for earlier in month(sources={"authors": {"json-ld": 3}}, written=3):
        name = f"winfuture-{earlier.started[:13]}0000.000Z"
        RunReport(**{**vars(earlier), "run_id": name}).write(output)


Lay = Callable[..., None]


@pytest.fixture
def lay(site: Site) -> Lay:
    """Lays four articles: what each is called, and its paragraphs."""

    def pages(headline: str, paragraphs: list[str]) -> None:
        for number in range(156_000, 156_004):
            body = "<br/><br/>".join(f"{part} ({number})" for part in paragraphs)
            page = article(headline.format(number), body, number=number)
            site.lay(f"https://winfuture.de/news,{number}.html", page)

    return pages


@pytest.mark.usefixtures("watched")
def test_authors_that_no_page_names_any_more(
    lay: Lay, crawl: Crawl, output: Path, site: Site
) -> None:
    lay("Huawei baut Nummer {}", TEXT)
    with running(4, pages=site.folder) as replica:
        done = crawl("winfuture", replica, NOW=NOW.isoformat())
    assert done.code == 1
    assert "ALARM: drift of authors" in done.err
    assert told(output) == [("drift", "authors")]


@pytest.mark.usefixtures("watched")
def test_half_the_paragraphs_gone_from_known_articles(
    lay: Lay, crawl: Crawl, output: Path, site: Site
) -> None:
    for text, hour in ((TEXT, 9), (TEXT[:3], 16)):
        lay("Huawei baut Nummer {}", text)
        with running(4, pages=site.folder) as replica:
            done = crawl("winfuture", replica, NOW=NOW.replace(hour=hour).isoformat())
    *_, last = reports(output)
    assert last.lost == {"article_body": last.counts["updated"]} != {}
    assert last.counts["updated"] >= 2
    assert ("lost", "article_body") in told(output)
    assert "have lost their article_body or most of it" in done.err


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(
    ("headline", "more", "subject"),
    [
        ("WinFuture", "", "headline"),
        (
            "Huawei baut Nummer {}",
            f"{'Bitte beachten Sie unsere neuen Hinweise. ' * 3}",
            "paragraph",
        ),
    ],
)
def test_the_same_headline_or_paragraph_in_every_record(
    headline: str, more: str, subject: str, crawl: Crawl, output: Path, site: Site
) -> None:
    for number in range(156_000, 156_004):
        body = "<br/><br/>".join([f"{TEXT[number % 8]} Und {number}.", *filter(None, [more])])
        page = article(headline.format(number), body, number=number)
        site.lay(f"https://winfuture.de/news,{number}.html", page)
    with running(4, pages=site.folder) as replica:
        crawl("winfuture", replica, NOW=NOW.isoformat())
    *_, last = reports(output)
    assert last.repeated[subject] >= 4
    assert ("repeated", subject) in told(output)


def no_articles(site: Site) -> None:
    site.lay(LISTING, "<html><body>Nichts</body></html>")
    site.lay(RSS, status=404)


def no_listing(site: Site) -> None:
    site.lay(LISTING, status=404)
    site.lay(RSS, status=404)


def refused(site: Site) -> None:
    site.lay(LISTING, status=403)
    site.lay(RSS, status=404)


@pytest.mark.parametrize("laid", [no_articles, no_listing, refused])
def test_a_listing_that_will_not_come_back_by_itself(
    laid: Callable[[Site], Any], crawl: Crawl, output: Path, site: Site
) -> None:
    laid(site)
    with running(3, pages=site.folder) as replica:
        assert crawl("winfuture", replica).code == 1
    assert told(output) == [("listing", "")]


def test_a_site_that_is_down_for_once_raises_none(crawl: Crawl, output: Path, site: Site) -> None:
    site.lay(LISTING, status=503)
    site.lay(RSS, status=503)
    with running(3, pages=site.folder) as replica:
        assert crawl("winfuture", replica, RETRY_TIMES=0).code == 1
    assert told(output) == []


def test_a_full_disk(replica: str, output: Path) -> None:
    """A limit on the size of files, as in tests/test_exactly_once.py."""
    command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *options(replica, output)]
    limited = ["prlimit", f"--fsize={40 * 1024}", *command]
    done = subprocess.run(limited, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "winfuture: ALARM: feed since" in done.stderr


def test_a_folder_that_cannot_be_used_from_the_start(
    crawl: Crawl, output: Path, replica: str
) -> None:
    """Where there is no report to write, the alarm is raised all the same."""
    output.mkdir()
    (output / "leases").write_text("no folder")
    done = crawl("winfuture", replica)
    assert done.code == 1
    assert "winfuture: ALARM: feed since" in done.err
