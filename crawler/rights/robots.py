"""Words of `X-Robots-Tag` headers and robots meta tags, as far as they matter to a feed.

There is no standard. The forms are those of Google's "Robots meta tag, data-nosnippet, and
X-Robots-Tag specifications"; `nocache` is Bing's, `noai` and `noimageai` are DeviantArt's.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from crawler.normalise import date, utc

_PLAIN: Final = {
    "noindex": "noindex",
    "none": "noindex",  # and nofollow, which concerns nobody here
    "noarchive": "noarchive",
    "nocache": "noarchive",
    "nosnippet": "nosnippet",
    "noai": "noai",
    "noimageai": "noimageai",
}
SNIPPET: Final = "max-snippet"
UNAVAILABLE: Final = "unavailable_after"
# Names that bear a value after a colon; any other name before one is a crawler's.
_WITH_VALUE: Final = frozenset({SNIPPET, UNAVAILABLE, "max-image-preview", "max-video-preview"})
_NAME: Final = re.compile(r"[\w*.-]+")


def words(value: str, agents: Collection[str]) -> list[str]:
    """The words of a header or tag that matter, each once, in one form; never raises.

    agents: names of crawlers, in lower case, that a prefix as in `otherbot: noindex` may bear to
    be meant for us; what stands before any prefix is for all.
    """
    return [*dict.fromkeys(_words(value, agents))]


def _words(value: str, agents: Collection[str]) -> Iterator[str]:
    is_ours = True
    parts = value.split(",")
    while parts:
        name, rest = _named(parts.pop(0))
        if rest is not None and name not in _WITH_VALUE and _NAME.fullmatch(name):
            is_ours = name in agents
            name, rest = _named(rest)
        if rest is not None and name == UNAVAILABLE:
            while parts and _continues(parts[0]):  # as in "Wed, 25 Jun 2026 15:00:00 GMT"
                rest += f",{parts.pop(0)}"
        if is_ours:
            yield from _understood(name, rest)


def _named(part: str) -> tuple[str, str | None]:
    name, colon, rest = part.partition(":")
    return name.strip().lower(), rest.strip() if colon else None


def _continues(part: str) -> bool:
    """Whether a part goes on with a date that holds a comma."""
    return part.strip()[:1].isdigit()


def _understood(name: str, value: str | None) -> Iterator[str]:
    if value is None:  # some write blanks in place of commas
        yield from (_PLAIN[word] for word in name.split() if word in _PLAIN)
    elif name == SNIPPET and re.fullmatch("[0-9]{1,9}", value):
        yield f"{SNIPPET}:{int(value)}" if int(value) else "nosnippet"
    elif name == UNAVAILABLE and (moment := _moment(value)):
        yield f"{UNAVAILABLE}:{moment}"


def _moment(value: str) -> str | None:
    """A date as RFC 3339 in UTC: RFC 822, RFC 850 and ISO 8601 are what Google names."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, TypeError):
        moment = None
    try:
        if moment and moment.tzinfo:
            return utc(moment)
        told = date(value)
        return utc(datetime.fromisoformat(told)) if told else None
    except (ValueError, OverflowError):
        return None


def limit(robots: Collection[str]) -> int | None:
    """The least number of characters that `max-snippet` words leave; 0 for `nosnippet`."""
    if "nosnippet" in robots:
        return 0
    said = [word.partition(":")[2] for word in robots if word.startswith(f"{SNIPPET}:")]
    return min((int(number) for number in said if number.isdecimal()), default=None)


def is_unavailable(robots: Collection[str], now: datetime) -> bool:
    """Whether a page is past the moment that an `unavailable_after` names."""
    said = [word.partition(":")[2] for word in robots if word.startswith(f"{UNAVAILABLE}:")]
    return any(moment <= utc(now.astimezone(UTC)) for moment in said)
