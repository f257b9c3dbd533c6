"""Permit: the pipeline step that keeps out of the feed what a site does not want kept at all."""

from dataclasses import asdict
from datetime import datetime
from typing import Final, Protocol, Self, cast

from scrapy.crawler import Crawler

from crawler.items import Article, Quarantined
from crawler.rights import Keep, Policy, kept, kinds

# By these the index knows an article, and a walk how old it is.
_IDENTITY: Final = ("id", "site", "topic", "url", "date_published", "rights")


class _Spider(Protocol):
    def now(self) -> datetime: ...


class Permit:
    """Lets through what may be kept, be it an excerpt alone. Of the rest the quarantine keeps
    which article it is, so that it is not asked for again, and not a word of it.

    Before `Validate`, whose quarantine holds texts.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.policy = Policy.of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article | Quarantined:
        if item.event != "withdrawn":
            for kind in kinds(item.rights):
                self.crawler.stats.inc_value(f"rights/found/{kind}")
        if not self.policy.forbids(item.rights, cast("_Spider", self.crawler.spider).now()):
            return item
        if item.event == "withdrawn":  # that it is gone may be told
            return kept(item, Keep("metadata", 0))
        return refused(item)


def refused(article: Article) -> Quarantined:
    """The record of the quarantine for an article that must not be kept."""
    record = asdict(article)
    said = article.rights.evidence if article.rights else ()
    return Quarantined(
        reason="rights",
        problems=[f"{entry.source}: {entry.says}" for entry in said],
        url=article.url,
        date_quarantined=article.date_downloaded,
        run_id=article.run_id,
        record={name: record[name] for name in _IDENTITY},
    )
