"""Whole runs over pages made to harm: what `docs/hostile-input.md` promises of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from crawler.arguments import Arguments, WrongArgumentError
from tests.conftest import ROOT, Crawl, Site, records, scrapy
from tests.test_broken_input import URL, crawled, laid_out, quarantined
from tests.test_crawl import article

ESCAPES = "\x1b[31mRot\x1b[0m\x1b]0;Titel\x07 \x9b2J"


def json_ld(**said: Any) -> str:
    node = json.dumps({"@type": "NewsArticle", **said})
    return f'<script type="application/ld+json">{node}</script></head>'


def test_hostile_pages_cost_no_other_article(
    crawl: Crawl, site: Site, output: Path, tmp_path: Path
) -> None:
    dated = "2126-01-15T21:10:00+01:00\ud800"
    undated = re.compile(r"<meta property[^>]*>")
    pages: list[str | bytes] = [
        article("Mit Halben")
        .replace("<html lang", "<html x")
        .replace(
            "</head>", json_ld(inLanguage="\ud800x", author="\udfff A B", keywords=["\ud800"])
        ),
        undated.sub("", article("Aus der Zukunft")).replace(
            "</head>", json_ld(datePublished=dated)
        ),
        article(ESCAPES),
        article("Tief", "<div>" * 100_000 + "tief"),
        article("Tiefes JSON").replace(
            "</head>", f'<script type="application/ld+json">{"[" * 100_000}</script></head>'
        ),
        article("x " * 500_000),
        article("Ein Wort", "x" * 1_000_000),
        article("rot13").replace("utf-8", "rot13"),
        article("=HYPERLINK(1)", "=1+1"),
        article("Nie", "Text").replace("2026-01-15", "0000-00-00"),
    ]
    laid_out(
        site,
        {
            156000 + n: (
                page.replace("news,156000", f"news,{156000 + n}").encode(errors="replace")
                if isinstance(page, str)
                else page,
                {},
            )
            for n, page in enumerate(pages)
        },
    )
    done = crawled(crawl, site, BROKEN_ARTICLES_LIMIT=1)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.err)
    found = {record["id"]: record for record in records(output, "winfuture")}
    refused = {line["record"]["id"]: line["problems"] for line in quarantined(output)}
    assert len(found) + len(refused) == len(pages) + 1
    assert refused.keys() == {f"winfuture:{156000 + n}" for n in (3, 5, 9)}
    assert "headline is longer than 1,000 characters" in refused["winfuture:156005"]
    assert found["winfuture:156002"]["headline"] == "Rot ›2J"
    assert found["winfuture:156008"]["headline"] == "=HYPERLINK(1)"
    assert {path.name for path in tmp_path.iterdir()} == {"output", "pages"}
    report = json.loads(next((output / "runs").glob("*.json")).read_text())
    assert [flag["why"] for flag in report["dates_flagged"]] == ["in the future"]


def test_what_a_server_says_reaches_no_terminal_as_a_command(crawl: Crawl, site: Site) -> None:
    location = "https://winfuture.de/\x1b[2J"
    laid_out(site, {156000: ("", {"status": 301, "headers": {"Location": location}})})
    done = crawled(crawl, site)
    assert "could not be had" in done.err
    assert "\x1b" not in done.err


def test_look_prints_no_command_to_a_terminal(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(article(ESCAPES, "Text \x1b[2J mit Folgen \x85"))
    for options in ([], ["--json"]):
        done = scrapy("look", page, *options)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.out + done.err)


@pytest.mark.parametrize(
    "topic", ["../x", "..", ".", "a/b", "a\\b", "%2e%2e", "a:b", "a\0b", "\x1b"]
)
def test_a_topic_with_a_path_trick_is_refused(topic: str) -> None:
    with pytest.raises(WrongArgumentError, match="is no tag"):
        Arguments.read(topic=topic)


def test_a_page_that_names_another_site_as_its_own_keeps_its_address(
    crawl: Crawl, site: Site, output: Path
) -> None:
    page = article("Fremd").replace("https://winfuture.de/news,", "https://a.example/news,")
    laid_out(site, {156000: (page, {})})
    assert crawled(crawl, site).code == 0
    assert {r["url"] for r in records(output, "winfuture")} == {
        URL.format(155000),
        URL.format(156000),
    }


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_page_that_says_it_is_another_listed_article_makes_no_history_of_it(
    is_listed: bool, crawl: Crawl, site: Site, output: Path
) -> None:
    """Also when that article has left the listing since."""
    laid_out(
        site,
        {
            156000: (article("Falsch", "Ein falscher Text.", number=156001), {}),
            156001: (article("Richtig", "Der richtige Text.", number=156001), {}),
        },
    )
    for run in range(3):
        listed = (155000, 156000) if run and not is_listed else (155000, 156000, 156001)
        links = "".join(f'<a href="/news,{n}.html">x</a>' for n in listed)
        site.lay("https://winfuture.de/special/huawei/", f"<html>{links}<p>{run}</html>")
        done = crawled(crawl, site)
        assert (done.code, "1 duplicate" in done.last_line) == (0, True)
    (found,) = [r for r in records(output, "winfuture") if r["id"] == "winfuture:156001"]
    assert (found["headline"], found["event"]) == ("Richtig", "published")


def test_the_outcomes_are_told_in_one_table() -> None:
    told = (ROOT / "docs/hostile-input.md").read_text()
    assert told.count("\n| ") > 15
