"""Half an article: marked, without the paywall's own words, and a whole one never marked."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.spiders.winfuture import WinfutureArticlePage
from tests.conftest import Crawl, Site, records
from tests.test_crawl import article
from tests.test_walls import LISTING, URL, crawled, laid_out

CALL = "<p>Jetzt weiterlesen mit unserem Abo, monatlich kündbar.</p>"


def read(body: str, **said: Any) -> tuple[bool, list[str]]:
    node = {"@type": "NewsArticle", "headline": "Titel", **said}
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>' if said else ""
    content = f"{script}<h1>Titel</h1><div><div id=news_content>{body}</div><!-- Ende --></div>"
    page = WinfutureArticlePage(content.encode(), URL.format(156000))
    return page.is_accessible_for_free, page.article_body or []


@pytest.mark.parametrize("no", [False, "False", "false", "https://schema.org/False", ["False"]])
def test_schema_org_says_no_in_many_ways(no: Any) -> None:
    assert read("<p>Ein Satz.</p>", isAccessibleForFree=no) == (False, ["Ein Satz."])


@pytest.mark.parametrize("yes", [True, "True", None, "nein", 0, [], {"@id": "x"}])
def test_whatever_else_it_says_is_no_no(yes: Any) -> None:
    assert read("<p>Ein Satz.</p>", isAccessibleForFree=yes) == (True, ["Ein Satz."])


def test_microdata_says_no_too() -> None:
    body = '<meta itemprop="isAccessibleForFree" content="False"><p>Ein Satz.</p>'
    assert read(body) == (False, ["Ein Satz."])


@pytest.mark.parametrize(
    ("selector", "kept"),
    [
        (".paid", ["Frei."]),
        (".other, #rest", ["Frei."]),
        ([".paid"], ["Frei."]),
        ("div > .paid", ["Frei.", "Bezahlt."]),  # no search engine reads more than a name
        ("*", ["Frei.", "Bezahlt."]),
        (7, ["Frei.", "Bezahlt."]),
    ],
)
def test_a_part_named_as_not_free_is_left_out(selector: Any, kept: list[str]) -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": selector}
    body = '<p>Frei.</p><div class="paid" id="rest"><p>Bezahlt.</p></div>'
    assert read(body, isAccessibleForFree=False, hasPart=part) == (False, kept)
    assert read(body, isAccessibleForFree=False, hasPart=[7, part]) == (False, kept)


@pytest.mark.parametrize(
    "name", ["paywall", "c-paywall-box", "steady-paywall", "piano-offer", "aboteaser", "plus_box"]
)
def test_a_paywall_in_the_text_or_behind_it_marks_the_article(name: str) -> None:
    box = f'<div class="{name}">{CALL}</div>'
    assert read(f"<p>Ein Satz.</p>{box}") == (False, ["Ein Satz."])
    assert read(f"<p>Ein Satz.</p></div>{box}<div>") == (False, ["Ein Satz."])
    assert read(f"<p>Ein Satz.</p></div></div>{box}<div><div>") == (False, ["Ein Satz."])


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('<div class="paywall"><p>Ein Satz.</p></div>', ["Ein Satz."]),
        (f'<div class="paywall"><p>{"Ein Abo kostet Geld. " * 50}</p></div>', None),
        ("<p>Huawei führt eine Paywall ein: Jetzt weiterlesen nur mit Abo.</p>", None),
        ('<p class="premium-phone">Das Abo kostet 5 Euro.</p>', None),
        ('<p>Ein Satz.</p><form class="newsletter">Abonnieren</form>', ["Ein Satz."]),
    ],
)
def test_an_article_that_names_or_frames_itself_so_is_whole(
    body: str, kept: list[str] | None
) -> None:
    is_free, found = read(body)
    assert is_free
    assert found == kept or (kept is None and len(found) == 1)


def test_half_an_article_reaches_the_feed_as_such(crawl: Crawl, site: Site, output: Path) -> None:
    laid_out(site, {})
    box = f'<div class="paywall">{CALL}</div>'
    site.lay(URL.format(155001), article("Halb", f"Der freie Teil.{box}", number=155001))
    site.lay(LISTING, '<a href="/news,155000.html">x</a><a href="/news,155001.html">x</a>')
    assert crawled(crawl, site).code == 0
    found = {
        r["id"]: (r["is_accessible_for_free"], r["article_body"])
        for r in records(output, "winfuture")
    }
    assert found["winfuture:155001"] == (False, "Der freie Teil.")
    assert found["winfuture:155000"][0]


def test_that_an_article_is_free_no_more_is_no_update_in_itself(
    crawl: Crawl, site: Site, output: Path
) -> None:
    laid_out(site, {})
    crawled(crawl, site, NOW="2026-01-15T21:00:00Z")
    node = '{"@type": "Article", "isAccessibleForFree": false}'
    said = f'<script type="application/ld+json">{node}</script>'
    page = article("Artikel 155000", "Satz 155000.", number=155000).replace(
        "</head>", f"{said}</head>"
    )
    site.lay(URL.format(155000), page)
    done = crawled(crawl, site, NOW="2026-01-16T22:00:00Z")
    assert "1 unchanged" in done.last_line
    assert len(records(output, "winfuture")) == 1
