"""Paragraphs that speak of the page, not of its subject."""

import re
from typing import Final

# How paragraphs that speak of the page, not of its subject, give themselves away.
_LABELS: Final = frozenset(
    {
        *("anzeige", "werbung", "advertisement", "zum angebot", "zum shop", "zum deal"),
        *("jetzt kaufen", "jetzt bestellen", "jetzt ansehen", "fehler melden", "kommentare"),
        *("jetzt einen kommentar schreiben", "alle kommentare zu dieser news anzeigen"),
    }
)
_OPENINGS: Final = ("du bist hier:", "folgt uns auf ", "folge uns auf ")
_EARNING_LINKS: Final = re.compile(
    r"(?:affiliate|partner|werbe|provisions?|referral|ref)[- ]?(?:links?|verweise?)\b"
)
_EARNING_WORDS: Final = re.compile(
    r"provision|vergütung|hinweis|enthalten|enthält|beinhaltet|markiert|gekennzeichnet|werbelink"
    r"|partner|verdien"
)
_EARNER: Final = re.compile(
    r"\b(?:wir|uns|ich|mir|euch|ihr|dir|dich|du|dies\w+ (?:artikel|beitrag|text|seite)|sternchen)\b"
    r"|[*]|^hinweis"
)
# Without one of these, only a label is a notice.
_SIGNS: Final = (
    *(b"bist hier:", b" uns auf ", b"disqus-kommentarsystem ver", b"amazon-partner"),
    *(b"link", b"verweis"),
)
_NOTICE_LENGTH: Final = 600  # characters; what is longer is text, whatever it mentions


def notice(paragraph: str) -> str | None:
    """Whether a paragraph speaks of the page, not of its subject.

    `affiliate` says that the publisher earns by the article; `page` is any other: consent,
    comments, labels of adverts and buttons. None is text.
    """
    if len(paragraph) > _NOTICE_LENGTH:
        return None
    said = paragraph.lower()
    label = _undecorated(said) if len(said) <= _LABEL_LENGTH else ""
    if label in _LABELS or said.startswith(_OPENINGS) or "disqus-kommentarsystem ver" in said:
        return "page"
    if "amazon-partner" in said and "qualifizierte" in said:  # as Amazon's programme demands
        return "affiliate"
    if "link" not in said and "verweis" not in said:
        return None
    says_so = _EARNING_LINKS.search(said) and _EARNING_WORDS.search(said) and _EARNER.search(said)
    return "affiliate" if says_so or _EARNING_LINKS.fullmatch(label) else None


def _undecorated(said: str) -> str:
    if said[:1].isalnum() and said[-1:].isalnum():
        return said  # as most are; the search costs more
    return _DECORATION.sub("", said)


def notices(article_body: str) -> list[str]:
    """The paragraphs of a body that speak of the page, not of its subject."""
    paragraphs = article_body.split("\n\n")
    said = article_body.encode(errors="replace").lower()  # of ASCII alone, in a third of the time
    for sign in _SIGNS:
        if sign in said:
            return [paragraph for paragraph in paragraphs if notice(paragraph)]
    short = (paragraph for paragraph in paragraphs if len(paragraph) <= _LABEL_LENGTH)
    return [paragraph for paragraph in short if _undecorated(paragraph.lower()) in _LABELS]


_DECORATION: Final = re.compile(r"^[\W_]+|[\W_]+$")
_LABEL_LENGTH: Final = 60  # characters, decoration included
