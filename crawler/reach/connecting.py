"""Connecting: names lead to public addresses only, and an answer has bounds."""

from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
)
from scrapy.http import Request, Response
from scrapy.resolver import CachingHostnameResolver
from service_identity import VerificationError
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from zope.interface import implementer

from crawler.reach.addresses import is_public
from crawler.reach.refusals import OutOfReachError, TooLargeError

_MOST_HEAD: Final = 256 * 2**10  # bytes of status line and headers; browsers take as much


class EndlessHeadError(Exception):
    """Status line and headers are longer than 256 KB."""


# --- names ---


class PublicResolver(CachingHostnameResolver):
    """Resolves a name to those of its addresses that are public (setting TWISTED_DNS_RESOLVER).

    The connection is made to the very address that was looked at here, so a name that means
    another one a moment later gains nothing. Twisted sends addresses through here like names, in
    whatever notation the system's resolver understands.

    The hosts of proxies that the environment names are exempt: they may be our own machines.
    refused: names none of whose addresses was public, with one of them.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int) -> None:
        super().__init__(reactor, cache_size)
        self.refused: dict[str, str] = {}
        self.proxies = frozenset(map(_host, getproxies().values()))

    def resolveHostName(  # noqa: N802 - Twisted's
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        *args: Any,
        **kwargs: Any,
    ) -> IHostResolution:
        receiver = resolutionReceiver
        if hostName not in self.proxies:
            receiver = _OnlyPublic(receiver, hostName, self.refused)
        return super().resolveHostName(receiver, hostName, *args, **kwargs)


def _host(proxy: str) -> str:
    try:
        return urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname or ""
    except ValueError:
        return ""


@implementer(IResolutionReceiver)
class _OnlyPublic:
    """Hands on the public ones among the addresses of a name."""

    def __init__(self, receiver: Any, name: str, refused: dict[str, str]) -> None:
        self.receiver, self.name, self.refused = receiver, name, refused
        self.passed, self.kept_back = 0, ""

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's
        if is_public(address.host):
            self.passed += 1
            self.receiver.addressResolved(address)
        else:
            self.kept_back = address.host

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's
        self.refused.pop(self.name, None)
        if self.kept_back and not self.passed:
            self.refused[self.name] = self.kept_back
        self.receiver.resolutionComplete()


# --- answers ---


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's, with a bound for headers, too, and reasons for failures that one can read.

    DOWNLOAD_TIMEOUT bounds the whole of an answer, from the name to the last byte;
    DOWNLOAD_MAXSIZE its body.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory

    async def download_request(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            from twisted.internet import reactor  # installed by now, not when this is imported

            host = urlsplit(request.url).hostname or ""
            refused: dict[str, str] = getattr(reactor.nameResolver, "refused", {})
            if address := refused.get(host):
                raise OutOfReachError(
                    f"{host} has the address {address}, which is not a public one"
                ) from None
            raise CannotResolveHostError(f"the name {host} cannot be resolved") from None
        except DownloadCancelledError:
            raise TooLargeError(
                f"the answer is longer than DOWNLOAD_MAXSIZE, {self._default_maxsize} bytes"
            ) from None
        except DownloadFailedError as error:
            raise DownloadFailedError(_told(error)) from None


def _told(error: DownloadFailedError) -> str:
    """What went wrong, from the failures that Twisted lists and OpenSSL's codes."""
    found = []
    for failure in getattr(error.__cause__, "reasons", ()):
        why = failure.value
        codes = why.args[0] if why.args else None
        if isinstance(why, VerificationError):
            found.append("the certificate is for another host")
        elif isinstance(codes, list):  # OpenSSL's: library, function, reason
            found += [str(code[-1]) for code in codes]
        else:
            found.append(f"{type(why).__name__}: {why}" if str(why) else type(why).__name__)
    return "; ".join(dict.fromkeys(found)) or str(error)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Gives up a connection on which status line and headers do not end."""

    _head = 0

    def dataReceived(self, bytes: bytes) -> None:  # noqa: A002, N802 - Twisted's
        parser = self._parser
        super().dataReceived(bytes)
        if parser is None or parser is not self._parser or parser.state not in (STATUS, HEADER):
            self._head = 0
            return
        self._head += len(bytes)
        if self._head > _MOST_HEAD:
            assert self.transport
            self.transport.abortConnection()
            self._giveUp(Failure(EndlessHeadError("the headers do not end")))


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: object) -> _BoundedProtocol:  # noqa: N802 - Twisted's
        return _BoundedProtocol(self._quiescentCallback)
