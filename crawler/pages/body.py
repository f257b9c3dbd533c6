"""Which paragraphs are the article: the rules that part its text from what stands around it."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawler.html import Paragraph, paragraphs
from crawler.normalise import notice, text

# What stands above, or in one line with, links to other articles.
_LINKS_FOLLOW: Final = re.compile(
    r"(?:siehe auch|mehr (?:zum thema|dazu|infos?|artikel|von)|les(?:t|en sie) auch|lesetipps?"
    r"|(?:auch|ebenfalls) (?:interessant|lesenswert)|passend (?:dazu|zum thema)|weiterlesen"
    r"|das könnte (?:dich|euch|sie) .{0,10}interessieren|zum thema|weiterführende links?"
    r"|(?:weitere|ähnliche|verwandte) (?:artikel|themen|infos|informationen|news|nachrichten))\b"
    r"[^.!?]{0,40}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """The article's own paragraphs, and whether an affiliate notice stood among the rest."""

    paragraphs: list[str]
    is_affiliate: bool


def read(
    container: etree._Element,
    skip: Collection[etree._Element],
    is_internal: Callable[[str], bool],
) -> Body:
    """The article's paragraphs below a container, without lists of links and notices.

    skip: elements that are no text of the article. is_internal: whether a link leads to another
    page of the same site.
    """
    found = paragraphs(container, skip)
    kept = _without_link_lists(found, is_internal)
    lines = [line for part in kept if (line := text(part.text))]
    notices = {line: kind for line in lines if (kind := notice(line))}
    return Body([line for line in lines if line not in notices], "affiliate" in notices.values())


def _without_link_lists(
    found: list[Paragraph], is_internal: Callable[[str], bool]
) -> list[Paragraph]:
    """Drops lists whose every item is a link into the site, related links, and their titles."""
    kept: list[Paragraph] = []
    link_lists = _link_lists(found, is_internal)
    for part in found:
        if part.list_ is not None and part.list_ in link_lists:
            if kept and _is_title(kept[-1]) and kept[-1].list_ is not part.list_:
                kept.pop()
        elif not _is_related(part, is_internal):
            kept.append(part)
    while kept and _LINKS_FOLLOW.fullmatch(text(kept[-1].text) or "") and _is_title(kept[-1]):
        kept.pop()
    return kept


def _link_lists(
    found: Iterable[Paragraph], is_internal: Callable[[str], bool]
) -> set[etree._Element]:
    lists: dict[etree._Element, bool] = {}
    for part in found:
        if part.list_ is not None:
            is_link = part.linked == part.weight and all(map(is_internal, part.links))
            lists[part.list_] = lists.get(part.list_, True) and is_link
    return {element for element, is_links in lists.items() if is_links}


def _is_title(part: Paragraph) -> bool:
    """A heading, or a line that announces what follows."""
    line = text(part.text) or ""
    return len(line) <= 80 and (
        re.fullmatch(r"h[1-6]", part.tag) is not None
        or part.bold == part.weight
        or line.endswith(":")
    )


def _is_related(part: Paragraph, is_internal: Callable[[str], bool]) -> bool:
    """A line such as "Siehe auch: …" whose rest is links into the site."""
    if not part.links or not part.linked or not all(map(is_internal, part.links)):
        return False
    line = text(part.text) or ""
    unlinked = part.weight - part.linked
    match = _LINKS_FOLLOW.match(line)
    return bool(match) and unlinked <= len("".join(match.group().split())) if match else False


def densest(tree: etree._Element) -> etree._Element | None:
    """The element that directly holds most unlinked text: the body of a page unknown to us.

    A paragraph counts for its parent, so that a container of `<p>`s wins over a long `<p>`.
    """
    weights: dict[etree._Element, int] = {}
    for element in tree.iter("p", "br"):
        holder = element.getparent()
        if holder is not None:
            said = element.tail if element.tag == "br" else "".join(map(str, element.itertext()))
            weights[holder] = weights.get(holder, 0) + len(said or "")
    return max(weights, key=lambda element: weights[element], default=None)
