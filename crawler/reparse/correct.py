"""Correct: what of a page read anew goes into the feed."""

import sqlite3
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Final

import msgspec
from scrapy.exceptions import DropItem

from crawler.changes import changes, hunks
from crawler.feed import FeedError, told
from crawler.items import Article, Change, Hunk, Quarantined
from crawler.pipelines import Deduplicate, UnchangedArticle, UnknownArticle, WithheldArticle

# What becomes of a page that was read anew, by the name of a run's counts.
COUNTS: Final = {
    "unchanged": "unchanged",
    "updated": "corrected",
    "new": "published",
    "duplicate": "duplicate",
    "failed": "failed",
}
# What a page does not say, or what follows from other fields: no reason for a correction.
_OURS: Final = frozenset(
    {
        *("schema_version", "id", "event", "revision", "site", "topic", "word_count"),
        *("content_hash", "duplicate_of", "changes", "correction", "backfill", "run_id"),
        *("date_first_seen", "date_downloaded", "archive", "content", "rights"),
    }
)
CONTENT: Final = tuple(entry.name for entry in fields(Article) if entry.name not in _OURS)


class UnfitArticle(DropItem):
    """A page of the feed is no fit article any more, as page classes are today.

    Raised by `Correct`; the feed keeps the record it has.
    """

    def __init__(self, id_: str, why: list[str]) -> None:
        super().__init__(f"{id_} is not fit any more: {'; '.join(why)}", log_level="ERROR")


class Correct(Deduplicate):
    """Lets through what today's page classes read otherwise than those before, in Deduplicate's
    place.

    A page that the latest record came from gives a correction; one that was refused, and is fit
    now, a first record or an ordinary revision. What was refused and still is stays where it is.
    """

    def process_item(self, item: Article | Quarantined) -> Article | Quarantined:
        index = self.crawler.spider.index  # type: ignore[union-attr]
        id_ = _id(item)
        try:
            latest: Article | None = index.latest(id_)
            if isinstance(item, Quarantined):
                return self.refused(item, latest)
            fit = self.revised(item, latest) if latest else self.told_apart(self.first(item))
            return self.within_rights(fit)
        except (OSError, FeedError, sqlite3.Error) as error:
            line = f"the index cannot be used: {told(error)}; delete it, it is built anew"
            self.crawler.spider.give_up(line)  # type: ignore[union-attr]
            raise UnknownArticle(id_) from None

    def written(self, item: Article | Quarantined, path: Path) -> None:
        """As Deduplicate does, but that no page was looked at just now."""
        self.crawler.spider.validators.clear()  # type: ignore[union-attr]
        self.follow(item, path, None)

    def refused(self, item: Quarantined, latest: Article | None) -> Quarantined:
        """Never written: the quarantine has it, or the feed has a fit record of the same page."""
        id_ = str(item.record["id"])
        if item.reason == "rights":
            raise WithheldArticle(id_)
        if latest and msgspec.to_builtins(latest.archive) == item.record["archive"]:
            raise UnfitArticle(id_, item.problems)
        raise UnchangedArticle(id_)

    def revised(self, article: Article, latest: Article) -> Article | Quarantined:
        is_correction = latest.archive == article.archive
        found = corrections(latest, article) if is_correction else changes(latest, article)
        if not found or latest.content != "full":  # what was cut is not made whole by reading it
            raise UnchangedArticle(article.id)
        article = replace(
            article,
            event="updated",
            revision=latest.revision + 1,
            topic=latest.topic,
            date_first_seen=latest.date_first_seen,
            duplicate_of=latest.duplicate_of,
            changes=found,
            correction=is_correction,
            rights=latest.rights if is_correction else article.rights,
        )
        return article if latest.article_body == article.article_body else self.told_apart(article)


def _id(item: Article | Quarantined) -> str:
    return item.id if isinstance(item, Article) else str(item.record["id"])


def corrections(before: Article, after: Article) -> dict[str, Change | list[Hunk]]:
    """Each field of a page's content that differs: before and after, for the body its hunks."""
    was, became = asdict(before), asdict(after)
    return {
        name: hunks(was[name], became[name])
        if name == "article_body"
        else Change(before=was[name], after=became[name])
        for name in CONTENT
        if was[name] != became[name]
    }
