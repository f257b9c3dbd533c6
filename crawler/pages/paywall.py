"""Half an article: what a page tells of the part that only subscribers get."""

import re
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from lxml import etree

from crawler.structured import Node, listed

_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:pay-?wall|piano|tinypass|tp-container|steady-?(?:paywall|checkout)|leaky"
    r"|plenigo|laterpay|zephr|(?:subscri(?:be|ption)|abo|plus|premium)[_-]?(?:wall|box|teaser|hinweis"
    r"|offer|barrier|gate))(?:[\s_-]|$|\w)",
    re.IGNORECASE,
)
# What a paywall says, in a box of its own.
_CALL: Final = re.compile(
    r"weiterlesen|weiterzulesen|abonnieren|abonnent|\babo\b|kostenpflichtig|monatlich kündbar"
    r"|freischalten|subscri(?:be|ption|ber)|unlock",
    re.IGNORECASE,
)
_CALL_WORDS: Final = 150  # of a box that calls; what is longer is the article, whatever its name
_NEAR: Final = 5  # elements behind the text
_LONGEST: Final = 500  # characters of names, as in furniture.py
_SIMPLE: Final = re.compile(r"[.#](-?[a-zA-Z_][\w-]*)")


def is_false(value: Any) -> bool:
    """Whether a schema.org boolean says no: `false`, "False", `https://schema.org/False`."""
    return any(
        entry is False
        or (isinstance(entry, str) and entry.strip().lower().rpartition("/")[2] == "false")
        for entry in listed(value)
    )


def paid_names(node: Node) -> frozenset[str]:
    """Classes and ids of the parts that an article says are not free, by `hasPart` and
    `cssSelector`; as search engines ask for, a selector names one class or id."""
    return frozenset(
        name
        for part in listed(node.get("hasPart"))
        if isinstance(part, dict) and is_false(part.get("isAccessibleForFree"))
        for selectors in listed(part.get("cssSelector"))
        if isinstance(selectors, str)
        for selector in selectors[:500].split(",")
        for name in _SIMPLE.findall(selector.strip())
        if _SIMPLE.fullmatch(selector.strip())
    )


def is_paywall(element: etree._Element) -> bool:
    """Whether an element is a box that is named so, and asks for a subscription."""
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return named != " " and _is_named_so(named[:_LONGEST]) and _calls(element)


def follows(container: etree._Element) -> bool:
    """Whether a paywall stands right behind an article's text, or behind the box around it."""
    holder = container.getparent()
    behind = [*islice(container.itersiblings("*"), _NEAR)]
    behind += () if holder is None else islice(holder.itersiblings("*"), _NEAR)
    return any(map(is_paywall, behind))


@lru_cache(4096)  # a site's pages share their names
def _is_named_so(named: str) -> bool:
    return _NAMES.search(named) is not None


def _calls(element: etree._Element) -> bool:
    """Whether a box asks for a subscription and says nothing else."""
    pieces = islice(element.itertext(), 4 * _CALL_WORDS)
    words = " ".join(map(str, pieces)).split()
    return len(words) <= _CALL_WORDS and _CALL.search(" ".join(words)) is not None
