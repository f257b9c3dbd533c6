"""The sites as scripts would fill them: shells, one script, and JSON beside each page.

A shell holds no article and no link to one. Its script asks ``/api/page?path=…`` for what the
plain page has, and puts it into the shell; adverts, pictures, fonts and counters stand around it,
as bait. mobiFlip's listings grow as one scrolls, and have no page to turn.
"""

import json
import re
from collections.abc import Mapping
from html import unescape
from importlib.resources import files
from typing import Final
from urllib.parse import SplitResult, parse_qs

from crawler.replica.site import Reply, Site, missing

API: Final = "/api/page"
SCRIPT: Final = "/assets/app.js"
_HEAD: Final = re.compile(r"<head[^>]*>(.*?)</head>", re.DOTALL | re.IGNORECASE)
_BODY: Final = re.compile(r"<body([^>]*)>(.*)</body>", re.DOTALL | re.IGNORECASE)
_CLASS: Final = re.compile(r'class="([^"]*)"')
_LIST: Final = re.compile(r'<ul class="archive-list infinite-content">(.*?)</ul>', re.DOTALL)
_NEXT: Final = re.compile(r'<link rel="next" href="https?://[^/]+([^"]+)" />')
_PAGING: Final = re.compile(
    r'<div class="(?:pagination|nav-links)">.*?</div>|<link rel="(?:next|prev)"[^>]*>', re.DOTALL
)
_SHELL: Final = """<!DOCTYPE html>
<html lang="de"><head>
<meta http-equiv="Content-Type" content="text/html; charset={charset}">
<title>{name}</title>
<link rel="stylesheet" href="/assets/app.css">
<link rel="preload" href="/assets/schrift.woff2" as="font" crossorigin>
<link rel="dns-prefetch" href="https://werbung.example/">
<script async src="https://werbung.example/prebid.js"></script>
<script async src="/assets/ads.js"></script>
<script defer src="{script}"></script>
</head><body>
<noscript>Bitte aktiviere JavaScript, um diese Seite zu lesen.</noscript>
<div id="app"></div>
<img src="/assets/pixel.gif" alt="">
<iframe src="https://werbung.example/rahmen.html"></iframe>
</body></html>
"""


def answer(site: Site, host: str, url: SplitResult, *, is_growing: bool = False) -> Reply:
    """A site's reply to a GET request, as a shell where its plain page is an article or listing.

    is_growing: the pages are plain, but listings hold their first entries only, and no paging.
    """
    if url.path == SCRIPT:
        return Reply(200, {"Content-Type": "text/javascript"}, (_script(),))
    if url.path == API:
        return _data(site, host, url)
    reply = site.answer(host, url)
    kind = site.kind(url.geturl()) if _is_page(reply) else ""
    if is_growing:
        return _growing(reply) if kind == "listing" else reply
    return _shell(reply, site.name) if kind in {"listing", "article"} else reply


def _data(site: Site, host: str, url: SplitResult) -> Reply:
    path, _, query = parse_qs(url.query).get("path", [""])[0].partition("?")
    reply = site.answer(host, SplitResult("", "", path, query, ""))
    if not _is_page(reply):
        return missing() if reply.status == 200 else reply
    said = json.dumps(_parts(_text(reply)), ensure_ascii=False).encode()
    return Reply(200, {"Content-Type": "application/json"}, (said,), flaky=reply.flaky)


def _is_page(reply: Reply) -> bool:
    return reply.status == 200 and reply.headers.get("Content-Type", "").startswith("text/html")


def _charset(reply: Reply) -> str:
    return "utf-8" if "utf-8" in reply.headers["Content-Type"].lower() else "cp1252"


def _text(reply: Reply) -> str:
    return b"".join(reply.pieces).decode(_charset(reply))


def _shell(reply: Reply, name: str) -> Reply:
    charset = "utf-8" if _charset(reply) == "utf-8" else "iso-8859-1"
    html = _SHELL.format(charset=charset, name=name, script=SCRIPT)
    return Reply(200, reply.headers, (html.encode("ascii"),))


def _growing(reply: Reply) -> Reply:
    """A listing with a script in place of its paging."""
    html = _text(reply)
    following = _NEXT.search(html)
    html = _PAGING.sub("", html)
    if following:
        more = f'<div class="infinite-loader" data-next-page="{following[1]}"></div>'
        html = html.replace("</body>", f'{more}<script src="{SCRIPT}"></script></body>')
    return Reply(200, reply.headers, (html.encode(_charset(reply)),), reply.modified)


def _parts(html: str) -> Mapping[str, str | None]:
    """What the script needs of a page."""
    following, entries = _NEXT.search(html), _LIST.search(html)
    if entries:
        html = _PAGING.sub("", html)
    head, body = _HEAD.search(html), _BODY.search(html)
    assert head
    assert body
    named = _CLASS.search(body[1])
    return {
        "head": head[1],
        "body": body[2],
        "class": unescape(named[1]) if named else "",
        "entries": entries[1] if entries else None,
        "next": following[1] if following and entries else None,
    }


def _script() -> bytes:
    return files("crawler.replica").joinpath("data", "app.js").read_bytes()
