"""Both sites as a browser sees them: listings, articles, feeds, and the sites' odd habits."""

import gzip
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree, html

from crawler.replica import Story, stories
from crawler.replica.drafts import handwritten
from tests.replica.conftest import ARTICLES, Ask, ask

WINFUTURE = "https://winfuture.de"
MOBIFLIP = "https://www.mobiflip.de"
FIRST = {site: next(stories(site, 1)) for site in ("winfuture", "mobiflip")}


def winfuture_list(get: Ask, tag: str) -> list[list[str]]:
    pages = []
    url: str | None = f"{WINFUTURE}/special/{tag}/"
    while url:
        tree = html.fromstring(get(url).body.decode("cp1252"))
        pages.append(tree.xpath("//div[@class='special_teaser']/h3/a/@href"))
        following = tree.xpath("//a[@rel='next']/@href")
        url = WINFUTURE + following[0] if following else None
    return pages


def mobiflip_list(get: Ask, topic: str) -> list[list[str]]:
    pages = []
    url: str | None = f"{MOBIFLIP}/thema/{topic}/"
    while url:
        tree = html.fromstring(get(url).body.decode("utf-8"))
        pages.append(tree.xpath("//li[@class='infinite-post']/a/@href"))
        following = tree.xpath("//link[@rel='next']/@href")
        url = following[0] if following else None
    return pages


def test_winfuture_lists_each_article_once_in_many_spellings(get: Ask) -> None:
    pages = winfuture_list(get, "huawei")
    assert list(map(len, pages)) == [15, 15, 10]
    links = [link for page in pages for link in page]
    numbers = [int(re.search(r"news,(\d{6})", link)[1]) for link in links]  # type: ignore[index]
    assert numbers == [story.number for story in stories("winfuture", ARTICLES)]
    for form in (r"/news,\d{7}\.html", r"http://.*", r"https://www\..*", r".*\?utm_source=.*"):
        assert any(re.fullmatch(form, link) for link in links), form


def test_mobiflip_lists_each_article_once_and_features_the_first(get: Ask) -> None:
    pages = mobiflip_list(get, "huawei")
    assert list(map(len, pages)) == [12, 12, 12, 4]
    links = [link for page in pages for link in page]
    assert links == [story.url for story in stories("mobiflip", ARTICLES)]
    first = html.fromstring(get(f"{MOBIFLIP}/thema/huawei/").body.decode("utf-8"))
    assert first.xpath("//div[contains(@class, 'feat-top2-')]/a/@href") == links[:2]
    assert first.xpath("//div[@class='nav-links']/a/@href") == [f"{MOBIFLIP}/thema/huawei/page/2/"]
    assert len(first.xpath("//li[@class='infinite-post']")) == 13  # one is an advert


def test_other_tags_list_some_and_unknown_ones_nothing(get: Ask) -> None:
    for pages in (winfuture_list(get, "nova"), mobiflip_list(get, "honor")):
        assert 2 < sum(map(len, pages)) < ARTICLES
    assert get(f"{WINFUTURE}/special/kartoffeln/").status == 404
    assert get(f"{MOBIFLIP}/thema/kartoffeln/").status == 404
    assert get(f"{WINFUTURE}/special/huawei/4/").status == 404
    assert get(f"{MOBIFLIP}/thema/huawei/page/5/").status == 404


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_every_listed_article_answers(get: Ask, site: str) -> None:
    for story in stories(site, ARTICLES):
        answer = get(story.url)
        answer = get(story.url) if answer.status == 500 else answer
        assert answer.status == 200
        tree = html.fromstring(answer.body.decode("utf-8" if site == "mobiflip" else "cp1252"))
        assert tree.xpath("string(//h1)") == story.headline
        assert tree.xpath("//link[@rel='canonical']/@href") == [story.url]


def test_winfuture_pages_are_heavy_and_keep_their_charset_to_themselves(get: Ask) -> None:
    for story in list(stories("winfuture", 12)):
        answer = get(story.url)
        assert answer.headers["Content-Type"] == "text/html"
        assert 80_000 <= len(answer.body) <= 95_000
        assert b'http-equiv="Content-Type" content="text/html; charset=iso-8859-1"' in answer.body
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")


def test_winfuture_spells_letters_in_many_ways(get: Ask) -> None:
    pages = [get(story.url).body for story in stories("winfuture", 7)]
    everything = b"".join(pages)
    for spelling in (b"\x96", b"\x84", b"\x93", b"&uuml;", b"\xfc", b"&shy;", b"\xad", b"&ndash;"):
        assert spelling in everything, spelling
    mixed = [page for page in pages if b"\r\n" in page]
    assert mixed
    assert all(page.count(b"\n") > page.count(b"\r\n") for page in mixed)


def test_winfuture_json_ld_comes_in_four_states(get: Ask) -> None:
    states = set()
    for story in stories("winfuture", 7):
        tree = html.fromstring(get(story.url).body.decode("cp1252"))
        source = tree.xpath("string(//head/script[@type='application/ld+json'])")
        states.add(_state(source, story))
    assert states == {"object", "array", "invalid", "missing"}


def _state(source: str, story: Story) -> str:
    if not source:
        return "missing"
    try:
        found = json.loads(source)
    except ValueError:
        assert json.loads(source, strict=False)["headline"] == story.headline
        return "invalid"
    node = found[0] if isinstance(found, list) else found
    assert node["headline"] == story.headline
    return "array" if isinstance(found, list) else "object"


def test_winfuture_serves_an_article_under_several_addresses(get: Ask) -> None:
    story = FIRST["winfuture"]
    number = story.number
    assert get(f"{WINFUTURE}/news,{number}1.html").body == get(story.url).body
    assert get(f"{WINFUTURE}/news,{number}.html?utm_source=x").body == get(story.url).body
    mobile = get(f"https://m.winfuture.de/news/{number}")
    assert mobile.status == 200
    assert len(mobile.body) < 10_000
    assert f'<link rel="canonical" href="{story.url}"'.encode() in mobile.body
    moved = get(f"https://www.winfuture.de/news,{number}.html")
    assert (moved.status, moved.headers["Location"]) == (301, story.url)
    assert get(f"{WINFUTURE}/news-kommentare,{number}.html").status == 200
    for unknown in ("news,1.html", f"news,{number - 1}.html", f"news,{number}2.html", "videos/"):
        assert get(f"{WINFUTURE}/{unknown}").status == 404


def test_mobiflip_redirects_to_the_one_address(get: Ask) -> None:
    story = FIRST["mobiflip"]
    path = story.url.removeprefix(MOBIFLIP)
    for other in (
        f"https://mobiflip.de{path}",
        f"{MOBIFLIP}/?p={story.number}",
        story.url.rstrip("/"),
        f"{MOBIFLIP}/ganz-anders-{story.number}/",
    ):
        answer = get(other)
        assert (answer.status, answer.headers["Location"]) == (301, story.url), other
    amp = get(f"{story.url}amp/")
    assert f'<link rel="canonical" href="{story.url}"'.encode() in amp.body
    assert get(f"{MOBIFLIP}/?p=1").status == 404
    assert get(f"{MOBIFLIP}/gibt-es-nicht/").status == 404


def test_mobiflip_speaks_json_ld_or_microdata(get: Ask) -> None:
    kinds = set()
    for story in stories("mobiflip", 6):
        answer = get(story.url)
        assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
        tree = html.fromstring(answer.body.decode("utf-8"))
        graph = tree.xpath("string(//script[@type='application/ld+json'])")
        marked = tree.xpath("//*[@itemprop='datePublished']/@datetime")
        assert bool(graph) != bool(marked)
        kinds.add(bool(graph))
        shown = tree.xpath("string(//time)")
        assert re.fullmatch(r"\d{1,2}\. [A-ZÄÖÜ][a-zäöü]+ \d{4}", shown)
        assert f"postid-{story.number}" in tree.xpath("string(//body/@class)")
        short = tree.xpath("string(//link[@rel='shortlink']/@href)")
        assert short == f"{MOBIFLIP}/?p={story.number}"
    assert kinds == {True, False}


def test_feeds_name_the_newest(get: Ask) -> None:
    tag_feed = "https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml"
    whole = "https://static.winfuture.de/feeds/WinFuture-News-rss2.0.xml"
    for site, urls in (
        ("winfuture", (tag_feed, whole)),
        ("mobiflip", (f"{MOBIFLIP}/thema/huawei/feed/", f"{MOBIFLIP}/feed/")),
    ):
        newest = [story.url for story in stories(site, 25)]
        for url in urls:
            assert etree.fromstring(get(url).body).xpath("//item/link/text()") == newest
    full = etree.fromstring(get(f"{MOBIFLIP}/feed/").body)
    texts = full.xpath("//item/*[local-name()='encoded']/text()")
    assert FIRST["mobiflip"].paragraphs[0][:40] in texts[0]
    assert full.xpath("//item/guid/text()")[0] == f"{MOBIFLIP}/?p={FIRST['mobiflip'].number}"


def test_sitemaps_lead_to_articles(get: Ask) -> None:
    index = etree.fromstring(get(f"{WINFUTURE}/sitemap.xml").body)
    (news,) = index.xpath("//*[local-name()='loc']/text()")
    named = etree.fromstring(gzip.decompress(get(news).body))
    assert FIRST["winfuture"].url in named.xpath("//*[local-name()='loc']/text()")
    index = etree.fromstring(get(f"{MOBIFLIP}/sitemap.xml").body)
    (posts,) = index.xpath("//*[local-name()='loc']/text()")
    named = etree.fromstring(get(posts).body)
    urls = named.xpath("//*[local-name()='loc']/text()")
    assert urls == [story.url for story in stories("mobiflip", ARTICLES)]


def test_robots_txt_allows_articles(get: Ask) -> None:
    for site in (WINFUTURE, MOBIFLIP):
        text = get(f"{site}/robots.txt").body.decode()
        assert "Disallow: /" in text
        assert "Disallow: /\n" not in text
        assert f"Sitemap: {site}/sitemap" in text


@pytest.mark.parametrize(
    "url",
    [FIRST["winfuture"].url, FIRST["mobiflip"].url, f"{WINFUTURE}/special/huawei/"],
)
def test_unchanged_pages_are_not_sent_again(get: Ask, url: str) -> None:
    first = get(url)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert re.fullmatch(r'"[0-9a-f]+"', tag)
    for headers, status in (
        ({"If_None_Match": tag}, 304),
        ({"If_None_Match": f'"other", W/{tag}'}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": changed}, 200),
        ({"If_Modified_Since": changed}, 304),
        ({"If_Modified_Since": "Mon, 01 Jan 2018 00:00:00 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
    ):
        answer = get(url, **headers)
        assert answer.status == status, headers
        assert answer.headers["ETag"] == tag
        assert bool(answer.body) == (status == 200)


def test_last_modified_is_the_article_s_own(get: Ask) -> None:
    for story in stories("winfuture", 6):
        changed = parsedate_to_datetime(get(story.url).headers["Last-Modified"])
        said = story.date_modified or story.date_published
        assert changed.isoformat() == _utc(said)


def _utc(date: str) -> str:
    return datetime.fromisoformat(date).astimezone(UTC).isoformat()


def test_head_tells_the_length_without_the_page(get: Ask) -> None:
    answer = get(FIRST["winfuture"].url, "HEAD")
    assert answer.status == 200
    assert answer.body == b""
    assert int(answer.headers["Content-Length"]) > 80_000
    assert get(FIRST["winfuture"].url, "POST").status == 405


def test_hosts_nobody_knows_are_not_found(get: Ask) -> None:
    assert get("https://example.org/").status == 404
    assert get("https://pdf.winfuture.de/news/1").status == 404


def test_the_site_s_boxes_lead_to_pages_that_exist(get: Ask) -> None:
    tree = html.fromstring(get(FIRST["winfuture"].url).body.decode("cp1252"))
    links = tree.xpath("//div[@id='rightWrap']//a/@href")
    news = {link for link in links if link.startswith("/news,")}
    assert len(news) == 6
    assert {get(WINFUTURE + link).status for link in news} == {200}


def test_advertisements_are_marked(get: Ask) -> None:
    marked = {
        story.number: b'class="mark_anzeige"' in get(story.url).body
        for story in stories("winfuture", 7)
    }
    assert marked == {s.number: s.is_advertisement for s in stories("winfuture", 7)}
    assert sum(entry.get("advertisement", False) for entry in handwritten()["winfuture"]) == 2


def test_ask_takes_any_address(address: str) -> None:
    assert ask(address, "https://WINFUTURE.de:443/robots.txt").status == 200
