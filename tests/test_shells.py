"""Which pages are empty shells, which listings grow, and what a page in the browser may ask for."""

from collections.abc import Iterable
from http.client import HTTPConnection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Response

from crawler.arguments import Arguments
from crawler.browser.blocking import is_wanted
from crawler.index import Known, Mark
from crawler.pages import Page
from crawler.replica import running
from crawler.shown import Scroll
from crawler.spiders.mobiflip import MobiflipArticlePage, MobiflipTagPage
from crawler.spiders.winfuture import WinfutureArticlePage, WinfutureTagPage
from crawler.walk import Stop, Walk
from tests.conftest import ROOT

SCRIPT = '<script src="/app.js"></script>'
WORDS = "Das ist eine Seite mit Menü, Impressum und allem, was dazugehört. "


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<div id="app"></div>{SCRIPT}', True),
        (f'<div id="app"></div>{SCRIPT}{40 * WORDS}', True),
        (f'<div id="root"><p>Wird geladen …</p></div>{SCRIPT}{40 * WORDS}', True),
        (f"<app-root></app-root>{SCRIPT}{40 * WORDS}", True),
        (f"<p>Wird geladen …</p>{SCRIPT}", True),
        (f"<script>fill()</script><noscript>{WORDS}</noscript>", True),
        (f"{4 * WORDS}<noscript>Bitte JavaScript einschalten</noscript>{SCRIPT}", True),
        ('<div id="app"></div>', False),  # nothing to fill it
        ('<div id="app"></div><script type="application/ld+json">{"a": 1}</script>', False),
        (f'<div id="app">{4 * WORDS}</div>{SCRIPT}', False),
        (f"{4 * WORDS}{SCRIPT}", False),
        (f'{4 * WORDS}<noscript><img src="/zaehler.gif"></noscript>{SCRIPT}', False),
        (f"{40 * WORDS}<noscript>Bitte JavaScript einschalten</noscript>{SCRIPT}", False),
        ("", False),
    ],
)
def test_a_shell_is_told_by_its_structure(html: str, expected: bool) -> None:
    page = f"<html><head><title>{3 * WORDS}</title></head><body>{html}</body></html>".encode()
    for kind in (MobiflipTagPage, MobiflipArticlePage, WinfutureTagPage, WinfutureArticlePage):
        assert kind(page, "https://www.mobiflip.de/x/").is_shell is expected


def test_the_frame_of_a_shell_is_no_article() -> None:
    frame = f'<main id="app"></main>{SCRIPT}<footer><p>{WORDS}</p><p>{WORDS}</p></footer>'
    page = MobiflipArticlePage(frame.encode(), "https://www.mobiflip.de/x/")
    assert (page.is_filled, page.is_shell) == (False, True)


def test_what_is_filled_is_no_shell() -> None:
    filled = f'<div id="app"></div>{SCRIPT}<article><p>Text, wie er sein soll.</p></article>'
    assert not MobiflipArticlePage(filled.encode(), "https://www.mobiflip.de/x/").is_shell
    listed = f'<div id="app"></div>{SCRIPT}<h2><a href="/ein-beitrag/">Ein Beitrag</a></h2>'
    assert not MobiflipTagPage(listed.encode(), "https://www.mobiflip.de/thema/x/").is_shell


@pytest.mark.parametrize("path", sorted((ROOT / "tests/sites").glob("*/*.html")), ids=str)
def test_no_page_of_the_sites_is_taken_for_a_shell(path: object) -> None:
    content = (ROOT / str(path)).read_bytes()
    kinds: Iterable[type[Page]] = (
        (MobiflipArticlePage, MobiflipTagPage)
        if "mobiflip" in str(path)
        else (WinfutureArticlePage, WinfutureTagPage)
    )
    host = "www.mobiflip.de" if "mobiflip" in str(path) else "winfuture.de"
    assert not all(kind(content, f"https://{host}/x/").is_shell for kind in kinds)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<div class="infinite-loader" data-next-page="/thema/x/page/2/"></div>', True),
        ('<button class="load-more-posts">Mehr</button>', True),
        ('<ul class="archive-list infinite-content"></ul>', False),
        ('<link rel="next" href="/thema/x/page/2/"><div data-next-page="2"></div>', False),
    ],
)
def test_paging_is_preferred_to_scrolling(html: str, expected: bool) -> None:
    page = MobiflipTagPage(f"<html>{html}</html>".encode(), "https://www.mobiflip.de/thema/x/")
    assert page.grows is expected


# --- what a page may ask for --------------------------------------------------------------------

HOSTS = frozenset({"winfuture.de", "static.winfuture.de"})


@pytest.mark.parametrize(
    ("method", "kind", "url", "expected"),
    [
        ("GET", "script", "https://winfuture.de/assets/app.js", True),
        ("GET", "fetch", "https://static.winfuture.de/api/news?page=2", True),
        ("GET", "xhr", "http://winfuture.de:80/api", True),
        ("GET", "fetch", "https://winfuture.de/roads/upload/adressen.json", True),
        ("POST", "fetch", "https://winfuture.de/api", False),
        ("GET", "image", "https://winfuture.de/bild.png", False),
        ("GET", "font", "https://winfuture.de/schrift.woff2", False),
        ("GET", "stylesheet", "https://winfuture.de/stil.css", False),
        ("GET", "media", "https://winfuture.de/film.mp4", False),
        ("GET", "document", "https://winfuture.de/rahmen.html", False),
        ("GET", "script", "https://werbung.example/app.js", False),
        ("GET", "script", "https://winfuture.de.example/app.js", False),
        ("GET", "script", "https://winfuture.de@werbung.example/app.js", False),
        ("GET", "script", "https://nutzer@winfuture.de/app.js", False),
        ("GET", "fetch", "https://winfuture.de:8443/api", False),
        ("GET", "fetch", "https://winfuture.de:x/api", False),
        ("GET", "fetch", "ftp://winfuture.de/api", False),
        ("GET", "fetch", "data:text/plain,x", False),
        ("GET", "script", "https://winfuture.de/js/ads.js", False),
        ("GET", "script", "https://winfuture.de/werbung/lader.js", False),
        ("GET", "script", "https://winfuture.de/matomo.js", False),
    ],
)
def test_what_a_page_may_ask_for(method: str, kind: str, url: str, expected: bool) -> None:
    assert is_wanted(method, kind, url, HOSTS) is expected


@given(st.text(), st.sampled_from(["script", "fetch"]))
def test_any_address_is_judged(url: str, kind: str) -> None:
    assert not is_wanted("GET", kind, url, frozenset())
    is_wanted("GET", kind, f"https://winfuture.de/{url}", HOSTS)


# --- scrolling ----------------------------------------------------------------------------------

TOPIC = "https://www.mobiflip.de/thema/x/"


def listing(names: Iterable[object], more: str = "") -> Response:
    links = "".join(f'<h2><a href="/beitrag-{name}/">B</a></h2>' for name in names)
    return HtmlResponse(TOPIC, body=f"<html>{links}{more}</html>".encode(), encoding="utf-8")


def scroll(known: Iterable[object] = (), most: int = 9, **arguments: str) -> Scroll:
    urls = {f"https://www.mobiflip.de/beitrag-{name}/" for name in known}
    mark = Mark(
        start="2026-01-02T000000.000Z", newest="", walked="2026-01-02T00:00:00Z", spread=None
    )
    walk = Walk(
        Arguments.read(**arguments),
        lambda url: (
            Known(url, "2026-01-01T000000.000Z", False, "2026-01-01T00:00:00Z")
            if url in urls
            else None
        ),
        mark=mark if urls else None,
    )
    return Scroll(walk, MobiflipTagPage, most)


def test_scrolling_goes_on_while_there_is_news() -> None:
    view = scroll()
    assert [view.goes_on(listing(range(end))) for end in (2, 4, 6)] == [True, True, True]
    assert (view.stop, view.growths) == (None, 3)


def test_scrolling_ends_at_what_is_known() -> None:
    view = scroll(known=range(2, 4))
    assert [view.goes_on(listing(range(end))) for end in (2, 4)] == [True, False]
    assert view.stop is Stop.CAUGHT_UP


def test_scrolling_ends_with_as_many_pages_as_asked_for() -> None:
    view = scroll(max_pages="2")
    assert [view.goes_on(listing(range(end))) for end in (2, 4)] == [True, False]
    assert view.stop is Stop.MAX_PAGES


def test_scrolling_is_limited() -> None:
    view = scroll(most=2)
    assert [view.goes_on(listing(range(end))) for end in (2, 4, 6)] == [True, True, False]
    assert view.stop is Stop.ENDLESS


def test_what_grows_by_no_article_is_endless() -> None:
    view = scroll()
    assert [view.goes_on(listing([1])) for _ in range(4)] == [True, True, True, False]
    assert view.stop is Stop.ENDLESS


def test_a_listing_that_offers_a_page_is_not_scrolled() -> None:
    view = scroll()
    assert not view.goes_on(listing([1], f'<a rel="next" href="{TOPIC}page/2/">2</a>'))
    assert view.stop is None


# --- the replica --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scripted", "is_shell", "grows"), [("shells", True, False), ("growing", False, True)]
)
def test_the_replica_plays_them(scripted: str, is_shell: bool, grows: bool) -> None:
    with running(14, scripted=scripted) as replica:
        connection = HTTPConnection(replica)
        connection.request("GET", "/thema/huawei/", headers={"Host": "www.mobiflip.de"})
        page = MobiflipTagPage(connection.getresponse().read(), "https://www.mobiflip.de/x/")
        connection.close()
    assert (page.is_shell, page.grows, page.next_url) == (is_shell, grows, None)
