"""Titles made for sharing and for tabs: the headline, and the site's name behind it."""

import re
from collections.abc import Collection
from typing import Final

from crawler.normalise import text

_SITE_NAME_LAST: Final = re.compile(r"(?P<title>.*\S)\s+[-–—|»·]\s+(?P<name>\S+)")


def without_site_name(title: str | None, hosts: Collection[str]) -> str | None:
    """A title that may end in " - Site.tld", without it. hosts: those of the site."""
    found = _SITE_NAME_LAST.fullmatch(text(title) or "")
    if found is None:
        return title
    name = found["name"].lower()
    is_site = any(name in {host, *host.split(".")} for host in hosts)
    return found["title"] if is_site else title
