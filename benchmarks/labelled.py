"""Pairs of texts of which it is known whether one duplicates the other.

The texts are the replica's. A copy is made from a story by rule; a pair that only looks like one
is written twice from the same templates with the same choices, but with other facts.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from crawler.duplicates import Text
from crawler.replica import stories as replica_stories
from crawler.replica.phrases import Writer, phrases
from crawler.replica.stories import SITES

STORIES = 1000  # a site
WORD = re.compile(r"\w+")
INTROS = (
    "Die folgende Meldung erreichte uns heute Vormittag aus der Pressestelle.",
    "Wie angekündigt, hier die Einzelheiten im Überblick für alle Neugierigen.",
    "Kurz vor dem Wochenende gibt es noch einmal Neues aus der Branche.",
    "Unsere Kollegen haben sich das Ganze näher angesehen und fassen zusammen.",
)
OUTROS = (
    "Was haltet ihr davon? Schreibt es uns gerne unten in die Kommentare!",
    "Wir bleiben für euch dran und melden uns, sobald mehr bekannt ist.",
    "Mehr zum Thema lest ihr in den nächsten Tagen an dieser Stelle.",
    "Folgt uns in den sozialen Netzen, um keine Meldung zu verpassen.",
)
SOURCES = ("Quelle: Unternehmen", "[via Leiterbahn]", "Quelle: Pressemitteilung", "Via: Chipwerk")

Paragraphs = list[str]
Written = tuple[str, str]  # headline and body
Twice = tuple[Written, Written]


@dataclass(frozen=True)
class Pair:
    """An earlier article, and a later one of which it is known whether it is the same."""

    earlier: Text
    later: Text


@dataclass(frozen=True)
class LabelledKind:
    name: str
    duplicate: bool
    pairs: list[Pair]


def originals(seed: int) -> list[Text]:
    """The stories of both sites, each press release once."""
    found = []
    printed = set()
    for site in SITES:
        for story in replica_stories(site, STORIES, seed=seed):
            if story.press_release not in printed:
                body = "\n\n".join(story.paragraphs)
                found.append(Text(f"{site}:{story.number}", site, story.headline, body))
            printed |= {story.press_release} - {None}
    return found


def kinds(stories: list[Text], seed: int, count: int) -> Iterator[LabelledKind]:
    """Every kind of pair, `count` of each; the later article is said to be on the same site."""
    chosen = random.Random(seed).sample(stories, count)
    for name, change in copies(Vocabulary(stories)).items():
        rng = random.Random(f"{seed}:{name}")
        pairs = []
        for n, text in enumerate(chosen):
            body = "\n\n".join(change(rng, text.article_body.split("\n\n")))
            pairs.append(Pair(text, replace(text, id=f"{text.site}:{name}-{n}", article_body=body)))
        yield LabelledKind(name, True, pairs)
    for name, write in LOOKALIKES.items():
        rng = random.Random(f"{seed}:{name}")
        pairs = []
        while len(pairs) < count:
            earlier, later = write(rng)
            if earlier[1] != later[1]:  # else the template holds none of the facts that differ
                ids = f"{SITES[0]}:{name}-{len(pairs)}", f"{SITES[0]}:{name}-{len(pairs)}-later"
                pairs.append(Pair(Text(ids[0], SITES[0], *earlier), Text(ids[1], SITES[0], *later)))
        yield LabelledKind(name, False, pairs)


# --- copies ---------------------------------------------------------------------------------


class Vocabulary:
    """The words of all texts by sort, as frequent as they are there."""

    def __init__(self, stories: list[Text]) -> None:
        self.sorts: dict[str, list[str]] = {"number": [], "capital": [], "small": []}
        for text in stories:
            for word in WORD.findall(text.article_body):
                self.sorts[sort(word)].append(word)

    def change(self, share: float) -> Callable[[random.Random, Paragraphs], Paragraphs]:
        """Puts another word of the same sort in the place of a share of all words."""

        def changed(rng: random.Random, paragraphs: Paragraphs) -> Paragraphs:
            text = "\n\n".join(paragraphs)
            places = [*WORD.finditer(text)]
            chosen = rng.sample(places, max(1, round(share * len(places))))
            for found in sorted(chosen, key=lambda it: -it.start()):
                text = text[: found.start()] + self.other(rng, found[0]) + text[found.end() :]
            return text.split("\n\n")

        return changed

    def other(self, rng: random.Random, word: str) -> str:
        while (chosen := rng.choice(self.sorts[sort(word)])) == word:
            pass
        return chosen


@cache
def sort(word: str) -> str:
    if any(map(str.isdigit, word)):
        return "number"
    return "capital" if word[0].isupper() else "small"


def copies(
    words: Vocabulary,
) -> dict[str, Callable[[random.Random, Paragraphs], Paragraphs]]:
    return {
        "verbatim": lambda rng, text: text,
        "boilerplate: other opening": lambda rng, text: [rng.choice(INTROS), *text],
        "boilerplate: other closing": lambda rng, text: [*text, rng.choice(OUTROS)],
        "boilerplate: other source line": lambda rng, text: [*text, rng.choice(SOURCES)],
        "2 % of words changed": words.change(0.02),
        "5 % of words changed": words.change(0.05),
        "10 % of words changed": words.change(0.10),
        "20 % of words changed": words.change(0.20),
        "one paragraph dropped": drop,
        "paragraphs reordered": lambda rng, text: rng.sample(text, len(text)),
        "cut to four fifths": lambda rng, text: cut(text, 0.8),
        "cut to two thirds": lambda rng, text: cut(text, 0.67),
        "cut to half": lambda rng, text: cut(text, 0.5),
    }


def drop(rng: random.Random, text: Paragraphs) -> Paragraphs:
    gone = rng.randrange(len(text))
    return text[:gone] + text[gone + 1 :]


def cut(text: Paragraphs, share: float) -> Paragraphs:
    """Cuts a text after the sentence that reaches a share of its words, as agencies' are."""
    left = share * sum(len(paragraph.split()) for paragraph in text)
    kept: Paragraphs = []
    for paragraph in text:
        sentences = []
        for sentence in re.split(r"(?<=[.!?]) ", paragraph):
            if left > 0:
                sentences.append(sentence)
            left -= len(sentence.split())
        kept += [" ".join(sentences)] if sentences else []
    return kept


# --- pairs that only look like copies -------------------------------------------------------


def twice(
    rng: random.Random, kind: str, changed: tuple[str, ...] | None, *, opening: bool = False
) -> Twice:
    """The same choice of templates written twice, with other facts the second time.

    `changed` names the facts that differ, None stands for all but the product. `opening` gives
    the second text another first paragraph as well.
    """
    seed = rng.random()
    size = rng.randint(4, 7)
    earlier, later = (Writer(random.Random(seed), kind) for _ in range(2))
    other = Writer(rng, kind).facts
    names = [*earlier.facts.keys() - {"p"}] if changed is None else changed
    later.facts |= {name: other[name] for name in names}
    headlines = [writer.pick("headlines") for writer in (earlier, later)]
    bodies = [[writer.pick("leads"), *writer.paragraphs(size)] for writer in (earlier, later)]
    if opening:
        bodies[1][0] = rng.choice(INTROS)
    return (headlines[0], "\n\n".join(bodies[0])), (headlines[1], "\n\n".join(bodies[1]))


def product_news(rng: random.Random) -> Twice:
    return twice(rng, rng.choice([kind for kind in phrases()["kinds"] if kind != "deal"]), None)


def other_names(rng: random.Random) -> Twice:
    return twice(rng, rng.choice([*phrases()["kinds"]]), NAMES)


def deal(*changed: str, opening: bool = False) -> Callable[[random.Random], Twice]:
    return lambda rng: twice(rng, "deal", changed, opening=opening)


NAMES = ("firma", "land", "institut", "quelle", "leaker", "chip", "messe", "haendler", "netz")
PRICES = ("preis", "preis2", "preis3", "preis4")
LOOKALIKES: dict[str, Callable[[random.Random], Twice]] = {
    "same product and template, other facts": product_news,
    "same product and template, other names": other_names,
    "weekly deal, other price": deal(*PRICES),
    "weekly deal, other price, date and discount": deal(*PRICES, "prozent", "wochentag", "datum"),
    "weekly deal, other price and opening": deal(*PRICES, "prozent", opening=True),
}
