"""What a sitemap says, and what is none."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.normalise import ArticleUrl
from crawler.pages import SitemapError, SitemapPage

ARTICLE_URL = ArticleUrl(
    hosts=frozenset({"example.com"}), forms={r"/(?P<path>[a-z]+)/": "https://example.com/{path}/"}
)
MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
SITEMAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<urlset xmlns="{MAP}" xmlns:n="{NEWS}">
<url><loc>
  http://example.com/eins/?utm_source=map
</loc><lastmod>2026-01-03</lastmod><n:news><n:publication>
  <n:name>Beispiel</n:name></n:publication>
  <n:publication_date>2026-01-02T10:00:00+01:00</n:publication_date></n:news></url>
<url><loc>https://example.com/zwei/</loc><lastmod>2026-01-04T00:00:00Z</lastmod></url>
<url><loc>https://example.com/drei/</loc></url>
<url><loc>https://example.com/</loc></url><url><loc>https://other.example/eins/</loc></url>
<url/>
</urlset>""".encode()
INDEX = f"""<sitemapindex xmlns="{MAP}">
<sitemap><loc>https://example.com/a.xml</loc><lastmod>2026-01-04T00:00:00Z</lastmod></sitemap>
<sitemap><loc> https://example.com/b.xml.gz </loc></sitemap>
<sitemap><loc>nonsense</loc></sitemap>
</sitemapindex>""".encode()


def read(content: bytes) -> SitemapPage:
    return SitemapPage(content, ARTICLE_URL)


@pytest.mark.parametrize("content", [SITEMAP, gzip.compress(SITEMAP)], ids=["plain", "gzip"])
def test_a_sitemap_names_articles_with_their_dates(content: bytes) -> None:
    page = read(content)
    assert page.articles == {
        "https://example.com/eins/": "2026-01-02T10:00:00+01:00",
        "https://example.com/zwei/": None,
        "https://example.com/drei/": None,
    }
    assert page.last_changes == {
        "https://example.com/eins/": "2026-01-03T00:00:00+01:00",
        "https://example.com/zwei/": "2026-01-04T00:00:00+00:00",
        "https://example.com/drei/": None,
    }
    assert page.sitemaps == {}


def test_an_index_names_sitemaps() -> None:
    page = read(INDEX)
    assert page.sitemaps == {
        "https://example.com/a.xml": "2026-01-04T00:00:00+00:00",
        "https://example.com/b.xml.gz": None,
    }
    assert page.articles == {}


def test_a_sitemap_of_nothing_names_nothing() -> None:
    assert read(b"<urlset/>").articles == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no XML"),
        (b"<html><body>Nicht gefunden</body></html>", "begins with 'html'"),
        (SITEMAP[:-20], "no XML"),
        (gzip.compress(SITEMAP)[:-20], "ends too early"),
        (b"\x1f\x8b" + b"x" * 40, "damaged"),
        (gzip.compress(b" " * (50 * 2**20 + 1)), "longer than 52428800 bytes"),
    ],
)
def test_what_is_no_whole_sitemap_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(SitemapError, match=said):
        read(content)


def test_entities_are_left_alone() -> None:
    evil = (
        b'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<urlset><url><loc>https://example.com/eins/&x;</loc></url></urlset>"
    )
    assert read(evil).articles == {"https://example.com/eins/": None}


@given(st.binary(max_size=60), st.integers(0, len(SITEMAP)))
def test_no_bytes_do_more_than_raise(noise: bytes, place: int) -> None:
    try:
        page = read(SITEMAP[:place] + noise + SITEMAP[place:])
    except SitemapError:
        return
    assert all(address.startswith("https://example.com/") for address in page.articles)
