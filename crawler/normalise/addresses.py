"""URLs, and the one form of an article's."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from crawler.normalise.privacy import is_private, without_session

# Parameters that name a campaign or a click, never a page (the global rules of ClearURLs).
_TRACKING: Final = re.compile(
    r"(?:utm|pk|mtm|piwik|matomo|hsa|wt)_.*|(?:fb|g|d|y|tw)clid|msclkid|igshid|gbraid|wbraid|mc_[ce]id"
    r"|_ga|_gl|ref_src|cmpid|ns_(?:campaign|mchannel|source|linkname|fee)|vero_id|wt_mc",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"[\w.-]+", re.ASCII)
_LONGEST: Final = 8000  # characters; longer than servers need to understand (RFC 9110, 4.1)
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"


@lru_cache(1024)  # a page says the same address many times
def _split(value: str, base: str) -> SplitResult | None:
    """The parts of an absolute web address; None for what is none."""
    try:
        address = " ".join(value.split())
        parts = urlsplit(address if address.startswith("https://") else urljoin(base, address))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        host = (
            parts.hostname.encode("idna").decode()
            if not parts.hostname.isascii()
            else parts.hostname
        )
        parts.geturl().encode()  # not with half of a surrogate pair
        is_host = ":" in host or _HOST.fullmatch(host)
        return parts if is_host and (parts.port is None or parts.port >= 0) else None
    except ValueError:
        return None


def _rooted(value: str, base: str) -> tuple[str, str]:
    """A link and as much of its base as it takes to resolve it, alike on all pages of a site."""
    if len(value) > _LONGEST:
        return "", ""
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
    """An absolute https URL without fragment, default port and credentials, and without
    parameters that follow or name a reader.

    `value` may be relative to `base`. Returns None for what is no web address, or has more than
    8000 characters.
    """
    parts = _split(value, base) if value and len(value) <= _LONGEST else None
    if parts is None:
        return None
    host = parts.hostname or ""
    netloc = host if host.isascii() else host.encode("idna").decode()
    if ":" in host:
        netloc = f"[{host}]"
    if parts.port not in {None, 80, 443}:
        netloc += f":{parts.port}"
    path = quote(without_session(parts.path), _SAFE) or "/"
    return urlunsplit(("https", netloc, path, _query(parts.query) if parts.query else "", ""))


def _query(query: str) -> str:
    """A query as it was, unless it follows or names a reader: then without what does."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair[0]) and not is_private(*pair)]
    return quote(query, _SAFE) if len(kept) == len(pairs) else urlencode(kept)


_IMAGE_PROXY: Final = re.compile(r"https://i\d\.wp\.com/(?P<address>[^?/][^?]*)(?:\?.*)?")


def image_url(value: str | None, base: str = "") -> str | None:
    """As `url`, but what WordPress serves through its image proxy gets its own address back."""
    address = url(value, base)
    while proxied := _IMAGE_PROXY.fullmatch(address or ""):
        address = url(f"https://{proxied['address']}")
    return address


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
        path = parts.path or "/"
        for target in (f"{path}?{parts.query}", path) if parts.query else (path,):
            for form, canonical in self.forms.items():
                if match := re.fullmatch(form, target):
                    groups = match.groupdict()
                    return canonical and url(canonical.format(**groups)), groups.get("number")
        return None, None


def article_id(site: str, number: str | None, canonical_url: str) -> str:
    """`<site>:<number>`, or `<site>:<path>` where the site gives its articles no number."""
    return f"{site}:{number or urlsplit(canonical_url).path}"
