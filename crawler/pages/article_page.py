"""The article page: every field of the record from standard data, a site's selectors beside."""

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler import structured
from crawler.html import Find, css, frames_table, line
from crawler.items import Article, Author, Image
from crawler.normalise import article_id, date, text, url
from crawler.pages.answer import Candidates, answer
from crawler.pages.body import Body, Links, densest, read
from crawler.pages.bylines import persons, told_persons
from crawler.pages.furniture import is_furniture
from crawler.pages.page import Page
from crawler.pages.paywall import follows, is_false, paid_names
from crawler.pages.titles import without_site_name

_TITLE = css("title")
_PLAIN = frozenset("br b i em strong p li a".split())  # most of a text; alone they say nothing
_ADVERTORIAL = frozenset(
    {
        *("advertorial", "anzeige", "werbung", "promotion", "gesponsert", "sponsored"),
        *("sponsored post", "gesponserter beitrag", "deal", "deals", "schnäppchen"),
    }
)  # sections and authors that name a kind of advertisement
_MOST_NAMES = 50  # authors, or keywords, that are read where links name them
_PUBLISHED = ("article:published_time", "dc.date.issued", "date", "datepublished")
_MODIFIED = ("article:modified_time", "og:updated_time", "dc.date.modified")


class ArticlePage(Page):
    """One article. Each field is an `answer`; `sources` tells where the answers came from."""

    HEADLINE: ClassVar[Find] = css("h1")
    LEAD: ClassVar[Find | None] = None
    BODY: ClassVar[Find] = css("[itemprop=articleBody]", ".entry-content", "article", "main")
    NOT_BODY: ClassVar[frozenset[str]] = frozenset()  # classes and ids of boxes in the body
    SUMMARY: ClassVar[Find | None] = None
    AUTHORS: ClassVar[Find] = css("a[rel~=author]")
    DATE: ClassVar[Find] = css("time")
    SECTION: ClassVar[Find | None] = css("a[rel~=category]")
    KEYWORDS: ClassVar[Find | None] = css("a[rel~=tag]:not([rel~=category])")
    PICTURES: ClassVar[Find] = css("figure, .wp-caption")
    CAPTION: ClassVar[Find] = css("figcaption, .wp-caption-text")
    ADVERTISEMENT: ClassVar[Find | None] = None

    def __init__(self, content: bytes, url: str, content_type: str | None = None) -> None:
        super().__init__(content, url, content_type)
        self.sources: dict[str, str] = {}
        self.is_guessed = False  # the body, since no container of one holds text
        self.nodes = structured.json_ld(self.tree)
        self.metas = structured.meta(self.tree)
        self.links = structured.links(self.tree)
        said = self.links.get("canonical", [self.url])[0]
        self.node = structured.article_node(self.nodes, said)

    @cached_property
    def microdata(self) -> dict[str, list[str]]:
        """Read only when asked: most pages say the same in JSON-LD."""
        return structured.microdata(self.tree)

    def said(self, key: str, *metas: str) -> Candidates[str]:
        """What the page's standard data says of a schema.org property, best source first."""
        yield from (("json-ld", value) for value in structured.strings(self.node.get(key)))
        for name in metas:
            yield from (("meta", value) for value in self.metas.get(name, ()))
        if not self.node:  # pages that hold both say the same in both
            yield from (("microdata", value) for value in self.microdata.get(key, ()))

    @answer
    def canonical_url(self) -> Candidates[str]:
        """The article's URL as the page names it, if that is an article of the site."""
        for link in self.links.get("canonical", ()):
            yield "meta", self.ARTICLE_URL.canonical(link, self.url)
        for source, value in self.said("url", "og:url"):
            yield source, self.ARTICLE_URL.canonical(value, self.url)
        yield "url", self.ARTICLE_URL.canonical(self.url)

    @answer
    def number(self) -> Candidates[str]:
        """The site's own article number."""
        for link in self.links.get("shortlink", ()):
            yield "meta", self.ARTICLE_URL.number(link, self.url)
        yield "url", self.ARTICLE_URL.number(self.canonical_url)

    @answer
    def headline(self) -> Candidates[str]:
        """The headline as shown; standard data may carry another one, made for sharing."""
        yield "visible", self.line(self.HEADLINE)
        for source, value in self.said("headline", "og:title", "twitter:title"):
            yield source, self.titled(value)
        yield "visible", self.titled(self.line(_TITLE))

    def titled(self, title: str | None) -> str | None:
        return without_site_name(title, self.ARTICLE_URL.hosts)

    @answer
    def description(self) -> Candidates[str]:
        """The lead as shown, else what the page says of itself."""
        for root in (*self.containers, self.tree):
            yield "visible", next(filter(None, map(line, self.below(root, self.LEAD))), None)
        yield from self.said("description", "og:description", "description")

    @answer
    def article_body(self) -> Candidates[list[str]]:
        """Paragraphs, sub-headlines and list items in order, without headline and lead."""
        yield "visible", self.body.paragraphs
        for source, value in self.said("articleBody"):
            yield source, (value or "").splitlines()

    @property
    def is_filled(self) -> bool:
        """With text where articles have it; any other may be that of a shell's frame."""
        return bool(self.article_body) and not self.is_guessed

    @cached_property
    def containers(self) -> list[etree._Element]:
        """Where the body may be, best first."""
        return self.first(self.BODY)

    @cached_property
    def body(self) -> Body:
        """The visible body; of several containers the first that holds text."""
        for container in self.containers:
            if (body := self.read(container)).paragraphs:
                return body
        unknown = densest(self.tree)
        body = Body([]) if unknown is None else self.read(unknown)
        self.is_guessed = bool(body.paragraphs)
        return body

    def read(self, container: etree._Element) -> Body:
        links = Links(self.is_internal, self.is_article)
        return read(container, [*self.not_body(container)], links)

    def not_body(self, container: etree._Element) -> Iterator[etree._Element]:
        """What is no running text below the body: a site's own boxes, and furniture by name."""
        yield from self.all(self.HEADLINE)[:1]
        for find in (self.LEAD, self.SUMMARY, self.PICTURES):
            yield from (box for box in self.below(container, find) if not frames_table(box))
        boxes = self.NOT_BODY | paid_names(self.node)
        for element in container.iterdescendants("*"):
            if element.tag in _PLAIN and not element.keys():
                continue
            named = f"{element.get('class', '')} {element.get('id', '')}"
            is_box = named != " " and not boxes.isdisjoint(named.split())
            if is_box or is_furniture(element, named):
                yield element

    def is_internal(self, link: str) -> bool:
        """Whether a link leads to a page of this site."""
        try:
            return urlsplit(urljoin(self.url, link)).hostname in self.ARTICLE_URL.hosts
        except ValueError:
            return False

    def is_article(self, link: str) -> bool:
        """Whether a link leads to an article of this site."""
        return self.ARTICLE_URL.canonical(link, self.url) is not None

    @answer
    def summary_points(self) -> Candidates[list[str]]:
        """The site's own bullet summary."""
        boxes = (
            box for container in self.containers for box in self.below(container, self.SUMMARY)
        )
        for box in boxes:
            yield "visible", [line(point) for point in box.iter("li")]

    @answer
    def authors(self) -> Candidates[list[Author]]:
        """The source that names most of them; the standard one where they agree."""
        told = told_persons(structured.resolve(self.nodes, self.node.get("author")))
        shown = {
            text(author.name): author
            for element in self.all(self.AUTHORS)[:_MOST_NAMES]
            for author in persons(line(element), element.get("href"))
            if text(author.name)
        }
        if len(shown) > len(told):
            yield "visible", [*shown.values()]
        for author in told:
            author.url = author.url or (a.url if (a := shown.get(text(author.name))) else None)
        yield "json-ld", told
        names = [name for name in self.microdata.get("author", ()) if "/" not in name]
        yield "microdata", [author for name in names for author in persons(name)]
        names = [*self.metas.get("author", ()), *self.metas.get("article:author", ())]
        yield "meta", [author for name in names if "/" not in name for author in persons(name)]

    @answer
    def date_published(self) -> Candidates[str]:
        """As spelled; a value that holds no date is passed over for the next source."""
        yield from (
            (source, value)
            for source, value in self.said("datePublished", *_PUBLISHED)
            if date(value)
        )
        for element in self.first(self.DATE):
            for value in (element.get("datetime"), line(element)):
                yield "visible", value if date(value) else None

    @answer
    def date_modified(self) -> Candidates[str]:
        """As spelled; the visible page seldom tells it."""
        for source, value in self.said("dateModified", *_MODIFIED):
            yield source, value if date(value) else None

    @answer
    def article_section(self) -> Candidates[str]:
        """The first section named."""
        yield from self.said("articleSection", "article:section")
        yield "visible", self.line(self.SECTION)

    @answer
    def keywords(self) -> Candidates[list[str]]:
        """One string may still hold several, divided by commas."""
        yield "json-ld", structured.strings(self.node.get("keywords"))
        for name in ("article:tag", "news_keywords", "keywords"):
            yield "meta", self.metas.get(name)
        yield "microdata", self.microdata.get("keywords")
        yield "visible", [line(element) for element in self.all(self.KEYWORDS)[:_MOST_NAMES]]

    @answer
    def images(self) -> Candidates[list[Image]]:
        """The lead picture as standard data names it, then the pictures inside the body."""
        shown = list(self.pictures())
        entries = structured.resolve(self.nodes, self.node.get("image"))
        for entry in entries[:1]:
            node = entry if isinstance(entry, dict) else {"url": entry}
            address = node.get("url") or node.get("contentUrl")
            if isinstance(address, str):
                caption, credit = (
                    structured.strings(node.get(k)) for k in ("caption", "creditText")
                )
                lead = Image(
                    url=address, caption=next(iter(caption), None), credit=next(iter(credit), None)
                )
                yield "json-ld", [lead, *shown]
        for address in self.metas.get("og:image", ())[:1]:
            yield "meta", [Image(url=address), *shown]
        for address in self.microdata.get("image", ())[:1]:
            yield "microdata", [Image(url=address), *shown]
        yield "visible", shown

    def pictures(self) -> Iterator[Image]:
        """Captioned pictures inside the body."""
        for container in self.containers[:1]:
            for box in self.below(container, self.PICTURES):
                captions = self.CAPTION(box) if len(box) else []
                caption = next(filter(None, map(line, captions)), None)
                for picture in box.iter("img"):
                    addresses = map(picture.get, ("data-src", "data-lazy-src", "src"))
                    address = next(filter(None, addresses), "")
                    if address and not address.startswith("data:"):
                        yield Image(url=address, caption=caption)
                        break

    @answer
    def in_language(self) -> Candidates[str]:
        """A language tag, such as `de-DE`."""
        yield "visible", self.tree.get("lang")
        yield from self.said("inLanguage", "og:locale", "language")

    @answer
    def is_advertisement(self) -> Candidates[bool]:
        """Marked as one, filed under such, or with a notice that the publisher earns by it."""
        yield "json-ld", "AdvertiserContentArticle" in structured.types(self.node)
        yield "visible", bool(self.all(self.ADVERTISEMENT)) or self.body.is_affiliate
        names = [self.article_section or "", *(author.name for author in self.authors or ())]
        source = self.sources.get("article_section", "visible")
        yield source, any((text(name) or "").lower() in _ADVERTORIAL for name in names)

    @cached_property
    def is_accessible_for_free(self) -> bool:
        """Whether all of it is for all: the page does not say otherwise and shows no paywall."""
        said = (value for _, value in self.said("isAccessibleForFree"))
        is_said = is_false(self.node.get("isAccessibleForFree")) or any(map(is_false, said))
        is_cut = self.body.is_cut or any(map(follows, self.containers[:1]))
        return not (is_said or is_cut or paid_names(self.node))

    def to_article(self, site: str, topic: str) -> Article:
        """The page's answers as an item, as the site spells them.

        Fields without an answer stay empty, for `Validate` to judge.
        """
        canonical_url = self.canonical_url or url(self.url) or self.url
        return Article(
            id=article_id(site, self.number, canonical_url),
            site=site,
            topic=topic,
            url=canonical_url,
            headline=self.headline or "",
            description=self.description,
            article_body="\n\n".join(self.article_body or []),
            summary_points=self.summary_points or [],
            authors=self.authors or [],
            date_published=self.date_published or "",
            date_modified=self.date_modified,
            article_section=self.article_section,
            keywords=self.keywords or [],
            images=self.images or [],
            in_language=self.in_language or "de",
            is_advertisement=bool(self.is_advertisement),
            is_accessible_for_free=self.is_accessible_for_free,
        )
