"""How a run went, told from its statistics: counts that add up, problems, exit code."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self

if TYPE_CHECKING:  # reports are read where there is no Scrapy
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

COMPLETE, INCOMPLETE, WRONG_USE, BUSY = 0, 1, 2, 3
# What becomes of an article that a run has listed or looked at again.
FATES: Final = (
    *("new", "updated", "withdrawn", "known", "unchanged", "gone", "duplicate", "quarantined"),
    *("failed", "walled", "before_since", "forbidden", "withheld"),
)

# What a problem may tell of that does not go away by itself.
LISTING, FEED, CRAWLER = "listing", "feed", "crawler"


class Problem(NamedTuple):
    """What makes a run incomplete, in a sentence. fault: LISTING, FEED or CRAWLER where someone
    must look, empty where the next run may well succeed."""

    said: str
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run in numbers, which add up when the run was not cut short: what was `listed` or
    `looked` at again is known, new, updated, withdrawn, unchanged, gone, duplicate, quarantined,
    failed, walled (a wall stands in its place), from before `since`, forbidden by robots.txt, or
    withheld, since its page says that it must not be kept.

    is_complete: whether the feed now holds all that the listing names; `stop` tells why the walk
    ended, covers_from the date of the oldest article it has covered. full_requests, full_bytes:
    what reading the whole listing and all its articles would cost, in bytes as unpacked.
    seconds_waited: those of `seconds` in which nothing was asked out of politeness.
    faults: of the problems, those that do not go away by themselves, by what they tell of.
    is_busy: another run had the site, so this one did nothing; the problem names it.
    """

    COUNTS: ClassVar[tuple[str, ...]] = ("listed", "looked", *FATES)

    site: str
    is_complete: bool = False
    stop: str = ""
    covers_from: str | None = None
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
    walled: int = 0
    before_since: int = 0
    forbidden: int = 0
    withheld: int = 0
    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0
    seconds_waited: float = 0.0
    problems: tuple[str, ...] = ()
    faults: Mapping[str, list[str]] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()
    is_busy: bool = False

    @classmethod
    def of(cls, site: str, crawler: "Crawler") -> Self:
        """The outcome of a crawler that has ended, or could not even start."""
        try:
            stats = crawler.stats.get_stats()
        except RuntimeError:  # it could not even begin
            stats = {}
        counts = _counts(stats)
        spider = crawler.spider
        unable = Problem("the spider could not start; see the log", CRAWLER)
        told = getattr(spider, "problems", [unable])
        limits = Limits.of(crawler.settings)
        found = [*told, *failures(stats, limits), *_ending(stats, counts)]
        return cls(
            site=site,
            requests=stats.get("downloader/request_count", 0),
            bytes=stats.get("downloader/response_bytes", 0),
            seconds=stats.get("elapsed_time_seconds", 0.0),
            seconds_waited=stats.get("politeness/seconds_waited", 0.0),
            problems=tuple(problem.said for problem in found),
            faults=_faults(found),
            is_complete=getattr(spider, "is_complete", False),
            is_busy=getattr(spider, "is_busy", False),
            alarms=tuple(map(str, getattr(spider, "raised", ()))),
            stop=stats.get("walk/stop", ""),
            covers_from=stats.get("walk/covers_from"),
            full_requests=stats.get("walk/full_requests", 0),
            full_bytes=stats.get("walk/full_bytes", 0),
            **counts,
        )

    @property
    def exit_code(self) -> int:
        if self.is_busy:
            return BUSY
        return INCOMPLETE if self.problems or self.alarms else COMPLETE

    def __str__(self) -> str:
        if self.is_busy:
            return f"{self.site}: not begun: {self.problems[0]}"
        always = ("new", "known", "duplicate", "quarantined", "failed")
        told = [f"{getattr(self, name)} {name}" for name in always]
        seldom = ("updated", "withdrawn", "unchanged", "gone", "withheld", "walled")
        told += [f"{getattr(self, name)} {name}" for name in seldom if getattr(self, name)]
        if self.before_since:
            told.append(f"{self.before_since} from before the day asked for")
        if self.forbidden:
            told.append(f"{self.forbidden} forbidden by robots.txt")
        return f"{self.site}: {', '.join(told)}; {self.cost}; {self.verdict}"

    @property
    def cost(self) -> str:
        """Requests and bytes, beside those of a whole walk where it is known and larger; and how
        long politeness took, if it took any time."""
        cost = f"{self.requests:,} requests, {self.bytes:,} bytes"
        if self.full_requests > self.requests:
            cost += f" (a whole walk: {self.full_requests:,} and {self.full_bytes:,})"
        if self.seconds_waited:
            cost += f", {self.seconds_waited:,.1f} of {self.seconds:,.1f} s waited"
        return cost

    @property
    def verdict(self) -> str:
        """Whether the run is complete, and why not; and whether there are alarms."""
        alarmed = f"; {len(self.alarms)} alarm{'s' * (len(self.alarms) > 1)}" if self.alarms else ""
        return f"{self.completeness}{alarmed}"

    @property
    def completeness(self) -> str:
        if self.problems:
            return f"incomplete: {'; '.join(self.problems)}"
        if self.is_complete:
            return "complete"
        if self.failed or self.walled:
            return "not complete: some articles could not be had, the next run asks again"
        return f"not complete: {self.stop}"


def worst(codes: Iterable[int]) -> int:
    """The exit code of several runs: a failed one counts more than one that was not begun."""
    return max(codes, key=(COMPLETE, BUSY, INCOMPLETE).index)


@dataclass(frozen=True)
class Limits:
    """Shares of articles beyond which a run has failed: of those listed that may be broken, of
    those asked for that may be walls."""

    broken: float
    walls: float

    @classmethod
    def of(cls, settings: "BaseSettings") -> Self:
        return cls(settings.getfloat("BROKEN_ARTICLES_LIMIT"), settings.getfloat("WALLS_LIMIT"))


def failures(stats: Mapping[str, Any], limits: Limits) -> Iterator[Problem]:
    """What went wrong on pages and files, a sentence each, by the statistics of a run.

    An error page sent as an article is one article's trouble and counts with the broken ones; any
    other wall stands before the whole site, which a few new articles must be able to tell.
    """
    counts = _counts(stats)
    walled_off = stats.get("article/walled_off", 0)
    broken = counts["failed"] + counts["quarantined"] + counts["walled"] - walled_off
    listed = counts["listed"] + counts["looked"]
    if broken > limits.broken * listed:
        yield Problem(f"{broken} of {listed} listed articles are broken; see log and quarantine")
    asked = listed - counts["known"] - counts["before_since"]
    if walled_off > limits.walls * asked:
        kinds = ", ".join(f"{kind}: {n}" for kind, n in walls(stats).items() if kind != "error")
        said = f"walls stand in place of {walled_off} of {asked} articles asked for ({kinds})"
        yield Problem(said)
    if failed := errors(stats):
        yield Problem(f"the crawler failed on {failed} pages; the log tells where", CRAWLER)
    if missing := stats.get("browser/missing"):
        yield Problem(missing)
    if any(name.startswith("feedexport/failed_count") for name in stats):
        yield Problem("the feed file could not be completed; the log tells why", FEED)


def walls(stats: Mapping[str, Any]) -> dict[str, int]:
    """Kind of wall → in place of how many articles."""
    prefix = "wall/"
    return {k.removeprefix(prefix): n for k, n in sorted(stats.items()) if k.startswith(prefix)}


def _faults(problems: Iterable[Problem]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for problem in problems:
        if problem.fault:
            faults.setdefault(problem.fault, []).append(problem.said)
    return faults


def _ending(stats: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[Problem]:
    reason = stats.get("finish_reason", "not started")
    asked = counts["listed"] + counts["looked"]
    lost = asked - sum(counts[name] for name in FATES)
    if reason not in {"finished", "gave_up"}:
        yield Problem(f"the run was ended early ({reason})")
    elif lost != errors(stats) and reason == "finished":
        said = f"the counts do not add up: {lost} of {asked} listed articles are missing"
        yield Problem(said, CRAWLER)


def errors(stats: Mapping[str, Any]) -> int:
    """On how many pages and items the crawler itself failed."""
    return sum(stats.get(name, 0) for name in ("spider_exceptions/count", "item_error_count"))


def settled(stats: Mapping[str, Any]) -> tuple[int, int]:
    """Of how many articles it is known what becomes of them, and how many there are so far."""
    counts = _counts(stats)
    return sum(counts[name] for name in FATES), counts["listed"] + counts["looked"]


def _counts(stats: Mapping[str, Any]) -> dict[str, int]:
    counts = {name: stats.get(f"article/{name}", 0) for name in Outcome.COUNTS}
    dropped = "item_dropped_reasons_count/"
    counts["duplicate"] += stats.get(f"{dropped}KnownArticle", 0)
    counts["unchanged"] += stats.get(f"{dropped}UnchangedArticle", 0)
    counts["withheld"] += stats.get(f"{dropped}WithheldArticle", 0)
    return counts
