"""Normalise, Validate, Deduplicate: every article passes all three, in this order.

Each is a thin caller of pure functions. An item leaves as an article of the feed, as a record
of the quarantine, or as a drop that is counted under its name.
"""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Protocol, Self, cast

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import normalise
from crawler.feed import Run
from crawler.index import Index
from crawler.items import Article, Author, Image, Quarantined


class _Spider(Run, Protocol):
    index: Index


def _spider(crawler: Crawler) -> _Spider:
    return cast("_Spider", crawler.spider)


class KnownArticle(DropItem):
    """The article is in the feed already, or in this run. Raised by `Deduplicate`."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} is in the feed already", log_level="DEBUG")


def normalised(article: Article) -> Article:
    """The article with each field in its one form; doing it twice changes nothing."""
    headline = normalise.text(article.headline) or ""
    description = normalise.text(article.description)
    article_body = normalise.body(article.article_body.split("\n\n"))
    return replace(
        article,
        url=normalise.url(article.url) or article.url,
        headline=headline,
        description=description,
        article_body=article_body,
        summary_points=normalise.texts(article.summary_points),
        authors=_authors(article),
        date_published=normalise.date(article.date_published) or article.date_published,
        date_modified=normalise.date(article.date_modified),
        article_section=normalise.text(article.article_section),
        keywords=normalise.keywords(article.keywords),
        images=_images(article),
        in_language=article.in_language[:2].lower(),
        word_count=len(article_body.split()),
        content_hash=normalise.content_hash(headline, description, article_body),
    )


def _authors(article: Article) -> list[Author]:
    found: dict[str, Author] = {}
    for author in article.authors:
        if name := normalise.name(author.name):
            link = normalise.url(author.url, article.url) if author.url else None
            found.setdefault(name.casefold(), Author(name=name, url=link))
    return [*found.values()]


def _images(article: Article) -> list[Image]:
    found: dict[str, Image] = {}
    for image in article.images:
        if address := normalise.image_url(image.url, article.url):
            caption = normalise.text(image.caption)
            credit = normalise.text(image.credit) or normalise.credit(caption)
            found.setdefault(address, Image(url=address, caption=caption, credit=credit))
    return [*found.values()]


def problems(article: Article) -> list[str]:
    """What keeps a record out of the feed: a field of the wrong form, a text not clean."""
    found = [
        f"{name} is empty: the page names none"
        for name in ("headline", "article_body", "date_published")
        if not getattr(article, name)
    ]
    if not found:
        try:
            msgspec.convert(msgspec.to_builtins(article), Article)
        except msgspec.ValidationError as error:
            found.append(f"not of the record's form: {error}")
    for name in ("headline", "description", "article_body", "article_section"):
        found += [f"{name} holds {flaw}" for flaw in normalise.flaws(getattr(article, name) or "")]
    for paragraph in article.article_body.split("\n\n"):
        if normalise.notice(paragraph):
            found.append(f"article_body holds a notice of the page: {paragraph[:60]!r}")
    return found


class Normalise:
    """Gives each field its one form, and the record its place in time."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        now = normalise.utc(datetime.now(UTC))
        run_id = _spider(self.crawler).run_id
        return replace(normalised(item), date_first_seen=now, date_downloaded=now, run_id=run_id)


class Validate:
    """Lets through what the schema and the text hygiene allow; the rest goes to quarantine."""

    def process_item(self, item: Article) -> Article | Quarantined:
        if found := problems(item):
            return Quarantined(
                reason="invalid",
                problems=found,
                url=item.url,
                date_quarantined=item.date_downloaded,
                run_id=item.run_id,
                record=asdict(item),
            )
        return item


class Deduplicate:
    """Drops what the feed holds already. The rules for equal texts will find their place here.

    The index learns of an article when its line is written; between this decision and that
    moment the id is kept here, since another response may bring the same article meanwhile.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.on_their_way: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pipeline = cls(crawler)
        # Connected after the feed export, hence called after it has written the line.
        crawler.signals.connect(pipeline.written, signals.item_scraped)
        return pipeline

    def process_item(self, item: Article | Quarantined) -> Article | Quarantined:
        id_ = _id(item)
        if id_ in self.on_their_way or _spider(self.crawler).index.knows(id_=id_):
            raise KnownArticle(id_)
        self.on_their_way.add(id_)
        return item

    def written(self, item: Article | Quarantined) -> None:
        spider = _spider(self.crawler)
        quarantined = isinstance(item, Quarantined)
        spider.index.follow(spider.name, spider.start_name, quarantined=quarantined)
        self.on_their_way.discard(_id(item))


def _id(item: Article | Quarantined) -> str:
    return item.id if isinstance(item, Article) else str(item.record["id"])
