"""Pages made to harm: what `docs/hostile-input.md` promises of each, at the page classes.

Where a bound keeps work from growing with the square of a page, the test holds a page for which
that square would be a matter of many minutes.
"""

import json
from typing import Any

import pytest

from crawler import normalise
from crawler.items import Article
from crawler.normal_form import normalised
from crawler.pages import ArticlePage, TagPage, disputed_dates
from crawler.problems import problems
from crawler.spiders.mobiflip import MobiflipArticlePage, MobiflipTagPage
from crawler.spiders.winfuture import WinfutureArticlePage, WinfutureTagPage

SITES: list[tuple[type[ArticlePage], str]] = [
    (WinfutureArticlePage, "https://winfuture.de/news,156000.html"),
    (MobiflipArticlePage, "https://www.mobiflip.de/mate/"),
]
LISTINGS: list[tuple[type[TagPage], str]] = [
    (WinfutureTagPage, "https://winfuture.de/special/huawei/"),
    (MobiflipTagPage, "https://www.mobiflip.de/thema/huawei/"),
]
MANY = 50_000
DATED = '<meta property="article:published_time" content="2026-01-15T21:10:00+01:00">'


def html(text: str = "Ein Satz.", head: str = "", headline: str = "Titel") -> str:
    box = f'<div id="news_content"><div id="content-main">{text}</div></div>'
    return f'<head>{DATED}{head}</head><h1 class="entry-title">{headline}</h1>{box}'


def ld(source: str) -> str:
    return f'<script type="application/ld+json">{source}</script>'


def said(content: str | bytes, content_type: str | None = None) -> list[Article]:
    """What both sites' page classes make of a page."""
    body = content if isinstance(content, bytes) else content.encode(errors="replace")
    found = []
    for kind, url in SITES:
        page = kind(body, url, content_type)
        disputed_dates(page)
        article = normalised(page.to_article("winfuture", "huawei"))
        found.append(article)
        json.dumps(problems(article)).encode()
        str(article).encode()  # no half of a surrogate pair in any field
    return found


def nested(tag: str, inner: str, depth: int = 1000) -> str:
    return f"<{tag}>" * depth + inner


@pytest.mark.parametrize("tag", "div b span a ul p table li blockquote i object figure".split())
def test_text_below_100_000_levels_is_not_reached_and_the_rest_is(tag: str) -> None:
    for article in said(html(f"<p>Anfang</p><{tag}>" + f"<{tag}>" * 100_000 + "tief")):
        assert article.headline == "Titel"
        assert article.article_body.startswith("Anfang")


@pytest.mark.parametrize("source", ["[" * 100_000, '{"a":' * 100_000, "[" * 10**5 + "]" * 10**5])
def test_json_of_100_000_levels_is_passed_over(source: str) -> None:
    for article in said(html(head=ld(source) + ld('{"@type":"Article","keywords":"Mate"}'))):
        assert (article.headline, article.keywords) == ("Titel", ["Mate"])


@pytest.mark.parametrize(
    "page",
    [
        html('<p class="' + "x " * 2_000_000 + '">Ein Satz.</p>'),
        html('<p id="' + "x" * 9_000_000 + '">Ein Satz.</p>'),
        html(f'<img src="data:image/png;base64,{"x" * 5_000_000}">Ein Satz.'),
        html(f'<a href="https://a.example/{"x" * 5_000_000}">Ein Satz.</a> Ja.'),
        html(head='<meta name=author content="Ji Feng und Ulla Kern">' * 5000),
        html(head=f'<meta name=author content="A{" " * 200_000}B">'),
        html("<table><tr>" + "<td>x</td>" * MANY + "</table>"),
        html(("<b>" + "x" * 70 + "</b>y") * 20_000),
        html("x<br>" * MANY),
        html("<p>Siehe auch:</p>" * 10_000 + "Ein Satz."),
        html(
            head=ld("[" + ",".join('{"@id":"a","author":{"@id":"a"}}' for _ in range(9999)) + "]")
        ),
        html(head=ld("<!--" * MANY) + ld('{"a":' + ", " * MANY)),
        f"<head>{DATED}</head>" + nested("h1", "<i> </i>" * 20_000),
        f"<head>{DATED}</head>" + nested("article class=entry-content", "<i></i>" * 20_000),
        f"<head>{DATED}</head>" + "<article><i></i></article>" * MANY,
        f"<head>{DATED}</head>" + nested("div id=news_content", "<i class=x></i>" * 20_000, 500),
        f"<head>{DATED}</head>" + nested("p><object", "x<p>y" * 20_000),
        "<h1>Titel</h1>" + nested("time", "<i>x</i>" * 20_000),
        "<h1>Titel</h1>" + "<time>x</time>" * MANY,
    ],
    ids=range(19),
)
def test_no_page_costs_the_square_of_its_size(page: str) -> None:
    for article in said(page):
        assert article.id in {"winfuture:156000", "winfuture:/mate/"}


def test_a_listing_of_50_000_links_names_each_once() -> None:
    links = "".join(
        f'<li class=infinite-post><a href="/news,{n}.html">x</a><a href="/a-{n}/">y</a></li>'
        for n in range(1, MANY + 1)
    )
    for kind, url in LISTINGS:
        assert len(kind(f"<ul>{links}{links[:500]}</ul>".encode(), url).articles) == MANY


@pytest.mark.parametrize(
    "page",
    [
        "<div class=pagination><b>1</b>" * 20_000,
        "<div class=pagination>" + "<b>1</b>" * MANY,
        nested("div class=hentry", '<a href="/thema/x">x</a>' * MANY),
        nested("div class=hentry", '<a href="/mate/">x</a>' + "<i>kurz</i>" * MANY),
    ],
    ids=range(4),
)
def test_no_listing_costs_the_square_of_its_size(page: str) -> None:
    for kind, url in LISTINGS:
        listing = kind(page.encode(), url)
        assert (len(listing.articles) <= 1, listing.next_url) == (True, None)


def test_a_headline_of_a_million_characters_is_named_as_the_flaw() -> None:
    for headline in ("x" * 1_000_000, "x " * 500_000):
        for article in said(html(headline=headline)):
            assert "headline is longer than 1,000 characters" in problems(article)
    assert not any("longer" in found for found in problems(said(html(headline="x" * 1000))[0]))


def test_one_word_of_a_megabyte_is_an_article_body() -> None:
    for article in said(html("x" * 1_000_000)):
        assert (article.word_count, len(article.article_body)) == (1, 1_000_000)


@pytest.mark.parametrize(
    "charset",
    "rot13 undefined zlib base64 hex idna punycode unicode_escape utf-7 utf-16 utf-32 mac-roman "
    "x-user-defined iso-2022-kr cp037 quopri replacement".split(),
)
def test_a_charset_that_cannot_be_true_is_passed_over(charset: str) -> None:
    page = html("Grüße aus Köln", headline="Größe")
    if charset == "utf-7":  # libxml2 knows it, so what it makes of umlauts is the page's fault
        page = html("Gruss", headline="Grosses")
    for head, header in (
        (f"<meta charset={charset}>", None),
        ("", f"text/html; charset={charset}"),
    ):
        for article in said(head.encode() + page.encode(), header):
            assert article.headline.startswith("Gr")
            assert not problems_of_text(article)


def problems_of_text(article: Article) -> list[str]:
    return [*normalise.flaws(article.headline), *normalise.flaws(article.article_body)]


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("\x1b[31mRot\x1b[0m und \x1b[1;4mfett", "Rot und fett"),
        ("\x1b]0;Titel\x07Neu", "Neu"),
        ("\x1b]8;;https://a.example\x1b\\Verweis\x1b]8;;\x1b\\", "Verweis"),
        ("\x1b[2J\x1b[H\x1bcLeer", "Leer"),
        ("\x1bP1;2|x\x1b\\Mate", "Mate"),
        ("\x1b]0;ohne Ende", "0;ohne Ende"),
        ("\x1b\x1b[31mdoppelt", "doppelt"),
        ("[31m steht da", "[31m steht da"),
        ("Mate \u202e05 orP\u202c", "Mate 05 orP"),
        ("\u2066a\u2069\u200b\u200eb", "ab"),
        ("👩\u200d👧 da", "👩👧 da"),
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("+49 Euro", "+49 Euro"),
    ],
)
def test_text_keeps_nothing_that_acts(printed: str, wanted: str) -> None:
    assert normalise.text(printed) == wanted
    head = ld(json.dumps({"@type": "NewsArticle", "headline": printed}))
    (article, _) = said(f"<head>{DATED}{head}</head><div id=news_content>Text</div>")
    assert article.headline == wanted


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("0000-01-01", None),
        ("0001-01-01", None),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00"),
        ("32.13.2026", None),
        ("30.02.2026", None),
        ("1.1.2026 24:00", None),
        ("2026-01-01T24:00:00", None),
        ("1768507800", None),
        ("1768507800000", None),
        ("9" * 5000, None),
        ("Mon, 99999999999999999999 Jan 2026 10:00:00 +0000", None),
        ("Mon, 1 Jan 99999999999999999999 10:00:00 +0000", None),
        ("2026-01-15T21:10:00+25:00", None),
        ("2026-01-15T21:10:00+00:00:30", None),
        ("١٥.٠١.٢٠٢٦ ٢١:١٠", "2026-01-15T21:10:00+01:00"),
        ("２０２６-０１-１５", None),
        ("morgen", None),
        (f"15.01.2026{' ' * 10**6}", "2026-01-15T00:00:00+01:00"),
        (f"{'x' * 10**6} 15.01.2026", None),
        ("2026-01-15\ud800", "2026-01-15T00:00:00+01:00"),
    ],
)
def test_dates_in_every_wrong_form(printed: str, wanted: str | None) -> None:
    assert normalise.date(printed) == wanted


WRONG: list[Any] = [
    7,
    1.5,
    True,
    None,
    [],
    {},
    [[]],
    [[["x"]]],
    {"@id": {}},
    {"@id": "#a"},
    "\ud800",
]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_wrong_types_in_json_ld_cost_nothing_else(value: Any) -> None:
    names = (
        "@id @type url headline alternativeHeadline description articleBody author datePublished "
        "dateModified image keywords articleSection inLanguage mainEntityOfPage mainEntity @graph "
        "isAccessibleForFree hasPart"
    ).split()
    for name in names:
        node = {"@type": "NewsArticle", "@id": "#a", name: value}
        for article in said(html(head=ld(json.dumps({"@graph": [node, node]})))):
            assert article.headline == "Titel"
            assert article.article_body == "Ein Satz."


def test_a_graph_that_names_itself_ends() -> None:
    one = {
        "@id": "#a",
        "@type": "NewsArticle",
        "author": {"@id": "#b"},
        "mainEntity": {"@id": "#b"},
    }
    two = {"@id": "#b", "@type": "Person", "author": {"@id": "#a"}, "name": {"@id": "#b"}}
    for article in said(html(head=ld(json.dumps({"@graph": [one, two]})))):
        assert article.headline == "Titel"


def test_of_a_key_given_twice_the_last_counts() -> None:
    source = '{"@type":"NewsArticle","keywords":"eins","keywords":"zwei"}'
    assert [article.keywords for article in said(html(head=ld(source)))] == [["zwei"], ["zwei"]]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "..%2f..%2fetc", "%2e%2e", "..\\..\\x", "a\x00b", "~root", "CON"]
)
def test_no_path_trick_reaches_an_id(path: str) -> None:
    canonical = f'<link rel=canonical href="https://www.mobiflip.de/{path}/">'
    for article in said(html(head=canonical)):
        assert ".." not in article.id.replace("%2e", "").replace("..%2f", "")
        assert "\\" not in article.id
        assert "\0" not in article.id
