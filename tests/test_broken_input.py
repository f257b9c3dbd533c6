"""Pages as no one should serve them: each has a clear outcome, and nothing else is lost."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running
from tests.conftest import Crawl, Site, json_lines, records
from tests.test_crawl import article

URL = "https://winfuture.de/news,{}.html"


def laid_out(site: Site, pages: dict[int, tuple[bytes | str, dict[str, Any]]]) -> None:
    """Lays articles, and a sound one, listed on the tag page of WinFuture."""
    site.lay(URL.format(155000), article("Ein guter Artikel", number=155000))
    for number, (body, answer) in pages.items():
        site.lay(URL.format(number), body, **answer)
    links = "".join(f'<a href="/news,{number}.html">x</a>' for number in (155000, *pages))
    site.lay("https://winfuture.de/special/huawei/", f"<html>{links}</html>")


def crawled(crawl: Crawl, site: Site, **settings: object) -> Any:
    with running(1, pages=site.folder) as replica:
        return crawl("winfuture", replica, RETRY_TIMES=0, **settings)


def quarantined(output: Path) -> list[dict[str, Any]]:
    files = (output / "quarantine" / "winfuture").glob("*.jsonl")
    return [line for path in files for line in json_lines(path)]


SOUND = "Ein guter Artikel"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param("", {}, id="empty page"),
        pytest.param("<html></html>", {}, id="no content"),
        pytest.param(
            b"%PDF-1.7\x00\xff\xfe", {"headers": {"Content-Type": "application/pdf"}}, id="pdf"
        ),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), {}, id="picture sent as a page"),
        pytest.param('{"error": 1}', {"headers": {"Content-Type": "application/json"}}, id="json"),
    ],
)
def test_what_is_no_article_goes_to_quarantine_once(
    body: bytes | str, answer: dict[str, Any], crawl: Crawl, site: Site, output: Path
) -> None:
    laid_out(site, {156000: (body, answer)})
    done = crawled(crawl, site)
    assert (done.code, "1 new" in done.last_line) == (1, True)
    assert "1 quarantined" in done.last_line
    (refused,) = quarantined(output)
    assert refused["reason"] == "invalid"
    assert refused["url"] == URL.format(156000)
    assert refused["problems"]
    again = crawled(crawl, site)
    assert "0 new, 2 known" in again.last_line, "a quarantined page is not asked for every time"
    assert len(quarantined(output)) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 404}, "the server answered 404"),
        ({"status": 500}, "the server answered 500"),
        (
            {"headers": {"Content-Encoding": "gzip"}, "body": gzip.compress(b"x" * 9999)[:30]},
            "gzip",
        ),
        ({"headers": {"Content-Encoding": "gzip"}, "body": b"not gzip at all"}, "gzip"),
        ({"status": 301, "headers": {"Location": "https://winfuture.de/videos/"}}, "no article"),
        ({"status": 302, "headers": {"Location": "/news,156000.html"}}, "redirect"),
    ],
)
def test_what_cannot_be_had_is_counted_and_asked_for_again(
    answer: dict[str, Any], why: str, crawl: Crawl, site: Site, output: Path
) -> None:
    site.lay("https://winfuture.de/videos/", "<html><h1>Videos</h1></html>")
    laid_out(site, {156000: (answer.pop("body", "x"), answer)})
    done = crawled(crawl, site)
    assert (done.code, "1 new" in done.last_line, "1 failed" in done.last_line) == (1, True, True)
    (line,) = [line for line in done.err.splitlines() if "could not be had" in line]
    assert why in line.lower()
    assert URL.format(156000) in line
    assert "Traceback" not in done.err
    site.lay(URL.format(156000), article("Wieder da"))
    assert "1 new, 1 known" in crawled(crawl, site).last_line


def one(crawl: Crawl, site: Site, output: Path, body: bytes | str, **answer: Any) -> dict[str, Any]:
    """The record of a page that is odd, but an article."""
    laid_out(site, {156000: (body, answer)})
    assert crawled(crawl, site).code == 0
    (record,) = [r for r in records(output, "winfuture") if r["headline"] != SOUND]
    return record


@pytest.mark.parametrize(
    ("said", "sent"), [("utf-8", "cp1252"), ("iso-8859-1", "utf-8"), ("iso-8859-1", "cp1252")]
)
def test_a_wrong_charset_makes_no_mojibake(
    said: str, sent: str, crawl: Crawl, site: Site, output: Path
) -> None:
    page = article("Grüße „aus“ Köln – größer", "Schöne Übersicht – „gut“")
    body = page.replace("utf-8", said).encode(sent)
    record = one(crawl, site, output, body)
    assert record["headline"] == "Grüße „aus“ Köln – größer"
    assert record["article_body"] == "Schöne Übersicht – „gut“"


def test_a_page_of_five_megabytes_is_read_whole(crawl: Crawl, site: Site, output: Path) -> None:
    paragraphs = [f"Absatz {i} über Netze und Geräte aus aller Welt." for i in range(100_000)]
    record = one(crawl, site, output, article("Sehr lang", "<br/><br/>".join(paragraphs)))
    assert record["article_body"].split("\n\n") == paragraphs


def test_a_page_beyond_the_limit_is_not_read(crawl: Crawl, site: Site, output: Path) -> None:
    laid_out(site, {156000: (article("Zu lang", "x" * 200_000), {})})
    done = crawled(crawl, site, DOWNLOAD_MAXSIZE=100_000)
    assert (done.code, "1 failed" in done.last_line) == (1, True)


def test_invalid_json_ld_costs_nothing_the_page_says_elsewhere(
    crawl: Crawl, site: Site, output: Path
) -> None:
    broken = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": }</script>'
    page = article("Trotzdem lesbar").replace("</head>", f"{broken}</head>")
    assert one(crawl, site, output, page)["headline"] == "Trotzdem lesbar"


def test_a_date_in_the_future_is_kept_as_printed(crawl: Crawl, site: Site, output: Path) -> None:
    page = article("Aus der Zukunft").replace("2026-01-15", "2126-01-15")
    assert one(crawl, site, output, page)["date_published"] == "2126-01-15T21:10:00+01:00"


@pytest.mark.parametrize(
    "link", ["/news,abc.html", "/news,.html", "/news,-1.html", "/news,1e5.html"]
)
def test_an_id_that_is_no_number_is_no_article(
    link: str, crawl: Crawl, site: Site, output: Path
) -> None:
    laid_out(site, {})
    listing = f'<html><a href="{link}">x</a><a href="/news,155000.html">x</a></html>'
    site.lay("https://winfuture.de/special/huawei/", listing)
    done = crawled(crawl, site)
    assert (done.code, "1 new" in done.last_line) == (0, True)


def test_text_that_is_not_clean_goes_to_quarantine(crawl: Crawl, site: Site, output: Path) -> None:
    laid_out(site, {156000: (article("Aus dem Ãœberseehafen", "Er heiÃŸt \ufffd."), {})})
    done = crawled(crawl, site)
    assert done.code == 1
    (refused,) = quarantined(output)
    assert any("mojibake" in problem for problem in refused["problems"])
    assert refused["record"]["id"] == "winfuture:156000"


def test_the_same_article_under_several_addresses_is_one_record(
    crawl: Crawl, site: Site, output: Path
) -> None:
    links = [
        "/news,155000.html",
        "/news,1550001.html",
        "http://www.winfuture.de/news,155000.html?utm_source=x",
        "https://m.winfuture.de/news/155000",
        "/news,155000.html#comments",
    ]
    laid_out(site, {})
    listing = "".join(f'<a href="{link}">x</a>' for link in links)
    site.lay("https://winfuture.de/special/huawei/", f"<html>{listing}</html>")
    assert "1 new, 0 known" in crawled(crawl, site).last_line
    assert [record["url"] for record in records(output, "winfuture")] == [URL.format(155000)]


def test_two_addresses_that_turn_out_to_be_one_article_are_a_counted_drop(
    crawl: Crawl, site: Site, output: Path
) -> None:
    laid_out(site, {156000: (article("Einmal reicht", number=156001), {})})
    site.lay(URL.format(156001), article("Einmal reicht", number=156001))
    listing = "".join(f'<a href="/news,{n}.html">x</a>' for n in (155000, 156000, 156001))
    site.lay("https://winfuture.de/special/huawei/", f"<html>{listing}</html>")
    done = crawled(crawl, site)
    assert (done.code, "2 new, 0 known, 1 duplicate" in done.last_line) == (0, True)
    assert len(records(output, "winfuture")) == 2


def test_a_quarantine_line_names_everything(crawl: Crawl, site: Site, output: Path) -> None:
    laid_out(site, {156000: ("", {})})
    crawled(crawl, site)
    (refused,) = quarantined(output)
    assert set(refused) == {
        *("reason", "problems", "url", "date_quarantined", "run_id", "record"),
    }
    assert json.loads(json.dumps(refused["record"]))["site"] == "winfuture"
