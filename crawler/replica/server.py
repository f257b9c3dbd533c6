"""The web server: one port, two sites told apart by the ``Host`` header."""

import asyncio
import json
import os
import signal
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from crawler.replica import rendered
from crawler.replica.edition import Edition
from crawler.replica.markup import moment
from crawler.replica.mobiflip_site import MobiflipSite
from crawler.replica.overlay import Overlay
from crawler.replica.site import Reply, Site, missing
from crawler.replica.winfuture_site import WinfutureSite

if TYPE_CHECKING:  # only who has a timeline needs it
    from crawler.replica.timeline import Timeline

KEPT_PAGES = 2500
FAILURE = Reply(500, {"Content-Type": "text/html"}, (b"<html><body>500</body></html>\n",))


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    edition: Edition
    port: int = 0
    latency: float = 0.0  # seconds
    pages: Path | None = None
    log: Path | None = None
    until_eof: bool = False
    timeline: "Timeline | None" = None
    scripted: str = ""  # "shells", "growing": what scripts do; empty: nothing


class Replica:
    """Both sites, their rendered pages, and what has been requested so far."""

    def __init__(self, options: Options) -> None:
        edition = options.edition
        self.overlay = Overlay(options.pages) if options.pages else None
        if self.overlay:
            edition = replace(edition, extra=self.overlay.unknown_articles(edition.articles))
        winfuture, mobiflip = WinfutureSite(edition), MobiflipSite(edition)
        self.sites: dict[str, Site] = {
            **dict.fromkeys(("winfuture.de", "www.winfuture.de"), winfuture),
            **dict.fromkeys(("m.winfuture.de", "static.winfuture.de"), winfuture),
            **dict.fromkeys(("mobiflip.de", "www.mobiflip.de"), mobiflip),
        }
        self.kept: OrderedDict[tuple[str, str], Reply] = OrderedDict()
        self.failed: set[str] = set()
        self.scripted = options.scripted

    def reply(self, host: str, target: str) -> Reply:
        """The reply to a GET request; the first one for some articles is an error."""
        key = host, target
        found = self.kept.get(key)
        if found is None:
            found = self._made(host, target)
            if found.status == 200:
                self.kept[key] = found
                if len(self.kept) > KEPT_PAGES:
                    self.kept.popitem(last=False)
        else:
            self.kept.move_to_end(key)
        if found.flaky and found.flaky not in self.failed:
            self.failed.add(found.flaky)
            return FAILURE
        return found

    def _made(self, host: str, target: str) -> Reply:
        path, _, query = target.partition("?")
        if self.overlay and (laid := self.overlay.replies.get((host, target))):
            return validated(laid)
        site = self.sites.get(host)
        if site is None:
            return missing()
        url = SplitResult("", "", path, query, "")
        if self.scripted:
            is_growing = self.scripted == "growing"
            return validated(rendered.answer(site, host, url, is_growing=is_growing))
        return validated(site.answer(host, url))


def validated(reply: Reply) -> Reply:
    """A good reply with its validators: a strong ETag, and when the page last changed."""
    if reply.status != 200:
        return reply
    digest = blake2b(digest_size=12)
    for piece in reply.pieces:
        digest.update(piece)
    headers = {"ETag": f'"{digest.hexdigest()}"'}
    if reply.modified:
        changed = moment(reply.modified).timestamp()
        headers["Last-Modified"] = web_date(changed)
    return replace(reply, headers={**headers, **reply.headers})


def web_date(seconds: float) -> str:
    """A moment as HTTP spells it."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)


def is_unchanged(reply: Reply, headers: Any) -> bool:
    """Whether the client holds this very page; its ETag outweighs its date (RFC 9110, 13.2.2)."""
    if tags := headers.get("If-None-Match"):
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return tags.strip() == "*" or reply.headers.get("ETag") in known
    since, changed = headers.get("If-Modified-Since"), reply.headers.get("Last-Modified")
    if not since or not changed:
        return False
    try:
        return parsedate_to_datetime(changed) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def host_and_target(request: web.BaseRequest) -> tuple[str, str]:
    """The host that is meant, and the path and query."""
    host = request.headers.get("Host", "").partition(":")[0].lower().rstrip(".")
    target = request.raw_path
    if not target.startswith("/"):  # the absolute form, as sent to a proxy
        target = urlsplit(target)._replace(scheme="", netloc="").geturl() or "/"
    return host, target


class Server:
    """Answers requests and writes them down."""

    def __init__(self, replica: Replica, latency: float, log: TextIO | None) -> None:
        self.replica = replica
        self.latency = latency
        self.log = log
        self.active = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, from arrival to the last byte."""
        start = time.time()
        self.active += 1
        active = self.active
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            response = self._response(request)
            with suppress(ConnectionError):  # the client was killed, or tired of waiting
                await response.prepare(request)
                await response.write_eof()
        finally:
            self.active -= 1
        if self.log:
            self._note(request, response, start, active)
        return response

    def _response(self, request: web.BaseRequest) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        reply = self.replica.reply(*host_and_target(request))
        if reply.status == 200 and is_unchanged(reply, request.headers):
            kept = {k: v for k, v in reply.headers.items() if k in ("ETag", "Last-Modified")}
            return web.Response(status=304, headers=kept)
        return web.Response(status=reply.status, headers=reply.headers, body=b"".join(reply.pieces))

    def stamp(self) -> dict[str, Any]:
        """What else each line of the log says."""
        return {}

    def _note(
        self, request: web.BaseRequest, response: web.Response, start: float, active: int
    ) -> None:
        body = response.body if request.method != "HEAD" else None
        line = {
            "time": start,
            "end": time.time(),
            "method": request.method,
            "host": request.headers.get("Host", ""),
            "path": request.raw_path,
            "status": response.status,
            "bytes": len(body) if isinstance(body, bytes) else 0,
            "active": active,
            "user_agent": request.headers.get("User-Agent", ""),
            "headers": {name.lower(): value for name, value in request.headers.items()},
            **self.stamp(),
        }
        if self.log:
            self.log.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.log.flush()


def _static(options: Options, log: TextIO | None) -> Server:
    return Server(Replica(options), options.latency, log)


def _aging(options: Options, log: TextIO | None) -> Server:
    from crawler.replica.aging import AgingReplica, AgingServer  # which build on this module

    assert options.timeline
    return AgingServer(AgingReplica(options, options.timeline), options.latency, log)


async def serve(options: Options) -> None:
    """Serves until a signal or the end of standard input says stop."""
    make = _aging if options.timeline else _static
    log = options.log.open("a", encoding="utf-8") if options.log else None
    server = make(options, log)
    runner = web.ServerRunner(web.Server(server.answer, access_log=None), shutdown_timeout=0.5)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", options.port)
        await site.start()
        print(f"replica on 127.0.0.1:{runner.addresses[0][1]}", flush=True)
        if options.until_eof:
            threading.Thread(target=_wait_for_eof, args=(loop, stop), daemon=True).start()
        await stop.wait()
    finally:
        await runner.cleanup()
        if log:
            log.close()


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)
