"""The invented articles: the same ones for the same seed, and no two alike."""

import re
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from crawler.replica import Story, stories
from crawler.replica.drafts import AUTHORS, handwritten, known_tags
from crawler.replica.phrases import phrases
from crawler.replica.stories import (
    ARCHIVE,
    MOST_ARTICLES,
    article,
    index_of,
    number_of,
    published_at,
)
from crawler.spiders.winfuture import ARTICLE_URL

SITES = ("winfuture", "mobiflip")
UNCLEAN = re.compile(r"[{}|\u00ad<>]|&\w+;|\(\d:|\*\*| [.,;:?!]|[.,]{2}")


@pytest.mark.parametrize("site", SITES)
def test_an_article_is_the_same_however_many_are_asked_for(site: str) -> None:
    assert list(stories(site, 30)) == list(stories(site, 60))[:30]


@pytest.mark.parametrize("site", SITES)
def test_the_seed_decides_what_is_written(site: str) -> None:
    handmade = len(handwritten()[site])
    one, other = (list(stories(site, 40, seed=seed)) for seed in (1, 2))
    assert one[:handmade] == other[:handmade]
    assert not {story.paragraphs for story in one[handmade:]} & {s.paragraphs for s in other}


def test_unknown_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="no such site: 'heise'"):
        stories("heise", 1)


@pytest.mark.parametrize("site", SITES)
def test_the_newest_comes_first(site: str) -> None:
    listed = list(stories(site, 300))
    assert [s.number for s in listed] == sorted((s.number for s in listed), reverse=True)
    # One zone, two offsets: texts would compare wrongly around a change of clocks.
    dates = [article(site, index).story.date_published for index in range(300)]
    assert [d[:10] for d in dates] == sorted((d[:10] for d in dates), reverse=True)
    assert {date[-6:] for date in dates} == {"+01:00", "+02:00"}


@pytest.mark.parametrize("site", SITES)
def test_numbers_lead_back_to_their_article(site: str) -> None:
    numbers = [number_of(site, index) for index in range(MOST_ARTICLES)]
    assert len(set(numbers)) == MOST_ARTICLES
    for index in (0, 1, 77, *range(ARCHIVE - 2, MOST_ARTICLES, 499), MOST_ARTICLES - 1):
        assert index_of(site, numbers[index]) == index
    assert index_of(site, number_of(site, 5) + 1) != 5
    assert index_of(site, 1) is None


@pytest.mark.parametrize("site", SITES)
def test_the_archive_goes_on_where_recent_articles_end(site: str) -> None:
    dates = [published_at(site, index) for index in range(ARCHIVE - 50, ARCHIVE + 200)]
    moments = [date.timestamp() for date in dates]
    assert moments == sorted(moments, reverse=True)
    assert len({*moments}) == len(moments)
    assert published_at(site, MOST_ARTICLES - 1).year == 2002


def test_addresses_in_the_archive_of_winfuture_are_told_from_teaser_links() -> None:
    for index in range(ARCHIVE, MOST_ARTICLES, 101):
        url = article("winfuture", index).story.url
        assert ARTICLE_URL.canonical(url) == url
        assert ARTICLE_URL.canonical(url.replace(".html", "1.html")) == url


@pytest.mark.parametrize("site", SITES)
def test_texts_are_clean(site: str) -> None:
    for story in stories(site, 300):
        for line in (story.headline, story.description, *story.paragraphs, *story.summary_points):
            assert line == " ".join(line.split())
            assert not UNCLEAN.search(line), line
        assert len(story.paragraphs) >= 2


def test_no_two_articles_are_nearly_the_same() -> None:
    told = [story for site in SITES for story in stories(site, 250)]
    shingles = [_shingles(story) for story in told]
    holders = defaultdict(list)
    for place, found in enumerate(shingles):
        for shingle in found:
            holders[shingle].append(place)
    common = Counter(pair for places in holders.values() for pair in combinations(places, 2))
    for (one, other), count in common.items():
        likeness = count / (len(shingles[one]) + len(shingles[other]) - count)
        if told[one].press_release and told[one].press_release == told[other].press_release:
            assert told[one].site != told[other].site
            assert likeness > 0.85
        else:
            assert likeness < 0.3, (told[one].url, told[other].url)


def _shingles(story: Story) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join((story.description, *story.paragraphs)).lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def test_a_few_press_releases_are_on_both_sites() -> None:
    printed = [{s.press_release for s in stories(site, 400)} - {None} for site in SITES]
    assert printed[0] == printed[1]
    assert 8 <= len(printed[0]) <= 24


def test_handwritten_articles_hold_every_oddity() -> None:
    for site, wanted in (
        ("winfuture", "layout2026 ld_array ld_invalid ld_missing title_test updated crlf cp1252"),
        ("mobiflip", "yoast updated decomposed deal"),
    ):
        held = {trait for entry in handwritten()[site] for trait in entry["traits"]}
        assert held >= set(wanted.split())
    blocks = {b[0] for entry in handwritten()["winfuture"] for b in entry["blocks"]}
    assert blocks >= {"image", "video", "gallery", "list", "offer", "related", "question"}


def test_vocabulary_fits_together() -> None:
    assert known_tags() >= {"huawei", "honor", "nova", "5g"}
    for kind in phrases()["kinds"].values():
        assert len(kind["sentences"]) >= 12
        assert len(kind["products"]) >= 2
    assert all(
        entry["authors"][0] in AUTHORS[site] for site in SITES for entry in handwritten()[site]
    )
