"""Empty shells: pages with nothing to read until scripts fill them, told by their structure."""

import re
from typing import Final

from lxml import etree

from crawler.html import css, xpath

# Where the usual frameworks put what they render, as their own documentation and tools name it.
_ROOTS: Final = css(
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, app-root, ng-app, [ng-app], [ng-version],"
    "[data-reactroot], [data-v-app], [data-server-rendered], [data-ssr]"
)
_SCRIPTS: Final = xpath(
    "descendant-or-self::script[@src or normalize-space()]"
    "[not(@type) or contains(@type, 'javascript') or @type = 'module']"
)
_HINTS: Final = xpath("descendant-or-self::noscript")
_HINT: Final = re.compile(r"java-?script", re.IGNORECASE)
_UNSEEN = "ancestor::script or ancestor::style or ancestor::noscript or ancestor::template"
_TEXTS: Final = xpath(f".//text()[normalize-space()][not({_UNSEEN} or ancestor::head)]")
_WAITING: Final = 60  # characters: "Wird geladen …", and perhaps a name
_FRAME: Final = 800  # characters of menus and legal lines around a place that is empty


def is_shell(tree: etree._Element) -> bool:
    """Whether scripts have yet to fill a page on which nothing of what it is for was found.

    It carries scripts, and nearly no text at all, or an empty place where frameworks render, or
    little text and a hint that it needs JavaScript. A page full of other text is none.
    """
    if not _SCRIPTS(tree):
        return False
    shown = _length(_TEXTS(tree))
    if shown <= _WAITING:
        return True
    if any(_length(_TEXTS(root)) <= _WAITING for root in _ROOTS(tree)):
        return True
    hints = any(_HINT.search("".join(map(str, hint.itertext()))) for hint in _HINTS(tree))
    return hints and shown <= _FRAME


def _length(texts: list[etree._Element]) -> int:
    """Characters, with white space folded."""
    return len(" ".join(" ".join(map(str, texts)).split()))
