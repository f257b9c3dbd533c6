"""The page: bytes parsed once."""

from functools import cached_property
from typing import ClassVar, Final, Self

from lxml import etree
from scrapy.http import Response

from crawler.html import Find, line, parse
from crawler.normalise import ArticleUrl
from crawler.pages.shells import is_shell

MOST: Final = 8  # elements that are read where one is looked for


class Page:
    """One HTML page, parsed once.

    content: the bytes as the server sent them, decompressed. url: where they came from.
    content_type: the HTTP header, which may name the encoding.
    """

    ARTICLE_URL: ClassVar[ArticleUrl]

    def __init__(self, content: bytes, url: str, content_type: str | None = None) -> None:
        self.url = url
        self.tree = parse(content, content_type)
        self.searched: dict[tuple[etree._Element, Find], list[etree._Element]] = {}

    @classmethod
    def from_response(cls, response: Response) -> Self:
        header = response.headers.get("Content-Type")
        return cls(response.body, response.url, header.decode("latin-1") if header else None)

    @property
    def is_filled(self) -> bool:
        """Whether it has what such a page is there for."""
        raise NotImplementedError

    @cached_property
    def is_shell(self) -> bool:
        """Whether it has nothing of that until scripts fill it; costs a filled page nothing."""
        return not self.is_filled and is_shell(self.tree)

    def all(self, find: Find | None) -> list[etree._Element]:
        """The matching elements in document order; none for a selector the site lacks."""
        return self.below(self.tree, find)

    def first(self, find: Find | None) -> list[etree._Element]:
        """The first of the matching elements: no more than can be read, were each in the last."""
        return self.all(find)[:MOST]

    def below(self, root: etree._Element, find: Find | None) -> list[etree._Element]:
        """The matching elements of a part of the page; each is searched once."""
        if find is None:
            return []
        if (root, find) not in self.searched:
            self.searched[root, find] = find(root)
        return self.searched[root, find]

    def line(self, find: Find | None) -> str | None:
        """The first matching element that holds text, as one line."""
        return next(filter(None, map(line, self.first(find))), None)
