"""Bytes to tree, tree to paragraphs."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from crawler.charset import encoding
from crawler.html import css, line, paragraphs, parse, xpath

MARKUP = st.text(st.sampled_from("<>/=\"' \x00&;#abp\u00adü")) | st.text()


def body(html: str) -> list[str]:
    return [" ".join(part.text.split()) for part in paragraphs(parse(html.encode()))]


# --- bytes to tree --------------------------------------------------------------------------

LATIN, UTF_8 = "text/html; charset=iso-8859-1", "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("content", "content_type", "wanted"),
    [
        ("Größe".encode(), None, "utf-8"),
        ("Größe".encode(), LATIN, "utf-8"),
        ("Größe".encode("latin-1"), None, "iso-8859-1"),
        ("Größe".encode("latin-1"), UTF_8, "iso-8859-1"),
        ("Größe – ja".encode("cp1252"), LATIN, "windows-1252"),
        ("<meta charset=iso-8859-1>„Größe“".encode("cp1252"), None, "windows-1252"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', None, "koi8-r"),
        (codecs.BOM_UTF8 + "Größe".encode(), LATIN, "utf-8"),
        (codecs.BOM_UTF16_LE + "Größe".encode("utf-16-le"), None, "utf-16-le"),
        (b"<meta charset=unsinn>", None, "utf-8"),
        (("Größe " * 20).encode() + b"\xf0\x9f", UTF_8, "utf-8"),
        (("Größe " * 20).encode() + b"\xf0\x9f", None, "utf-8"),
        (b"", None, "utf-8"),
    ],
)
def test_the_bytes_have_the_last_word_on_the_encoding(
    content: bytes, content_type: str | None, wanted: str
) -> None:
    assert encoding(content, content_type) == wanted


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("content_type", [None, LATIN, UTF_8])
def test_letters_survive_whatever_is_said(charset: str, content_type: str | None) -> None:
    content = "<p>Größe „gut“ – 5 €</p>".encode(charset)
    assert line(parse(content, content_type)) == "Größe „gut“ – 5 €"


def test_half_a_letter_costs_no_other() -> None:
    content = "<p>Grüße aus Köln, schöne Übersicht</p><p>".encode() + b"\xf0\x9f</p><p>Ende</p>"
    assert "Grüße aus Köln, schöne Übersicht" in line(parse(content))
    assert line(parse(content)).endswith("Ende")


@given(st.binary())
def test_any_bytes_give_a_tree(content: bytes) -> None:
    assert parse(content).tag
    assert parse(content, LATIN).tag


@given(MARKUP)
def test_any_markup_gives_a_tree_and_paragraphs(html: str) -> None:
    tree = parse(html.encode(errors="replace"))
    assert all(part.text.strip() for part in paragraphs(tree))


@pytest.mark.parametrize("tag", ["div", "b", "ul", "table", "a"])
def test_deep_nesting_is_read(tag: str) -> None:
    html = f"<p>Anfang</p>{f'<{tag}>' * 5000}tief"
    assert line(parse(html.encode())).startswith("Anfang")


@pytest.mark.parametrize("content", [b"", b" ", b"\0", b"<", b"<!-- nur Kommentar -->", b"<?xml?>"])
def test_what_holds_no_markup_is_an_empty_page(content: bytes) -> None:
    assert line(parse(content)) in {"", "<"}


def test_nul_bytes_end_nothing() -> None:
    assert line(parse(b"<p>vor\0her</p>\0<p>nachher</p>")) == "vorher nachher"


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_bytes_without_a_meaning_end_nothing(byte: int) -> None:
    content = "<p>Größe – vor".encode("cp1252") + bytes([byte]) + b"</p><p>nach</p>"
    assert line(parse(content, LATIN)).endswith("nach")


# --- tree to paragraphs ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("eins<br/><br/>zwei", ["eins", "zwei"]),
        ("eins<br/>\n&nbsp;<br>zwei", ["eins", "zwei"]),
        ("eins<br/><script>x</script><br/>zwei", ["eins", "zwei"]),
        ("eins<br/>zwei", ["eins zwei"]),
        ("eins<h2>zwei</h2>drei<br/><br/>", ["eins", "zwei", "drei"]),
        ("<b>eins<br/><br/>zwei</b>", ["eins", "zwei"]),
        ("<p>eins<span>zwei</span> <i>drei</i></p>", ["einszwei drei"]),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>d", ["a", "b", "c", "d"]),
        ("<blockquote><p>a</p><cite>b</cite></blockquote>", ["a", "b"]),
        ("<dl><dt>a</dt><dd>b</dd></dl>", ["a", "b"]),
        ("<table><tr><th>a</th><td>b<br>c</td></tr></table>", ["a b c"]),
        ("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", ["a b"]),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", ["a", "b"]),
        (
            "<figure><table><tr><td>a</td></tr></table><figcaption>b</figcaption></figure>c",
            ["a", "c"],
        ),
        ("a<figure><img><figcaption>b</figcaption></figure>c", ["a", "c"]),
        ('a<a href="x"><img>b</a> c', ["a", "c"]),
        ("a<svg><text>b</text></svg>c", ["ac"]),
        ("a<iframe>b</iframe>c<form>d</form>e<nav>f</nav>", ["a", "c", "e"]),
        ('gut <img class="wp-smiley" alt=":)">!', ["gut :)!"]),
        ('gut <img alt="kein Text">!', ["gut !"]),
        ("a<noscript>b</noscript><style>c</style>d", ["ad"]),
        ("Wort&shy;teil&#173;chen", ["Wort\u00adteil\u00adchen"]),
        ("<p> \n&nbsp;</p>", []),
    ],
)
def test_paragraphs(html: str, wanted: list[str]) -> None:
    assert body(f"<div>{html}</div>") == wanted


def test_a_paragraph_tells_its_links_and_bold_type() -> None:
    html = '<p><b>Siehe: <a href="/a">eins</a></b>, <a href="/b">zwei</a></p>'
    (part,) = paragraphs(parse(html.encode()))
    assert (part.links, part.linked, part.bold, part.weight) == (["/a", "/b"], 8, 9, 13)
    assert (part.tag, part.list_) == ("p", None)


def test_text_cut_short_by_a_heading_is_none() -> None:
    parts = paragraphs(parse(b"<div>eins<h2>zwei</h2>drei</div>"))
    assert [part.tag for part in parts] == ["", "h2", "div"]


def test_what_is_skipped_divides_and_leaves_what_follows() -> None:
    tree = parse(b"<div>eins<div class=x>weg</div>zwei<script>y</script>drei</div>")
    assert [part.text for part in paragraphs(tree, css(".x")(tree))] == ["eins", "zweidrei"]


def test_searches_in_order_of_preference() -> None:
    tree = parse(b"<i>1</i><b>2</b><u>3</u>")
    assert [found.text for found in css("s", "b", "i")(tree)] == ["2"]
    assert [found.text for found in css("b, i")(tree)] == ["1", "2"]
    assert [found.text for found in css(xpath("//s"), "u")(tree)] == ["3"]
    assert css("s", "q")(tree) == []


@given(st.lists(st.text("ab- \t\n", max_size=6), max_size=5))
@pytest.mark.parametrize("selector", [".a", "p.ab", ".a.b", "[rel~=a]", ".a-b, .b", "[class~='']"])
def test_css_finds_what_the_library_finds(selector: str, values: list[str]) -> None:
    tree = etree.Element("div")
    for value in values:
        etree.SubElement(tree, "p", {"class": value, "rel": value})
    by_library = etree.XPath(HTMLTranslator().css_to_xpath(selector))
    assert css(selector)(tree) == by_library(tree)
