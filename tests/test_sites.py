"""Every page of `tests/sites/`: each field of it a case, found without further test code.

A folder bears the name of its spider. `pages.json` maps URLs to files, as the replica's `--pages`
reads it; beside each page `<page>.json` holds the expected answers. To add a page: the page
first, its answers second, the code third. `pytest tests/test_sites.py --rewrite-expected` writes
what the code says and fails; read the difference line by line before it is committed.
"""

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scrapy.utils.project import get_project_settings

from crawler.commands import sites
from crawler.items import Article
from crawler.normal_form import normalised
from crawler.problems import problems
from crawler.replica import running
from crawler.tag_spider import TagSpider
from tests.conftest import options, records, scrapy

FOLDER = Path(__file__).parent / "sites"
SPIDERS = sites(get_project_settings())
ARTICLE_FIELDS = (
    *("id", "url", "headline", "description", "article_body", "summary_points", "authors"),
    *("date_published", "date_modified", "article_section", "keywords", "images"),
    *("in_language", "is_advertisement"),
)
STAMPS, EPOCH = ("date_first_seen", "date_downloaded"), "1970-01-01T00:00:00Z"
LISTING_FIELDS = ("articles", "next")
UNCOVERED = {
    ("mobiflip", "summary_points"): "the site shows no summary",
}  # fields that no page of a site can cover, each with the reason


@dataclass(frozen=True)
class SavedPage:
    """A page as a server would send it from one URL, and the answers expected of it."""

    site: str
    url: str
    path: Path
    content_type: str

    @property
    def spider(self) -> type[TagSpider]:
        return SPIDERS[self.site]

    @property
    def is_article(self) -> bool:
        article_url = self.spider.article_page.ARTICLE_URL
        return bool(article_url.canonical(self.url) or article_url.number(self.url))

    @property
    def fields(self) -> tuple[str, ...]:
        return ARTICLE_FIELDS if self.is_article else LISTING_FIELDS

    @property
    def answers_path(self) -> Path:
        return self.path.with_suffix(".json")

    def __str__(self) -> str:
        return f"{self.site}-{self.path.stem}-{self.url.rpartition('/')[2] or self.path.stem}"


def saved_pages(site: str) -> list[SavedPage]:
    pages = json.loads((FOLDER / site / "pages.json").read_text())
    return [
        SavedPage(
            site,
            url,
            FOLDER / site / page["file"],
            page.get("headers", {}).get("Content-Type", "text/html"),
        )
        for url, page in pages.items()
        if "file" in page and page.get("status", 200) == 200
    ]


FOLDERS = sorted(path.name for path in FOLDER.iterdir())
PAGES = [page for name in FOLDERS for page in saved_pages(name)]


def as_written(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that a page answers, the body as a list of paragraphs."""
    body = record["article_body"].split("\n\n")
    return {name: record[name] for name in ARTICLE_FIELDS} | {"article_body": body}


@cache
def article(page: SavedPage) -> Article:
    content = page.path.read_bytes()
    read = page.spider.article_page(content, page.url, page.content_type)
    return normalised(read.to_article(page.site, "huawei"))


@cache
def found(page: SavedPage) -> dict[str, Any]:
    """What the code says about a page, in the form of the expected answers."""
    if page.is_article:
        return as_written(asdict(article(page)))
    tag_page = page.spider.tag_page(page.path.read_bytes(), page.url, page.content_type)
    return {"articles": tag_page.articles, "next": tag_page.next_url}


@cache
def expected(page: SavedPage) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(page.answers_path.read_text())
    return answers


def rewrite(page: SavedPage) -> None:
    text = json.dumps(found(page), indent=1, ensure_ascii=False) + "\n"
    page.answers_path.write_text(text)


CASES = [(page, field) for page in PAGES for field in page.fields]


@pytest.mark.parametrize(("page", "field"), CASES, ids=[f"{p}-{f}" for p, f in CASES])
def test_the_page_answers(page: SavedPage, field: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--rewrite-expected"):
        rewrite(page)
        pytest.fail("expected answers were rewritten: read the difference, then run without")
    answers = expected(page)
    assert field in answers, f"{page.answers_path.name} expects nothing of {field}"
    assert found(page)[field] == answers[field]
    if field == "articles":  # the order is the page's
        assert list(found(page)[field]) == list(answers[field])


@pytest.mark.parametrize("page", [p for p in PAGES if p.is_article], ids=str)
def test_the_article_is_fit_for_the_feed(page: SavedPage) -> None:
    assert not problems(replace(article(page), run_id="x", **dict.fromkeys(STAMPS, EPOCH)))


def test_every_spider_has_a_folder_and_every_folder_a_spider() -> None:
    assert sorted(SPIDERS) == FOLDERS


@pytest.mark.parametrize("site", FOLDERS)
def test_a_folder_holds_pages_with_answers_and_nothing_else(site: str) -> None:
    pages = saved_pages(site)
    assert any(page.is_article for page in pages), "no article page"
    assert any(not page.is_article for page in pages), "no tag page"
    wanted = {path.name for page in pages for path in (page.path, page.answers_path)}
    assert {path.name for path in (FOLDER / site).iterdir()} == wanted | {"pages.json"}


@pytest.mark.parametrize("site", FOLDERS)
def test_every_field_is_covered_by_some_page(site: str) -> None:
    covered = {
        field for page in saved_pages(site) for field, answer in expected(page).items() if answer
    }
    excused = {field for name, field in UNCOVERED if name == site}
    assert covered | excused == {*ARTICLE_FIELDS, *LISTING_FIELDS}
    assert not covered & excused, "an excuse that is none any longer"


@pytest.mark.parametrize("site", FOLDERS)
def test_a_crawl_gives_the_same_answers(site: str, tmp_path: Path) -> None:
    """Laid over the replica, the pages come out of the feed as they come out of the classes."""
    with running(1, pages=FOLDER / site) as replica:
        done = scrapy("crawl", site, *options(replica, tmp_path))
    assert done.code == 0, done.err
    crawled = {record["url"]: as_written(record) for record in records(tmp_path, site)}
    articles = [p for p in saved_pages(site) if p.is_article and p.url == expected(p)["url"]]
    assert articles
    for page in articles:
        assert crawled[page.url] == expected(page)
