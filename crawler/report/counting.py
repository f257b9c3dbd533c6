"""What a run report counts, from what is written and from the statistics of a run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, ClassVar, Final

from crawler.items import Article, Change, Quarantined
from crawler.outcome import Outcome, errors, walls

_SIDES: Final = ("before", "after")
_LONG: Final = 80  # characters of a paragraph that is no mere phrase
_EMPTY: Final[tuple[object, ...]] = (None, "", [])


class Tally:
    """Counts what is written: records, their fields with a value, reasons of quarantine."""

    _FIELDS: ClassVar[tuple[str, ...]] = tuple(entry.name for entry in fields(Article))

    def __init__(self) -> None:
        self.written = 0
        self.filled: Counter[str] = Counter()
        self.quarantine: dict[str, int] = {}
        self.lost: Counter[str] = Counter()
        self.headlines: Counter[int] = Counter()
        self.paragraphs: Counter[int] = Counter()

    def add(self, item: Article | Quarantined) -> None:
        if isinstance(item, Quarantined):
            self.quarantine[item.reason] = self.quarantine.get(item.reason, 0) + 1
            return
        self.written += 1
        self.filled.update(n for n in self._FIELDS if getattr(item, n) not in _EMPTY)
        self.lost.update(_lost(item))
        if item.event != "withdrawn":
            self.headlines[hash(item.headline)] += 1
            long = {hash(part) for part in item.article_body.split("\n\n") if len(part) >= _LONG}
            self.paragraphs.update(long)

    def fields(self) -> dict[str, int]:
        """Every field of the record → how many written ones have a value."""
        return {name: self.filled[name] for name in self._FIELDS}

    def repeated(self) -> dict[str, int]:
        """In how many records the most frequent headline, and paragraph, is; none where in one."""
        most = {
            name: max(counted.values(), default=0)
            for name, counted in (("headline", self.headlines), ("paragraph", self.paragraphs))
        }
        return {name: count for name, count in most.items() if count > 1}


def _lost(item: Article) -> Iterator[str]:
    """Fields that an updated record has lost: the lead, or more than half of the words."""
    if item.event != "updated" or item.correction or not item.changes:
        return
    lead, body = item.changes.get("description"), item.changes.get("article_body")
    if isinstance(lead, Change) and lead.before and not lead.after:
        yield "description"
    if isinstance(body, list) and item.content == "full":
        gone, came = (sum(len(getattr(h, side).split()) for h in body) for side in _SIDES)
        if gone - came > item.word_count:
            yield "article_body"


def told_by(stats: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What a report takes from the statistics of a run and its outcome."""
    said = asdict(outcome)
    return {
        "is_complete": outcome.is_complete,
        "stop": outcome.stop,
        "exit_code": outcome.exit_code,
        "problems": outcome.problems,
        "faults": dict(outcome.faults),
        "counts": {name: said[name] for name in Outcome.COUNTS},
        "errors": errors(stats),
        "read": stats.get("article/read", 0),
        "requests": outcome.requests,
        "bytes": outcome.bytes,
        "seconds": round(outcome.seconds, 3),
        "seconds_waited": round(outcome.seconds_waited, 3),
        "whole_walk": {"requests": outcome.full_requests, "bytes": outcome.full_bytes},
        "answered_from_archive": stats.get("archive/answered", 0),
        "responses": _below(stats, "downloader/response_status_count/"),
        "walls": walls(stats),
        "sources": _two_below(stats, "source/"),
        "date_disagreements": _below(stats, "date/disagreement/"),
        "browser": {name: n for name, n in _below(stats, "browser/").items() if name != "missing"},
        "rights": _two_below(stats, "rights/"),
    }


def _below(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): value
        for name, value in sorted(stats.items())
        if name.startswith(prefix)
    }


def _two_below(stats: Mapping[str, Any], prefix: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, value in _below(stats, prefix).items():
        outer, _, inner = name.partition("/")
        found.setdefault(outer, {})[inner] = value
    return found
