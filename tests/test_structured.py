"""What a page says for machines, and what publishers get wrong in saying it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import structured
from crawler.html import parse

NEWS = {"@type": "NewsArticle", "headline": "Ein Titel", "keywords": ["a", "b"]}


def nodes(source: str, attributes: str = 'type="application/ld+json"') -> list[structured.Node]:
    return structured.json_ld(parse(f"<script {attributes}>{source}</script>".encode()))


@pytest.mark.parametrize(
    "source",
    [
        json.dumps(NEWS),
        json.dumps([{"@type": "Organization"}, NEWS]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, NEWS]}),
        json.dumps([{"@graph": [[NEWS]]}]),
        json.dumps({"@type": "WebPage", "mainEntity": NEWS}),
        f"<!--{json.dumps(NEWS)}-->",
        f"<!--\n{json.dumps(NEWS)}\n//-->",
        f"//<![CDATA[\n{json.dumps(NEWS)}\n//]]>",
        f"/*<![CDATA[*/{json.dumps(NEWS)}/*]]>*/",
        f"{json.dumps(NEWS)};",
        '{"@type":"NewsArticle","headline":"Ein Titel","keywords":["a","b",],}',
        '{"@type":"NewsArticle",\n"headline":"Ein Titel","t":"\nBruch\r\n","keywords":["a","b"]}',
        f"\ufeff{json.dumps(NEWS)}",
    ],
)
def test_an_article_is_found_however_it_is_wrapped(source: str) -> None:
    node = structured.article_node(nodes(source), None)
    assert (node["headline"], node["keywords"]) == ("Ein Titel", ["a", "b"])


def test_a_broken_block_costs_no_other() -> None:
    tree = parse(
        b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": "kaputt</script>'
        b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": "ganz"}</script>'
    )
    assert [node["headline"] for node in structured.json_ld(tree)] == ["ganz"]


@pytest.mark.parametrize("source", ["", "null", "7", '"x"', "[[]]", "[" * 100_000, "{" * 9999])
def test_what_holds_no_node_gives_none(source: str) -> None:
    assert nodes(source) == []


def test_nodes_without_end_are_cut_off() -> None:
    source = '{"@graph":' * 500 + "{}" + "}" * 500
    assert 1 <= len(nodes(source)) < 20


@given(st.text())
def test_no_script_raises(source: str) -> None:
    assert all(isinstance(node, dict) for node in nodes(source))


def test_of_several_articles_the_one_of_this_page_is_taken() -> None:
    url = "https://example.com/eins/"
    related: dict[str, Any] = {**NEWS, "url": "https://example.com/zwei/", "a": 1, "b": 2}
    for said in ({"url": url}, {"@id": f"{url}#article"}, {"mainEntityOfPage": {"@id": url}}):
        own = {**NEWS, **said}
        assert structured.article_node([related, own], url) is own
    assert structured.article_node([NEWS, related], url) is related, "else the one that says most"
    assert structured.article_node([{"@type": "WebPage"}], url) == {}


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("NewsArticle", {"NewsArticle"}),
        ("http://schema.org/NewsArticle", {"NewsArticle"}),
        ("schema:NewsArticle", {"NewsArticle"}),
        (["Article", "BlogPosting"], {"Article", "BlogPosting"}),
        (None, set()),
        (7, {"7"}),
    ],
)
def test_types_lose_their_prefix(said: Any, wanted: set[str]) -> None:
    assert structured.types({"@type": said}) == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("eins", ["eins"]),
        (
            ["eins", {"name": "zwei"}, {"@value": "drei"}, {}, None, 4, " "],
            ["eins", "zwei", "drei"],
        ),
        ("Q&amp;A f&#252;r M&uuml;nchen", ["Q&A für München"]),
        ("AT&T & Co", ["AT&T & Co"]),
        ("?a=1&copy=2", ["?a=1&copy=2"]),
        (None, []),
    ],
)
def test_strings(said: Any, wanted: list[str]) -> None:
    assert structured.strings(said) == wanted


def test_references_are_completed_and_loops_end() -> None:
    person = {"@id": "#1", "name": "Ji Feng", "url": "https://example.com/ji"}
    graph = [person, {"@id": "#2", "author": {"@id": "#2"}}]
    assert structured.resolve(graph, {"@id": "#1"}) == [person]
    assert structured.resolve(graph, [{"@id": "#1", "name": "Ji"}]) == [{**person, "name": "Ji"}]
    assert structured.resolve(graph, [{"@id": "#9"}, "x"]) == [{"@id": "#9"}, "x"]
    assert structured.resolve(graph, {"@id": "#2"}) == [graph[1]]


def test_meta_tags_by_lower_case_name_in_order() -> None:
    tree = parse(
        b'<meta property="article:tag" content="a"><meta property="Article:Tag" content=" b ">'
        b'<meta name="DC.date.issued" content="2026-01-01"><meta name="leer" content=" ">'
        b'<meta http-equiv="x" content="y"><meta name="ohne">'
    )
    assert structured.meta(tree) == {"article:tag": ["a", "b"], "dc.date.issued": ["2026-01-01"]}


def test_links_by_each_of_their_rels() -> None:
    tree = parse(
        b'<link rel="Canonical shortlink" href="/a"><link rel="next"><a rel="next" href="/b">'
    )
    assert structured.links(tree) == {"canonical": ["/a"], "shortlink": ["/a"]}


MICRODATA = """
<div itemscope itemtype="http://schema.org/WebPage"><b itemprop="headline">der Seite</b></div>
<article itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="name headline">Ein  <i>Titel</i></h1>
<div itemprop="author" itemscope itemtype="https://schema.org/Person">
<a itemprop="url" href="/ji"><span itemprop="name">Ji Feng</span></a></div>
<time itemprop="datePublished" datetime="2018-03-21">gestern</time>
<meta itemprop="dateModified" content="2018-03-22">
<img itemprop="image" src="/a.jpg">
<div itemprop="publisher" itemscope itemtype="https://schema.org/Organization"></div>
</article>
<span itemprop="keywords">ohne Bereich</span>
"""


def test_microdata_of_the_article_and_of_no_other_item() -> None:
    assert structured.microdata(parse(MICRODATA.encode())) == {
        "name": ["Ein Titel"],
        "headline": ["Ein Titel"],
        "author": ["Ji Feng"],
        "datePublished": ["2018-03-21"],
        "dateModified": ["2018-03-22"],
        "image": ["/a.jpg"],
        "keywords": ["ohne Bereich"],
    }
