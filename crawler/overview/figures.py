"""What the report tells, counted from articles and run reports."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from crawler.differences import Piece, pieces, shortened
from crawler.items import Article
from crawler.report import ReportError, RunReport, report_at, report_paths
from crawler.stories import story_ids

LATEST: Final = 50
_MOST_WEEKS: Final = 53
_TOP: Final = 12
_LENGTHS: Final = (100, 200, 300, 400, 600, 800, 1200)


@dataclass(kw_only=True)
class Shown:
    """One of the latest articles, with what changed from revision to revision."""

    article: Article
    revisions: list[tuple[Article, list[tuple[str, list[Piece]]]]]


@dataclass(kw_only=True)
class Figures:
    """All that the page shows. Weeks are named by their Monday; `runs` are the newest first."""

    sites: list[str]
    articles: int
    withdrawn: int
    revisions: int
    advertisements: dict[str, tuple[int, int]]
    weeks: list[date]
    published: dict[str, list[int]]
    events: dict[str, list[int]]
    first: list[tuple[str, int, float]]
    stories: int
    keywords: list[tuple[str, int]]
    authors: list[tuple[str, int]]
    lengths: list[tuple[str, int]]
    runs: list[RunReport]
    latest: list[Shown]
    span: tuple[str, str] | None = field(default=None)


def figures(events: Iterable[Article], runs: list[RunReport]) -> Figures:
    """Counts what the feed's events and the run reports tell."""
    history: dict[str, list[Article]] = defaultdict(list)
    happened: dict[str, Counter[date]] = defaultdict(Counter)
    for event in events:
        history[event.id].append(event)
        happened[event.event][_week(event.date_downloaded)] += 1
    latest = [revisions[-1] for revisions in history.values()]
    there = [article for article in latest if article.event != "withdrawn"]
    sites = sorted({article.site for article in latest})
    dated: dict[str, Counter[date]] = {site: Counter() for site in sites}
    for article in there:
        dated[article.site][_week(article.date_published)] += 1
    weeks = _weeks([*dated.values()], [*happened.values()])
    days = sorted(article.date_published for article in there)
    first = _first(there, story_ids(there))
    return Figures(
        sites=sites,
        articles=len(there),
        withdrawn=len(latest) - len(there),
        revisions=sum(happened["updated"].values()),
        advertisements=_advertisements(sites, there),
        weeks=weeks,
        published={site: [counts[week] for week in weeks] for site, counts in dated.items()},
        events={
            name: [happened[name][week] for week in weeks] for name in ("published", "updated")
        },
        first=first,
        stories=sum(count for _, count, _ in first),
        keywords=Counter(word for it in there for word in it.keywords).most_common(_TOP),
        authors=Counter(author.name for it in there for author in it.authors).most_common(_TOP),
        lengths=_lengths(there),
        runs=runs[::-1][:20],
        latest=[_shown(history[article.id]) for article in _newest(latest)],
        span=(days[0][:10], days[-1][:10]) if days else None,
    )


def run_reports(output_dir: Path) -> list[RunReport]:
    """The run reports of an output folder, in the order of time; none that cannot be read."""
    found = []
    for path in report_paths(output_dir):
        with suppress(ReportError, OSError):
            found.append(report_at(path))
    return found


def _week(moment: str) -> date:
    day = datetime.fromisoformat(moment).date()
    return day - timedelta(days=day.weekday())


def _weeks(dated: list[Counter[date]], happened: list[Counter[date]]) -> list[date]:
    """Every week from the first to the last in which a run found something, at most a year.

    Dates that publishers print may lie in the far future; when runs took place is known.
    """
    there = [week for counts in (*dated, *happened) for week in counts]
    if not there:
        return []
    last = max(week for counts in happened for week in counts)
    first = max(min(there), last - timedelta(weeks=_MOST_WEEKS - 1))
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def _newest(articles: list[Article]) -> list[Article]:
    def moment(article: Article) -> datetime:
        return datetime.fromisoformat(article.date_published)

    return sorted(articles, key=moment, reverse=True)[:LATEST]


def _advertisements(sites: list[str], articles: list[Article]) -> dict[str, tuple[int, int]]:
    """Of each site: advertisements, and all articles."""
    adverts = Counter(article.site for article in articles if article.is_advertisement)
    every = Counter(article.site for article in articles)
    return {site: (adverts[site], every[site]) for site in sites}


def _first(articles: list[Article], stories: dict[str, str]) -> list[tuple[str, int, float]]:
    """Of each site: how many stories it had before the others, and by how many hours (median)."""
    told: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        told[stories[article.id]].append(article)
    lead: dict[str, list[float]] = defaultdict(list)
    for members in told.values():
        first, *others = sorted(members, key=lambda it: datetime.fromisoformat(it.date_published))
        later = [it for it in others if it.site != first.site]
        if later:
            moments = [datetime.fromisoformat(it.date_published) for it in (first, later[0])]
            lead[first.site].append((moments[1] - moments[0]).total_seconds() / 3600)
    rows = [(site, len(hours), median(hours)) for site, hours in lead.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _lengths(articles: list[Article]) -> list[tuple[str, int]]:
    """How many articles have so many words, or more but fewer than the next."""
    bounds = (0, *_LENGTHS)
    counts = [0] * len(bounds)
    for article in articles:
        counts[sum(article.word_count >= bound for bound in bounds) - 1] += 1
    return [*zip([f"≥ {bound}" for bound in bounds], counts, strict=True)]


def _shown(revisions: list[Article]) -> Shown:
    found = []
    for before, after in itertools.pairwise(revisions):
        fields = []
        for name in ("headline", "description", "article_body", "url"):
            was, became = getattr(before, name) or "", getattr(after, name) or ""
            if was != became:
                fields.append((name, shortened(pieces(was, became))))
        found.append((after, fields))
    return Shown(article=revisions[-1], revisions=found)
