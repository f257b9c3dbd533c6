"""What changed between two revisions: readable, minimal, and exact when applied."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.changes import apply, changes, hunks
from crawler.items import Article, Change, Content, Hunk
from crawler.normalise import content_hash
from crawler.rights import Keep, kept
from tests.test_feed import ARTICLE

TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from("Huawei zeigt das neue Gerät für 799 Euro , . \n\n".split(" "))).map(
        " ".join
    ),
)


@given(TEXTS, TEXTS)
def test_applying_the_hunks_gives_the_text_after(before: str, after: str) -> None:
    assert apply(before, hunks(before, after)) == after


@given(TEXTS, TEXTS)
def test_hunks_are_in_order_and_none_is_empty(before: str, after: str) -> None:
    found = hunks(before, after)
    assert all(hunk.before != hunk.after for hunk in found)
    ends = [hunk.at + len(hunk.before) for hunk in found]
    assert all(end < later.at for end, later in zip(ends, found[1:], strict=False))
    assert bool(found) == (before != after)


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("Es kostet 799 Euro.", "Es kostet 749 Euro.", [(10, "799", "749")]),
        ("Ein Satz.", "Ein Satz. Und noch einer.", [(9, "", " Und noch einer.")]),
        ("Ein alter Satz.", "Ein Satz.", [(4, "alter ", "")]),
        ("im Mai 2026 neu", "im Juni 2027 neu", [(3, "Mai 2026", "Juni 2027")]),
        ("a b c d e", "x b c d y", [(0, "a", "x"), (8, "e", "y")]),
        ("gleich", "gleich", []),
    ],
)
def test_hunks_are_what_a_person_would_mark(
    before: str, after: str, wanted: list[tuple[int, str, str]]
) -> None:
    assert [(hunk.at, hunk.before, hunk.after) for hunk in hunks(before, after)] == wanted


def test_very_long_texts_are_not_compared_word_by_word() -> None:
    before = " ".join(f"w{n}" for n in range(9000))
    after = " ".join(f"v{n}" for n in range(9000))
    (hunk,) = hunks(f"Anfang {before} Ende", f"Anfang {after} Ende")
    assert (hunk.at, hunk.before, hunk.after) == (7, before, after)


def test_hunks_of_another_text_are_refused() -> None:
    with pytest.raises(ValueError, match="does not hold 'Satz' at 4"):
        apply("Ein Wort.", [Hunk(at=4, before="Satz", after="Wort")])


def test_each_changed_field_is_named_and_no_other() -> None:
    after = replace(
        ARTICLE,
        headline="Neue Schlagzeile",
        description="Neu",
        article_body=ARTICLE.article_body.replace("Noch", "Auch"),
        date_modified="2026-01-16T00:00:00+01:00",
    )
    assert changes(ARTICLE, after) == {
        "headline": Change(before="Schlagzeile", after="Neue Schlagzeile"),
        "description": Change(before=None, after="Neu"),
        "article_body": [Hunk(at=11, before="Noch", after="Auch")],
    }
    assert changes(ARTICLE, ARTICLE) == {}


WHOLE = replace(
    ARTICLE,
    description="Drei neue Uhren auf einmal.",
    article_body="Der erste Absatz.\n\nDer zweite Absatz, mit einem Ende.",
)


def held(article: Article, content: Content, characters: int = 45) -> Article:
    """The article with a hash of its own text, as the feed holds it."""
    texts = (article.headline, article.description, article.article_body)
    return kept(replace(article, content_hash=content_hash(*texts)), Keep(content, characters))


@pytest.mark.parametrize("before", get_args(Content))
@pytest.mark.parametrize("after", get_args(Content))
def test_the_same_article_held_in_another_way_is_unchanged(before: Content, after: Content) -> None:
    one = held(WHOLE, before, 30)
    assert changes(one, held(WHOLE, after)) == {}
    moved = changes(one, held(replace(WHOLE, url="https://example.com/2"), after))
    assert [*moved] == ["url"]


@pytest.mark.parametrize("before", get_args(Content))
@pytest.mark.parametrize("after", get_args(Content))
@pytest.mark.parametrize(
    "edit",
    [
        {"headline": "Anders"},
        {"description": "Vier neue Uhren auf einmal."},
        {"article_body": WHOLE.article_body.replace("Ende", "Schluss")},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_an_edit_is_told_however_the_article_is_held(
    edit: dict[str, str], before: Content, after: Content
) -> None:
    changed = replace(WHOLE, **edit)
    found = changes(held(WHOLE, before), held(changed, after))
    assert found
    assert found.keys() <= {*edit, "article_body"}
    if "headline" in edit or before == after == "full":
        assert [*found] == [*edit]
    said = str(found)
    for article, content in ((WHOLE, before), (changed, after)):
        if content != "full":
            assert "Schluss" not in said
            assert article.article_body not in said


def test_an_excerpt_cut_to_another_length_is_no_edit_of_the_lead() -> None:
    edited = replace(WHOLE, article_body="Etwas anderes.")
    assert changes(held(WHOLE, "excerpt", 12), held(edited, "excerpt", 20)) == {"article_body": []}
