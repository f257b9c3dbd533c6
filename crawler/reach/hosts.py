"""Hosts: a run asks the site it crawls, and nobody else."""

import re
from functools import lru_cache
from typing import Final, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.reach.refusals import OutOfReachError

ANY_HOST: Final = "any_host"
_ORIGIN: Final = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)
_PORTS: Final = {"http": ("", ":80"), "https": ("", ":443")}


def hosts_in(*addresses: str | None) -> frozenset[str]:
    """The hosts of those addresses that there are."""
    found = (urlsplit(address).hostname for address in addresses if address)
    return frozenset(host for host in found if host)


@lru_cache(16)
def _origins(hosts: frozenset[str]) -> frozenset[str]:
    return frozenset(
        f"{scheme}://{host}{port}"
        for scheme, ports in _PORTS.items()
        for host in hosts
        for port in ports
    )


def refusal(url: str, hosts: frozenset[str]) -> str | None:
    """Why a URL must not be asked for; None if it may.

    It may when it begins with http or https and one of the hosts, spelt as they are, on its usual
    port and without credentials. Other spellings of an address need no rule of their own. The
    reason names no more of the URL than the host: the rest may be anyone's secret.
    """
    found = _ORIGIN.match(url)
    if found and found[0].lower() in _origins(hosts):
        return None
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except ValueError:
        return "what is no address"
    if scheme not in _PORTS:
        return f"an address of the scheme {scheme or '(none)'!r}, not http or https"
    if host in hosts:
        return f"{host} on another port or with credentials"
    return f"{host}, which is no host of this site"


class StayOnSite:
    """Downloader middleware, the first of all: refuses what is not on the spider's `hosts`.

    Redirects pass here like all others. A robots.txt may lead to any public host (RFC 9309, section
    2.3.1.2), so its request says ANY_HOST in its meta, which holds for no other rule. A spider
    that names no hosts is not ours, but that of `scrapy fetch` or `scrapy shell`, and asks whom it
    is told to.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        hosts = getattr(self.crawler.spider, "hosts", None)
        if hosts is not None and request.meta.get(ANY_HOST):
            hosts |= hosts_in(request.url)
        if hosts is not None and (why := refusal(request.url, hosts)):
            raise OutOfReachError(f"this would be {why}")
