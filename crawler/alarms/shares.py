"""What a run counted, beside what the runs of the last month counted: shares that have grown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crawler.alarms.chance import at_least, usual
from crawler.report import Alarm, RunReport

# By chance alone, an alarm a share in so many runs (benchmarks/alarms.md).
CHANCE: Final = 3e-5
_LEAST: Final = 20  # pages to know what is usual by
_FEW: Final = 6  # records, where seldom several are written at a time
_POOLED: Final = 3  # runs that are counted together, when each alone is too small
_SELDOM: Final = 0.2  # what is missing more often than that is no sign
_QUARTER: Final = 0.25  # of the pages of a run, that a fault shows on at least


@dataclass(frozen=True, slots=True)
class Share:
    """Something that happened to `k` of `n`. patience: in how many runs in a row it must show.
    least: so many must have been counted before to know what is usual."""

    kind: str
    subject: str
    k: int
    n: int
    patience: int = 1
    least: int = _LEAST


def shares(report: RunReport) -> Iterator[Share]:
    """The shares of a run that tell of a fault when they grow."""
    counts = report.counts
    asked = sum(counts.get(name, 0) for name in ("listed", "looked"))
    asked -= counts.get("known", 0) + counts.get("before_since", 0)
    refused = report.quarantine
    yield Share("failed", "", counts.get("failed", 0), asked, patience=2)
    yield Share("walled", "", counts.get("walled", 0), asked)
    yield Share("forbidden", "", counts.get("forbidden", 0), asked)
    yield Share("quarantine", "", refused.get("invalid", 0), report.read)
    duplicates = counts.get("duplicate", 0) + refused.get("duplicate", 0)
    yield Share("duplicate", "", duplicates, max(asked, duplicates))
    yield Share("date", "", len({flag.id for flag in report.dates_flagged}), report.read)
    for field in ("description", "article_body"):
        yield Share("lost", field, report.lost.get(field, 0), counts.get("looked", 0))
    for name in ("headline", "paragraph"):
        if report.written > 1:
            k = report.repeated.get(name, 0)
            yield Share("repeated", name, k, report.written, least=_FEW)
    for field, sources in report.sources.items():
        yield Share("drift", field, max(0, report.read - sum(sources.values())), report.read)
        for source, n in sources.items():
            yield Share("drift", f"{field} in {source}", max(0, report.read - n), report.read)


def grown(report: RunReport, before: Sequence[RunReport]) -> Iterator[tuple[Share, float]]:
    """Shares that have grown beyond chance, with what was usual. `before`: the newest last.

    Fields and sources that this run does not name at all have vanished; those of the runs before
    are looked for, too.
    """
    history = [_by_name(earlier) for earlier in (*before, report)]
    names = dict.fromkeys(name for run in history for name in run)
    for name in names:
        if found := _grown(name, history, [*before, report]):
            yield found


Name = tuple[str, str]


def _by_name(report: RunReport) -> dict[Name, Share]:
    return {(share.kind, share.subject): share for share in shares(report)}


def _grown(
    name: Name, history: list[dict[Name, Share]], reports: list[RunReport]
) -> tuple[Share, float] | None:
    """Walks back through the runs that had something to count, as long as they look odd."""
    runs = [
        (_share(name, told, report), _raised(name, report))
        for told, report in zip(history, reports, strict=True)
    ]
    counted = [(share, was_raised) for share, was_raised in runs if share.n]
    if not counted:
        return None
    before = [share for share, was_raised in counted[:-_POOLED] if not was_raised]
    chance = usual(sum(share.k for share in before), sum(share.n for share in before))
    k, n = 0, 0
    for odd, (share, _) in enumerate(reversed(counted[-_POOLED:]), 1):
        is_known = sum(earlier.n for earlier in before) >= share.least and chance <= _SELDOM
        if not is_known or not _is_odd(share, chance):
            return None
        k, n = k + share.k, n + share.n
        if odd >= share.patience and at_least(k, n, chance) < CHANCE:
            return Share(*name, k, n), chance
    return None


def _is_odd(share: Share, chance: float) -> bool:
    return share.k > 0 and share.k / share.n > max(_QUARTER, 3 * chance)


def _share(name: Name, told: dict[Name, Share], report: RunReport) -> Share:
    """A share, or of a field or source that no page of the run had, all of them."""
    if found := told.get(name):
        return found
    return Share(*name, report.read, report.read) if name[0] == "drift" else Share(*name, 0, 0)


def _raised(name: Name, report: RunReport) -> bool:
    return any((alarm.kind, alarm.subject) == name for alarm in report.alarms)


def alarm_of(share: Share, chance: float) -> Alarm:
    """The alarm for a share that has grown."""
    usually = f"usually it is {chance:.1%}" if chance >= 0.0005 else "usually it is none"
    what, cause = _WORDS[share.kind]
    what = what.format(subject=share.subject)
    return Alarm(
        kind=share.kind,
        subject=share.subject,
        evidence=f"{share.k} of {share.n} {what}; {usually}.",
        cause=cause.format(subject=share.subject),
    )


_WORDS: Final = {
    "failed": (
        "articles asked for could not be had",
        "The site answers with errors or too slowly, or its article addresses have changed.",
    ),
    "walled": (
        "articles asked for have a wall in their place",
        "The site shows a consent page, a paywall or a bot challenge to this crawler.",
    ),
    "forbidden": (
        "articles listed are forbidden by robots.txt",
        "The site has changed its robots.txt; ask it, or leave these articles alone.",
    ),
    "quarantine": (
        "articles read failed a check",
        "The site has changed its markup or its character encoding; the quarantine tells more.",
    ),
    "duplicate": (
        "articles asked for are others once more",
        "Pages name a wrong canonical address, or the same text stands on many of them.",
    ),
    "date": (
        "articles read bear a date that cannot be",
        "The site prints dates in another form, or another date is taken for that of publication.",
    ),
    "lost": (
        "articles looked at again have lost their {subject} or most of it",
        "The site has changed its markup, and a selector finds only a part; `scrapy look` tells.",
    ),
    "repeated": (
        "records share one {subject}",
        "What is taken for the {subject} is the site's own text, as a name or a notice.",
    ),
    "drift": (
        "articles read have no {subject}",
        "The site has changed its markup; `scrapy look URL` shows which source answers what.",
    ),
}
