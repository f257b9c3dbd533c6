"""The short form of `python -m tests.month`: a month of runs, and a feed that tells it all."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.feed import feed_files
from crawler.replica.stories import SITES
from crawler.report import reports
from tests.conftest import options, scrapy
from tests.month import KILLS, Month, differences, leads_to, pairs, played
from tests.test_crawl import VALIDATOR


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    with played(tmp_path_factory.mktemp("month") / "output", hours=24, kills=KILLS[:4]) as done:
        yield done


def test_the_feed_says_what_happened_event_for_event(month: Month) -> None:
    assert differences(month) == []
    events = Counter(record.event for record in month.records())
    assert events["published"] >= 295, "a few come and go between two runs"
    assert events["withdrawn"] >= 5
    assert events["updated"] >= 40


def test_runs_were_killed_and_sites_were_down(month: Month) -> None:
    assert month.killed >= 3
    told = [*reports(month.output)]
    failed = {report.started for report in told if report.problems}
    alarmed = {report.started for report in told if report.alarms} - failed
    assert month.codes.count(1) == month.outages() + len(alarmed)
    assert month.outages() >= 4
    assert {alarm.kind for report in told for alarm in report.alarms} <= {"incomplete", "silence"}
    assert {*month.codes} == {0, 1}


def test_revisions_follow_each_other_and_each_leads_to_the_next(month: Month) -> None:
    lines = pairs(month.records())
    for record, before in lines:
        if before is None:
            assert (record.event, record.revision, record.changes) == ("published", 1, None)
            continue
        assert record.revision == before.revision + 1
        assert record.date_first_seen == before.date_first_seen < record.date_downloaded
        assert not record.backfill
        if record.event == "withdrawn":
            assert (record.changes, before.event != "withdrawn") == (None, True)
        else:
            assert leads_to(before, record)
    assert max(record.revision for record, _ in lines) > 2


def test_every_line_of_the_month_is_valid(month: Month) -> None:
    starts = defaultdict(list)
    for path in feed_files(month.output):
        for line in path.read_bytes().splitlines():
            VALIDATOR.validate(json.loads(line))
        starts[path.parent.name].append(path.name)
    assert all(names == sorted(set(names)) for names in starts.values())


def test_nothing_was_refused(month: Month) -> None:
    refused: list[Path] = [*feed_files(month.output, quarantine=True)]
    assert [path for path in refused if "quarantine" in path.parts] == []


@pytest.mark.parametrize("site", SITES)
def test_the_audit_of_the_month_is_clean(site: str, month: Month) -> None:
    told = options(month.replica, month.output, NOW=month.runs[-1].isoformat())
    done = scrapy("audit", site, "--days", "95", *told, timeout=120)
    assert done.code == 0, done.out + done.err


def test_only_the_first_run_and_old_articles_are_backfill(month: Month) -> None:
    first = month.runs[0].isoformat().replace("+00:00", "Z")
    for record in month.records():
        if record.event == "published":
            assert record.backfill == (record.date_first_seen == first)
