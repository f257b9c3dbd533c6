"""Assembles German sentences from the templates in ``data/phrases.json``.

A template holds slots, ``{stadt}``, and choices, ``(früher|später)``. Choices do not nest; those
with the same number, ``(1:gab|legte) … (1:nach|zu)``, fall together.
"""

import json
import random
import re
from functools import cache
from importlib.resources import files
from typing import Any

CHOICE = re.compile(r"\((?:(\d):)?([^()]*\|[^()]*)\)")
SLOT = re.compile(r"\{(\w+)\}")
LOOSE_SPACE = re.compile(r"\s+(?=[.,:;?!])|(?<=\s)\s+")
# Drawn anew for each sentence; all others stay the same through a text.
LOCAL_SLOTS = {"person", "rolle", "stadt", "anzahl", "kerne", "tage", "minuten"}

# Slot → lowest, highest, step.
NUMBERS = {
    "mp": (40, 200, 2), "mp2": (10, 60, 1), "akku": (4200, 7400, 10), "akku2": (7000, 12400, 50),
    "watt": (33, 140, 1), "watt2": (10, 80, 1), "hz": (90, 165, 5), "nit": (1500, 7000, 50),
    "faktor": (3, 12, 1), "minuten": (11, 95, 1), "gramm": (31, 290, 1), "gramm2": (299, 1690, 1),
    "tausend": (2, 98, 1), "tausend2": (9, 240, 1), "meter": (3, 120, 1), "meter2": (150, 320, 5),
    "fps": (24, 240, 6), "prozent": (12, 68, 1), "prozent2": (2, 11, 1), "prozent3": (70, 96, 1),
    "punkte": (1100, 98000, 7), "kerne": (3, 9, 1), "nm": (4, 9, 1), "tflops": (3, 48, 1),
    "gbit": (2, 25, 1), "kw": (2, 59, 1), "mw": (30, 480, 5), "anzahl": (11, 96, 1),
    "tage": (3, 19, 1), "stunden": (8, 31, 1), "mm": (38, 140, 1), "mio": (2, 95, 1),
    "mio2": (110, 940, 5), "mrd": (12, 720, 1), "mrd2": (10, 29, 1), "km": (4, 38, 1),
    "km2": (480, 1390, 5), "kmh": (40, 130, 5), "kwh": (52, 120, 1), "liter": (310, 780, 5),
    "ghz": (6, 71, 1), "preis3": (59, 399, 10), "preis4": (5, 59, 1), "zukunft": (2027, 2034, 1),
    "vergangen": (2011, 2024, 1),
}  # fmt: skip
PICKED = {
    "gb": ["8", "12", "16", "24", "32"],
    "tb": ["256", "512", "768", "1024"],
    "zoll": ["6,1", "6,4", "6,6", "6,7", "6,8", "6,9", "7,1", "7,9", "8,0"],
    "zoll2": ["8,8", "10,4", "11,5", "12,2", "13,2", "14,2", "16,1", "18,0"],
    "zoll3": ["12,8", "14,5", "15,6", "16,0", "19,3", "32,0"],
    "pixel": ["2456 x 1600", "2560 x 1600", "2800 x 1840", "2880 x 1920", "3296 x 2472"],
    "mm2": ["4,9", "5,1", "5,5", "5,9", "6,2", "7,3", "13,5"],
    "gbgroesse": ["1,1", "1,4", "1,8", "2,2", "2,7", "3,3", "3,9", "4,6"],
}
DISTINCT = {"farbe2": "farbe", "monat2": "monat"}


@cache
def phrases() -> Any:
    """The vocabulary, read once."""
    text = files("crawler.replica").joinpath("data/phrases.json").read_text("utf-8")
    return json.loads(text)


class Writer:
    """Writes about one product; product, price and places stay the same through a text."""

    def __init__(self, rng: random.Random, kind: str) -> None:
        self.rng = rng
        self.kind: dict[str, Any] = phrases()["kinds"][kind]
        self.facts = self._facts()

    def _facts(self) -> dict[str, str]:
        rng, words = self.rng, phrases()["slots"]
        facts = {name: rng.choice(values) for name, values in words.items()}
        facts |= {name: rng.choice(values) for name, values in PICKED.items()}
        facts |= {
            name: str(rng.randrange(a, b + 1, step)) for name, (a, b, step) in NUMBERS.items()
        }
        for name, other in DISTINCT.items():
            facts[name] = rng.choice([word for word in words[other] if word != facts[other]])
        facts["p"], facts["p2"] = rng.sample(self.kind["products"], 2)
        price = rng.randrange(349, 1899, 10)
        facts["preis"], facts["preis2"] = str(price), str(price + rng.randrange(50, 460, 10))
        facts["datum"] = f"{rng.randint(1, 28)}. {facts['monat']}"
        return facts

    def write(self, template: str) -> str:
        """The template with its choices made and its slots filled."""
        rng = self.rng
        places: dict[str, int] = {}
        fresh: dict[str, str] = {}

        def choose(found: re.Match[str]) -> str:
            options = found[2].split("|")
            place = int(rng.random() * len(options))
            return options[places.setdefault(found[1], place) if found[1] else place]

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name in LOCAL_SLOTS:
                return fresh.get(name) or fresh.setdefault(name, _draw(rng, name))
            return self.facts[name]

        return LOOSE_SPACE.sub("", SLOT.sub(fill, CHOICE.sub(choose, template)))

    def pick(self, name: str) -> str:
        """One sentence of a sort: the kind's own, else a general one."""
        return self.write(self.rng.choice(self.kind.get(name) or phrases()[name]))

    def several(self, name: str, count: int) -> list[str]:
        """Different sentences of a sort."""
        pool: list[str] = self.kind.get(name) or phrases()[name]
        return [self.write(text) for text in self.rng.sample(pool, min(count, len(pool)))]

    def paragraphs(self, count: int) -> list[str]:
        """Paragraphs of two to four sentences, no template used twice."""
        sizes = [self.rng.choice((2, 3, 3, 4)) for _ in range(count)]
        own = self.several("sentences", round(sum(sizes) * 0.45) + 1)
        pool = own + self.several("general", sum(sizes) - len(own))
        self.rng.shuffle(pool)
        rest = iter(pool)
        made = [
            [sentence for _, sentence in zip(range(size), rest, strict=False)] for size in sizes
        ]
        return [" ".join(sentences) for sentences in made if sentences]


def _draw(rng: random.Random, name: str) -> str:
    if name in NUMBERS:
        low, high, step = NUMBERS[name]
        return str(low + step * int(rng.random() * ((high - low) // step + 1)))
    words: list[str] = PICKED.get(name) or phrases()["slots"][name]
    return words[int(rng.random() * len(words))]
