"""The persons that a byline names."""

import re

from crawler.items import Author

_PARTS = re.compile(r"\s*(?:[,;&/]|\bund\b)\s*")


def persons(byline: str, link: str | None = None) -> list[Author]:
    """The persons of a byline; what is divided like one but holds no full names stays whole."""
    names = _PARTS.split(" ".join(byline.split()).strip(" ,;"))
    if len(names) == 1 or any(len(name.split()) < 2 for name in names):
        return [Author(name=byline, url=link)]
    return [Author(name=name) for name in names]
