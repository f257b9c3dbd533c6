"""Are stories found, and nothing else? Pairwise F1: `python -m benchmarks.stories`.

Beside `crawler.stories`, a plain cosine of TF-IDF vectors at the threshold that is best for it on
the very articles it is measured on: an advantage that ours does not have.
"""

from datetime import date
from importlib.metadata import version
from itertools import combinations

from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.stories_labelled import HELD_OUT, TUNING, Labelled
from crawler.items import Article
from crawler.stories import story_ids

Pairs = set[frozenset[str]]


def article(number: int, told: Labelled) -> Article:
    _, day, headline, text = told
    return Article(
        id=f"site:{number}",
        site="site",
        topic="huawei",
        url=f"https://example.org/{number}",
        headline=headline,
        article_body=text,
        date_published=f"2026-01-{day:02d}T{8 + number % 10:02d}:00:00+01:00",
    )


def pairs(groups: dict[str, str]) -> Pairs:
    """The pairs that a grouping (article → group) puts together."""
    return {
        frozenset((one, two)) for one, two in combinations(groups, 2) if groups[one] == groups[two]
    }


def f1(found: Pairs, wanted: Pairs) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    right = len(found & wanted)
    precision, recall = right / max(len(found), 1), right / len(wanted)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def measured(labelled: list[Labelled]) -> tuple[Pairs, Pairs, list[Article]]:
    articles = [article(number, told) for number, told in enumerate(labelled)]
    wanted = {it.id: told[0] for it, told in zip(articles, labelled, strict=True)}
    return pairs(story_ids(articles)), pairs(wanted), articles


def plain(articles: list[Article], wanted: Pairs) -> tuple[float, float, float]:
    texts = [f"{it.headline} {it.article_body}" for it in articles]
    vectors = TfidfVectorizer().fit_transform(texts)
    alike = (vectors @ vectors.T).toarray()
    places = list(combinations(range(len(articles)), 2))
    scores = []
    for threshold in range(1, 100):
        found = {
            frozenset((articles[i].id, articles[j].id))
            for i, j in places
            if alike[i, j] >= threshold / 100
        }
        scores.append(f1(found, wanted))
    return max(scores, key=lambda score: score[2])


def main() -> None:
    print(f"# Stories\n\n`python -m benchmarks.stories`, {date.today()}: ", end="")
    print(
        f"snowballstemmer {version('snowballstemmer')}, scikit-learn {version('scikit-learn')}.\n"
    )
    print("| articles | method | precision | recall | F1 |\n|---|---|---|---|---|")
    for name, labelled in (("tuning", TUNING), ("held out", HELD_OUT)):
        found, wanted, articles = measured(labelled)
        rows = {"`crawler.stories`": f1(found, wanted), "TF-IDF cosine": plain(articles, wanted)}
        for method, (precision, recall, score) in rows.items():
            figures = " | ".join(f"{figure:.2f}" for figure in (precision, recall, score))
            print(f"| {name}, {len(articles)} | {method} | {figures} |")


if __name__ == "__main__":
    main()
