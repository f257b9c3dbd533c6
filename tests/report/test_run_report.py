"""The run report: one for each run, whole, and in step with what happened."""

import json
from pathlib import Path
from typing import Any

import msgspec

from crawler.replica import running
from crawler.report import RunReport
from tests.conftest import Crawl, Site, feed_paths, records
from tests.test_crawl import article


def reports(output: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted((output / "runs").glob("*.json"))]


def test_each_run_leaves_a_report_also_one_that_found_nothing(
    replica: str, crawl: Crawl, output: Path
) -> None:
    for _ in range(2):
        assert crawl("winfuture", replica).code == 0
    first, second = reports(output)
    (path,) = feed_paths(output, "winfuture")
    assert [file["path"] for file in first["feed_files"]] == [f"winfuture/{path.name}"]
    assert second["feed_files"] == []
    assert {record["run_id"] for record in records(output, "winfuture")} == {first["run_id"]}
    oldest = min(record["date_published"] for record in records(output, "winfuture"))
    for report in (first, second):
        msgspec.convert(report, RunReport)
        assert report["covers"] == [oldest, report["started"]]
        assert report["is_complete"]
    assert first["stop"] == "it reached the end of the listing"
    assert second["stop"] == "it met what the last complete walk has covered"
    assert (first["counts"]["new"], second["counts"]["known"]) == (15, 15)
    assert sum(first["sources"]["headline"].values()) == 15
    assert sum(first["responses"].values()) == first["requests"]


def test_a_failed_run_says_so_in_its_report(crawl: Crawl, output: Path) -> None:
    assert crawl("winfuture", "127.0.0.1:1", RETRY_TIMES=0).code == 1
    (report,) = reports(output)
    assert (report["exit_code"], report["is_complete"]) == (1, False)
    assert "could not be read" in report["problems"][0]


def test_odd_and_disputed_dates_are_told_and_kept(crawl: Crawl, output: Path, site: Site) -> None:
    visible = '<div class="author_date"><a class="date">16.01.2026 08:00 Uhr</a></div>'
    page = article("Uneins über die Zeit").replace("<h1>", f"{visible}<h1>")
    site.lay("https://winfuture.de/news,156000.html", page)
    future = article("Aus der Zukunft", number=156001).replace("2026-01-15", "2126-01-15")
    site.lay("https://winfuture.de/news,156001.html", future)
    with running(1, pages=site.folder) as replica:
        assert crawl("winfuture", replica).code == 0
    (report,) = reports(output)
    assert report["date_disagreements"] == {"date_published": 1}
    assert report["dates_flagged"] == [
        {
            "id": "winfuture:156001",
            "field": "date_published",
            "value": "2126-01-15T21:10:00+01:00",
            "why": "in the future",
        }
    ]
    dates = {record["id"]: record["date_published"] for record in records(output, "winfuture")}
    assert dates["winfuture:156001"] == "2126-01-15T21:10:00+01:00"
    assert dates["winfuture:156000"] == "2026-01-15T21:10:00+01:00"
