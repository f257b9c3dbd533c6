"""Name resolution for tests: names mean what the setting NAMES says, in place of the system's.

NAMES is JSON: name → the addresses of each lookup, one after another, the last for ever; an
address is [IP, port], so that a test's server can stand for port 443. Every name asked for is a
line of the file of the setting NAMES_LOG. Nothing of this is part of the crawler.
"""

import json
from pathlib import Path
from typing import Any, Self

from scrapy.resolver import HostResolution
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from crawler.reach.connecting import PublicResolver


@implementer(IHostnameResolver)
class Unchecked:
    """Gives the addresses as they are: the way to a test's server on the loopback interface."""

    def __init__(self, names: dict[str, list[list[list[Any]]]], log: Path | None = None) -> None:
        self.names, self.log = names, log

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        resolver = cls(json.loads(crawler.settings["NAMES"]), Path(crawler.settings["NAMES_LOG"]))
        resolver.reactor = reactor  # type: ignore[attr-defined]
        return resolver

    def install_on_reactor(self) -> None:
        self.reactor.installNameResolver(self)  # type: ignore[attr-defined]

    def resolveHostName(  # noqa: N802 - Twisted's
        self, receiver: Any, name: str, port: int = 0, *_: Any, **__: Any
    ) -> Any:
        if self.log:
            with self.log.open("a") as log:
                log.write(f"{name}\n")
        answers = self.names.get(name, [[]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        resolution = HostResolution(name)
        receiver.resolutionBegan(resolution)
        for address, its_port in addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, its_port or port))
        receiver.resolutionComplete()
        return resolution


class Checked(PublicResolver):
    """The crawler's own, on top of these names."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.original_resolver = Unchecked.from_crawler(crawler, reactor)
        return resolver
