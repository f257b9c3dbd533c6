"""Text, and the hash of it: one line or several, clean of what nobody sees."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Characters nobody sees: general category Cf (soft hyphen, zero width, bidirectional marks,
# byte order mark), Cc (controls) and Cs, except white space, which `text` folds.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


# What a terminal obeys (ECMA-48, sections 5.4 and 5.6): control sequences, control strings with
# their end, other escape sequences. Without its ESC the rest would stay as `[31m`.
_ESCAPE_SEQUENCE: Final = re.compile(
    r"\x1b+(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-~])"
)


def _seen(match: re.Match[str]) -> str:
    """What browsers show for an invisible character: for `&#150;` and its like a dash or quote.

    WHATWG HTML, 13.2.5.80: a reference to a C1 control means that byte of windows-1252.
    """
    character = match.group()
    return (
        bytes([ord(character)]).decode("cp1252", "ignore") if "\x80" <= character <= "\x9f" else ""
    )


_MOJIBAKE: Final = re.compile("\ufffd|Ã[\x80-\xbf¤¶¼Ÿ„“–œ]|â€[žœ\x9d“”™˜¦\x93]|Â[\xa0»«§°]")


def text(value: str | None) -> str | None:
    """One line of text: NFC, nothing invisible, white space folded to single spaces.

    C1 controls become what windows-1252 has in their place, escape sequences go as a whole. The
    zero width joiner goes, too: German text needs none, and a family emoji becomes its members.
    Returns None for what holds no visible character.
    """
    if value is None:
        return None
    # What is invisible is not printable, and most texts hold none of it.
    seen = value if value.isprintable() else _without_invisible(value)
    folded = " ".join(seen.split())
    return unicodedata.normalize("NFC", folded) or None


def _without_invisible(value: str) -> str:
    if "\x1b" in value:
        value = _ESCAPE_SEQUENCE.sub("", value)
    return _INVISIBLE.sub(_seen, value)


def body(paragraphs: Iterable[str]) -> str:
    """Paragraphs as `text`, divided by one blank line; empty ones are left out."""
    return "\n\n".join(line for line in map(text, paragraphs) if line)


def texts(values: Iterable[str]) -> list[str]:
    """Values as `text`, each once whatever its case, in order, empty ones left out."""
    found: dict[str, str] = {}
    for line in filter(None, map(text, values)):
        found.setdefault(line.casefold(), line)
    return [*found.values()]


def keywords(values: Iterable[str]) -> list[str]:
    """Keywords as spelled, each once; one string that lists several is divided at commas."""
    return texts(part for value in values for part in re.split(r"[,;]", text(value) or ""))


_ASCII_PRINTABLE: Final = bytes(range(0x20, 0x7F))
# A text of these characters beside printable ASCII has no flaw: each is visible, begins no
# mojibake, and is in NFC whatever stands beside it.
_PLAIN: Final = re.compile(
    "[\n\xa1-\xac\xae-\xc1\xc4-\xe1\xe3-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*"
)


def flaws(value: str) -> list[str]:
    """What would keep a text out of the feed: invisible characters, mojibake, not NFC."""
    # Most of a text is ASCII, which goes at a stroke; little is left to look at.
    bare = value.encode(errors="surrogatepass").translate(None, _ASCII_PRINTABLE)
    rest = bare.decode(errors="surrogatepass")
    if _PLAIN.fullmatch(rest):
        return []
    found = []
    if match := _INVISIBLE.search(rest):
        found.append(f"invisible character U+{ord(match.group()):04X}")
    if _MOJIBAKE.search(rest) and (match := _MOJIBAKE.search(value)):
        found.append(f"mojibake {match.group()!r}")
    if not unicodedata.is_normalized("NFC", value):
        found.append("not in Unicode normal form C")
    return found


def content_hash(headline: str, description: str | None, article_body: str) -> str:
    """`sha256:` and the digest of the three texts, joined by line feeds, as UTF-8."""
    content = "\n".join((headline, description or "", article_body))
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


_BYLINE: Final = re.compile(r"^(?:von|by|autor(?:in)?:?)\s+", re.IGNORECASE)


def name(value: str | None) -> str | None:
    """A person's name without the byline's "von" and without trailing punctuation."""
    line = text(value)
    while line and (bare := _BYLINE.sub("", line).strip(" ,;|")) != line:
        line = bare
    return line or None


_CREDIT: Final = re.compile(
    r"(?:Bild|Foto|Grafik|Screenshot)(?:quelle|nachweis|credits?|s)?\s*:\s*([^()\[\]\s][^()\[\]]{0,78}[^()\[\]\s])\s*[)\]]?$"
)


def credit(caption: str | None) -> str | None:
    """Whom a caption credits at its end, as in "… (Bild: Name)"."""
    match = _CREDIT.search(caption or "")
    return match.group(1) if match else None
