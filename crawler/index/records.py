"""What the index takes from a line of a feed file, and what it tells of an article."""

from typing import Annotated, Final, NamedTuple

import msgspec

from crawler.duplicates import Text
from crawler.feed import Line
from crawler.items import Article


class Known(NamedTuple):
    """What is known of an article: its id, the start of the run that first collected it, in the
    form of file names, whether the site has withdrawn it since, and the latest record's date."""

    id: str
    since: str
    is_withdrawn: bool
    date_published: str


class _Refused(msgspec.Struct):
    """A record of the quarantine, which may lack anything but its id."""

    id: str
    url: str
    site: str = ""
    event: str = ""
    revision: Annotated[int, msgspec.Meta(ge=1, lt=2**53)] = 1
    article_body: str = ""
    date_published: str = ""
    date_first_seen: str = ""
    date_downloaded: str = ""


class _Quarantined(msgspec.Struct):
    url: str
    record: _Refused


class _Text(msgspec.Struct):
    id: str
    site: str
    headline: str
    article_body: str


_ARTICLE: Final = msgspec.json.Decoder(Article)
_QUARANTINED: Final = msgspec.json.Decoder(_Quarantined)
_TEXT: Final = msgspec.json.Decoder(_Text)


def article_in(line: Line) -> Article:
    """The record of a line of the feed, by the reader's own rules, so that index and readers agree
    on what is one. Raises FeedError."""
    return line.decode(_ARTICLE)


def quarantined_in(line: Line) -> _Refused:
    """The record of a line of the quarantine, under the URL asked for. Raises FeedError."""
    refused = line.decode(_QUARANTINED)
    refused.record.url = refused.url
    return refused.record


def text_in(line: Line) -> Text:
    """What the rules for duplicates look at, of a line that is known to be a record.

    Raises FeedError.
    """
    found = line.decode(_TEXT)
    return Text(found.id, found.site, found.headline, found.article_body)
