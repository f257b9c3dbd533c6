"""Which articles tell of the same event, in whatever words.

Each article becomes a bag of terms: stems of its words (Snowball), names, product numbers,
amounts. A term weighs by how rare it is among the articles at hand (Jones 1972, inverse document
frequency), and more where it stands in the headline. Two articles belong together when their
weighted bags are alike (cosine) and no more than some days lie between them; words for the kind of
event (a launch, an offer, an update, a lawsuit) that contradict each other keep them apart, since
what a product is called says little about what happened to it.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nsmallest
from math import log, sqrt
from typing import Final

import snowballstemmer

from crawler.items import Article

# Days between two articles about one event, at most: sites follow each other within two.
WINDOW: Final = timedelta(days=3)
# The least cosine of articles about one event (benchmarks/stories.md).
ALIKE: Final = 0.18
# Of a text so many characters are read: what happened stands at the beginning.
_READ: Final = 600
# Headlines whose numbers are all different (models, amounts) must be so much more alike.
_OTHER_NUMBERS: Final = 3.0
_HEADLINE: Final = 2  # a term of the headline counts so often
# An article is compared with those that share so many of its rarest terms; of those that have a
# term, with the latest.
_RAREST: Final = 24
_SHARED: Final = 2
_LATEST: Final = 30
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
# Kinds of event, by stems that give them away. Articles of different kinds are different events.
_KINDS: Final = {
    "launch": "vorgestellt vorstellen stellt präsentiert präsentieren enthüllt enthüllen "
    "angekündigt kündigt zeigt neuauflage",
    "offer": "schnäppchen deal bestpreis angebot rabatt vergleichspreis",
    "review": "test ausprobiert testbericht erfahrungen",
    "update": "update firmware patch aktualisierung",
    "court": "klagt klage gericht prozess urteil",
    "teardown": "teardown zerlegt auseinandergenommen",
    "recall": "rückruf ruft",
}

_OUTSPOKEN: Final = frozenset({"offer", "review"})


@lru_cache(1)
def _stemmer() -> "snowballstemmer.german_stemmer.GermanStemmer":
    return snowballstemmer.stemmer("german")


@lru_cache(65536)
def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    return stem


@lru_cache(1)
def _kinds() -> dict[str, str]:
    return {_stem(word): kind for kind, words in _KINDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class _Reading:
    """An article as a bag of terms; `kinds` and `numbers` are those that its headline names."""

    id: str
    moment: datetime
    terms: Counter[str]
    kinds: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Link:
    """Two articles about one event: how alike they are, and the terms that say so most."""

    one: str
    other: str
    similarity: float
    terms: tuple[str, ...]


def terms(text: str) -> Iterator[str]:
    """The stems and numbers of a text, in order; compounds also by their long parts."""
    for word in _WORD.findall(text.lower()):
        if word[0].isdigit():
            yield word.replace(".", "")
        elif len(word) > 2:
            yield _stem(word)


def _read(article: Article) -> _Reading:
    text = f"{article.description or ''} {article.article_body}"[:_READ]
    headline = [*terms(article.headline)]
    counted = Counter(dict.fromkeys(headline, _HEADLINE))
    counted.update({*terms(text)})
    kinds = _kinds()
    named = frozenset(kinds[term] for term in headline if term in kinds)
    numbers = frozenset(term for term in headline if term[0].isdigit())
    moment = datetime.fromisoformat(article.date_published)
    return _Reading(article.id, moment, counted, named, numbers)


def links(articles: Iterable[Article]) -> list[Link]:
    """The pairs of articles that tell of one event."""
    return [
        Link(one, other, round(similarity, 3), tuple(_telling(shares)))
        for one, other, similarity, shares in _alike(articles)
    ]


def _telling(shares: dict[str, float]) -> list[str]:
    """The terms by which two articles are alike most."""
    return nsmallest(6, shares, key=lambda term: (-shares[term], term))


def _alike(articles: Iterable[Article]) -> Iterator[tuple[str, str, float, dict[str, float]]]:
    """Pairs of articles by their ids, how alike they are, and how much each term has of that."""
    readings = sorted(map(_read, articles), key=lambda reading: (reading.moment, reading.id))
    count = len(readings)
    spread = Counter(term for reading in readings for term in reading.terms)
    rarity = {term: log((count + 1) / n) for term, n in spread.items()}
    lengths = [
        sqrt(sum((n * rarity[term]) ** 2 for term, n in reading.terms.items()))
        for reading in readings
    ]
    for at, before in _candidates(readings, spread):
        one, other = readings[before], readings[at]
        if _contradict(one.kinds, other.kinds):
            continue
        shares = {
            term: one.terms[term] * other.terms[term] * rarity[term] ** 2
            for term in one.terms.keys() & other.terms.keys()
        }
        similarity = sum(shares.values()) / (lengths[at] * lengths[before])
        if similarity >= ALIKE * _demand(one.numbers, other.numbers):
            yield one.id, other.id, similarity, shares


def _contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two articles name different kinds of event; an offer or a review always says so."""
    if one & other:
        return False
    return bool(one and other) or bool((one | other) & _OUTSPOKEN)


def _demand(one: frozenset[str], other: frozenset[str]) -> float:
    return _OTHER_NUMBERS if one and other and not one & other else 1.0


def _candidates(readings: list[_Reading], spread: Counter[str]) -> Iterator[tuple[int, int]]:
    """Pairs within the window that share rare terms, the later one first.

    Each article is told by its rarest terms, and a term leads to the latest that have it, so the
    number of pairs grows with that of the articles, and not with its square.
    """
    holding: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_LATEST))
    for at, reading in enumerate(readings):
        told_by = nsmallest(_RAREST, reading.terms, key=lambda term: (spread[term], term))
        shared: Counter[int] = Counter()
        for term in told_by:
            recent = holding[term]
            while recent and reading.moment - readings[recent[0]].moment > WINDOW:
                recent.popleft()
            shared.update(recent)
            recent.append(at)
        yield from ((at, before) for before, n in sorted(shared.items()) if n >= _SHARED)


def story_ids(articles: Iterable[Article]) -> dict[str, str]:
    """The story of each article: the id of the earliest article about the same event.

    Articles that tell of nothing that another tells are stories of their own. Later articles
    change no story, unless they tell that two were one.
    """
    at_hand = [*articles]
    return stories_of(at_hand, ((one, other) for one, other, *_ in _alike(at_hand)))


def stories_of(articles: Iterable[Article], found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`story_ids`, of pairs of ids that were found among the articles; by date."""
    at_hand = sorted(articles, key=lambda it: (datetime.fromisoformat(it.date_published), it.id))
    stories = {article.id: article.id for article in at_hand}
    order = {article.id: at for at, article in enumerate(at_hand)}

    def root(id_: str) -> str:
        while stories[id_] != id_:
            stories[id_] = id_ = stories[stories[id_]]  # shortens the way of those that follow
        return id_

    for pair in found:
        first, later = sorted(map(root, pair), key=order.__getitem__)
        stories[later] = first
    return {id_: root(id_) for id_ in stories}
