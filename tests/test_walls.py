"""Walls: each kind is recognised for what it is, and no article is taken for one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.pages import WALLS, ArticlePage, TagPage, listing_wall, wall_of
from crawler.replica import running, stories
from crawler.replica.edition import Edition
from crawler.replica.server import Options, Replica
from crawler.spiders.mobiflip import MobiflipArticlePage, MobiflipTagPage
from crawler.spiders.winfuture import WinfutureArticlePage, WinfutureTagPage
from tests.conftest import ROOT, Crawl, Site, json_lines, records
from tests.test_crawl import article

URL = "https://winfuture.de/news,{}.html"
LISTING = "https://winfuture.de/special/huawei/"
PAGES: dict[str, tuple[type[ArticlePage], type[TagPage]]] = {
    "winfuture": (WinfutureArticlePage, WinfutureTagPage),
    "mobiflip": (MobiflipArticlePage, MobiflipTagPage),
}
ADDRESSES = {"winfuture": URL.format(156000), "mobiflip": "https://www.mobiflip.de/mate/"}


def page(title: str, body: str = "", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


LATEST = "".join(f'<a href="/news,{n}.html">Neues {n}</a>' for n in range(155000, 155040))
CONSENT = page(
    "Ein Artikel",
    "<h1>Willkommen</h1><p>Lesen Sie mit Werbung, oder ohne Tracking im PUR-Abo für 3 Euro.</p>"
    "<p>Wir und unsere 140 Partner verwenden Cookies.</p><button>Akzeptieren und weiter</button>",
)
WALLED = [
    ("consent", "sourcepoint", page("x", '<div id="sp_message_container_1"></div>'
        "<p>Einwilligung jederzeit widerrufbar</p><button>Zustimmen und weiter</button>")),
    ("consent", "consentmanager", page("x", '<script src="https://cdn.consentmanager.net/a.js">'
        "</script><div id=cmpbox><p>Hier weiter mit Werbung</p></div>")),
    ("consent", "usercentrics", page("Datenschutzeinstellungen - WinFuture.de",
        "<div id=usercentrics-root></div>")),
    ("consent", "onetrust", page("x", "<div id=onetrust-consent-sdk>"
        "<button>Accept all and continue</button> We and our 12 partners store data.</div>")),
    ("consent", "contentpass", CONSENT),
    ("consent", "google", page("Before you continue to Example", "<form></form>")),
    ("bot_challenge", "cloudflare", page("Just a moment...", "<script>window._cf_chl_opt={}"
        "</script><noscript>Enable JavaScript and cookies to continue</noscript>")),
    ("bot_challenge", "cloudflare, German", page("Nur einen Moment…", "<p>Bitte warten</p>")),
    ("bot_challenge", "datadome", page("winfuture.de", "<script>var dd={'rt':'c'}</script>"
        '<script src="https://ct.captcha-delivery.com/c.js"></script>')),
    ("bot_challenge", "perimeterx", page("x", "<div id=px-captcha></div>")),
    ("bot_challenge", "akamai", page("Access Denied", "<h1>Access Denied</h1>You don't have "
        "permission. Reference #18.2d3e1bb8.17 https://errors.edgesuite.net/18.2d")),
    ("bot_challenge", "imperva", page("", '<iframe id=main-iframe src="/_Incapsula_Resource?'
        'CWUDNSAI=1">Request unsuccessful. Incapsula incident ID: 1</iframe>')),
    ("bot_challenge", "hcaptcha", page("x", "<div class=h-captcha></div>"
        "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>")),
    ("bot_challenge", "recaptcha", page("x", "<div class=g-recaptcha></div>"
        "<p>Our systems have detected unusual traffic.</p>")),
    ("bot_challenge", "anubis", page("Making sure you&#39;re not a bot!",
        '<script id="anubis_challenge" type="application/json">{}</script>')),
    ("bot_challenge", "refusal", page("Zugriff verweigert")),
    ("too_many_requests", "title", page("429 Too Many Requests")),
    ("too_many_requests", "German", page("Zu viele Anfragen | WinFuture")),
    ("too_many_requests", "phrases", page("x", "Zu viele Anfragen. Versuchen Sie es später.")),
    ("maintenance", "title", page("Wartungsarbeiten")),
    ("maintenance", "WordPress", page("Briefly unavailable for scheduled maintenance.")),
    ("maintenance", "phrases", page("x", "Wartungsarbeiten: derzeit nicht erreichbar.")),
    ("error", "soft 404", page("Seite nicht gefunden - WinFuture.de", "<h1>404</h1>" + LATEST)),
    ("error", "heading", page("x", "<h1>Hoppla! Diese Seite existiert nicht mehr.</h1>")),
    ("error", "server", page("500 Internal Server Error")),
    ("error", "gateway", page("502 Bad Gateway", "<h1>502 Bad Gateway</h1>")),
    ("error", "database", page("Fehler beim Aufbau einer Datenbankverbindung")),
    ("login", "title", page("Anmelden | WinFuture", '<form><input type="password"></form>')),
    ("login", "phrases", page("x", '<form><input type="password"></form>Passwort vergessen?')),
    ("paywall", "phrases", page("x", "Jetzt weiterlesen. Bereits Abonnent?")),
    ("paywall", "schema.org", page("x", "", '<script type="application/ld+json">'
        '{"@type":"NewsArticle","headline":"x","isAccessibleForFree":"False"}</script>')),
]  # fmt: skip


@pytest.mark.parametrize("site", PAGES)
@pytest.mark.parametrize(
    ("kind", "content"),
    [(kind, content) for kind, _, content in WALLED],
    ids=[w[1] for w in WALLED],
)
def test_a_wall_is_recognised(kind: str, content: str, site: str) -> None:
    found = wall_of(PAGES[site][0](content.encode(), ADDRESSES[site]))
    assert found is not None
    assert found.kind == kind


def test_every_kind_has_a_case_and_a_line_in_the_docs() -> None:
    kinds = {wall.kind for wall in WALLS}
    assert {case[0] for case in WALLED} == kinds
    told = (ROOT / "docs/walls.md").read_text()
    assert all(f"| `{kind}` |" in told for kind in kinds)


@pytest.mark.parametrize(
    "content",
    ["", "<html></html>", '{"error": 1}', page("Ein Titel", "<p>Ein Satz.</p>"), page("", LATEST)],
)
def test_what_is_neither_article_nor_wall_is_no_wall(content: str) -> None:
    assert wall_of(WinfutureArticlePage(content.encode(), URL.format(1))) is None


# What surrounds articles: all of it at once.
AROUND = """<script src="https://cdn.consentmanager.net/a.js"></script><div id="cmpbox"></div>
    <script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>
    <script src="https://js.datadome.co/tags.js"></script><script>window._pxAppId = "x"</script>
    <div id="usercentrics-root">Zustimmen und weiter</div><div class="g-recaptcha"></div>
    <form class="login">Passwort vergessen? <input type="password"> Noch kein Konto?</form>
    <form class="newsletter">Newsletter abonnieren, jederzeit kündbar</form>"""


def with_all_around(content: bytes) -> bytes:
    start = content.lower().index(b"<body")
    end = content.index(b">", start) + 1
    return content[:end] + AROUND.encode("latin-1") + content[end:]


def saved_pages() -> Iterator[tuple[str, str, bytes]]:
    for site in PAGES:
        folder = ROOT / "tests/sites" / site
        for url, answer in json.loads((folder / "pages.json").read_text()).items():
            yield site, url, (folder / answer["file"]).read_bytes()


@pytest.mark.parametrize(
    ("site", "url", "content"), [*saved_pages()], ids=[url for _, url, _ in saved_pages()]
)
def test_no_page_of_the_sites_is_taken_for_a_wall(site: str, url: str, content: bytes) -> None:
    kind, listing = PAGES[site]
    for sent in (content, with_all_around(content)):
        if kind.ARTICLE_URL.canonical(url):
            found = kind(sent, url)
            assert (wall_of(found), found.is_accessible_for_free) == (None, True)
        else:
            assert listing_wall(listing(sent, url)) is None


@pytest.mark.skipif(
    not (ROOT.parent / "shared/pages").is_dir(), reason="../shared/pages is not on this machine"
)
def test_no_real_page_is_taken_for_a_wall() -> None:
    paths = sorted((ROOT.parent / "shared/pages").glob("winfuture-*.html"))
    assert paths
    for path in paths:
        number = path.stem.rpartition("-")[2]
        for sent in (path.read_bytes(), with_all_around(path.read_bytes())):
            found = WinfutureArticlePage(sent, URL.format(number))
            assert (wall_of(found), found.is_accessible_for_free) == (None, True)


@pytest.mark.parametrize("site", PAGES)
def test_of_a_thousand_articles_of_the_replica_none_is_taken_for_a_wall(site: str) -> None:
    played = Replica(Options(Edition(articles=500)))
    for story in stories(site, 500):
        parts = urlsplit(story.url)
        reply = played.reply(parts.netloc, parts.path)
        if reply.status != 200:  # some fail when they are asked for the first time
            reply = played.reply(parts.netloc, parts.path)
        found = PAGES[site][0](b"".join(reply.pieces), story.url)
        assert found.headline == story.headline
        assert (wall_of(found), found.is_accessible_for_free) == (None, True), story.url


# --- listings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CONSENT, "consent"),
        (page("Seite nicht gefunden", LATEST), "error"),
        (page("Huawei", LATEST), None),
        (page("Zugriff verweigert: Neues zu Huawei", LATEST), None),
        (page("Huawei", "<p>Nichts da.</p>"), None),
    ],
)
def test_a_wall_in_place_of_a_listing(content: str, kind: str | None) -> None:
    found = listing_wall(WinfutureTagPage(content.encode(), LISTING))
    assert (found and found.kind) == kind


# --- runs -----------------------------------------------------------------------------------


def laid_out(site: Site, walls: dict[int, tuple[str, dict[str, Any]]], sound: int = 1) -> None:
    for number in range(155000, 155000 + sound):
        site.lay(URL.format(number), article(f"Artikel {number}", f"Satz {number}.", number=number))
    for number, (body, answer) in walls.items():
        site.lay(URL.format(number), body, **answer)
    numbers = [*range(155000, 155000 + sound), *walls]
    site.lay(LISTING, "".join(f'<a href="/news,{n}.html">x</a>' for n in numbers))


def crawled(crawl: Crawl, site: Site, **settings: object) -> Any:
    with running(1, pages=site.folder) as replica:
        return crawl("winfuture", replica, RETRY_TIMES=0, **settings)


def report(output: Path) -> dict[str, Any]:
    newest = max((output / "runs").glob("*.json"))
    return dict(json.loads(newest.read_text()))


REFRESH = '<meta http-equiv="refresh" content="0;url=/news,159999.html">'
TRAP = f'{REFRESH}<form action="/news,159998.html"><a href="/news,159997.html">Zustimmen</a></form>'


@pytest.mark.parametrize("status", [200, 403, 503])
def test_walls_are_counted_kept_out_and_asked_for_again(
    status: int, crawl: Crawl, site: Site, output: Path, tmp_path: Path
) -> None:
    wall = page("Just a moment...", TRAP, REFRESH)
    laid_out(site, {156000: (wall, {"status": status})}, sound=3)
    log = tmp_path / "log"
    with running(1, pages=site.folder, log=log) as replica:
        done = crawl("winfuture", replica, RETRY_TIMES=0, WALLS_LIMIT=0.5)
    assert (done.code, "3 new" in done.last_line, "1 walled" in done.last_line) == (0, True, True)
    assert "not complete: some articles could not be had" in done.last_line
    assert f"In place of the article {URL.format(156000)} there is a bot challenge" in done.err
    assert not (output / "quarantine").exists()
    told = report(output)
    assert told["walls"] == {"bot_challenge": 1}
    assert told["counts"]["walled"] == 1
    asked = [entry["path"] for entry in json_lines(log)]
    assert not [path for path in asked if "15999" in path], "nothing on a wall is followed"
    site.lay(URL.format(156000), article("Wieder da"))
    assert "1 new, 3 known" in crawled(crawl, site).last_line


def test_walls_in_place_of_articles_are_an_alarm(crawl: Crawl, site: Site, output: Path) -> None:
    laid_out(site, {}, sound=30)
    assert crawled(crawl, site).code == 0
    laid_out(site, {156000: (CONSENT, {})}, sound=30)
    done = crawled(crawl, site)
    assert done.code == 1
    assert "walls stand in place of 1 of 1 articles asked for (consent: 1)" in done.last_line


def test_an_error_page_counts_with_the_broken_articles(crawl: Crawl, site: Site) -> None:
    laid_out(site, {156000: (page("Seite nicht gefunden"), {})}, sound=30)
    assert crawled(crawl, site).code == 0
    done = crawled(crawl, site, BROKEN_ARTICLES_LIMIT=0)
    assert "1 of 31 listed articles are broken" in done.last_line


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, "is a consent page"),
        ({"status": 403}, "could not be read: the server answered 403 with a consent page"),
    ],
)
def test_a_listing_that_is_a_wall_is_called_so(
    answer: dict[str, Any], told: str, crawl: Crawl, site: Site
) -> None:
    site.lay(LISTING, CONSENT, **answer)
    done = crawled(crawl, site)
    assert done.code == 1
    assert f"the listing {LISTING} {told}" in done.last_line


@pytest.mark.parametrize("status", [200, 403])
def test_a_second_look_at_a_wall_changes_nothing(
    status: int, crawl: Crawl, site: Site, output: Path
) -> None:
    laid_out(site, {}, sound=2)
    crawled(crawl, site, NOW="2026-01-15T21:00:00Z")
    before = records(output, "winfuture")
    site.lay(URL.format(155000), CONSENT, status=status)
    for now in ("2026-01-16T22:00:00Z", "2026-01-18T22:00:00Z"):
        done = crawled(crawl, site, NOW=now, WALLS_LIMIT=1)
        assert "1 walled" in done.last_line
        assert records(output, "winfuture") == before
    done = crawled(crawl, site, NOW="2026-01-18T22:10:00Z", WALLS_LIMIT=1)
    assert "1 walled" in done.last_line, "the look stays due"
