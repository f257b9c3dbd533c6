"""Normalise, Validate, Deduplicate: every article passes all three, in this order, and between
the first two `crawler.permit.Permit`.

Each is a thin caller of pure functions. An item leaves as an article of the feed, as a record
of the quarantine, or as a drop that is counted under its name.
"""

import sqlite3
from collections.abc import Container
from dataclasses import asdict, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol, Self, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import normalise
from crawler.changes import changes
from crawler.duplicates import Text, judge, may_be_alike
from crawler.feed import FeedError, told
from crawler.feed.export import Run, line_written
from crawler.index import Index, Validators
from crawler.items import Article, DuplicateOf, Quarantined
from crawler.normal_form import normalised
from crawler.problems import problems
from crawler.rights import Policy, kept


class _Spider(Run, Protocol):
    """A spider as the pipelines see it."""

    index: Index
    looked_at: Container[str]
    validators: dict[str, Validators]

    def now(self) -> datetime: ...

    def is_backfill(self, article: Article) -> bool: ...


def _spider(crawler: Crawler) -> _Spider:
    return cast("_Spider", crawler.spider)


class KnownArticle(DropItem):
    """The article is in the feed already, or in this run. Raised by `Deduplicate`."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} is in the feed already", log_level="DEBUG")


class UnchangedArticle(DropItem):
    """A second look found the article as the feed has it. Raised by `Deduplicate`."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} is unchanged", log_level="DEBUG")


class WithheldArticle(DropItem):
    """A second look found that an article of the feed may no longer be kept: what the feed has of
    it stays, nothing is added. Raised by `Deduplicate`."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} is not to be kept, its site says by now", log_level="INFO")


class UnknownArticle(DropItem):
    """The index cannot tell whether the feed has the article, so the run ends without it.

    Raised by `Deduplicate`; the next run asks for the article again.
    """

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} was left out, since the index failed", log_level="ERROR")


def quarantined(
    article: Article, reason: Literal["invalid", "duplicate"], why: list[str]
) -> Quarantined:
    """The record of the quarantine for an article that failed a check."""
    return Quarantined(
        reason=reason,
        problems=why,
        url=article.url,
        date_quarantined=article.date_downloaded,
        run_id=article.run_id,
        record=asdict(article),
    )


class Normalise:
    """Gives each field its one form, and the record its place in time."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        spider = _spider(self.crawler)
        came = item.date_downloaded or normalise.utc(spider.now())
        return replace(
            normalised(item), date_first_seen=came, date_downloaded=came, run_id=spider.run_id
        )


class Validate:
    """Lets through what the schema and the text hygiene allow; the rest goes to quarantine."""

    def __init__(self, crawler: Crawler) -> None:
        self.policy = Policy.of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article | Quarantined) -> Article | Quarantined:
        if isinstance(item, Quarantined):
            return item
        found = problems(item)
        return quarantined(self.policy.kept(item), "invalid", found) if found else item


class Deduplicate:
    """Lets through what is news: an article the feed lacks, a revision, a withdrawal.

    The same text again on the same site goes to quarantine, on another site it is kept and marked
    (DUPLICATES=mark) or goes to quarantine, too (DUPLICATES=drop); `crawler.duplicates` has the
    rules. The index learns of an article by reading its line; between this decision and that
    moment its text is kept here: on its way to the feed, then written but not yet read.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.keeps_marked = crawler.settings["DUPLICATES"] == "mark"
        self.policy = Policy.of(crawler.settings)
        self.on_their_way: dict[str, Text] = {}
        self.unread: dict[str, Text] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.written, line_written)
        return pipeline

    def process_item(self, item: Article | Quarantined) -> Article | Quarantined:
        spider = _spider(self.crawler)
        id_ = _id(item)
        if id_ in self.on_their_way:
            raise KnownArticle(id_)
        try:
            latest = spider.index.latest(id_)
            if latest is None and spider.index.known(id_=id_):
                raise KnownArticle(id_)  # in quarantine
            if isinstance(item, Quarantined):
                if latest and item.reason == "rights":
                    self.looked(id_)
                    raise WithheldArticle(id_)
                return item
            item = self.revision(item, latest) if latest else self.first(item)
            return self.within_rights(self.told_apart(item))
        except (OSError, FeedError, sqlite3.Error) as error:
            spider.give_up(f"the index cannot be used: {told(error)}; delete it, it is built anew")
            raise UnknownArticle(id_) from None

    def first(self, article: Article) -> Article:
        return replace(article, backfill=_spider(self.crawler).is_backfill(article))

    def revision(self, article: Article, latest: Article) -> Article:
        """The article as the next revision of its latest record, if there is something new."""
        spider = _spider(self.crawler)
        keep = self.policy.keep(article.rights)
        found = changes(kept(latest, keep), kept(article, keep))
        comes_or_goes = "withdrawn" in {article.event, latest.event}
        if not found and not comes_or_goes:
            if article.id not in spider.looked_at:
                raise KnownArticle(article.id)
            self.looked(article.id)
            raise UnchangedArticle(article.id)
        is_withdrawn = article.event == "withdrawn"
        return replace(
            article,
            event="withdrawn" if is_withdrawn else "updated",
            revision=latest.revision + 1,
            topic=latest.topic,
            date_first_seen=latest.date_first_seen,
            changes=None if is_withdrawn else found,
            backfill=False,
        )

    def looked(self, id_: str) -> None:
        spider = _spider(self.crawler)
        spider.index.looks.looked(id_, spider.now(), spider.validators.pop(id_, Validators()))

    def within_rights(self, item: Article | Quarantined) -> Article | Quarantined:
        """What is written: with no more of the text than may be kept. All before needs it whole."""
        if isinstance(item, Quarantined):
            return item
        item = self.policy.kept(item)
        self.crawler.stats.inc_value(f"rights/done/{item.content}")
        return item

    def told_apart(self, article: Article) -> Article | Quarantined:
        """The article, marked or refused when its text was printed before."""
        if article.event == "withdrawn":
            return article
        text = Text(article.id, article.site, article.headline, article.article_body)
        index = _spider(self.crawler).index
        self.unread = {id_: unread for id_, unread in self.unread.items() if id_ in index.waiting}
        at_hand = chain(self.on_their_way.values(), self.unread.values())
        likely = [other for other in at_hand if may_be_alike(text, other)]
        likely += index.texts_like(text.article_body)
        found = judge(text, likely)
        self.on_their_way[article.id] = text
        if found is None:
            return replace(article, duplicate_of=None) if article.duplicate_of else article
        duplicate_of = DuplicateOf(id=found.id, similarity=round(found.similarity, 2))
        article = replace(article, duplicate_of=duplicate_of)
        is_kept = found.kind == "other-site" and self.keeps_marked
        if is_kept or article.event == "updated":  # what the feed has, it does not lose again
            return article
        why = f"the text of {found.id} again, similarity {found.similarity:.2f}"
        return quarantined(self.policy.kept(article), "duplicate", [why])

    def written(self, item: Article | Quarantined, path: Path) -> None:
        validators = _spider(self.crawler).validators.pop(_id(item), Validators())
        is_there = isinstance(item, Article) and item.event != "withdrawn"
        self.follow(item, path, validators if is_there else None)

    def follow(
        self, item: Article | Quarantined, path: Path, validators: Validators | None
    ) -> None:
        """Lets the index read a line; with the validators of a page that was there just now."""
        spider = _spider(self.crawler)
        id_ = _id(item)
        if text := self.on_their_way.pop(id_, None):
            self.unread[id_] = text
        try:
            spider.index.follow(path, id_, validators)
        except (OSError, sqlite3.Error) as error:
            spider.give_up(f"the index cannot be brought up to date: {told(error)}")


def _id(item: Article | Quarantined) -> str:
    return item.id if isinstance(item, Article) else str(item.record["id"])
