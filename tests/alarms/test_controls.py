"""Known articles are looked at when nothing else would tell that pages are read wrongly."""

from pathlib import Path

from tests.watched import watched


def test_some_articles_are_looked_at_when_none_is_due(tmp_path: Path) -> None:
    with watched(tmp_path) as site:
        asked = {}
        for at, wanted in ((0, 3), (30, 3), (31, 3), (40, 3), (41, 3), (50, 2), (60, 0)):
            assert site.crawl(at, CONTROLS=wanted).code == 0
            asked[at] = site.articles()
    assert len(asked[30]) >= 3, "looks that are due"
    assert asked[31] == [], "articles were looked at lately"
    assert [status for _, status in asked[40]] == [304, 304, 304]
    assert asked[41] == []
    assert len(asked[50]) == 2
    assert asked[60] == []
