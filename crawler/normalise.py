"""Pure functions that give each value its one form. Applying one twice changes nothing."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

# --- text -----------------------------------------------------------------------------------

# Characters nobody sees: general category Cf (soft hyphen, zero width, bidirectional marks,
# byte order mark), Cc (controls) and Cs, except white space, which `text` folds.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MOJIBAKE: Final = re.compile("\ufffd|Ã[\x80-\xbf¤¶¼Ÿ„“–œ]|â€[žœ\x9d“”™˜¦\x93]|Â[\xa0»«§°]")


def text(value: str | None) -> str | None:
    """One line of text: NFC, nothing invisible, white space folded to single spaces.

    The zero width joiner goes, too: German text needs none, and a family emoji becomes its
    members. Returns None for what holds no visible character.
    """
    if value is None:
        return None
    folded = " ".join(_INVISIBLE.sub("", value).split())
    return unicodedata.normalize("NFC", folded) or None


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
    return texts(part for value in values for part in re.split(r"[,;]", value))


def flaws(value: str) -> list[str]:
    """What would keep a text out of the feed: invisible characters, mojibake, not NFC."""
    found = []
    if match := _INVISIBLE.search(value):
        found.append(f"invisible character U+{ord(match.group()):04X}")
    if match := _MOJIBAKE.search(value):
        found.append(f"mojibake {match.group()!r}")
    if not unicodedata.is_normalized("NFC", value):
        found.append("not in Unicode normal form C")
    return found


# How paragraphs that speak of the page, not of its subject, give themselves away.
_LABELS: Final = frozenset(
    {
        *("anzeige", "werbung", "advertisement", "zum angebot", "zum shop", "zum deal"),
        *("jetzt kaufen", "jetzt bestellen", "jetzt ansehen", "fehler melden", "kommentare"),
        *("jetzt einen kommentar schreiben", "alle kommentare zu dieser news anzeigen"),
    }
)
_PAGE_WORDS: Final = ("disqus-kommentarsystem", "du bist hier:", "folgt uns auf")
_EARNING_WORDS: Final = (
    *("provision", "vergütung", "hinweis", "enthalten", "enthält", "beinhaltet", "markiert"),
    *("gekennzeichnet", "werbelink", "partner"),
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
    has_links = "affiliate-link" in said or "affiliate link" in said or "affiliatelink" in said
    if "provisionslink" in said or (has_links and any(word in said for word in _EARNING_WORDS)):
        return "affiliate"
    if said in _LABELS or any(word in said for word in _PAGE_WORDS):
        return "page"
    return None


def content_hash(headline: str, description: str | None, article_body: str) -> str:
    """`sha256:` and the digest of the three texts, joined by line feeds, as UTF-8."""
    content = "\n".join((headline, description or "", article_body))
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


# --- names ----------------------------------------------------------------------------------

_BYLINE: Final = re.compile(r"^(?:von|by|autor(?:in)?:?)\s+", re.IGNORECASE)


def name(value: str | None) -> str | None:
    """A person's name without the byline's "von" and without trailing punctuation."""
    line = text(value)
    while line and (bare := _BYLINE.sub("", line).strip(" ,;|")) != line:
        line = bare
    return line or None


# --- dates ----------------------------------------------------------------------------------

BERLIN: Final = ZoneInfo("Europe/Berlin")
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mär": 3, "mae": 3, "mrz": 3, "mar": 3, "apr": 4, "mai": 5, "may": 5,
    "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dez": 12, "dec": 12,
}  # fmt: skip
_DAY: Final = r"(?<!\d)(?P<day>\d{1,2})"
_CLOCK: Final = r"(?:\D{1,8}?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d))?"
_GERMAN: Final = (
    re.compile(_DAY + r"\.\s*(?P<month>\d{1,2})\.\s*(?P<year>\d{4}|\d\d)\b" + _CLOCK),
    re.compile(_DAY + r"\.?\s*(?P<month>[A-Za-zä]{3})[a-zä]*\.?\s+(?P<year>\d{4})\b" + _CLOCK),
)


def date(value: str | None) -> str | None:
    """A date as RFC 3339 to the second, or None where the text holds no date.

    Reads ISO 8601, RFC 2822 (feeds) and German forms such as `15.01.2026 21:10 Uhr`,
    `21.03.18 | Name` and `Mittwoch, 21. März 2018`. A printed offset is kept, a missing one is
    that of Europe/Berlin, a missing time is midnight. Two-digit years are of this century.
    """
    line = text(value)
    moment = line and (_iso(line) or _rfc2822(line) or _german(line))
    if not moment:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BERLIN)
    offset = moment.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        return None  # before standard time: such an offset cannot be written in RFC 3339
    return moment.isoformat(timespec="seconds")


def utc(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, to the second, with `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def _iso(line: str) -> datetime | None:
    try:
        return datetime.fromisoformat(line)
    except ValueError:
        return None


def _rfc2822(line: str) -> datetime | None:
    try:
        return parsedate_to_datetime(line) if "," in line[:5] else None
    except (ValueError, IndexError):
        return None


def _german(line: str) -> datetime | None:
    for form in _GERMAN:
        for found in form.finditer(line):
            month, year = found["month"], found["year"]
            number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
            clock = (int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
            year = year if len(year) == 4 else f"20{year}"
            try:
                return datetime(int(year), number, int(found["day"]), *clock)
            except ValueError:
                continue
    return None


_CREDIT: Final = re.compile(
    r"(?:Bild|Foto|Grafik|Screenshot)(?:quelle|nachweis|credits?|s)?\s*:\s*([^()\[\]]{2,80}?)\s*[)\]]?$"
)


def credit(caption: str | None) -> str | None:
    """Whom a caption credits at its end, as in "… (Bild: Name)"."""
    match = _CREDIT.search(caption or "")
    return match.group(1) if match else None


# --- URLs -----------------------------------------------------------------------------------

# Parameters that name a campaign or a click, never a page (the global rules of ClearURLs).
_TRACKING: Final = re.compile(
    r"(?:utm|pk|mtm|piwik|matomo|hsa|wt)_.*|(?:fb|g|dc|ms|y|tw)clid|igshid|gbraid|wbraid|mc_[ce]id"
    r"|_ga|_gl|ref_src|cmpid|ns_(?:campaign|mchannel|source|linkname|fee)|vero_id|wt_mc",
    re.IGNORECASE,
)
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"


@lru_cache(1024)  # a page says the same address many times
def _split(value: str, base: str) -> SplitResult | None:
    """The parts of an absolute web address; None for what is none."""
    try:
        address = " ".join(value.split())
        parts = urlsplit(address if address.startswith("https://") else urljoin(base, address))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        parts.hostname.encode("idna" if not parts.hostname.isascii() else "ascii")
        return parts if parts.port is None or parts.port >= 0 else None
    except ValueError:
        return None


def _rooted(value: str, base: str) -> tuple[str, str]:
    """A link and as much of its base as it takes to resolve it, alike on all pages of a site."""
    if value.startswith(("https://", "http://")):
        return value, ""
    return value, _root(base) if value.startswith("/") else base


@lru_cache(16)
def _root(base: str) -> str:
    try:
        return urljoin(base, "/")
    except ValueError:  # the base is no address, which `_split` has an answer for
        return base


def url(value: str | None, base: str = "") -> str | None:
    """An absolute https URL without fragment, tracking parameters, default port and credentials.

    `value` may be relative to `base`. Returns None for what is no web address.
    """
    parts = _split(value or "", base)
    if parts is None:
        return None
    host = parts.hostname or ""
    netloc = host if host.isascii() else host.encode("idna").decode()
    if ":" in host:
        netloc = f"[{host}]"
    if parts.port not in {None, 80, 443}:
        netloc += f":{parts.port}"
    path = quote(parts.path, _SAFE) or "/"
    return urlunsplit(("https", netloc, path, _query(parts.query) if parts.query else "", ""))


def _query(query: str) -> str:
    """A query as it was, unless it holds tracking parameters: then without them."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair[0])]
    return quote(query, _SAFE) if len(kept) == len(pairs) else urlencode(kept)


_IMAGE_PROXY: Final = re.compile(r"https://i\d\.wp\.com/(?P<address>[^?]+)(?:\?.*)?")


def image_url(value: str | None, base: str = "") -> str | None:
    """As `url`, but what WordPress serves through its image proxy gets its own address back."""
    address = url(value, base)
    proxied = _IMAGE_PROXY.fullmatch(address or "")
    return f"https://{proxied['address']}" if proxied else address


@dataclass(frozen=True)
class ArticleUrl:
    """How a site spells the URLs of its articles: the facts that make all variants one.

    hosts: every host that serves the articles. forms: patterns tried in order on path and query,
    then on the path alone, each with the canonical URL it stands for (its groups in braces), or
    None where the pattern tells only the `number`, the site's own article number.
    """

    hosts: frozenset[str]
    forms: Mapping[str, str | None]

    def canonical(self, value: str | None, base: str = "") -> str | None:
        """The article's one URL; None for a page that is no article of this site."""
        return self._known(*_rooted(value or "", base))[0]

    def number(self, value: str | None, base: str = "") -> str | None:
        """The site's own article number as far as the URL tells it."""
        return self._known(*_rooted(value or "", base))[1]

    @cached_property
    def _known(self) -> Callable[[str, str], tuple[str | None, str | None]]:
        return lru_cache(1024)(self._read)  # every page of a site carries the same menus

    def _read(self, value: str, base: str) -> tuple[str | None, str | None]:
        parts = _split(value, base)
        if parts is None or parts.hostname not in self.hosts:
            return None, None
        for target in (f"{parts.path}?{parts.query}", parts.path or "/"):
            for form, canonical in self.forms.items():
                if match := re.fullmatch(form, target):
                    groups = match.groupdict()
                    return canonical and url(canonical.format(**groups)), groups.get("number")
        return None, None


def article_id(site: str, number: str | None, canonical_url: str) -> str:
    """`<site>:<number>`, or `<site>:<path>` where the site gives its articles no number."""
    return f"{site}:{number or urlsplit(canonical_url).path}"
