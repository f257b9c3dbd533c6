"""Reads what a page says of itself for machines: JSON-LD, meta tags, microdata."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final, cast

import msgspec
from lxml import etree

ARTICLE_TYPES: Final = frozenset(
    "Article NewsArticle BlogPosting AdvertiserContentArticle AnalysisNewsArticle "
    "BackgroundNewsArticle OpinionNewsArticle ReportageNewsArticle ReviewNewsArticle Report "
    "SatiricalArticle SocialMediaPosting LiveBlogPosting TechArticle ScholarlyArticle Review "
    "AskPublicNewsArticle".split()
)  # schema.org/Article and what derives from it, and Review, which reviews are marked as
Node = Mapping[str, Any]

_PROPS = etree.XPath("//*[@itemprop]")
_WRAPPERS: Final = ("\ufeff", "<!--", "-->", "<![CDATA[", "]]>", "/*", "*/", "//", ";")
_LOOSE_COMMA = re.compile(r",(?=\s*[}\]])")


def json_ld(tree: etree._Element) -> list[Node]:
    """Every JSON-LD node of a page in order: top-level, in lists and `@graph`s, as `mainEntity`.

    Forgives what publishers get wrong: raw line breaks in strings, a wrapping HTML comment or
    CDATA section, a comma before a closing bracket. A block beyond that is passed over.
    """
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if script.get("type", "").startswith("application/ld+json"):
            nodes += _nodes(_load(script.text or ""))
    return nodes


def _load(source: str) -> Any:
    try:
        return msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    bare = _unwrapped(source)
    for forgiven in (source, bare, _LOOSE_COMMA.sub("", bare)):
        try:
            return json.loads(forgiven, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _unwrapped(source: str) -> str:
    bare = source.strip()
    for mark in 2 * _WRAPPERS:  # a comment may hold a section, and a section a comment
        bare = bare.removeprefix(mark).removesuffix(mark).strip()
    return bare


_DEPTH: Final = 8  # of lists and graphs within each other; real pages need three


def _nodes(value: Any, depth: int = _DEPTH) -> Iterator[Node]:
    if depth == 0:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _nodes(entry, depth - 1)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"), depth - 1)
        yield from _nodes(value.get("mainEntity"), depth - 1)


def types(node: Node) -> set[str]:
    """The node's types without the schema.org prefix."""
    return {re.split("[/:#]", str(name))[-1] for name in listed(node.get("@type"))}


def listed(value: Any) -> list[Any]:
    """A JSON-LD value as a list: none, one and several look alike to the caller."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def strings(value: Any) -> list[str]:
    """The texts of a JSON-LD value: strings, and the `name` or `@value` of nodes.

    Character references are resolved: a script holds none, but plug-ins write them there.
    """
    found = (
        entry.get("name") or entry.get("@value") if isinstance(entry, dict) else entry
        for entry in listed(value)
    )
    return [
        _REFERENCE.sub(_resolved, entry) if "&" in entry else entry
        for entry in found
        if isinstance(entry, str) and entry.strip()
    ]


_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")


def _resolved(reference: re.Match[str]) -> str:
    return unescape(reference.group())


def article_node(nodes: list[Node], url: str | None) -> Node:
    """The node that is the page's article; empty where none is.

    Of several, those that name the page's URL come first, then the one that says most.
    """
    articles = [node for node in nodes if types(node) & ARTICLE_TYPES]
    return max(articles, key=lambda node: (_names(node, url), len(node)), default={})


def _names(node: Node, url: str | None) -> bool:
    page = node.get("mainEntityOfPage")
    said = (node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page)
    return bool(url) and any(str(address).partition("#")[0] == url for address in said)


def resolve(nodes: list[Node], value: Any) -> list[Any]:
    """A JSON-LD value as a list, references by `@id` completed by the node they name."""
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    return [
        {**known.get(entry["@id"], {}), **entry}
        if isinstance(entry, dict) and isinstance(entry.get("@id"), str)
        else entry
        for entry in listed(value)
    ]


def meta(tree: etree._Element) -> dict[str, list[str]]:
    """Contents of the `<meta>` tags by lower-case `property` or `name`, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in tree.iter("meta"):
        content = tag.get("content", "").strip()
        if content and (key := tag.get("property") or tag.get("name")):
            found[key.lower()].append(content)
    return dict(found)


def links(tree: etree._Element) -> dict[str, list[str]]:
    """Addresses of the `<link>` tags by lower-case `rel`, as written, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in tree.iter("link"):
        if address := tag.get("href"):
            for rel in tag.get("rel", "").lower().split():
                found[rel].append(address)
    return dict(found)


def microdata(tree: etree._Element) -> dict[str, list[str]]:
    """Microdata properties of the page's article, a nested item by its `name`.

    Properties outside any item count as the article's: old themes leave out `itemscope`.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for element in cast("list[etree._Element]", _PROPS(tree)):
        scope = next(element.iterancestors("*"), None)
        while scope is not None and scope.get("itemscope") is None:
            scope = scope.getparent()
        kind = "" if scope is None else scope.get("itemtype", "").rpartition("/")[2]
        if (not kind or kind in ARTICLE_TYPES) and (value := _property(element)):
            for key in element.get("itemprop", "").split():
                found[key].append(value)
    return dict(found)


def _property(element: etree._Element) -> str:
    """A property's value by the rules of WHATWG HTML, 5.2.4; a nested item's name."""
    if element.get("itemscope") is not None:
        parts = {inner.get("itemprop"): inner for inner in element.iterdescendants("*")}
        for key in ("name", "url"):
            if key in parts:
                return _property(parts[key])
    for attribute in ("content", "datetime", "href", "src"):
        if value := element.get(attribute, "").strip():
            return value
    return " ".join("".join(cast("Iterator[str]", element.itertext())).split())
