"""A Fundus parser for mobiFlip, which Fundus has no publisher for, after its own guide."""

import datetime

from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import (
    extract_article_body_with_selector,
    generic_author_parsing,
    generic_date_parsing,
    generic_nodes_to_text,
)
from lxml.cssselect import CSSSelector


class MobiflipParser(ParserProxy):
    class V1(BaseParser):
        _paragraph_selector = CSSSelector("#content-main p, #content-main li")
        _subheadline_selector = CSSSelector("#content-main h2, #content-main h3")
        _author_selector = CSSSelector(".author-name a")

        @attribute
        def title(self) -> str | None:
            return self.precomputed.meta.get("og:title")

        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(
                self.precomputed.doc,
                paragraph_selector=self._paragraph_selector,
                subheadline_selector=self._subheadline_selector,
            )

        @attribute
        def authors(self) -> list[str]:
            return generic_author_parsing(
                generic_nodes_to_text(self._author_selector(self.precomputed.doc))
            )

        @attribute
        def publishing_date(self) -> datetime.datetime | None:
            return generic_date_parsing(self.precomputed.meta.get("article:published_time"))
