"""Which paragraphs are the article: the rules that part its text from what stands around it."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from crawler.html import Paragraph, paragraphs, weight, xpath
from crawler.normalise import notice, text
from crawler.pages.paywall import is_paywall

# What stands above, or in one line with, links to other articles.
_LINKS_FOLLOW: Final = re.compile(
    r"(?P<label>siehe(?: dazu)?(?: auch)?:|siehe (?:dazu )?auch|zum thema|weiterlesen"
    r"|mehr (?:zum thema|zu|dazu|infos?|artikel|von)|les(?:t|en sie) (?:auch|dazu)|lesetipps?"
    r"|(?:auch|ebenfalls) (?:interessant|lesenswert)|passend (?:dazu|zum thema)"
    r"|weiterführende links?|das könnte (?:dich|euch|sie) .{0,10}interessieren"
    r"|(?:weitere|ähnliche|verwandte) "
    r"(?:artikel|beiträge|themen|infos|informationen|news|nachrichten)"
    # Alone these words announce links; with more behind them they make a sub-headline.
    r"|(?:(?:bilder)?galerie|(?:alle )?bilder|videos?|downloads?|specials?|preisvergleich"
    r"|hintergrund|(?:im|zum|unser) (?:test|video|special))(?=:|$))"
    r"(?!\w)[^.!?]{0,40}",
    re.IGNORECASE,
)
# What a link that sells says: "-> Zum Angebot bei …", "Hier geht es zum Deal", "… kaufen*".
_CALL: Final = re.compile(
    r"\W*(?:(?:(?:hier|jetzt|direkt|gleich)\b.{0,30}?)?\bzu[mr]? .{0,40}"
    r"\b(?:angebote?n?|deals?|aktion|shop|store)\b.{0,40}"
    r"|.{0,60}\b(?:kaufen|bestellen|vorbestellen|sichern)\b.{0,10}|.{0,80}[*])",
    re.IGNORECASE,
)
_TITLE_LENGTH: Final = 80  # characters


@dataclass(frozen=True, slots=True)
class Body:
    """The article's own paragraphs, and whether an affiliate notice, or a paywall, stood among
    the rest."""

    paragraphs: list[str]
    is_affiliate: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """How a page tells where a link leads: to another page of its site, to an article there."""

    is_internal: Callable[[str], bool]
    is_article: Callable[[str], bool]

    def all_internal(self, part: Paragraph) -> bool:
        return all(map(self.is_internal, part.links))


def read(container: etree._Element, skip: Collection[etree._Element], links: Links) -> Body:
    """The article's paragraphs below a container, without lists of links and notices.

    skip: elements that are no text of the article.
    """
    kept = _without_pointers(paragraphs(container, skip), links)
    lines = [line for part in kept if (line := text(part.text))]
    notices = {line: kind for line in lines if (kind := notice(line))}
    return Body(
        [line for line in lines if line not in notices],
        is_affiliate="affiliate" in notices.values(),
        is_cut=any(map(is_paywall, skip)),
    )


def _without_pointers(found: list[Paragraph], links: Links) -> list[Paragraph]:
    """Drops what only leads elsewhere: lists of links, lines of links, and their titles."""
    kept: list[Paragraph] = []
    lists = _lists(found)
    dropped: etree._Element | None = None
    for part in found:
        if part.list_ is None:
            if _is_pointer(part, links):
                _drop_announcement(kept)
            elif not _is_related(part, links):
                kept.append(part)
        elif part.list_ is not dropped:
            items = lists.pop(part.list_, None)
            if items and _is_link_list(items, links, announced=_is_announced(kept)):
                dropped = part.list_
                if kept and _is_title(kept[-1]):
                    kept.pop()
            else:
                kept.append(part)
    _drop_announcement(kept)
    return kept


def _drop_announcement(kept: list[Paragraph]) -> None:
    while _is_announced(kept):
        kept.pop()


def _is_announced(kept: list[Paragraph]) -> bool:
    """Whether the last paragraph is a title for links."""
    return bool(kept and _is_title(kept[-1]) and _LINKS_FOLLOW.fullmatch(text(kept[-1].text) or ""))


def _lists(found: Iterable[Paragraph]) -> dict[etree._Element, list[Paragraph]]:
    lists: dict[etree._Element, list[Paragraph]] = {}
    for part in found:
        if part.list_ is not None:
            lists.setdefault(part.list_, []).append(part)
    return lists


def _is_link_list(items: list[Paragraph], links: Links, *, announced: bool) -> bool:
    """Whether a list leads elsewhere; one of names, each linked to its tag page, is text."""
    if announced:
        return all(part.links and part.linked * 2 >= part.weight for part in items)
    return all(
        part.links and part.linked == part.weight and links.all_internal(part) for part in items
    ) and any(links.is_article(link) for part in items for link in part.links)


def _is_title(part: Paragraph) -> bool:
    """A heading, or a line that announces what follows; a question to the reader is neither."""
    line = text(part.text) or ""
    return (
        len(line) <= _TITLE_LENGTH
        and part.list_ is None
        and not line.endswith("?")
        and (_is_heading(part) or 0 < part.bold == part.weight or line.endswith(":"))
    )


def _is_heading(part: Paragraph) -> bool:
    return re.fullmatch(r"h[1-6]", part.tag) is not None


def _is_pointer(part: Paragraph, links: Links) -> bool:
    """A paragraph that is one link, or several, into the site or to a shop, and nothing else."""
    if not part.links or part.linked < part.weight or part.tag == "tr" or _is_heading(part):
        return False
    return links.all_internal(part) or _CALL.fullmatch(text(part.text) or "") is not None


def _is_related(part: Paragraph, links: Links) -> bool:
    """A line such as "Siehe auch: …" whose rest is links into the site."""
    if not part.links or not part.linked or not links.all_internal(part):
        return False
    match = _LINKS_FOLLOW.match(text(part.text) or "")
    if match is None:
        return False
    label = max(match["label"], match.group().rpartition(":")[0], key=len)
    return part.weight - part.linked <= weight(label)


# A lead without a mark of its own: set in bold, at the head of the text, on lines of its own.
OPENING: Final = xpath(
    "./*[self::b or self::strong or self::br or self::h2 or self::p][1]"
    "[self::b or self::strong][string-length() > 60][following-sibling::node()"
    "[not(self::text()[not(normalize-space())])][1][self::br]]"
    "[not(preceding-sibling::text()[normalize-space()])]"
)


_PIECES: Final = 200  # of a paragraph that are weighed; paragraphs within others count anew


def densest(tree: etree._Element) -> etree._Element | None:
    """The element that directly holds most unlinked text: the body of a page unknown to us.

    A paragraph counts for its parent, so that a container of `<p>`s wins over a long `<p>`.
    """
    weights: dict[etree._Element, int] = {}
    for element in tree.iter("p", "br"):
        holder = element.getparent()
        if holder is not None:
            said = [element.tail] if element.tag == "br" else islice(element.itertext(), _PIECES)
            weights[holder] = weights.get(holder, 0) + sum(len(piece or "") for piece in said)
    return max(weights, key=lambda element: weights[element], default=None)
