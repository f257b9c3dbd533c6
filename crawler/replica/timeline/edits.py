"""What editors do to an article: another headline, one other word, an update below the text."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from crawler.replica.drafts import draft, slug
from crawler.replica.phrases import Writer
from crawler.replica.stories import Article, Block, paragraphs_of, plain

# Words that may stand for each other wherever our sentences use them.
SYNONYMS = {
    "bereits": "schon", "zudem": "außerdem", "zunächst": "vorerst", "nur": "lediglich",
    "will": "möchte", "derzeit": "momentan", "künftig": "in Zukunft",
    "erst einmal": "vorerst", "bislang": "bisher", "doch": "aber", "weil": "da",
}  # fmt: skip
WORD = re.compile(rf"\b({'|'.join(SYNONYMS)})\b")
NUMBER = re.compile(
    r"(?<![\d.,])(\d{2,3})(?= (?:Euro|Prozent|Gramm|Watt|Meter|Minuten|Stunden|Tage|Tagen|Monate"
    r"|Monaten|Millionen|Fachleute|Roboter|Schulungen|Zeilen|Entwürfe|Beiträge|Ideen)\b)"
)
SENTENCE_END = re.compile(r"(?<=[a-zäöüß)“\"][.!?]) (?=[A-ZÄÖÜ„])")
SUFFIXES = (" (Update)", " (Nachtrag)", " (aktualisiert)")
SLUG_ENDS = ("update", "nachtrag", "im-ueberblick", "aktualisiert")


class Editor:
    """Edits one article; the same seed makes the same edit."""

    def __init__(self, article: Article, edition_seed: int, seed: str) -> None:
        self.article = article
        self.rng = random.Random(f"edit:{seed}")
        drafted = draft(article.story.site, article.index, edition_seed)
        self.is_generated = "facts" in drafted
        # An edit takes back no earlier one: neither this nor the first wording comes again.
        self.used = {
            article.story.headline,
            article.lead,
            drafted["headline"],
            drafted["description"],
        }
        self.writer = Writer(self.rng, drafted.get("kind", "markt"))
        self.writer.facts |= drafted.get("facts", {})

    def edited(self, change: str, text: str | None = None) -> Article:
        """The article with another headline, lead or text; see `events.Edit`."""
        if change == "headline":
            return self._with_headline(text or self._headline())
        if change == "lead":
            return self._with_lead(text or self._lead())
        edits: dict[str, Callable[[], tuple[Block, ...] | None]] = {
            "word": self._other_word,
            "number": self._other_number,
            "sentence": self._other_sentence,
            "drop": self._without_paragraph,
        }
        blocks = edits[change]() if change in edits else None
        blocks = blocks or self._with_update(text)
        story = replace(self.article.story, paragraphs=tuple(paragraphs_of(blocks)))
        return replace(self.article, blocks=blocks, story=story)

    def moved(self, new_slug: str | None = None) -> Article:
        """The article at another address; see `events.Move`."""
        story = self.article.story
        if story.site == "winfuture":
            ending = new_slug or f"{slug(story.headline)}-{self.rng.choice(SLUG_ENDS)}"
            url = f"https://winfuture.de/news/{story.number}/{ending}"
        else:
            folder, _, name = story.url.rstrip("/").rpartition("/")
            old = name.removesuffix(f"-{story.number}")
            ends = [end for end in SLUG_ENDS if not old.endswith(end)]
            url = f"{folder}/{new_slug or f'{old}-{self.rng.choice(ends)}'}-{story.number}/"
        return replace(self.article, story=replace(story, url=url))

    def _headline(self) -> str:
        old = self.article.story.headline
        if self.is_generated:
            for _ in range(8):
                if (made := self.writer.pick("headlines")) not in self.used:
                    return made
        bare = next((old.removesuffix(end) for end in SUFFIXES if old.endswith(end)), old)
        return bare + self.rng.choice([end for end in SUFFIXES if not old.endswith(end)])

    def _with_headline(self, headline: str) -> Article:
        article = self.article
        shared = article.shared_title
        return replace(
            article,
            story=replace(article.story, headline=plain(headline)),
            shared_title=plain(headline) if shared == article.story.headline else shared,
        )

    def _lead(self) -> str:
        if self.is_generated:
            for _ in range(8):
                if (made := self.writer.pick("leads")) not in self.used:
                    return made
        return f"{self.article.lead} {self._fresh_sentence()}"

    def _with_lead(self, lead: str) -> Article:
        story = replace(self.article.story, description=plain(lead))
        return replace(self.article, lead=lead, story=story)

    def _fresh_sentence(self) -> str:
        said = " ".join(self.article.story.paragraphs)
        made = self.writer.pick("general")
        while made in said:
            made = self.writer.pick("general")
        return made

    def _running_text(self) -> list[int]:
        """Blocks of plain sentences: no links, no bold announcements of a list."""
        return [
            place
            for place, block in enumerate(self.article.blocks)
            if block.kind == "p" and not re.search(r"\[|\*\*", block.text)
        ]

    def _with_block(self, place: int, text: str) -> tuple[Block, ...]:
        blocks = self.article.blocks
        return (*blocks[:place], replace(blocks[place], text=text), *blocks[place + 1 :])

    def _replaced(
        self, pattern: re.Pattern[str], other: Callable[[str], str]
    ) -> tuple[Block, ...] | None:
        """One match replaced, anywhere in the running text."""
        found = [
            (place, match)
            for place in self._running_text()
            for match in pattern.finditer(self.article.blocks[place].text)
        ]
        if not found:
            return None
        place, match = self.rng.choice(found)
        text = match.string[: match.start()] + other(match[0]) + match.string[match.end() :]
        return self._with_block(place, text)

    def _other_word(self) -> tuple[Block, ...] | None:
        return self._replaced(WORD, SYNONYMS.__getitem__)

    def _other_number(self) -> tuple[Block, ...] | None:
        return self._replaced(NUMBER, lambda old: str(int(old) + self.rng.choice((1, 2, 3))))

    def _other_sentence(self) -> tuple[Block, ...] | None:
        places = self._running_text()
        if not places:
            return None
        place = self.rng.choice(places)
        sentences = SENTENCE_END.split(self.article.blocks[place].text)
        if self.is_generated:
            sentences[self.rng.randrange(len(sentences))] = self._fresh_sentence()
        else:  # prose written by hand holds together, so it only grows
            sentences.append(self._fresh_sentence())
        return self._with_block(place, " ".join(sentences))

    def _without_paragraph(self) -> tuple[Block, ...] | None:
        blocks, places = self.article.blocks, self._running_text()
        if len(places) < 3:
            return None
        place = self.rng.choice(places[1:])
        following = blocks[place + 1].kind if place + 1 < len(blocks) else ""
        # No sub-headline stays behind without a text.
        start = place - (blocks[place - 1].kind in ("h2", "h3") and following != "p")
        return (*blocks[:start], *blocks[place + 1 :])

    def _with_update(self, text: str | None) -> tuple[Block, ...]:
        blocks = self.article.blocks
        text = text or f"**Update:** {self._fresh_sentence()} {self._fresh_sentence()}"
        last = max((place for place, block in enumerate(blocks) if block.kind == "p"), default=-1)
        return (*blocks[: last + 1], Block("p", text=text), *blocks[last + 1 :])
