"""What an edit did to a text, word by word, for people to read."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from crawler.changes import hunks
from crawler.items import Hunk

Kind = Literal[" ", "-", "+"]
Piece = tuple[Kind, str]

_CONTEXT: Final = 60  # characters of what stays, on each side of what differs


def pieces(before: str, after: str) -> list[Piece]:
    """Two texts as one: what stays (" "), what goes ("-") and what comes ("+"), in order.

    All that stays and goes is `before`, all that stays and comes is `after`.
    """
    return [piece for piece in _pieces(before, hunks(before, after)) if piece[1]]


def _pieces(before: str, found: Sequence[Hunk]) -> Iterator[Piece]:
    at = 0
    for hunk in found:
        yield " ", before[at : hunk.at]
        yield "-", hunk.before
        yield "+", hunk.after
        at = hunk.at + len(hunk.before)
    yield " ", before[at:]


def shortened(found: Sequence[Piece], context: int = _CONTEXT) -> list[Piece]:
    """Pieces of which only so much stays as shows where the others are; `…` marks what is left
    out."""
    last = len(found) - 1
    return [
        (kind, _cut(text, at > 0, at < last, context) if kind == " " else text)
        for at, (kind, text) in enumerate(found)
    ]


def _cut(text: str, has_left: bool, has_right: bool, context: int) -> str:
    """The ends of a text that touch another piece, cut between words."""
    if len(text) <= context * (has_left + has_right) + context // 2:
        return text
    start = text[:context].rpartition(" ")[0] if has_left else ""
    end = text[-context:].partition(" ")[2] if has_right else ""
    return f"{start}{' ' if start else ''}…{' ' if end else ''}{end}"
