"""Where the sources of a page disagree on when its article appeared or was changed."""

from typing import Final

from crawler.normalise import date, dates_agree
from crawler.pages.article_page import ArticlePage

DATES: Final = ("date_published", "date_modified")


def disputed_dates(page: ArticlePage) -> list[str]:
    """The dates of which two sources of a page name different moments."""
    return [name for name in DATES if _is_disputed(page, name)]


def _is_disputed(page: ArticlePage, name: str) -> bool:
    said: dict[str, str] = {}  # what each source says first
    for source, value in getattr(type(page), name).candidates(page):
        if value and source not in said and (moment := date(value)):
            said[source] = moment
    first, *others = said.values() or [""]
    return not all(dates_agree(first, other) for other in others)
