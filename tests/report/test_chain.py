"""The chain of run reports: a real one holds, and what was done to it since is found."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from crawler.replica import running
from crawler.report import breaches, report_at, report_paths, reports, sha256
from tests.conftest import Crawl, Site, feed_paths, options
from tests.processes import scrapy
from tests.test_crawl import article

NEWS = "https://winfuture.de/news,156000.html"


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of three runs of a site: all new, all known, one new."""
    folder = tmp_path_factory.mktemp("crawled")
    site = Site(folder / "pages")
    site.lay("https://winfuture.de/special/huawei/nothing", status=404)
    for day, count in (("2026-01-19", 4), ("2026-01-20", 4), ("2026-01-21", 5)):
        with running(count) as replica:
            done = scrapy(
                *("crawl", "winfuture"),
                *options(replica, folder / "output", NOW=f"{day}T09:00:00+00:00"),
            )
        assert done.code == 0, done.err
    return folder / "output"


@pytest.fixture
def output(crawled: Path, tmp_path: Path) -> Path:
    return copytree(crawled, tmp_path / "output")


def found(output: Path) -> list[tuple[str, str]]:
    return [(Path(breach.path).name, breach.what) for breach in breaches(output, "winfuture")]


def test_a_chain_of_real_runs_holds(output: Path) -> None:
    assert found(output) == []
    first, second, third = reports(output)
    assert (first.previous_run_id, first.previous) == (None, None)
    paths = report_paths(output, "winfuture")
    for report, before in ((second, paths[0]), (third, paths[1])):
        assert (report.previous_run_id, report.previous) == (before.stem, sha256(before))
    assert [file.records for file in third.feed_files] == [1]


def test_counts_and_what_is_filled_are_those_of_the_feed(output: Path) -> None:
    first = next(reports(output))
    lines = feed_paths(output, "winfuture")[0].read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert first.written == len(told) == 4
    assert first.filled == {
        name: sum(record[name] not in (None, "", []) for record in told) for name in told[0]
    }
    assert first.counts["listed"] + first.counts["looked"] == sum(first.fates.values())


def test_an_earlier_report_that_was_changed_is_found(output: Path) -> None:
    first, second, _ = report_paths(output)
    first.write_text(first.read_text().replace('"exit_code": 0', '"exit_code": 1'))
    assert found(output) == [
        (second.name, f"the report before it, {first.stem}, was changed since")
    ]


def test_a_report_that_is_gone_is_found(output: Path) -> None:
    _, second, third = report_paths(output)
    second.unlink()
    assert found(output) == [(third.name, f"the report before it, {second.stem}, is not there")]


def test_a_report_put_in_front_is_found(output: Path) -> None:
    first, *_ = report_paths(output)
    forged = first.with_name("winfuture-2026-01-18T090000.000Z.json")
    forged.write_text(first.read_text().replace(first.stem, forged.stem))
    assert (first.name, f"it says it is the first, and {forged.stem} is there") in found(output)


def test_a_report_under_another_name_is_found(output: Path) -> None:
    *_, last = report_paths(output)
    last.rename(last.with_name("winfuture-2026-01-21T090000.001Z.json"))
    assert [what for _, what in found(output)] == [f"it calls itself {last.stem}"]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"run_id": 5}', "\x00", "[" * 100_000])
def test_a_file_that_is_no_report_is_found(output: Path, content: str) -> None:
    *_, last = report_paths(output)
    last.write_text(content)
    (name, what), *_ = found(output)
    assert name == last.name
    assert "is no run report" in what


def test_feed_files_changed_or_gone_are_found(output: Path) -> None:
    first, second = feed_paths(output, "winfuture")
    first.write_text(first.read_text().replace("Huawei", "Hauwei"))
    second.unlink()
    reports_, names = report_paths(output), ("changed since", "not there")
    assert found(output) == [
        (reports_[0].name, f"winfuture/{first.name} was {names[0]}"),
        (reports_[2].name, f"winfuture/{second.name} is {names[1]}"),
    ]


def test_a_feed_file_put_in_between_is_found(output: Path) -> None:
    first, _ = feed_paths(output, "winfuture")
    forged = first.with_name("2026-01-20T100000.000Z.jsonl")
    forged.write_bytes(first.read_bytes())
    assert found(output) == [(forged.name, "no report names this file")]


def test_a_file_of_a_run_under_way_is_nobodys_fault(output: Path) -> None:
    first, _ = feed_paths(output, "winfuture")
    first.with_name("2026-01-22T100000.000Z.jsonl").write_bytes(first.read_bytes())
    assert found(output) == []


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [("written", 9, "9 records"), ("errors", 3, "its counts do not add up to 4")],
)
def test_counts_that_do_not_add_up_are_found(
    output: Path, name: str, value: int, what: str
) -> None:
    first, second, third = report_paths(output)
    for path in (second, third):
        path.unlink()
    told = json.loads(first.read_bytes())
    first.write_text(json.dumps(told | {name: value}))
    assert what in found(output)[0][1]


def test_reports_of_earlier_versions_are_read_and_not_blamed(output: Path) -> None:
    """They named their feed files without hashes, and no report before them."""
    first, *_ = report_paths(output)
    told = json.loads(first.read_bytes())
    later = {"schema_version", "previous", "previous_run_id", "written", "filled", "errors"}
    old = {name: value for name, value in told.items() if name not in later}
    old["feed_files"] = [file["path"] for file in told["feed_files"]]
    first.with_name("winfuture-2026-01-18T090000.000Z.json").write_text(
        json.dumps(old | {"run_id": "winfuture-2026-01-18T090000.000Z"})
    )
    early = report_at(report_paths(output)[0])
    assert (early.schema_version, early.feed_files[0].sha256) == (0, None)
    assert [breach.what for breach in breaches(output, "winfuture")] == [
        "it says it is the first, and winfuture-2026-01-18T090000.000Z is there"
    ]


def test_what_a_killed_run_left_stands_in_the_next_report(
    output: Path, site: Site, crawl: Crawl
) -> None:
    first, _ = feed_paths(output, "winfuture")
    killed = first.with_name(".2026-01-22T090000.000Z.jsonl.part")
    line, *_ = first.read_bytes().splitlines(keepends=True)
    killed.write_bytes(line.replace(b"winfuture:", b"winfuture:9") + b'{"torn')
    site.lay(NEWS, article("Huawei baut weiter"))
    with running(5, pages=site.folder) as replica:
        assert crawl("winfuture", replica, NOW="2026-01-23T09:00:00+00:00").code == 0
    *_, last = reports(output)
    assert [(f.path, f.records) for f in last.recovered_files] == [
        ("winfuture/2026-01-22T090000.000Z.jsonl", 1)
    ]
    assert [*breaches(output, "winfuture")] == []


def test_a_run_sent_away_leaves_no_report(output: Path, replica: str, crawl: Crawl) -> None:
    assert crawl("winfuture", replica, CONTACT="", REPLICA="").code != 0
    assert len(report_paths(output)) == 3
