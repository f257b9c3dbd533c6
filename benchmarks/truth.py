"""How well texts agree with what the replica's articles say."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from crawler.replica import Story


def paragraph_f1(found: Mapping[str, Iterable[str]], stories: Iterable[Story]) -> float:
    """F1 of paragraphs over all articles: 1.0 where every paragraph is found and nothing else.

    Paragraphs are compared as multisets, article by article, after NFC, without soft hyphens and
    with white space folded; sub-headlines and list items are paragraphs. Headline, lead and
    summary points count neither for nor against. An article not found counts as all missed.
    """
    right = said = wanted = 0
    for story in stories:
        aside = {*map(folded, (story.headline, story.description, *story.summary_points))}
        truth = Counter(map(folded, story.paragraphs))
        given = Counter(
            line for line in map(folded, found.get(story.url, ())) if line and line not in aside
        )
        right += (truth & given).total()
        said += given.total()
        wanted += truth.total()
    return 2 * right / (said + wanted) if right else 0.0


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.replace("\u00ad", "").split()))
