"""Real pages, where a machine has them: what a careful reader would call the article.

The pages are other people's, so they lie outside the repository, and the expected answers, read
off the pages by eye, are kept as word counts and digests in `real_pages.json`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import running
from tests.conftest import ROOT, options, records, scrapy

PAGES = ROOT.parent / "shared" / "pages"
EXPECTED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "real_pages.json").read_text()
)

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="../shared/pages is not on this machine")


def digest(value: str) -> str:
    """Words and a digest: enough to tell a difference, too little to read."""
    return f"{len(value.split())} {hashlib.sha256(value.encode()).hexdigest()[:16]}"


def digested(record: dict[str, Any]) -> dict[str, Any]:
    """A record in the form of `real_pages.json`."""
    return {
        "headline": digest(record["headline"]),
        "description": digest(record["description"]),
        "article_body": [digest(part) for part in record["article_body"].split("\n\n")],
        "summary_points": [digest(point) for point in record["summary_points"]],
        "authors": [digest(f"{author['name']} {author['url']}") for author in record["authors"]],
        "keywords": [digest(keyword) for keyword in record["keywords"]],
        "images": [digest(f"{i['url']} {i['caption']} {i['credit']}") for i in record["images"]],
        "article_section": digest(record["article_section"]),
        **{
            name: record[name]
            for name in (
                *("url", "date_published", "date_modified", "in_language"),
                *("is_advertisement", "word_count", "content_hash"),
            )
        },
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Records by id of a crawl over a replica with the real pages laid over it."""
    output = tmp_path_factory.mktemp("output")
    with running(3, pages=PAGES) as replica:
        done = scrapy("crawl", "winfuture", *options(replica, output))
    assert done.code == 0, done.err
    return {record["id"]: record for record in records(output, "winfuture")}


@pytest.mark.parametrize("field", sorted(next(iter(EXPECTED.values()))))
@pytest.mark.parametrize("id_", EXPECTED)
def test_the_article_is_what_a_careful_reader_would_call_it(
    id_: str, field: str, found: dict[str, dict[str, Any]]
) -> None:
    assert digested(found[id_])[field] == EXPECTED[id_][field]
