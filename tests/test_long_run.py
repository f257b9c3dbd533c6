"""A long run stays flat: what it holds does not grow with the articles it has been through."""

import json
from itertools import pairwise
from pathlib import Path

from crawler.replica import running
from tests.conftest import Crawl, records

ARTICLES = 200
PAGE = 15  # articles on a tag page of the replica


def test_paging_is_no_faster_than_articles_are_fetched(
    crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    held, log = tmp_path / "held.json", tmp_path / "requests.jsonl"
    with running(ARTICLES, log=log) as replica:
        done = crawl(
            "winfuture", replica, HELD=held, EXTENSIONS=json.dumps({"tests.waiting.Waiting": 0})
        )
    assert done.code == 0, done.err
    assert len(records(output, "winfuture")) == ARTICLES
    told = json.loads(held.read_text())
    assert told["listed"] == ARTICLES
    assert PAGE <= told["most_waiting"] <= PAGE + 1, "one page's articles, and the page after it"
    assert told["left"] == []
    # An article that failed is asked for again a little later.
    lines = map(json.loads, log.read_text().splitlines())
    asked = [*dict.fromkeys(line["path"] for line in lines)]
    asked.remove("/.well-known/tdmrep.json")
    pages = [place for place, path in enumerate(asked) if path.startswith("/special/")]
    assert len(pages) == -(-ARTICLES // PAGE)
    for start, end in pairwise(pages):
        assert end - start == PAGE + 1, "the next page is asked for after this one's articles"
        assert all(path.startswith("/news,") for path in asked[start + 1 : end])
