"""What a page in the browser may ask for."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

# Playwright's names for kinds of requests. Style sheets change what a page looks like only.
_KINDS: Final = frozenset({"script", "xhr", "fetch"})
# Adverts and counters that a site serves from its own hosts, by the words of their addresses.
_ADVERT: Final = re.compile(
    r"(?:^|[/._-])(?:ads?|ad[_-]?(?:server|manager|loader|block)|adverts?|advertis(?:ing|ement)s?"
    r"|banners?|werbung|anzeigen?|sponsor(?:ed|ing)?|prebid|outbrain|taboola|doubleclick"
    r"|adsense|gtm|gtag|analytics|tracking|tracker|matomo|piwik|ivw|ioam|vgwort|pixel"
    r"|consent|cmp|cookie[_-]?(?:banner|consent|notice))(?=[/._-]|$)",
    re.IGNORECASE,
)


def is_wanted(method: str, kind: str, url: str, hosts: Collection[str]) -> bool:
    """Whether a request of a page serves to fill it: a script or data of the site's own hosts.

    Images, media, fonts, style sheets, frames, adverts, counters and whatever sends something
    are not.
    """
    if method != "GET" or kind not in _KINDS:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or port not in {None, 80, 443}:
        return False
    if parts.hostname not in hosts or "@" in parts.netloc:
        return False
    return _ADVERT.search(parts.path) is None
