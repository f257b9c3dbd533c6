"""The rules that part an article from its page, one small body at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import html
from crawler.pages import ArticlePage, ArticleUrl, TagPage, page

URL = "https://example.com/eins/"
ARTICLE_URL = ArticleUrl(
    hosts=frozenset({"example.com"}), forms={r"/(?P<path>[a-z]+)/": "https://example.com/{path}/"}
)


class ExampleArticlePage(ArticlePage):
    ARTICLE_URL = ARTICLE_URL
    LEAD = html.css(".lead")
    SUMMARY = html.css(".summary")
    NOT_BODY = frozenset({"box"})


class ExampleTagPage(TagPage):
    ARTICLE_URL = ARTICLE_URL
    ENTRIES = html.css("li", "a[href]")


def read(content: str, head: str = "") -> ExampleArticlePage:
    return ExampleArticlePage(f"<head>{head}</head>{content}".encode(), URL)


def body(inner: str) -> list[str] | None:
    return read(f"<h1>Titel</h1><article>{inner}</article>").article_body


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        # What leads elsewhere goes, with its title; what only mentions stays.
        ("<p>a</p><p>Siehe auch: <a href='/zwei/'>zwei</a></p>", ["a"]),
        ("<p>a</p><p>Siehe auch:</p><ul><li><a href='/zwei/'>zwei</a></li></ul>", ["a"]),
        ("<p>a</p><p>Siehe auch:</p><p><a href='/zwei/'>zwei</a></p>", ["a"]),
        ("<p>a</p><p>Siehe auch:</p>", ["a"]),
        ("<p>a</p><p><b>Download:</b> <a href='/zwei/'>zwei</a></p>", ["a"]),
        (
            "<h2>Bilder zeigen das Mate</h2><p><a href='/z/'>alle</a></p><p>a</p>",
            ["Bilder zeigen das Mate", "a"],
        ),
        ("<p>a</p><p><b>Video beweist nun alles</b></p>", ["a", "Video beweist nun alles"]),
        (
            "<p>a</p><h2>Mehr dazu</h2><ul><li><a href='/zwei/'>Zwei Uhren</a> (alt)</li></ul>",
            ["a"],
        ),
        ("<p>a</p><b>Was meint ihr?</b><ul><li><a href='/z/'>z</a></li></ul>", None),
        ("<p>a</p><p>→ <a href='/zwei/'>zwei</a></p>", ["a"]),
        ("<p>Er sah <a href='/zwei/'>zwei</a>.</p>", ["Er sah zwei."]),
        ("<p>Quelle: <a href='https://a.example/'>Blog</a></p>", ["Quelle: Blog"]),
        ("<p>[via <a href='https://a.example/'>Blog</a>]</p>", ["[via Blog]"]),
        ("<p><a href='https://a.example/'>Zur Studie des Instituts</a></p>", None),
        ("<h2><a href='/zwei/'>Titel</a></h2><p>a</p>", ["Titel", "a"]),
        ("<p>Mehr zu Huawei weiß <a href='/zwei/'>die Kollegin</a> aus Wien.</p>", None),
        ("<ul><li><a href='/thema/a'>A</a></li><li><a href='/thema/b'>B</a></li></ul>", ["A", "B"]),
        ("<ul><li><a href='/zwei/'>A</a></li><li>B</li></ul>", ["A", "B"]),
        ("<p>a</p><p><a href='https://s.example/'>-> Zum Angebot bei Shop *</a></p>", ["a"]),
        ("<p>a</p><p><a class='button' href='https://s.example/'>Los</a></p>", ["a"]),
        ("<p>a</p><p><a href='http://[::1'>kaputt</a></p>", ["a", "kaputt"]),
        # What themes and plug-ins add goes by its names, a word in the text stays.
        ("<p>a</p><div class='jp-relatedposts'>b</div>", ["a"]),
        ("<p>a</p><div id='ez-toc-container'>b</div>", ["a"]),
        ("<p>a</p><div class='ad-slot'>b</div><p class='adresse'>c</p>", ["a", "c"]),
        ("<p>a <a class='sponsored' href='https://s.example/'>b</a> c</p>", ["a b c"]),
        ("<p>a</p><p hidden>b</p><p style='Display: None'>c</p>", ["a"]),
        ("<header>a</header><p>b</p><footer>c</footer>", ["b"]),
        ("<p>a</p><div class='box'>b</div><p>c</p>", ["a", "c"]),
        ("<p class=lead>a</p><p>b</p><div class=summary><ul><li>c</li></ul></div>", ["b"]),
        ("<p>a</p><p>Anzeige</p><p>b</p>", ["a", "b"]),
    ],
)
def test_the_body(inner: str, wanted: list[str] | None) -> None:
    if wanted is None:  # all of it is text, but for a list of links
        tree = html.parse(inner.encode())
        wanted = [html.line(part) for part in tree.iter("p", "b")]
    assert body(inner) == wanted


@given(st.text(st.sampled_from("<>/apbul=' .:\u00ad&") | st.characters(codec="utf-8")))
def test_no_body_raises_and_each_paragraph_is_clean(inner: str) -> None:
    for paragraph in body(inner) or []:
        assert paragraph == " ".join(paragraph.split())
        assert "\u00ad" not in paragraph


def test_a_headline_inside_the_body_is_not_said_twice() -> None:
    page = read("<article><h1>Titel</h1><p>a</p><h1>Teil zwei</h1><p>b</p></article>")
    assert (page.headline, page.article_body) == ("Titel", ["a", "Teil zwei", "b"])


def test_an_unknown_page_is_read_where_it_is_densest() -> None:
    page = read("<div><p>Kurz</p></div><div><p>Der lange Text.</p><p>Noch einer.</p></div>")
    assert page.article_body == ["Der lange Text.", "Noch einer."]


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("<meta property=og:title content='Ein Titel - Example'>", "Ein Titel"),
        ("<title>Ein Titel - mit Strich | example.com</title>", "Ein Titel - mit Strich"),
        ("<title>Mate - Huaweis Neues</title>", "Mate - Huaweis Neues"),
        ("<title></title>", None),
    ],
)
def test_a_shared_title_loses_the_name_of_the_site(head: str, wanted: str | None) -> None:
    assert read("<p>a</p>", head).headline == wanted


@pytest.mark.parametrize(
    ("byline", "wanted"),
    [
        ("Ji Feng und Ulla Kern", ["Ji Feng", "Ulla Kern"]),
        ("Ji Feng, Ulla Kern & Max Ott", ["Ji Feng", "Ulla Kern", "Max Ott"]),
        ("Redaktion, dpa", ["Redaktion, dpa"]),
        ("Bundy Lund", ["Bundy Lund"]),
    ],
)
def test_bylines_are_divided_between_full_names(byline: str, wanted: list[str]) -> None:
    page = read("<p>a</p>", f"<meta name=author content='{byline}'>")
    assert [author.name for author in page.authors or []] == wanted


def test_sources_are_told_and_each_answer_is_found_once() -> None:
    page = read(
        "<h1>Titel</h1><p>a</p>",
        "<meta property=article:section content=News>"
        '<script type="application/ld+json">{"@type":"Article","datePublished":"unklar"}</script>'
        "<meta property=article:published_time content=2026-01-01>",
    )
    assert (page.headline, page.article_section, page.date_published, page.date_modified) == (
        *("Titel", "News", "2026-01-01"),
        None,
    )
    assert page.sources == {
        "headline": "visible",
        "article_section": "meta",
        "date_published": "meta",
    }


@pytest.mark.parametrize("section", ["Advertorial", "Deals", "Sponsored Post", " anzeige "])
def test_what_is_filed_under_advertising_is_advertising(section: str) -> None:
    head = f"<meta property=article:section content='{section}'>"
    assert read("<p>a</p>", head).is_advertisement
    assert not read(
        "<p>a</p>", "<meta property=article:section content=Werbung-Recht>"
    ).is_advertisement


def test_a_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    monkeypatch.setattr(page, "parse", lambda *args: parsed.append(1) or html.parse(*args))
    article = read("<h1>Titel</h1><article><p>a</p></article>")
    article.to_article("example", "huawei")
    assert parsed == [1]


# --- tag pages ------------------------------------------------------------------------------


def tag_page(content: str, url: str = "https://example.com/thema/a/") -> ExampleTagPage:
    return ExampleTagPage(content.encode(), url)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("<link rel=next href='/n/2/'>", "/n/2/"),
        ("<a rel='nofollow next' href='/n/2/'>x</a>", "/n/2/"),
        ("<a class='page next' href='?page=2'>x</a>", "/thema/a/?page=2"),
        ("<a rel=prev href='/n/0/'>x</a>", None),
        ("<a rel=next href='https://example.com/thema/a/#top'>x</a>", None),
        ("<a rel=next href='javascript:x'>x</a><a rel=next href='/n/2/'>x</a>", "/n/2/"),
        ("<div class=pagination><b>1</b> <a href='/n/2/'>2</a></div>", "/n/2/"),
        ("<p class=pagination><a href='/n/1/'>1</a> <b>2</b> <i>…</i></p>", None),
        (
            "<ul class=pagination><li class=current>1</li><li><a href='/n/2/'>2</a></li></ul>",
            "/n/2/",
        ),
        ("<div class=pagination><a class=current>1</a><a href='/n/2/'>2</a></div>", None),
        ("<nav class=nav-links><a href='/n/2/'>Ältere Beiträge</a></nav>", "/n/2/"),
        ("<nav class=nav-links><a href='/n/0/'>Neuere Beiträge</a></nav>", None),
        ("<p><b>1</b> <a href='/n/2/'>2</a></p>", None),
    ],
)
def test_the_next_page(content: str, wanted: str | None) -> None:
    assert tag_page(content).next_url == (wanted and f"https://example.com{wanted}")


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("<a href='/zwei/'>x</a> <i>21.03.18 | Ji</i>", "2018-03-21T00:00:00+01:00"),
        (
            "<h2><a href='/zwei/'>Start am 1.1.2026</a></h2><i>2.1.2026</i>",
            "2026-01-02T00:00:00+01:00",
        ),
        (
            f"<p>Am 1.1.2026 {'sehr ' * 20}</p><a href='/zwei/'>x</a><p>2.1.2026</p>",
            "2026-01-02T00:00:00+01:00",
        ),
        (
            "<time datetime='2026-01-03T10:00:00Z'>gestern</time><a href='/zwei/'>1.1.2026</a>",
            "2026-01-03T10:00:00+00:00",
        ),
        ("<a href='/zwei/'>x</a>", None),
    ],
)
def test_the_date_of_an_entry_is_not_one_it_speaks_of(entry: str, wanted: str | None) -> None:
    listing = tag_page(f"<ul><li>{entry}</li></ul>")
    assert listing.articles == {"https://example.com/zwei/": wanted}


def test_entries_without_an_article_are_passed_over() -> None:
    listing = tag_page(
        "<li><a href='https://werbung.example/'>Anzeige</a></li><li>nichts</li>"
        "<li><a name=x></a><a href='/thema/1'>x</a><a href='/zwei/?utm_source=a#b'>x</a></li>"
        "<li><a href='http://example.com/zwei/'>noch einmal</a> 1.1.2026</li><li></li>"
    )
    assert listing.articles == {"https://example.com/zwei/": "2026-01-01T00:00:00+01:00"}
