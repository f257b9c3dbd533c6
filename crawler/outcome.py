"""How a run went, told from its statistics: counts that add up, problems, exit code."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final, Self

from scrapy.crawler import Crawler

COMPLETE, INCOMPLETE, WRONG_USE = 0, 1, 2
# What becomes of an article that a run has listed or looked at again.
_FATES: Final = (
    *("new", "updated", "withdrawn", "known", "unchanged", "gone", "duplicate", "quarantined"),
    *("failed", "before_since"),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run in numbers, which add up when the run was not cut short: what was `listed` or
    `looked` at again is known, new, updated, withdrawn, unchanged, gone, duplicate, quarantined,
    failed or from before `since`."""

    site: str
    is_complete: bool = False
    stop: str = ""
    full_requests: int = 0
    full_bytes: int = 0
    listed: int = 0
    looked: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    gone: int = 0
    known: int = 0
    duplicate: int = 0
    quarantined: int = 0
    failed: int = 0
    before_since: int = 0
    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, site: str, crawler: Crawler) -> Self:
        """The outcome of a crawler that has ended, or could not even start."""
        try:
            stats = crawler.stats.get_stats()
        except RuntimeError:  # it could not even begin
            stats = {}
        counts = {
            field.name: stats.get(f"article/{field.name}", 0)
            for field in fields(cls)
            if field.type is int
        }
        counts |= {
            "duplicate": counts["duplicate"]
            + stats.get("item_dropped_reasons_count/KnownArticle", 0),
            "unchanged": counts["unchanged"]
            + stats.get("item_dropped_reasons_count/UnchangedArticle", 0),
            "requests": stats.get("downloader/request_count", 0),
            "bytes": stats.get("downloader/response_bytes", 0),
        }
        limit = crawler.settings.getfloat("BROKEN_ARTICLES_LIMIT")
        return cls(
            site=site,
            seconds=stats.get("elapsed_time_seconds", 0.0),
            problems=(
                *getattr(crawler.spider, "problems", ("the spider could not start; see the log",)),
                *_problems(stats, counts, limit),
            ),
            **counts,
        )

    @property
    def exit_code(self) -> int:
        return INCOMPLETE if self.problems else COMPLETE

    def __str__(self) -> str:
        told = ", ".join(
            f"{getattr(self, name)} {name}"
            for name in ("new", "known", "duplicate", "quarantined", "failed")
        )
        if self.before_since:
            told += f", {self.before_since} from before the day asked for"
        verdict = f"incomplete: {'; '.join(self.problems)}" if self.problems else "complete"
        return f"{self.site}: {told}; {verdict}"


def _problems(stats: dict[str, object], counts: dict[str, int], limit: float) -> Iterable[str]:
    broken, asked = counts["failed"] + counts["quarantined"], counts["listed"] + counts["looked"]
    if broken > limit * asked:
        yield f"{broken} of {asked} listed articles are broken; see log and quarantine"
    lost = asked - sum(counts[name] for name in _FATES)
    errors = sum(
        int(str(stats.get(name, 0))) for name in ("spider_exceptions/count", "item_error_count")
    )
    if errors:
        yield f"the crawler failed on {errors} pages; the log tells where"
    if any(name.startswith("feedexport/failed_count") for name in stats):
        yield "the feed file could not be completed; the log tells why"
    reason = stats.get("finish_reason", "not started")
    if reason not in {"finished", "gave_up"}:
        yield f"the run was ended early ({reason})"
    elif lost != errors and reason == "finished":
        yield f"the counts do not add up: {lost} of {asked} listed articles are missing"
