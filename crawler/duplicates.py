"""Which articles are the same text: the rules, and the keys under which likely pairs meet.

Two steps. `band_keys` sketches a text so that near-duplicates share a key in a table of any size;
that costs microseconds and finds candidates. `judge` then compares the texts themselves, so what
the sketch lets through by chance does no harm, and every rule stands in this file.

A copy and a new text from the same template are alike in most words. What tells them apart is
where they differ: edits fall on words of every sort, new facts on numbers and names alone.
"""

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import exp, lgamma, log, log1p
from typing import Final, Literal

from rensa import RMinHash

Kind = Literal["same-site", "other-site"]

# --- the rules ------------------------------------------------------------------------------

# The least similarity of a duplicate. An agency's text is cut and edited on its way to another
# site; a site prints its own text again much as it was. With every tenth word replaced, texts
# measure 0.89 to 0.93 (benchmarks/duplicates.md), so 0.9 would lose one in seven of those.
SIMILAR: Final[dict[Kind, float]] = {"same-site": 0.88, "other-site": 0.8}

# Below this many words ("Video: …") a text is too common to stand for its article: such
# articles are duplicates only when headline and body are both equal.
STUB_WORDS: Final = 50

# Differences that would hit this many facts in fewer than one evenly edited copy of 200 mean
# other facts, hence another article.
CHANCE: Final = 0.005

# Edits are taken to hit facts, and other words, at least this often, however few a text has.
LEAST_SHARE: Final = 0.03

# A difference of more words than this is a rewritten passage.
SMALL: Final = 3

# Facts are compared up to here: only live tickers are longer, and the time it takes grows with the
# square of the length.
COMPARED_WORDS: Final = 4000

# --- the sketch -----------------------------------------------------------------------------

# With a share J of their pairs of words in common, two texts meet with the probability
# 1 - (1 - J ** ROWS) ** BANDS: 0.98 where a tenth of the words differ (J = 0.68), 3e-6 for
# unrelated texts (J = 0.02). A band more costs each article a row in the index.
BANDS: Final = 16
ROWS: Final = 4
_SEED: Final = 42
_ROW: Final = struct.Struct(f"<{ROWS}I")

# Keys of different versions never meet: who stores keys stores this beside them.
KEYS_VERSION: Final = f"1-{RMinHash.ALGORITHM_VERSION}-{BANDS}x{ROWS}"


@dataclass(frozen=True, slots=True)
class Text:
    """What the rules look at; all four as the record has them."""

    id: str
    site: str
    headline: str
    article_body: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """An earlier article with the same text: on the same site or another, how alike, 0 to 1."""

    kind: Kind
    id: str
    similarity: float


@lru_cache(64)
def band_keys(article_body: str) -> tuple[int, ...]:
    """The keys of a text, one a band: near-duplicates share at least one. Empty for a stub.

    Signed integers of 48 bits, the widest that SQLite stores in six bytes; a key holds its
    band's number, so all bands go into one table. The scheme is MinHash with banding:
    Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4.

    Kept for some texts: a text is asked for before its line is written, indexed after, and compared
    with those in between.
    """
    words = _words(article_body).folded
    if len(words) < STUB_WORDS:
        return ()
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    sketch.update([f"{one} {other}" for one, other in pairwise(words)])
    digest: list[int] = sketch.digest()
    return tuple(
        int.from_bytes(
            blake2b(
                _ROW.pack(*digest[band * ROWS : (band + 1) * ROWS]),
                digest_size=6,
                salt=bytes([band]),
            ).digest(),
            signed=True,
        )
        for band in range(BANDS)
    )


def may_be_alike(one: Text, other: Text) -> bool:
    """Whether two texts are worth a comparison: the very same, or with a key in common."""
    if one.article_body == other.article_body:
        return True
    return not set(band_keys(one.article_body)).isdisjoint(band_keys(other.article_body))


def similarity(one: str, other: str) -> float:
    """The share of words two texts have in common, 0 to 1: 0.9 when every tenth was replaced.

    A word counts as often as it occurs in both (the Sørensen-Dice coefficient of multisets).
    Case, punctuation and the order of words do not count, so paragraphs may move; `1.299,00`
    is `1299`.
    """
    return _Words(one).similarity(_Words(other))


def judge(article: Text, candidates: Iterable[Text]) -> Verdict | None:
    """The candidate that the article duplicates by the rules above; None where there is none.

    Candidates are earlier articles. One on the same site goes before one on another, since it
    settles the article's fate; then the more similar one, then the one named first. The
    article itself, known by its id, is passed over: a new wording of it is an update.
    """
    words = _words(article.article_body)
    found = [
        verdict
        for candidate in candidates
        if candidate.id != article.id and (verdict := _compare(article, words, candidate))
    ]
    return max(found, key=lambda it: (it.kind == "same-site", it.similarity), default=None)


def _compare(article: Text, words: "_Words", candidate: Text) -> Verdict | None:
    kind: Kind = "same-site" if candidate.site == article.site else "other-site"
    others = _Words(candidate.article_body)
    if words.folded == others.folded:
        if len(words.folded) < STUB_WORDS and not _equal(article.headline, candidate.headline):
            return None
        return Verdict(kind, candidate.id, 1.0)
    if min(len(words.folded), len(others.folded)) < STUB_WORDS:
        return None
    alike = words.similarity(others)
    if alike < SIMILAR[kind] or _tell_other_facts(article, words, candidate, others):
        return None
    return Verdict(kind, candidate.id, alike)


def _equal(one: str, other: str) -> bool:
    return _Words(one).folded == _Words(other).folded


# --- words ----------------------------------------------------------------------------------

_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*\w*|\w+")
# Houses write one number as 1.299, 1299 and 1.299,00.
# Each branch begins with its mark, which a search finds faster than the digit before it.
_NUMBER_STYLE: Final = re.compile(r"\.(?<=\d\.)(?=\d{3}(?!\d))|,(?<=\d,)00(?!\d)")


class _Words:
    """A text as its words, and as what they are when case does not count."""

    def __init__(self, text: str) -> None:
        self.words: list[str] = _WORD.findall(_NUMBER_STYLE.sub("", text))
        self.folded = [*map(str.casefold, self.words)]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.folded)

    def similarity(self, other: "_Words") -> float:
        total = len(self.folded) + len(other.folded)
        if not total:
            return 1.0
        return 2 * (self.counts & other.counts).total() / total

    def share(self, sort: Callable[[str], bool]) -> float:
        return sum(map(sort, self.words)) / len(self.words)


# A text is asked for its keys, and then beside each candidate.
_words = lru_cache(4)(_Words)


# --- facts ----------------------------------------------------------------------------------

_DIGIT: Final = re.compile(r"\d")
_CALENDAR: Final = frozenset(
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonnabend Sonntag Januar Jänner Februar "
    "März April Mai Juni Juli August September Oktober November Dezember".split()
)
# They follow the gender of the name they stand before.
_ARTICLES: Final = frozenset("der die das dem den des ein eine einem einen einer eines".split())


@dataclass(frozen=True, slots=True)
class _Difference:
    """A few words of one text, and those in their place in the other."""

    was: tuple[str, ...]
    became: tuple[str, ...]

    @property
    def is_fact(self) -> bool:
        """Whether nothing but numbers and what may be names differs: in German, any noun."""
        words = [word for word in self.was + self.became if word not in _ARTICLES]
        return bool(words) and all(map(_may_be_fact, words))

    @property
    def is_certain(self) -> bool:
        """Whether it is a fact beyond doubt: a number, a day or month, a name of several words."""
        return any(_is_number(word) or word in _CALENDAR for word in self.was + self.became) or any(
            sum(word[0].isupper() for word in words) > 1 for words in (self.was, self.became)
        )

    def is_in(self, was: set[str], became: set[str]) -> bool:
        return any(word in was for word in self.was) and any(word in became for word in self.became)


def _is_number(word: str) -> bool:
    """Also a product's: `GT5`, `9030`, `5G`."""
    return _DIGIT.search(word) is not None


def _may_be_fact(word: str) -> bool:
    return not word.islower() or _is_number(word)


def _tell_other_facts(article: Text, one: _Words, candidate: Text, other: _Words) -> bool:
    """Whether two similar texts differ in their facts rather than in their wording.

    Only small differences are asked: a rewritten opening or a dropped paragraph says nothing of
    the facts in the rest. Beside facts beyond doubt, sure is what is exchanged for the same in
    another place of the text or in the headline.
    """
    differences = [*_small_differences(one, other)]
    facts = Counter(difference for difference in differences if difference.is_fact)
    headlines = {*_Words(article.headline).words}, {*_Words(candidate.headline).words}
    topics = headlines[0] - headlines[1], headlines[1] - headlines[0]
    sure = sum(
        times
        for fact, times in facts.items()
        if times > 1 or fact.is_certain or fact.is_in(*topics)
    )
    if not facts.total():
        return False
    # Nothing but facts differs, and half of them, or two if there are several, are sure.
    if facts.total() == len(differences) and sure >= max(min(facts.total(), 2), facts.total() / 2):
        return True
    return (
        _chance(sure, len(differences), one.share(_is_number)) < CHANCE
        or _chance(facts.total(), len(differences), one.share(_may_be_fact)) < CHANCE
    )


def _small_differences(one: _Words, other: _Words) -> Iterator[_Difference]:
    """Up to `SMALL` words in the place of up to as many others, unless they only moved."""
    lost, gained = one.counts - other.counts, other.counts - one.counts
    # Its "autojunk" keeps the words that fill a text from starting a match, hence from costing
    # quadratic time; they join the matches beside them all the same.
    matcher = SequenceMatcher(None, one.folded[:COMPARED_WORDS], other.folded[:COMPARED_WORDS])
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        was, became = one.folded[start:end], other.folded[other_start:other_end]
        if (
            tag == "replace"
            and max(len(was), len(became)) <= SMALL
            and "".join(was) != "".join(became)  # `11.5 S` and `11.5S`
            and any(word in lost for word in was)
            and any(word in gained for word in became)
        ):
            yield _Difference((*one.words[start:end],), (*other.words[other_start:other_end],))


def _chance(hits: int, differences: int, share: float) -> float:
    """How likely at least `hits` of some differences fall on words with this share of a text.

    The upper tail of the binomial distribution, by logarithms since its factors overflow.
    """
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    return sum(
        exp(
            lgamma(differences + 1)
            - lgamma(n + 1)
            - lgamma(differences - n + 1)
            + n * log(share)
            + (differences - n) * log1p(-share)
        )
        for n in range(hits, differences + 1)
    )
