"""Differences for people: exact when whole, short when shortened."""

from hypothesis import given

from crawler.differences import pieces, shortened
from tests.test_changes import TEXTS


@given(TEXTS, TEXTS)
def test_pieces_are_both_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(text for kind, text in found if kind != "+") == before
    assert "".join(text for kind, text in found if kind != "-") == after
    assert all(text for _, text in found)


@given(TEXTS, TEXTS)
def test_shortening_leaves_what_differs(before: str, after: str) -> None:
    found = pieces(before, after)
    short = shortened(found)
    assert [it for it in short if it[0] != " "] == [it for it in found if it[0] != " "]


def test_what_stays_is_cut_between_words() -> None:
    before = "Anfang " + "eins zwei drei " * 20 + "kostet 799 Euro" + " vier fünf" * 20
    found = shortened(pieces(before, before.replace("799", "749")), context=20)
    assert found == [
        (" ", "… zwei drei kostet "),
        ("-", "799"),
        ("+", "749"),
        (" ", " Euro vier fünf …"),
    ]
