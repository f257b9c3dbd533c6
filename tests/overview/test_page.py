"""The report in a real Chromium: nothing from outside, nothing that harms, search and filters."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from crawler.items import Article, Author
from crawler.overview.figures import figures
from crawler.overview.page import page
from crawler.overview.words import WORDS
from crawler.report import Alarm, RunReport
from tests.conftest import scrapy
from tests.feed_commands.feeds import GONE, HEADLINE, lay_feed, made
from tests.test_feed import lay

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</script>\u202egnp.exe {{ 7 * 7 }} " + "x" * 10_000
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """A page that was opened from a file, and what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, **options: object) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def shown(self) -> list[str]:
        return self.page.locator("article:visible h3").all_inner_texts()


@pytest.fixture
def report(tmp_path: Path) -> Path:
    feed = lay_feed(tmp_path / "feed")
    done = scrapy("report", "-s", f"OUTPUT_DIR={feed}")
    assert (done.code, done.out, done.err) == (0, f"{feed}/report.html\n", "")
    return feed / "report.html"


def test_it_asks_nobody_and_search_and_filters_work(report: Path, chromium: Browser) -> None:
    seen = Watched(chromium, report)
    page = seen.page
    assert seen.asked == [report.as_uri()]
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("svg[role=img]").count() == 3
    headline = f"Huawei verschiebt {HEADLINE}"
    assert {*seen.shown()} == {headline, GONE, "Schlagzeile 5"}
    page.keyboard.press("Tab")
    assert page.locator("a:focus").inner_text() == WORDS["de"]["skip"]
    page.fill("#search", "uberwachung KOLN")
    assert seen.shown() == [GONE]
    assert page.inner_text("#count") == "1"
    page.fill("#search", "gibt es nicht")
    assert page.locator("#nothing").is_visible()
    page.fill("#search", "")
    page.select_option("#event", "updated")
    assert seen.shown() == [headline]
    page.click("article:not([hidden]) summary")
    assert page.locator("del").inner_text() == "zeigt"
    assert page.locator("ins").inner_text() == "verschiebt"
    page.select_option("#event", "")
    page.select_option("#site", "mobiflip")
    assert seen.shown() == ["Schlagzeile 5"]
    assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_and_can_be_read(scheme: str, width: int, report: Path, chromium: Browser) -> None:
    seen = Watched(chromium, report, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    for place in ("body", ".soft", ".tiles li", "th", "article .meta", "article a"):
        assert contrast(seen.page, place) >= 4.5, place


def contrast(page: Page, place: str) -> float:
    """Of a text and what is behind it: WCAG 2.2, relative luminance."""
    colours = page.locator(place).first.evaluate(
        """element => {
            const text = getComputedStyle(element).color;
            while (element && getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)')
                element = element.parentElement;
            return [text, getComputedStyle(element).backgroundColor];
        }"""
    )

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


def test_hostile_text_is_harmless(tmp_path: Path, chromium: Browser) -> None:
    article = made(1)
    article.headline = article.description = HOSTILE
    article.keywords = [HOSTILE]
    article.authors = [Author(name=HOSTILE)]
    edited = replace(article, event="updated", revision=2, article_body=HOSTILE)
    linked = replace(made(2), url="javascript:document.title='owned'")
    runs = [
        RunReport(
            run_id=HOSTILE,
            site=HOSTILE,
            started=HOSTILE[:40],
            problems=(HOSTILE,),
            alarms=[Alarm(kind=HOSTILE, evidence=HOSTILE, cause=HOSTILE)],
        )
    ]
    path = tmp_path / "report.html"
    path.write_text(page(figures([article, edited, linked], runs), language="en", made="now"))
    seen = Watched(chromium, path)
    for link in seen.page.locator("article a").all():
        assert (link.get_attribute("href") or "").startswith("https://winfuture.de/")
    seen.page.click("article:not([hidden]) summary")
    assert seen.page.title() == WORDS["en"]["title"]
    assert seen.page.locator("img, article script").count() == 0
    assert seen.asked == [path.as_uri()]
    assert seen.said == []
    assert "\u202e" not in seen.page.locator("h3").first.inner_text()
    assert len(seen.page.locator("h3").first.inner_text()) < 400
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 1280


def many(count: int) -> list[Article]:
    return [
        made(n, headline=f"Nummer {n}", article_body=f"Text {n} über Geräte {n % 97}.")
        for n in range(count)
    ]


def test_size_is_bounded_and_the_same_feed_makes_the_same_page() -> None:
    found = figures(many(3000), [])
    text = page(found, language="de", made="jetzt")
    assert len(text) < 200_000
    assert text == page(found, language="de", made="jetzt")
    assert text.count("<article ") == 50


def test_a_date_in_the_far_future_hides_no_other() -> None:
    articles = [made(1), made(2, date_published="2126-01-15T20:00:00+01:00")]
    found = figures(articles, [])
    assert [str(week) for week in found.weeks] == ["2026-01-12"]
    assert found.published == {"winfuture": [1]}


def test_without_scripts_nothing_pretends_to_work(report: Path, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("article").first.is_visible()
    assert not page.locator("#search").is_visible()
    context.close()


def test_umlauts_are_found_however_they_are_written(tmp_path: Path, chromium: Browser) -> None:
    path = tmp_path / "report.html"
    article = made(1, headline="Größere Überwachung in Köln")
    path.write_text(page(figures([article], []), language="de", made="jetzt"))
    seen = Watched(chromium, path)
    for words in ("Überwachung", "ueberwachung", "UBERWACHUNG", "groessere koeln", "grossere"):
        seen.page.fill("#search", words)
        assert seen.page.inner_text("#count") == "1", words
    seen.page.fill("#search", "uuberwachung")
    assert seen.page.inner_text("#count") == "0"


def test_charts_have_round_lines_and_their_values_beside_them(
    tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "report.html"
    articles = [made(n) for n in range(37)]
    path.write_text(page(figures(articles, []), language="en", made="now"))
    seen = Watched(chromium, path)
    lines = seen.page.locator("svg .axis.y text").all_text_contents()
    assert lines[:4] == ["0", "10", "20", "30"]
    seen.page.locator(".values summary").first.click()
    assert "37" in seen.page.locator(".values table").first.inner_text()


def test_an_empty_feed_says_so(tmp_path: Path, chromium: Browser) -> None:
    (tmp_path / "output").mkdir()
    done = scrapy("report", "-s", f"OUTPUT_DIR={tmp_path}/output")
    assert done.code == 0
    seen = Watched(chromium, tmp_path / "output/report.html")
    assert WORDS["de"]["empty"] in seen.page.inner_text("main")
    assert seen.page.locator("#articles").count() == 1, "where a link of the page leads"
    assert seen.page.inner_text("header p").startswith(WORDS["de"]["made"])
    assert seen.said == []


def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    lay(tmp_path / "feed/winfuture/2026-01-15T210000.000Z.jsonl", msgspec.json.encode({}))
    for arguments, code, said in (
        (["-s", f"OUTPUT_DIR={tmp_path}/none"], 2, "there is no feed at "),
        (["-s", f"OUTPUT_DIR={tmp_path}/feed"], 1, f"{tmp_path}/feed/winfuture/2026"),
        (["--language", "fr"], 2, "argument --language: invalid choice: 'fr'"),
        (["a"], 2, "takes no argument"),
    ):
        done = scrapy("report", *arguments)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith(f"scrapy report: {said}")
        assert done.err.count("\n") == 1


def test_both_languages_have_all_words() -> None:
    assert WORDS["de"].keys() == WORDS["en"].keys()
