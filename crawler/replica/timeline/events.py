"""What can happen on the sites: the events of a timeline, in the form of its file."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from crawler.replica.stories import MOST_ARTICLES

Moment = Annotated[datetime, Meta(tz=True)]
Hours = Annotated[float, Meta(gt=0, le=24 * 366)]
SiteName = Literal["winfuture", "mobiflip"]
Editing = Literal["headline", "lead", "word", "number", "sentence", "update", "drop"]
Redecoration = Literal[
    "summary", "adverts", "boxes", "comments", "date_modified", "tracking", "spaces", "hyphens",
    "spelling", "layout",
]  # fmt: skip


class Happening(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    tag_field="event",
):  # fmt: skip
    """Something that happens to a site at a moment of virtual time."""

    at: Moment
    site: SiteName


class ArticleHappening(Happening, frozen=True, kw_only=True):
    """Something that happens to an article.

    `article` is its place in the listing that the site has in the end, 0 for the newest. With
    `after`, it happens when so many pages of the site's listings have been asked for since `at`,
    in the midst of a walk, or when the clock next moves, whichever comes first.
    """

    article: Annotated[int, Meta(ge=0, lt=MOST_ARTICLES)]
    after: Annotated[int, Meta(ge=0)] = 0


class Publish(ArticleHappening, frozen=True, kw_only=True, tag="publish"):
    """A new article, dated `at`; those that no such event names are there from the start."""


class Edit(ArticleHappening, frozen=True, kw_only=True, tag="edit"):
    """Another text. `modified` says whether the page admits it by its date of modification.

    `text` stands for the headline, the lead or the added paragraph instead of an invented one.
    A text too short for a change gets an update.
    """

    change: Editing
    modified: bool = False
    text: Annotated[str, Meta(pattern=r"\S")] | None = None


class Cosmetic(ArticleHappening, frozen=True, kw_only=True, tag="cosmetic"):
    """Another page around the same text.

    `summary` moves WinFuture's summary box to the top of the text and back, `spelling` is that
    of umlauts (entities on WinFuture, decomposed on mobiFlip), `layout` the site's other one.
    """

    change: Redecoration


class Takedown(ArticleHappening, frozen=True, kw_only=True, tag="takedown"):
    """The article is gone, from its address, the listings, the feeds and the sitemaps."""

    status: Literal[404, 410] = 404


class Return(ArticleHappening, frozen=True, kw_only=True, tag="return"):
    """An article that was gone is back as it was."""


class Move(ArticleHappening, frozen=True, kw_only=True, tag="move"):
    """Another address, to which the old one redirects for good; the article's number stays.

    mobiFlip's article gets another slug. WinFuture's moves to `/news/<number>/<slug>`, one of the
    forms of the same address, so a record keeps its URL.
    """

    slug: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)] | None = None


class Outage(Happening, frozen=True, kw_only=True, tag="outage"):
    """The whole site answers 503 for a while, or hangs up without an answer."""

    hours: Hours
    answer: Literal["503", "refuse"] = "503"


class FeedDead(Happening, frozen=True, kw_only=True, tag="feed_dead"):
    """For a while the topic feeds answer 404, or say what they said when it began."""

    hours: Hours
    feed: Literal["missing", "stale"] = "missing"


Event = Publish | Edit | Cosmetic | Takedown | Return | Move | Outage | FeedDead
