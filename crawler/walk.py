"""The walk: which articles of a listing are asked for, which page comes next, and why it ends.

Decides and requests nothing, so that its reasons can be tested without a crawl.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from msgspec.structs import replace

from crawler.arguments import Arguments
from crawler.index import Known, Mark, Validators
from crawler.normalise import utc

_BARREN_LIMIT: Final = 3  # pages without a new article, one after another, are paging in a circle


class Stop(Enum):
    """Why a walk ended. The first two prove that nothing is missing, the others do not."""

    CAUGHT_UP = "it met what the last complete walk has covered"
    END = "it reached the end of the listing"
    SINCE = "it reached articles from before the day asked for"
    MAX_PAGES = "it read as many tag pages as asked for"
    ENDLESS = "the listing does not end"
    UNREADABLE = "the listing could not be read"
    DOUBTFUL = "an article that is gone may hide another, so the next run reads the whole listing"
    UNFINISHED = "the run ended before the walk did"

    @property
    def is_complete(self) -> bool:
        return self in {Stop.CAUGHT_UP, Stop.END}


@dataclass(slots=True)
class Step:
    """What to do after a page: `fresh` URLs to ask for, ids of articles that were withdrawn and
    have `returned`, and the page to go on with, if any."""

    fresh: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    next_url: str | None = None


@dataclass
class Walk:
    """One walk of a listing, from its top.

    known: what is known of a canonical URL. mark: the last complete walk, if there was one.
    most_pages: no listing has more. is_forbidden: whether robots.txt keeps us from a URL, as far
    as can be told without asking.
    """

    arguments: Arguments
    known: Callable[[str], Known | None]
    mark: Mark | None = None
    most_pages: int = 1000
    is_forbidden: Callable[[str], bool] = lambda url: False
    # Hashes of the URLs listed so far: of 100,000 they take 9 MB, not 21. That two in so many
    # have the same is as likely as 1 in 10 ** 9.
    listed: set[int] = field(default_factory=set)
    newest: str = ""  # the first URL listed
    pages: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    barren_pages: int = 0
    has_reached_since: bool = False
    has_left_out: bool = False  # an article that the feed lacks, since it is from before `since`
    oldest: str | None = None  # the date of the oldest article seen
    vanished: set[str] = field(default_factory=set)  # URLs, of articles that may hide others
    stop: Stop = Stop.UNFINISHED
    _seen: dict[str, Validators] = field(default_factory=dict)
    _listing_bytes: int = 0
    _article_bytes: list[int] = field(default_factory=lambda: [0, 0])  # sum and number

    def look_at_feed(self, entries: Mapping[str, str | None]) -> Step | None:
        """What the topic's feed says, if it reaches back to the newest article of the last walk.

        None where it does not: it is stale, or shorter than what is new, or that article is
        gone. Then the tag page must tell.
        """
        if self.mark is None or self.mark.newest not in entries:
            return None
        self.stop = Stop.CAUGHT_UP
        return self._sorted_out(entries)

    def unchanged(self, page: str | None = None) -> Step:
        """The listing is as it was at the last complete walk, says the server of this page."""
        if page:
            self.pages.add(page)
        self.stop = Stop.CAUGHT_UP
        return Step()

    def read(
        self, url: str, articles: Mapping[str, str | None], next_url: str | None, size: int
    ) -> Step:
        """A tag page: its address, the articles it names, the page it offers next, its bytes."""
        self.pages.add(url)
        self._listing_bytes += size
        known_before = len(self.listed)
        step = self._sorted_out(articles)
        self.barren_pages = 0 if len(self.listed) > known_before else self.barren_pages + 1
        if next_url is None or next_url in self.pages:
            self.stop = Stop.END
        elif stop := self.enough(articles, len(self.pages)):
            self.stop = stop
        elif self.barren_pages >= _BARREN_LIMIT or len(self.pages) >= self.most_pages:
            self.stop = Stop.ENDLESS
        else:
            step.next_url = next_url
        return step

    def enough(self, articles: Mapping[str, str | None], pages: int) -> Stop | None:
        """Why there is no need to see what follows the last of so many pages, if there is none."""
        dates = [date for date in articles.values() if date]
        if self._is_covered(articles):
            return Stop.CAUGHT_UP
        if pages == self.arguments.max_pages:
            return Stop.MAX_PAGES
        if self.has_reached_since or (dates and self.is_before_since(dates[-1])):
            return Stop.SINCE
        return None

    def read_again(self, articles: Mapping[str, str | None]) -> Step:
        """A tag page read once more: only articles that were on none so far are news."""
        return self._sorted_out(articles)

    def saw(self, published: str | None) -> None:
        """Takes note of the date of an article; RFC 3339."""
        if published and (self.oldest is None or _moment(published) < _moment(self.oldest)):
            self.oldest = published

    def is_before_since(self, published: str | None) -> bool:
        since = self.arguments.since
        return bool(since and published and published[:10] < since.isoformat())

    def _sorted_out(self, articles: Mapping[str, str | None]) -> Step:
        step = Step()
        new = [url for url in articles if hash(url) not in self.listed]
        self.listed.update(map(hash, new))
        self.newest = self.newest or next(iter(new), "")
        for url in new:
            known = self.known(url)
            published = articles[url] or (known and known.date_published)
            self.saw(published)
            if self.is_before_since(published):
                self.count("before_since")
                self.has_left_out |= known is None
            elif known and known.is_withdrawn:
                step.returned.append(known.id)
            elif known:
                self.count("known")
            elif self.is_forbidden(url):
                self.count("forbidden")
            else:
                step.fresh.append(url)
        self.count("listed", len(new))
        return step

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def _is_covered(self, urls: Iterable[str]) -> bool:
        """Whether all these articles were collected by the last complete walk or before.

        Of those that robots.txt forbids it was as good as that: they are never collected.
        """
        mark = self.mark
        return mark is not None and all(
            known.since <= mark.start if (known := self.known(url)) else self.is_forbidden(url)
            for url in urls
        )

    # --- what the next run may rely on ---

    def validators(self, url: str) -> Validators | None:
        """Those of a listing page as the last complete walk saw it."""
        return self.mark.validators.get(url) if self.mark else None

    def seen(self, url: str, validators: Validators) -> None:
        """Keeps the validators of the first page: unchanged, it stands for all that follow."""
        if not self._seen:
            self._seen[url] = validators

    def weigh_article(self, size: int) -> None:
        """Counts the bytes of an article's page, to tell what a whole walk would cost."""
        self._article_bytes = [self._article_bytes[0] + size, self._article_bytes[1] + 1]

    def may_have_lost_one(self, last_there: str) -> bool:
        """Whether an article that was last there at a time (UTC) may have made a walk miss one.

        What vanishes from a page already read moves all after it up, so that the first article
        of the next page is on none that a walk of several pages reads.
        """
        return bool(self.mark and self.mark.spread and last_there <= self.mark.spread)

    def settle(self) -> None:
        """Takes back that nothing is missing where what vanished may hide an article still.

        From a walk that has read the whole listing without it, it hides none. What was left out
        as too old is missing, too, for those who ask for it later.
        """
        if self.stop.is_complete and self.has_left_out:
            self.stop = Stop.SINCE
        has_read_all = self.stop is Stop.END and self.listed.isdisjoint(map(hash, self.vanished))
        if self.vanished and self.stop.is_complete and not has_read_all:
            self.stop = Stop.DOUBTFUL

    def next_mark(self, start: str, now: datetime) -> Mark:
        """The mark of this walk, given the start of its run in the form of file names."""
        last, moment = self.mark, utc(now)
        total, number = self._article_bytes
        article_bytes = total // number if number else last.article_bytes if last else 0
        mark = Mark(
            start=start,
            newest=self.newest or (last.newest if last else ""),
            walked=moment,
            spread=moment if len(self.pages) > 1 else None,
            oldest=self.oldest,
            pages=len(self.pages),
            listed=len(self.listed),
            bytes=self._listing_bytes + article_bytes * len(self.listed),
            article_bytes=article_bytes,
            validators=self._seen,
        )
        if not last or self.stop is Stop.END:
            return mark
        return replace(  # on top of what was covered before
            last,
            start=start,
            newest=mark.newest,
            walked=moment if self.pages else last.walked,
            spread=mark.spread or last.spread,
            article_bytes=article_bytes,
            validators=last.validators | self._seen,
        )


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)
