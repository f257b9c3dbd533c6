"""The setting REPLICA: every request goes to a loopback server, as `curl --connect-to` does."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.web.client import BrowserLikePolicyForHTTPS, HTTPConnectionPool

from crawler.reach.connecting import BoundedHandler


class ReplicaAddon:
    """Scrapy add-on: puts `ReplicaHandler` in place when REPLICA is set."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings["REPLICA"]:
            raise NotConfigured
        handler = f"{__name__}.{ReplicaHandler.__name__}"
        for scheme in ("http", "https"):
            settings["DOWNLOAD_HANDLERS"].set(scheme, handler, priority="project")
        settings.set("HTTPPROXY_ENABLED", False, priority="addon")  # the replica is on this machine


class ReplicaHandler(BoundedHandler):
    """Connects to the replica, whatever a URL says; request, Host and response stay real."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        host, _, port = crawler.settings["REPLICA"].rpartition(":")
        self._pool = _ReplicaPool(self._pool, host, int(port))
        self._contextFactory = _NoTLS()  # type: ignore[no-untyped-call,assignment]


class _NoTLS(BrowserLikePolicyForHTTPS):
    """Nothing for TLS: the replica speaks plain HTTP, and Twisted asks anew for each request."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 - Twisted's
        return None


class _ReplicaPool(HTTPConnectionPool):
    """Connections to one address, whatever host was meant; as many for each host as before."""

    def __init__(self, pool: HTTPConnectionPool, host: str, port: int) -> None:
        from twisted.internet import reactor  # installed by now, not when this is imported

        super().__init__(reactor, persistent=pool.persistent)  # type: ignore[no-untyped-call]
        self.maxPersistentPerHost = pool.maxPersistentPerHost
        self._factory = pool._factory
        self.replica: Any = TCP4ClientEndpoint(reactor, host, port)

    def getConnection(self, key: object, endpoint: object) -> Deferred[Any]:  # noqa: N802 - Twisted's
        return super().getConnection(key, self.replica)
