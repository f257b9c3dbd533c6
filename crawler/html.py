"""Bytes to tree, tree to paragraphs. Knows HTML, knows no site and no article."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Protocol, cast

from cssselect.parser import Class, Element, Selector
from cssselect.xpath import XPathExpr
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from crawler.charset import encoding


class Find(Protocol):
    """A compiled search: called with an element, it gives those it finds, in document order."""

    def __call__(self, root: etree._Element, /) -> list[etree._Element]: ...


def xpath(expression: str) -> Find:
    """An XPath expression that selects elements."""
    return cast("Find", etree.XPath(expression))


@dataclass(frozen=True)
class _Preferred:
    finds: tuple[Find, ...]

    def __call__(self, root: etree._Element, /) -> list[etree._Element]:
        return next(filter(None, (find(root) for find in self.finds)), [])


class _Translator(HTMLTranslator):
    """Looks at a class once an element, where cssselect's own looks twice and rewrites it."""

    def selector_to_xpath(self, selector: Selector, *args: Any, **kwargs: Any) -> str:
        match selector.parsed_tree:
            case Class(selector=Element(element=None), class_name=name):  # any element's
                return f"descendant-or-self::*/{self.holds('@class', name)}/.."
        return super().selector_to_xpath(selector, *args, **kwargs)

    def xpath_attrib_includes(self, xpath: XPathExpr, name: str, value: str | None) -> XPathExpr:
        if value and not value.isspace():
            return xpath.add_condition(self.holds(name, value))
        return super().xpath_attrib_includes(xpath, name, value)

    def holds(self, attribute: str, word: str) -> str:
        bare, spaced = map(self.xpath_literal, (word, f" {word} "))
        is_word = f"contains(concat(' ', normalize-space(.), ' '), {spaced})"
        return f"{attribute}[contains(., {bare})][{is_word}]"


def css(*selectors: str | Find) -> Find:
    """CSS selectors, or other searches, as a search of the element and its descendants.

    Of several the first that finds anything answers: an order of preference.
    """
    translate = _Translator().css_to_xpath
    finds = tuple(xpath(translate(one)) if isinstance(one, str) else one for one in selectors)
    return finds[0] if len(finds) == 1 else _Preferred(finds)


# --- bytes to tree --------------------------------------------------------------------------


def parse(content: bytes, content_type: str | None = None) -> etree._Element:
    """The tree of an HTML page; an empty `<html>` for what holds no markup at all."""
    charset = encoding(content, content_type)
    if charset == "windows-1252":  # libxml2 is slow at it, and stops at its undefined bytes
        content, charset = content.decode("cp1252", "ignore").encode(), "utf-8"
    elif charset.startswith(("utf-16", "utf-32")):
        content, charset = content.decode(charset, "replace").encode(), "utf-8"
    parser = etree.HTMLParser(
        encoding=charset, remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    if b"\0" in content:
        content = content.replace(b"\0", b"")
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        tree = None
    return etree.Element("html") if tree is None else tree


# --- tree to paragraphs ---------------------------------------------------------------------

_UNSEEN: Final = frozenset("script style noscript template link meta input head svg".split())
_SILENT: Final = _UNSEEN | frozenset(
    "iframe object embed video audio canvas map form button select textarea nav aside "
    "figure figcaption".split()
)  # shown, but never running text
_BLOCKS: Final = frozenset(
    "p div h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote pre table thead tbody tfoot tr caption "
    "section article header footer main hr center address details summary fieldset".split()
)
_CELLS: Final = frozenset({"td", "th"})
_LISTS: Final = frozenset({"ul", "ol"})


@dataclass(slots=True)
class Paragraph:
    """A run of text between two boundaries, with white space as in the source.

    tag: the block it fills or ends, empty where another block cuts it short. links: where its
    links lead. linked, bold: its letters and digits within links and in bold type. list_: the
    list it is an item of, if any.
    """

    text: str = ""
    tag: str = ""
    links: list[str] = field(default_factory=list)
    linked: int = 0
    bold: int = 0
    list_: etree._Element | None = None

    @property
    def weight(self) -> int:
        """Letters and digits of the text; comparable to `linked` and `bold`."""
        return weight(self.text)


_NEITHER_LETTER_NOR_DIGIT: Final = re.compile(r"[\W_]+")


def weight(text: str) -> int:
    """How many letters and digits a text holds."""
    return len(_NEITHER_LETTER_NOR_DIGIT.sub("", text))


class _Reader:
    """Reads a tree in document order and divides its text into paragraphs."""

    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.current = Paragraph()
        self.breaks = 0
        self.links = self.bold = 0  # how many links and bold elements are open here
        self.lists: list[etree._Element] = []
        self.cells = 0  # how many cells that share a row are open here

    def write(self, text: str | None) -> None:
        if not text:
            return
        self.current.text += text
        if not text.isspace():
            self.breaks = 0
            if self.links or self.bold:
                size = weight(text)
                self.current.linked += size * (self.links > 0)
                self.current.bold += size * (self.bold > 0)

    def boundary(self, tag: str = "") -> None:
        if self.cells:
            self.write(" ")
            return
        if not self.current.text.isspace() and self.current.text:
            self.current.tag = tag
            self.current.list_ = self.lists[-1] if self.lists else None
            self.paragraphs.append(self.current)
        self.current = Paragraph()
        self.breaks = 0

    def start(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.boundary()
        elif tag in _CELLS:
            self.cells += _shares_row(element)
            self.write(" ")
        elif tag == "br":  # one is white space, two in a row end the paragraph
            self.write("\n")
            self.breaks += 1
            if self.breaks > 1:
                self.boundary("br")
        elif tag == "img":
            self.write(_smiley(element))
        elif tag == "a":
            self.links += 1
            self.current.links.append(element.get("href", ""))
        elif tag in {"b", "strong"}:
            self.bold += 1
        if tag in _LISTS:
            self.lists.append(element)
        self.write(element.text)

    def end(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.boundary(str(tag))
        elif tag in _CELLS:
            self.cells -= _shares_row(element)
        elif tag == "a":
            self.links -= 1
        elif tag in {"b", "strong"}:
            self.bold -= 1
        if tag in _LISTS:
            self.lists.pop()


def paragraphs(root: etree._Element, skip: Collection[etree._Element] = ()) -> list[Paragraph]:
    """The text below an element: a paragraph for each block, list item and `<br><br>` run.

    A row of a table is one paragraph, its cells divided by a space. Leaves out what never is
    running text (scripts, forms, players, figures but for tables), links around a picture with
    what they say about it, and the elements to `skip`.
    """
    reader, skipped = _Reader(), set(skip)
    walk = etree.iterwalk(root, events=("start", "end"))
    passed = None
    for event, node in walk:
        element = cast("etree._Element", node)
        if event == "start":
            if element is not root and (
                element in skipped
                or (element.tag in _SILENT and not frames_table(element))
                or _frames_picture(element)
            ):
                passed = element
                walk.skip_subtree()
            else:
                reader.start(element)
            continue
        if element is not passed:
            reader.end(element)
        elif element.tag not in _UNSEEN:
            reader.boundary()
        passed = None
        if element is not root:
            reader.write(element.tail)
    reader.boundary(str(root.tag))
    return reader.paragraphs


def frames_table(element: etree._Element) -> bool:
    """Whether a figure shows a table, which is text, and no picture."""
    return element.tag == "figure" and element.find(".//table") is not None


def _frames_picture(element: etree._Element) -> bool:
    return element.tag == "a" and element.find(".//img") is not None


def _shares_row(cell: etree._Element) -> bool:
    """Whether a cell is one of several; the only one of its row may hold a whole page."""
    row = cell.getparent()
    return row is not None and len([*islice(row.iterchildren("td", "th"), 2)]) > 1


def _smiley(picture: etree._Element) -> str:
    """The characters WordPress made a picture of: emoji, and `:)` in its older versions."""
    if {"wp-smiley", "emoji"}.isdisjoint(picture.get("class", "").split()):
        return ""
    return picture.get("alt", "")


def line(element: etree._Element) -> str:
    """All text of an element, but for scripts and players, with white space folded."""
    if not len(element):
        return " ".join((element.text or "").split())
    return " ".join(" ".join(part.text for part in paragraphs(element)).split())
