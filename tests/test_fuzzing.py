"""Whatever comes in: arbitrary pages, texts and files, and all that fuzzers have found so far."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fuzzing import TARGETS, check, seeds

FOUND = sorted((ROOT / "tests/fuzzed").glob("*"))

# Pieces that pages are made of, and what breaks them.
PIECES = st.sampled_from(
    [
        *r"""<h1> </h1> <p> <br><br> <div\tid=news_content> <div\tid=content-main> </div>
    <b> <time> <ul> <article>
    <li\tclass=infinite-post> <a\thref='/news,1.html'> <a\thref= <table><tr><td>
    <meta\tproperty=article:published_time\tcontent= '2026-01-15'> <!-- --> <![CDATA[
    <script\ttype="application/ld+json"> </script> {"@type":"NewsArticle", "author": [ ] { } , : "
    "@graph": "hasPart": "isAccessibleForFree":false \\ud800 \\u0000 &#xD800; &nbsp;
    <rss><item><link> <urlset><url><loc> https://winfuture.de/news,1.html </loc> </link> <pubDate>
    15.01.2026\t21:10 Mon,\t1\tJan\t2026 ٢٠٢٦ 9999-12-31 Siehe\tauch: Weiterlesen\tim\tAbo
    <div\tclass=paywall> """.replace(r"\t", "\t").split(" "),
        *("\x1b[31m", "\x00", "\u202e", "\u00ad", " "),
    ]
)
PAGES = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map(
    lambda parts: "".join(parts).encode(errors="replace")
)


@pytest.mark.parametrize("number", range(len(TARGETS)))
@given(content=st.one_of(st.binary(max_size=400), PAGES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_in_breaks_no_promise(number: int, content: bytes) -> None:
    TARGETS[number](content)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_a_fuzzer_found_is_mended(path: Path) -> None:
    check(path.read_bytes())


def test_the_seeds_of_the_fuzzer_break_no_promise_and_reach_every_target() -> None:
    found = seeds(ROOT)
    assert {seed[0] % len(TARGETS) for seed in found} == {*range(len(TARGETS))}
    for seed in found:
        check(seed)
