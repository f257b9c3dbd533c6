"""What changed between two revisions: short enough to read, exact enough to apply."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from crawler.items import Article, Change, Hunk

COMPARED: Final = ("headline", "description", "url")  # and article_body, as hunks

_TOKEN: Final = re.compile(r"\s+|\w+|[^\w\s]")
# SequenceMatcher's time grows with the square of its input. Beyond so many words in the part that
# differs, the part is one hunk.
_MOST_TOKENS: Final = 4000


def changes(before: Article, after: Article) -> dict[str, Change | list[Hunk]]:
    """Each field that differs: before and after, for the body its hunks.

    Of texts that are not whole, hashes tell whether they were edited, and what is kept of them
    shows where; hunks are told where both revisions have the same `content`. An edit that does
    not show is one of the body, without hunks.
    """
    is_whole = before.content == after.content == "full"
    is_edited = is_whole or before.content_hash != after.content_hash
    found: dict[str, Change | list[Hunk]] = {}
    for name in COMPARED if is_edited else ("url",):
        was, became = getattr(before, name), getattr(after, name)
        if was != became and (is_whole or name != "description" or not _only_cut(before, after)):
            found[name] = Change(before=was, after=became)
    if is_edited and before.content == after.content and before.article_body != after.article_body:
        found["article_body"] = hunks(before.article_body, after.article_body)
    if is_edited and not is_whole and not found.keys() - {"url"}:
        found["article_body"] = []
    return found


def _only_cut(before: Article, after: Article) -> bool:
    """Whether one revision's description may be the other's, cut to another length or left out."""
    if "metadata" in {before.content, after.content}:
        return True
    pairs = (before.description or "", after.description or "")
    return any(
        one.endswith("…") and other.startswith(one[:-1]) for one, other in (pairs, reversed(pairs))
    )


def hunks(before: str, after: str) -> list[Hunk]:
    """The least runs of words by which two texts differ, in order; none where they are equal."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    offsets = _offsets(old, start)
    found: list[Hunk] = []
    for begin, stop, new_begin, new_stop in _differences(old_part, new_part):
        hunk = Hunk(
            at=offsets[begin],
            before="".join(old_part[begin:stop]),
            after="".join(new_part[new_begin:new_stop]),
        )
        found.append(hunk)
    return found


def apply(before: str, found: Sequence[Hunk]) -> str:
    """The text after the hunks. Raises ValueError when they are not of this text."""
    parts, end = [], 0
    for hunk in found:
        if hunk.at < end or before[hunk.at : hunk.at + len(hunk.before)] != hunk.before:
            raise ValueError(f"the text does not hold {hunk.before!r} at {hunk.at}")
        parts += [before[end : hunk.at], hunk.after]
        end = hunk.at + len(hunk.before)
    return "".join([*parts, before[end:]])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens two sequences begin with alike."""
    pairs = zip_longest(one, other)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), len(one))


def _offsets(tokens: Sequence[str], start: int) -> list[int]:
    """Where each token from `start` on begins, in characters, and where the last one ends."""
    offsets = [len("".join(tokens[:start]))]
    for token in tokens[start:]:
        offsets.append(offsets[-1] + len(token))
    return offsets


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Ranges that differ; those with nothing but white space between them are one."""
    if not old and not new:
        return
    if max(len(old), len(new)) > _MOST_TOKENS:
        yield 0, len(old), 0, len(new)
        return
    last: tuple[int, int, int, int] | None = None
    for tag, *bounds in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        begin, stop, new_begin, new_stop = bounds
        if tag == "equal":
            continue
        if last and "".join(old[last[1] : begin]).isspace():
            begin, new_begin = last[0], last[2]
        elif last:
            yield last
        last = begin, stop, new_begin, new_stop
    if last:
        yield last
