"""The persons that a page names as its authors."""

import re
from collections.abc import Iterable
from typing import Any, Final

from crawler import structured
from crawler.items import Author

_PARTS: Final = re.compile(r"\s*(?:[,;&/]|\bund\b)\s*")


def persons(byline: str, link: str | None = None) -> list[Author]:
    """The persons of a byline; what is divided like one but holds no full names stays whole."""
    names = _PARTS.split(" ".join(byline.split()).strip(" ,;"))
    if len(names) == 1 or any(len(name.split()) < 2 for name in names):
        return [Author(name=byline, url=link)]
    return [Author(name=name) for name in names]


def told_persons(entries: Iterable[Any]) -> list[Author]:
    """The persons of schema.org's `author`: names, or nodes with name and URL."""
    found = []
    for entry in entries:
        link = entry.get("url") if isinstance(entry, dict) else None
        link = link if isinstance(link, str) else None
        found += [author for name in structured.strings(entry) for author in persons(name, link)]
    return found
