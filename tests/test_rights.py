"""What a site declares and what follows: the readers never raise, the excerpt never grows."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Article, Evidence, Image, Rights
from crawler.rights import (
    Keep,
    Page,
    Policy,
    TdmFile,
    cut,
    found,
    kept,
    kinds,
    may_archive,
    tdm_file,
    usage_lines,
    words,
)
from tests.conftest import ROOT

URL = "https://winfuture.de/news,156000.html"
FILE = "https://winfuture.de/.well-known/tdmrep.json"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
US = {"*", "crawler"}


def file_of(*rules: dict[str, Any]) -> TdmFile:
    return tdm_file(FILE, 200, json.dumps(rules).encode())


def rule(location: str, reserved: object = 1, **more: str) -> dict[str, Any]:
    return {"location": location, "tdm-reservation": reserved} | more


# --- tdmrep.json ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/news,1.html", True),
        ("/news", "/news,1.html", True),
        ("/News", "/news,1.html", False),
        ("/news,1.html$", "/news,1.html", True),
        ("/news$", "/news,1.html", False),
        ("/*.html$", "/news,1.html", True),
        ("/*.html$", "/news,1.html?x=1", False),
        ("/*.htm$", "/news,1.html", False),
        ("*1*", "/news,1.html", True),
        ("/a*b*a$", "/aba", True),
        ("/aba*ba$", "/aba", False),
        ("/a%6Eders", "/anders", True),
        ("/caf%c3%a9", "/café", True),
        ("/foo-%24", "/foo-$", True),
        ("/foo-%2A", "/foo-*", True),
        ("/a%2Fb", "/a/b", False),
        ("/?p=1", "/?p=12", True),
        ("", "/news", False),
        ("$", "/news", False),
    ],
)
def test_locations_match_paths_as_those_of_robots_txt_do(
    location: str, path: str, matches: bool
) -> None:
    found = file_of(rule(location)).rule(f"https://winfuture.de{path}")
    assert (found is not None) is matches


def test_the_first_rule_that_matches_counts() -> None:
    rules = file_of(rule("/news", 0), rule("/", 1))
    assert [rules.rule(f"https://winfuture.de{path}") for path in ("/news,1", "/special/")] == [
        rules.rules[0],
        rules.rules[1],
    ]


@pytest.mark.parametrize(
    ("status", "content", "problem"),
    [
        (404, b"", ""),
        (410, b"", ""),
        (200, b"\n<!doctype html><p>Nichts gefunden", ""),
        (200, b"[]", ""),
        (200, b"\xef\xbb\xbf[]", ""),
        (403, b"", "the server answered 403"),
        (503, b"", "the server answered 503"),
        (200, b"", "it is not JSON"),
        (200, b"[{", "it is not JSON"),
        (200, b"[" * 100_000, "it is not JSON"),
        (200, b'"reserved"', "it holds no rules"),
        (200, b"[" + b" " * 600_000 + b"]", "it is longer than 524288 bytes"),
    ],
)
def test_an_answer_without_rules_is_none_or_unknown(
    status: int, content: bytes, problem: str
) -> None:
    assert tdm_file(FILE, status, content) == TdmFile(FILE, problem=problem)


@pytest.mark.parametrize(
    ("value", "reserved"),
    [(1, True), (0, False), ("1", True), ("0", False), *((v, None) for v in (2, True, None, 1.0))],
)
def test_a_value_that_is_neither_0_nor_1_declares_nothing(
    value: object, reserved: bool | None
) -> None:
    assert [entry.is_reserved for entry in file_of(rule("/", value)).rules] == [reserved]


def test_what_is_no_rule_is_passed_over_and_a_single_rule_needs_no_list() -> None:
    assert file_of(1, {"location": 2}, {}).rules == []  # type: ignore[arg-type]
    (only,) = tdm_file(FILE, 200, json.dumps(rule("/")).encode()).rules
    assert (only.location, only.says) == ("/", '{"location":"/","tdm-reservation":1}')


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("https://winfuture.de/tdm.json", "https://winfuture.de/tdm.json"),
        ("/tdm.html#kontakt", "https://winfuture.de/tdm.html#kontakt"),
        ("mailto:tdm@winfuture.de", None),
        ("javascript:alert(1)", None),
        ("https://[", None),
        (" ", None),
    ],
)
def test_a_policy_is_a_web_address(said: str, policy: str | None) -> None:
    assert file_of(rule("/", **{"tdm-policy": said})).rules[0].policy == policy


# --- robots words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("noindex", ["noindex"]),
        ("NoIndex, NOFOLLOW", ["noindex"]),
        ("none", ["noindex"]),
        ("all", []),
        ("index, follow, max-image-preview:large, max-snippet:-1, max-video-preview:-1", []),
        ("noarchive nosnippet", ["noarchive", "nosnippet"]),
        ("nocache", ["noarchive"]),
        ("noai, noimageai", ["noai", "noimageai"]),
        ("max-snippet: 50, noarchive", ["max-snippet:50", "noarchive"]),
        ("max-snippet:0", ["nosnippet"]),
        ("max-snippet:many", []),
        ("otherbot: noindex, noarchive", []),
        ("otherbot: noindex, crawler: noarchive", ["noarchive"]),
        ("noai, otherbot: noindex", ["noai"]),
        ("Crawler: noindex", ["noindex"]),
        ("*: noindex", ["noindex"]),
        ("unavailable_after: 25 Jun 2026 15:00:00 PST", ["unavailable_after:2026-06-25T23:00:00Z"]),
        (
            "unavailable_after: Thu, 25 Jun 2026 15:00:00 GMT, noarchive",
            ["unavailable_after:2026-06-25T15:00:00Z", "noarchive"],
        ),
        (
            "crawler: unavailable_after: 2026-06-25T15:00:00+02:00",
            ["unavailable_after:2026-06-25T13:00:00Z"],
        ),
        ("unavailable_after: 2026-06-25", ["unavailable_after:2026-06-24T22:00:00Z"]),
        ("unavailable_after: 25-Aug-2026 15:00:00 EST", ["unavailable_after:2026-08-25T20:00:00Z"]),
        ("unavailable_after: bald", []),
        ("", []),
        (",:,:", []),
    ],
)
def test_words_that_matter_are_read_in_one_form(value: str, wanted: list[str]) -> None:
    assert words(value, US) == wanted


@given(
    st.text() | st.lists(st.sampled_from("noindex none : , crawler bot max-snippet 5 -".split()))
)
def test_words_never_raise_and_read_the_same_again(value: str | list[str]) -> None:
    value = value if isinstance(value, str) else " ".join(value)
    once = words(value, US)
    assert words(", ".join(once), US) == once


# --- robots.txt -----------------------------------------------------------------------------------

ROBOTS = b"""\
User-agent: *
Content-Signal: search=yes, ai-train=no
Allow: /
content-usage : / train-ai=n  # by now

User-agent: OtherBot
User-agent: Crawler
Content-Usage: / train-ai=y
"""


@pytest.mark.parametrize(
    ("agent", "lines"),
    [
        ("crawler", ["Content-Usage: / train-ai=y"]),
        ("nobody", ["Content-Signal: search=yes, ai-train=no", "content-usage : / train-ai=n"]),
    ],
)
def test_usage_preferences_are_those_of_our_group(agent: str, lines: list[str]) -> None:
    assert usage_lines(ROBOTS, agent) == lines


def test_a_group_of_ours_without_preferences_has_none() -> None:
    assert usage_lines(ROBOTS + b"User-agent: we\nDisallow: /x\n", "we") == []


@given(st.binary(), st.text())
def test_no_answer_of_a_server_raises(content: bytes, url: str) -> None:
    usage_lines(content, "crawler")
    tdm_file(FILE, 200, content).rule(URL)
    file_of(rule(url)).rule(URL)


# --- all together ---------------------------------------------------------------------------------


def page(**said: Any) -> Page:
    return Page(url=URL, **said)


def test_nothing_declared_is_none() -> None:
    harmless = {"robots": ["index, follow"], "otherbot": ["noindex"]}
    assert found(page(metas=harmless, tdm_file=TdmFile(FILE)), "crawler") is None
    assert kinds(None) == ["nothing"]


@pytest.mark.parametrize(
    ("file", "header", "meta", "reserved"),
    [
        (1, [], [], True),
        (0, [], [], False),
        (1, ["0"], [], False),
        (1, ["0"], ["1"], True),
        (0, ["1"], ["0"], False),
        (1, ["2"], ["ja"], True),
        (None, ["0", "1"], [], True),
        (None, [], ["0"], False),
        (None, ["2"], [], None),
    ],
)
def test_meta_tags_supersede_headers_and_these_the_file(
    file: int | None, header: list[str], meta: list[str], reserved: bool | None
) -> None:
    name = "tdm-reservation"
    rights = found(
        page(
            tdm_file=None if file is None else file_of(rule("/", file)),
            headers={name: header},
            metas={name: meta},
        ),
        "crawler",
    )
    assert rights is not None
    assert rights.tdm_reserved is reserved
    assert len(rights.evidence) == (file is not None) + len(header) + len(meta)


def test_evidence_names_source_address_and_words() -> None:
    rights = found(
        page(
            tdm_file=file_of(rule("/", **{"tdm-policy": "/tdm"})),
            headers={"X-Robots-Tag": ["otherbot: noindex", "noarchive"], "Content-Usage": ["a=n"]},
            metas={"robots": ["noai"], "crawler": ["max-snippet:50"]},
            usage=["Content-Usage: / train-ai=n"],
        ),
        "crawler",
    )
    assert rights == Rights(
        tdm_reserved=True,
        tdm_policy="https://winfuture.de/tdm",
        robots=["noarchive", "noai", "max-snippet:50"],
        evidence=[
            Evidence(
                source="tdmrep.json",
                url=FILE,
                says='{"location":"/","tdm-reservation":1,"tdm-policy":"/tdm"}',
            ),
            Evidence(source="X-Robots-Tag header", url=URL, says="noarchive"),
            Evidence(source="robots meta tag", url=URL, says="noai"),
            Evidence(source="crawler meta tag", url=URL, says="max-snippet:50"),
            Evidence(source="Content-Usage header", url=URL, says="a=n"),
            Evidence(
                source="robots.txt",
                url="https://winfuture.de/robots.txt",
                says="Content-Usage: / train-ai=n",
            ),
        ],
    )
    told = ["tdm reserved", "noarchive", "noai", "max-snippet", "usage preference"]
    assert kinds(rights) == told


def test_a_file_that_cannot_be_read_is_no_permission_and_no_reservation() -> None:
    rights = found(page(tdm_file=tdm_file(FILE, 503, b"")), "crawler")
    assert rights is not None
    assert rights.tdm_reserved is None
    assert [entry.says for entry in rights.evidence] == ["the server answered 503"]


@given(st.dictionaries(st.sampled_from(["tdm-reservation", "X-Robots-Tag"]), st.lists(st.text())))
def test_evidence_is_one_short_printable_line(headers: dict[str, list[str]]) -> None:
    rights = found(page(headers=headers), "crawler")
    for entry in rights.evidence if rights else ():
        assert "\n" not in entry.says
        assert 0 < len(entry.says) <= 300
        assert "\x1b" not in entry.says


def test_the_evidence_shown_in_the_documents_is_of_the_records_form() -> None:
    text = (ROOT / "docs/rights.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    rights = msgspec.convert(json.loads(shown), Rights)
    assert msgspec.to_builtins(rights) == json.loads(shown)
    file = tdm_file(
        "https://example.com/.well-known/tdmrep.json", 200, rights.evidence[0].says.encode()
    )
    page = Page(
        url="https://example.com/news/1",
        headers={"X-Robots-Tag": ["noarchive"]},
        tdm_file=file,
    )
    assert found(page, "crawler") == rights


# --- what may be kept -----------------------------------------------------------------------------

RESERVED = Rights(tdm_reserved=True)


def said(*robots: str, **more: Any) -> Rights:
    return Rights(robots=[*robots], **more)


@pytest.mark.parametrize(
    ("rights", "content", "wanted"),
    [
        (None, "full", ("full", 300)),
        (None, "excerpt", ("excerpt", 300)),
        (None, "metadata", ("metadata", 300)),
        (Rights(tdm_reserved=False), "full", ("full", 300)),
        (Rights(), "full", ("full", 300)),
        (RESERVED, "full", ("excerpt", 300)),
        (RESERVED, "metadata", ("metadata", 300)),
        (said("noarchive"), "full", ("full", 300)),
        (said("noimageai"), "full", ("full", 300)),
        (said("nosnippet"), "full", ("metadata", 300)),
        (said("nosnippet", tdm_reserved=True), "excerpt", ("metadata", 300)),
        (said("max-snippet:1000"), "full", ("excerpt", 1000)),
        (said("max-snippet:1000", "max-snippet:900"), "full", ("excerpt", 900)),
        (said("max-snippet:1000"), "excerpt", ("excerpt", 300)),
        (said("max-snippet:1000", tdm_reserved=True), "full", ("excerpt", 300)),
        (said("max-snippet:50", tdm_reserved=True), "full", ("excerpt", 50)),
        (said("max-snippet:50"), "metadata", ("metadata", 50)),
    ],
)
def test_how_much_is_kept_follows_declarations_and_settings(
    rights: Rights | None, content: Any, wanted: tuple[str, int]
) -> None:
    assert Policy(content=content).keep(rights) == wanted
    assert Policy(obeys=False, content=content).keep(rights) == (content, 300)
    assert not Policy().forbids(rights, NOW)


@pytest.mark.parametrize(
    ("word", "is_forbidden"),
    [
        ("noindex", True),
        ("noarchive", False),
        ("unavailable_after:2026-02-01T00:00:00Z", True),
        ("unavailable_after:2026-02-01T00:00:01Z", False),
    ],
)
def test_what_must_not_be_indexed_is_not_kept_at_all(word: str, is_forbidden: bool) -> None:
    assert Policy().forbids(said(word), NOW) is is_forbidden
    assert not Policy(obeys=False).forbids(said(word), NOW)


@pytest.mark.parametrize(
    ("rights", "policy", "may"),
    [
        (None, Policy(), True),
        (Rights(tdm_reserved=False), Policy(), True),
        (said("noimageai"), Policy(), True),
        (None, Policy(content="excerpt"), False),
        (RESERVED, Policy(), False),
        (RESERVED, Policy(obeys=False), True),
        *((said(word), Policy(), False) for word in ("noindex", "noarchive", "nosnippet")),
        (said("noarchive"), Policy(obeys=False), True),
        (said("unavailable_after:2020-01-01T00:00:00Z"), Policy(), False),
    ],
)
def test_a_copy_is_archived_only_where_the_whole_text_may_be_kept(
    rights: Rights | None, policy: Policy, may: bool
) -> None:
    assert may_archive(rights, policy, NOW) is may


# --- excerpts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "most", "wanted"),
    [
        ("Huawei zeigt Uhren", 18, "Huawei zeigt Uhren"),
        ("Huawei zeigt Uhren", 17, "Huawei zeigt…"),
        ("Huawei zeigt Uhren", 13, "Huawei zeigt…"),
        ("Huawei zeigt Uhren", 12, "Huawei…"),
        ("Huawei zeigt Uhren", 6, ""),
        ("Erster Absatz.\n\nZweiter", 20, "Erster Absatz.…"),
        ("Huawei", 0, ""),
        ("", 0, ""),
    ],
)
def test_a_cut_falls_between_words(text: str, most: int, wanted: str) -> None:
    assert cut(text, most) == wanted


TEXTS = st.text(st.sampled_from("ab…ß \n") | st.characters())


@given(TEXTS, st.integers(0, 50), st.integers(0, 50))
def test_a_cut_is_short_and_cutting_again_is_cutting_at_once(text: str, one: int, two: int) -> None:
    assert len(cut(text, one)) <= one
    assert cut(cut(text, one), two) == cut(text, min(one, two))


ARTICLE = Article(
    id="winfuture:1",
    site="winfuture",
    topic="huawei",
    url=URL,
    headline="Huawei zeigt Uhren",
    description="Drei neue Uhren auf einmal.",
    article_body="Der erste Absatz.\n\nDer zweite Absatz.",
    summary_points=["Drei Uhren"],
    images=[Image(url="https://winfuture.de/a.jpg", caption="Eine Uhr", credit="Huawei")],
    date_published="2026-01-15T21:10:00+01:00",
    word_count=6,
)


@given(TEXTS, TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_an_excerpt_holds_no_more_of_lead_and_text_than_allowed(
    lead: str, body: str, one: int, two: int
) -> None:
    article = replace(ARTICLE, description=lead or None, article_body=body)
    first = kept(article, Keep("excerpt", one))
    assert len(first.description or "") + len(first.article_body) <= one
    assert kept(first, Keep("excerpt", one)) == first
    assert kept(first, Keep("full", 0)) is first
    second = kept(article, Keep("excerpt", min(one, two)))
    assert kept(first, Keep("excerpt", two)) == second


def test_what_is_kept_beside_the_text() -> None:
    assert kept(ARTICLE, Keep("full", 0)) is ARTICLE
    excerpt = kept(ARTICLE, Keep("excerpt", 40))
    assert (excerpt.description, excerpt.article_body) == (ARTICLE.description, "Der erste…")
    metadata = kept(excerpt, Keep("metadata", 40))
    assert (metadata.description, metadata.article_body) == (None, "")
    for record in (excerpt, metadata):
        assert (record.headline, record.word_count) == (ARTICLE.headline, 6)
        assert record.summary_points == []
        assert record.images == [replace(ARTICLE.images[0], caption=None)]
