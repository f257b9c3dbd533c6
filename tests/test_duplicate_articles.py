"""Texts printed again, in whole crawls: what becomes of each, and that none swallows another."""

from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running, stories
from tests.conftest import Crawl, Finished, Site, json_lines, records
from tests.test_crawl import article

RELEASE = "<br/><br/>".join(next(stories("winfuture", 30, seed=7)).paragraphs)
STUB = "Video: Das neue Gerät im kurzen Überblick."


def lay_winfuture(site: Site, pages: dict[int, str]) -> None:
    """Articles of WinFuture by number, listed in this order."""
    for number, page in pages.items():
        site.lay(f"https://winfuture.de/news,{number}.html", page)
    links = "".join(f'<a href="/news,{number}.html">x</a>' for number in pages)
    site.lay("https://winfuture.de/special/huawei/", f"<html>{links}</html>")


def lay_mobiflip(site: Site, number: int, headline: str, body: str) -> None:
    page = f"""<html lang="de"><head><meta charset="utf-8">
        <link rel="canonical" href="https://www.mobiflip.de/meldung-{number}/">
        <link rel="shortlink" href="https://www.mobiflip.de/?p={number}">
        <meta property="article:published_time" content="2026-01-15T22:10:00+01:00">
        </head><body><h1 class="entry-title">{headline}</h1>
        <div class="entry-content"><p>{body.replace("<br/><br/>", "</p><p>")}</p></div>
        </body></html>"""
    site.lay(f"https://www.mobiflip.de/meldung-{number}/", page)
    entry = f'<li class="infinite-post"><a href="/meldung-{number}/">{headline}</a></li>'
    site.lay("https://www.mobiflip.de/thema/huawei/", f"<html><ul>{entry}</ul></html>")


def crawled(crawl: Crawl, site: Site, *names: str, **settings: object) -> Finished:
    with running(1, pages=site.folder) as replica:
        *_, done = [crawl(name, replica, **settings) for name in names]
    return done


def refused(output: Path, site: str = "winfuture") -> list[dict[str, Any]]:
    paths = (output / "quarantine" / site).glob("*.jsonl")
    return [line for path in paths for line in json_lines(path)]


def edited(body: str, every: int) -> str:
    """The text with every n-th word of some length another."""
    words = body.split(" ")
    places = [n for n, word in enumerate(words) if word.isalpha() and word.islower()][::every]
    for place in places:
        words[place] = "übrigens"
    return " ".join(words)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(RELEASE, id="exactly"),
        pytest.param(edited(RELEASE, 20), id="nearly"),
        pytest.param(RELEASE.replace("\u00fc", "u\u0308"), id="in another normal form"),
    ],
)
def test_the_same_text_on_the_same_site_is_quarantined_naming_the_first(
    again: str, crawl: Crawl, site: Site, output: Path
) -> None:
    """A text republished under a new number, date and headline."""
    republished = article("Nochmals aufgelegt", again, number=156001)
    first = article("Zum ersten Mal", RELEASE)
    lay_winfuture(site, {156000: first, 156001: republished.replace("01-15T", "01-20T")})
    done = crawled(crawl, site, "winfuture")
    assert (done.code, "1 new" in done.last_line) == (0, True), done.err
    assert "1 duplicate, 0 quarantined" in done.last_line
    (kept,) = records(output, "winfuture")
    (line,) = refused(output)
    assert (kept["id"], kept["duplicate_of"]) == ("winfuture:156000", None)
    assert line["reason"] == "duplicate"
    assert line["record"]["duplicate_of"]["id"] == "winfuture:156000"
    assert "winfuture:156000" in line["problems"][0]
    assert "0 new" in crawled(crawl, site, "winfuture").last_line
    assert len(refused(output)) == 1, "once quarantined, it is known"


def test_the_same_text_on_another_site_is_kept_and_marked(
    crawl: Crawl, site: Site, output: Path
) -> None:
    lay_winfuture(site, {156000: article("Die Meldung", RELEASE)})
    lay_mobiflip(site, 512345, "Auch wir haben sie", edited(RELEASE, 15))
    done = crawled(crawl, site, "winfuture", "mobiflip")
    assert (done.code, "1 new" in done.last_line) == (0, True), done.err
    (kept,) = records(output, "mobiflip")
    assert kept["duplicate_of"]["id"] == "winfuture:156000"
    assert 0.8 <= kept["duplicate_of"]["similarity"] < 1


def test_on_demand_the_text_of_another_site_is_quarantined(
    crawl: Crawl, site: Site, output: Path
) -> None:
    lay_winfuture(site, {156000: article("Die Meldung", RELEASE)})
    lay_mobiflip(site, 512345, "Auch wir haben sie", RELEASE)
    done = crawled(crawl, site, "winfuture", "mobiflip", DUPLICATES="drop")
    assert "0 new, 0 known, 1 duplicate" in done.last_line
    assert records(output, "mobiflip") == []
    (line,) = refused(output, "mobiflip")
    assert line["record"]["duplicate_of"] == {"id": "winfuture:156000", "similarity": 1.0}


def test_a_short_text_used_by_many_articles_swallows_none(
    crawl: Crawl, site: Site, output: Path
) -> None:
    titles = ["Mate X8 im Video", "Watch Ultimate im Video", "FreeBuds 9 im Video"]
    pages = {
        number: article(title, STUB, number=number) for number, title in enumerate(titles, 156000)
    }
    lay_winfuture(site, pages)
    assert "3 new, 0 known, 0 duplicate" in crawled(crawl, site, "winfuture").last_line
    assert [record["headline"] for record in records(output, "winfuture")] == titles


def test_a_deal_with_another_price_is_another_article(
    crawl: Crawl, site: Site, output: Path
) -> None:
    deal = f"Das Gerät kostet diese Woche 799 Euro statt 999 Euro. {RELEASE}"
    next_week = deal.replace("799", "749").replace("999", "979")
    pages = {156000: article("Angebot der Woche", deal)}
    lay_winfuture(site, pages | {156001: article("Angebot der Woche", next_week, number=156001)})
    assert "2 new, 0 known, 0 duplicate" in crawled(crawl, site, "winfuture").last_line


def test_a_correction_of_one_word_is_an_update_and_no_duplicate(
    crawl: Crawl, site: Site, output: Path
) -> None:
    lay_winfuture(site, {156000: article("Zum ersten Mal", RELEASE)})
    crawled(crawl, site, "winfuture", NOW="2026-01-15T21:00:00Z")
    site.lay(
        "https://winfuture.de/news,156000.html", article("Zum ersten Mal", edited(RELEASE, 999))
    )
    done = crawled(crawl, site, "winfuture", NOW="2026-01-15T23:00:00Z")
    assert (done.code, "0 duplicate" in done.last_line) == (0, True)
    assert done.last_line.count("1 updated") == 1
    first, second = records(output, "winfuture")
    assert (first["id"], second["event"], second["revision"]) == (second["id"], "updated", 2)
    assert second["duplicate_of"] is None
    assert len(second["changes"]["article_body"]) == 1
