"""What sources name, what the feed has, and why it lacks what it lacks. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from crawler.audit.held import Refused
from crawler.index import Known


class Reason(StrEnum):
    """Why the feed lacks an article."""

    QUARANTINED = "quarantined"  # its record failed a check
    DUPLICATE = "duplicate"  # its text is in the feed under another article
    WITHHELD = "withheld"  # its page says that it must not be kept
    WITHDRAWN = "withdrawn"  # the feed tells that the site took it down, and so it is
    GONE = "gone"  # named, but the site answers 404 or 410 for it
    FORBIDDEN = "forbidden"  # named, but robots.txt forbids asking for it
    FAILED = "failed"  # named, but it cannot be had, or leads to no article
    OTHER_TOPIC = "not about the topic"  # named by nothing but the sitemap of the whole site
    NONE = "no reason"


# By the reason that the quarantine names; all others are checks that a record failed.
_REFUSALS: Final = {"duplicate": Reason.DUPLICATE, "rights": Reason.WITHHELD}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the feed stands to an article: it has it where there is no reason.

    date: of publication as the feed or the article's page says, RFC 3339, where either does.
    """

    reason: Reason | None = None
    detail: str = ""
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What an article answered that the feed lacks: its date, as RFC 3339, or why it cannot be
    had. id, url: the article's own, which may be others than those asked for."""

    id: str | None = None
    url: str = ""
    date: str | None = None
    is_gone: bool = False
    is_forbidden: bool = False
    problem: str = ""


@dataclass(slots=True)
class Source:
    """One of the places where a site names its articles.

    named: canonical URLs, each with its date of publication (RFC 3339) where the source says it.
    last_changes: dates it cannot have been published after, where that is all it says.
    problem: why the source could not be read, or not to its end.
    reaches_back: it names all there is from the first day of the period on; the others name the
    newest, and are not asked for what is older than the oldest they name.
    is_about_topic: what it names is about the topic.
    """

    name: str
    url: str
    is_about_topic: bool = True
    reaches_back: bool = False
    named: dict[str, str | None] = field(default_factory=dict)
    last_changes: dict[str, str | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A source in numbers: articles of the period `named`, those of them `in_feed`, and the
    rest by reason. They add up."""

    name: str
    url: str
    problem: str | None
    named: int
    in_feed: int
    reasons: dict[Reason, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """An article about the topic that one source names and another lacks."""

    url: str
    date: str | None
    named_by: list[str]
    lacking: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """An article about the topic that the feed lacks, and why."""

    url: str
    date: str | None
    named_by: list[str]
    reason: Reason
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit found. `problems`: why the feed cannot be called complete, a line each."""

    site: str
    topic: str
    since: date
    sources: list[Row]
    disagreements: list[Disagreement]
    lacking: list[Lack]
    problems: list[str]


def standing(
    *,
    known: Known | None = None,
    refused: Refused | None = None,
    check: Check | None = None,
    is_about_topic: bool = True,
) -> Standing:
    """How the feed stands to an article that a source names.

    known: what the index knows of it. refused: its record in the quarantine, if it is not in the
    feed. check: what its page answered, if it was asked.
    """
    published = (known and known.date_published) or (check and check.date) or None
    if not is_about_topic:
        return Standing(Reason.OTHER_TOPIC, date=published)
    if refused:
        reason = _REFUSALS.get(refused.reason, Reason.QUARANTINED)
        return Standing(reason, "; ".join(refused.problems), published)
    if known and not known.is_withdrawn:
        return Standing(date=published)
    if check and check.is_gone:
        return Standing(Reason.WITHDRAWN if known else Reason.GONE, check.problem, published)
    if check and check.is_forbidden:
        return Standing(Reason.FORBIDDEN, check.problem, published)
    if check and check.problem:
        return Standing(Reason.FAILED, check.problem, published)
    detail = "the feed tells that it was withdrawn, but it is there" if known else ""
    return Standing(Reason.NONE, detail, published)


def said_date(sources: Iterable[Source], url: str) -> str | None:
    """An article's date as the first source says it that says any."""
    return next(filter(None, (source.named.get(url) for source in sources)), None)


def is_before(published: str | None, since: date) -> bool:
    """Whether a date, as printed, is of a day before another; an unknown date is not."""
    return bool(published and published[:10] < since.isoformat())


def topical(sources: Iterable[Source]) -> set[str]:
    """The articles that a source about the topic names."""
    return {url for source in sources if source.is_about_topic for url in source.named}


def compare(
    site: str,
    topic: str,
    since: date,
    sources: Sequence[Source],
    standings: Mapping[str, Standing],
) -> Report:
    """Compares sources with each other and with the feed, from the day `since` on.

    `standings` holds each article that a source names. An article without any date counts as one
    of the period if a source about the topic names it. A source that reaches back and could not
    be read is a problem, since without it nobody knows what there is; a dead RSS is not.
    """
    about = topical(sources)
    when = {url: held.date or said_date(sources, url) for url, held in standings.items()}

    def is_of_period(source: Source, url: str) -> bool:
        said = when[url] or source.last_changes.get(url)
        return not is_before(said, since) and bool(said or url in about)

    named = {
        source.name: [url for url in source.named if is_of_period(source, url)]
        for source in sources
    }
    naming = {
        url: [source.name for source in sources if url in source.named]
        for url in dict.fromkeys(url for urls in named.values() for url in urls)
    }
    reasons = {url: standings[url].reason for url in naming}
    on_topic = [url for url in naming if reasons[url] is not Reason.OTHER_TOPIC]
    lacking = [
        Lack(
            url=url,
            date=when[url],
            named_by=naming[url],
            reason=reason,
            detail=standings[url].detail or None,
        )
        for url in on_topic
        if (reason := reasons[url])
    ]
    return Report(
        site=site,
        topic=topic,
        since=since,
        sources=[_row(source, [reasons[url] for url in named[source.name]]) for source in sources],
        disagreements=list(_disagreements(on_topic, naming, when, sources)),
        lacking=lacking,
        problems=list(_problems(sources, lacking)),
    )


def _row(source: Source, reasons: Sequence[Reason | None]) -> Row:
    counts = Counter(reason for reason in reasons if reason)
    return Row(
        name=source.name,
        url=source.url,
        problem=source.problem or None,
        named=len(reasons),
        in_feed=len(reasons) - counts.total(),
        reasons={reason: counts[reason] for reason in Reason if counts[reason]},
    )


def _disagreements(
    urls: Iterable[str],
    naming: Mapping[str, list[str]],
    when: Mapping[str, str | None],
    sources: Sequence[Source],
) -> Iterable[Disagreement]:
    oldest = {source.name: _oldest(source, when) for source in sources}
    for url in urls:
        lacking = [
            source.name
            for source in sources
            if url not in source.named and _covers(source, when[url], oldest[source.name])
        ]
        if lacking:
            yield Disagreement(url=url, date=when[url], named_by=naming[url], lacking=lacking)


def _oldest(source: Source, when: Mapping[str, str | None]) -> datetime | None:
    """The date of the oldest article that a source names."""
    said = (when[url] or source.last_changes.get(url) for url in source.named)
    return min(map(datetime.fromisoformat, filter(None, said)), default=None)


def _covers(source: Source, published: str | None, oldest: datetime | None) -> bool:
    """Whether a source would name an article of that date, if it knew of it."""
    if source.problem:
        return False
    if source.reaches_back:
        return True
    return bool(published and oldest and datetime.fromisoformat(published) > oldest)


def _problems(sources: Iterable[Source], lacking: Iterable[Lack]) -> Iterable[str]:
    for source in sources:
        if source.problem and source.reaches_back:
            yield f"the {source.name} could not be read: {source.problem}"
    if count := sum(lack.reason is Reason.NONE for lack in lacking):
        articles = "1 article" if count == 1 else f"{count} articles"
        yield f"the feed lacks {articles} without a reason"
