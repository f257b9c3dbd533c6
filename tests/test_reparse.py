"""`scrapy reparse`: what better page classes read of archived pages, and what stays as it is."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scrapy.http import HtmlResponse, Request

from crawler.archive.writing import RunArchive
from crawler.items import Article, Author
from crawler.lease import LEASES, FileLeases, SiteLease
from crawler.reparse.correct import CONTENT, corrections
from crawler.replica import running
from crawler.replica.timeline import Edit
from tests.archive.test_run import kept_for
from tests.archive.test_writing import NOW
from tests.conftest import Crawl, Finished, Site, json_lines, records, scrapy
from tests.test_crawl import VALIDATOR, article
from tests.watched import SITE, hour, watched

Record = dict[str, Any]


def reparse(output: Path, *args: object, **settings: object) -> Finished:
    told = {"OUTPUT_DIR": output} | settings
    return scrapy("reparse", *args, *(x for k, v in told.items() for x in ("-s", f"{k}={v}")))


def said(site: str, read: int, **counts: int) -> str:
    names = ("unchanged", "corrected", "published", "duplicate", "failed")
    return f"{site}: {read} pages read anew: " + ", ".join(
        f"{counts.get(name, 0)} {name}" for name in names
    )


@pytest.fixture
def archived(replica: str, crawl: Crawl, output: Path) -> Path:
    """An output folder with an archived run of each site."""
    for site in ("winfuture", "mobiflip"):
        done = crawl(site, replica, ARCHIVE=1)
        assert done.code == 0, done.err
    return output


def misread(output: Path, site: str, *changes: Callable[[Record], None]) -> list[Record]:
    """Makes the first records say what a page class with a mistake would have read of the pages."""
    (path,) = (output / site).glob("*.jsonl")
    found = json_lines(path)
    for change, record in zip(changes, found, strict=False):
        change(record)
    lines = (json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in found)
    path.write_text("".join(f"{line}\n" for line in lines))
    for index in output.glob("index.sqlite*"):
        index.unlink()
    return found


def without_keywords(record: Record) -> None:
    record.update(keywords=["Falsch"], images=[])


def with_notice(record: Record) -> None:
    record["article_body"] += "\n\nMehr dazu im Newsletter."


def with_other_names(record: Record) -> None:
    record["authors"] = [{"name": "Anzeige", "url": None}]
    record.update(headline="Ein anderer Titel", is_advertisement=not record["is_advertisement"])


MISTAKES = (without_keywords, with_notice, with_other_names)


def test_only_what_differs_is_corrected_and_only_once(archived: Path) -> None:
    before = misread(archived, "winfuture", *MISTAKES)
    done = reparse(archived, "winfuture")
    assert done.code == 0, done.err
    assert done.out == f"{said('winfuture', 15, unchanged=12, corrected=3)}\n"
    found = records(archived, "winfuture")[15:]
    changed = [[*record["changes"]] for record in found]
    assert sorted(map(sorted, changed)) == [
        ["article_body"],
        ["authors", "headline", "is_advertisement"],
        ["images", "keywords"],
    ]
    first = {record["id"]: record for record in before}
    for record in found:
        VALIDATOR.validate(record)
        was = first[record["id"]]
        assert (record["event"], record["revision"]) == ("updated", 2)
        assert (record["correction"], record["backfill"]) == (True, False)
        same = ("archive", "date_downloaded", "date_first_seen", "topic", "url")
        assert {name: record[name] for name in same} == {name: was[name] for name in same}
        for name in record["changes"].keys() - {"article_body"}:
            assert record["changes"][name] == {"before": was[name], "after": record[name]}
    again = reparse(archived, "winfuture")
    assert again.out == f"{said('winfuture', 15, unchanged=15)}\n"
    assert len(records(archived, "winfuture")) == 18


def test_a_second_run_of_a_site_asks_nobody_and_leaves_a_report(archived: Path) -> None:
    misread(archived, "mobiflip", without_keywords)
    done = reparse(archived, REPLICA="127.0.0.1:1", CONTACT="")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        said("mobiflip", 15, unchanged=14, corrected=1),
        said("winfuture", 15, unchanged=15),
    ]
    *_, last = sorted((archived / "runs").glob("mobiflip-*.json"))
    report = json.loads(last.read_text())
    assert (report["requests"], report["bytes"], report["exit_code"]) == (0, 0, 0)
    assert (report["counts"]["looked"], report["counts"]["updated"]) == (15, 1)
    (file,) = report["feed_files"]
    assert file["path"] == f"mobiflip/{last.stem.removeprefix('mobiflip-')}.jsonl"


def test_the_crawl_after_a_correction_finds_nothing_new(
    archived: Path, replica: str, crawl: Crawl
) -> None:
    misread(archived, "winfuture", *MISTAKES)
    reparse(archived, "winfuture")
    done = crawl("winfuture", replica, ARCHIVE=1)
    assert "0 new, 15 known" in done.last_line
    assert len(records(archived, "winfuture")) == 18


@pytest.mark.parametrize("when", ["write:1", "write:4", "between write and index:3", "index:9"])
def test_a_kill_in_the_middle_loses_and_repeats_nothing(when: str, archived: Path) -> None:
    misread(archived, "winfuture", *MISTAKES)
    settings = ["-s", f"OUTPUT_DIR={archived}"]
    done = scrapy("reparse", "winfuture", *settings, killed=when)
    assert done.code == -signal.SIGKILL
    assert reparse(archived, "winfuture").code == 0
    told = [(r["id"], r["revision"]) for r in records(archived, "winfuture") if r["correction"]]
    assert len({*told}) == len(told) == 3


def test_since_leaves_older_pages_alone(archived: Path) -> None:
    misread(archived, "winfuture", without_keywords)
    done = reparse(archived, "--site", "winfuture", "--since", "2099-01-01")
    assert (done.code, done.out) == (0, f"{said('winfuture', 0)}\n")
    done = reparse(archived, "--site", "winfuture", "--since", "2020-01-01")
    assert done.out == f"{said('winfuture', 15, unchanged=14, corrected=1)}\n"


def test_an_older_page_never_undoes_what_the_publisher_changed(tmp_path: Path) -> None:
    with watched(tmp_path, Edit(at=hour(0.5), site=SITE, article=0, change="headline")) as site:
        site.crawl(0, ARCHIVE=1)
        assert ", 1 updated; " in site.crawl(2, ARCHIVE=1).last_line
    before = records(site.output, SITE)
    done = reparse(site.output, SITE, NOW=hour(3).isoformat())
    assert done.out == f"{said(SITE, 4, unchanged=4)}\n"
    assert records(site.output, SITE) == before


def test_a_site_being_crawled_is_left_alone(archived: Path) -> None:
    lease = SiteLease(FileLeases(archived / LEASES), "winfuture", "winfuture-run", seconds=90)
    assert lease.attempt()
    try:
        done = reparse(archived, "winfuture")
    finally:
        lease.release()
    assert done.code == 3
    assert "another run of winfuture is under way: winfuture-run, process" in done.err
    assert "Traceback" not in done.err


# --- pages that did not reach the feed ------------------------------------------------------------


def test_what_must_not_be_kept_any_more_is_passed_over(
    site: Site, crawl: Crawl, output: Path
) -> None:
    page = article("Titel", body="Ein geheimer Satz. " * 9, number=200001)
    robots = {"X-Robots-Tag": "noindex"}
    site.lay("https://winfuture.de/news,200001.html", page, headers=robots)
    with running(3, pages=site.folder) as address:
        assert crawl("winfuture", address, ARCHIVE=1, RIGHTS="record").code == 0
    done = reparse(output, "winfuture")
    assert done.code == 0, done.err
    assert done.out == f"{said('winfuture', 4, unchanged=3)}\n"
    assert "Traceback" not in done.err
    assert "geheimer" not in done.err


def test_what_was_refused_and_is_fit_now_is_published(
    site: Site, crawl: Crawl, output: Path
) -> None:
    """As if page classes had not found the date; what is still unfit stays in quarantine."""
    pages = {
        number: article(f"Titel {number}", body=f"Ein Satz über {number}. " * 9, number=number)
        for number in (200001, 200002)
    }
    for number, page in pages.items():
        undated = page.replace("article:published_time", "nothing")
        site.lay(f"https://winfuture.de/news,{number}.html", undated)
    with running(3, pages=site.folder) as address:
        done = crawl("winfuture", address, ARCHIVE=1, BROKEN_ARTICLES_LIMIT=1)
    assert ", 2 quarantined, " in done.last_line
    assert reparse(output, "winfuture").out == f"{said('winfuture', 5, unchanged=5)}\n"
    (quarantine,) = (output / "quarantine/winfuture").glob("*.jsonl")
    fit = next(
        r["record"] for r in json_lines(quarantine) if r["record"]["id"] == "winfuture:200001"
    )
    put_right(output, fit, pages[200001])
    done = reparse(output, "winfuture")
    assert done.code == 0, done.err
    assert done.out == f"{said('winfuture', 5, unchanged=4, published=1)}\n"
    *_, record = records(output, "winfuture")
    VALIDATOR.validate(record)
    assert (record["id"], record["revision"]) == ("winfuture:200001", 1)
    assert (record["event"], record["correction"]) == ("published", False)
    assert record["date_downloaded"] == kept_for(record, output).date == "2026-01-31T12:00:00Z"
    assert reparse(output, "winfuture").out == f"{said('winfuture', 5, unchanged=5)}\n"
    assert "winfuture:200002" not in {r["id"] for r in records(output, "winfuture")}


def put_right(output: Path, refused: Record, page: str) -> None:
    """Gives a record of the quarantine a page that today's classes can read, which spares the
    test page classes of an earlier day."""
    archive = RunArchive(output, "winfuture", "2026-01-31T120000.000Z", {}, 10**9)
    url = refused["url"]
    place = archive.keep(Request(url), HtmlResponse(url, body=page.encode()), NOW)
    archive.complete()
    (path,) = (output / "quarantine/winfuture").glob("*.jsonl")
    was = msgspec.json.encode(refused["archive"]).decode()
    assert path.read_text().count(was) == 1
    path.write_text(path.read_text().replace(was, msgspec.json.encode(place).decode()))


# --- what goes wrong ------------------------------------------------------------------------------


def test_pages_that_cannot_be_read_fail_and_the_others_are_read(archived: Path) -> None:
    misread(archived, "winfuture", *MISTAKES)
    gone, moved = records(archived, "winfuture")[3:5]
    (path,) = (archived / "winfuture").glob("*.jsonl")
    text = path.read_text()
    text = text.replace(f'"offset":{gone["archive"]["offset"]}}}', '"offset":7}')
    text = text.replace(f'"id":"{moved["id"]}"', '"id":"winfuture:1"')
    path.write_text(text)
    done = reparse(archived, "winfuture")
    assert done.code == 1
    assert done.out == f"{said('winfuture', 15, unchanged=10, corrected=3, failed=2)}\n"
    assert "scrapy reparse: winfuture: 2 archived pages could not be read anew" in done.err
    assert f"it is {moved['id']} now, not winfuture:1" in done.err
    assert "Traceback" not in done.err
    told = [json.loads(line) for line in reparse(archived, "--log-format", "json").err.splitlines()]
    assert {line["site"] for line in told} >= {"mobiflip", "winfuture"}
    assert "2 archived pages could not be read anew" in " ".join(line["message"] for line in told)


def test_without_an_archive_there_is_nothing_to_read(
    replica: str, crawl: Crawl, output: Path
) -> None:
    crawl("winfuture", replica)
    done = reparse(output, "winfuture")
    assert (done.code, done.out) == (0, f"{said('winfuture', 0)}\n")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nosuch"], "there is no site 'nosuch'"),
        (["--site", "nosuch"], "there is no site 'nosuch'"),
        (["--since", "gestern"], "since 'gestern' is no day"),
        (["--nosuch"], "there is no option --nosuch"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], told: str, output: Path) -> None:
    done = reparse(output, *args)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert told in done.err
    assert not output.exists()


# --- fields ---------------------------------------------------------------------------------------


def test_every_field_that_a_page_answers_can_be_corrected() -> None:
    said_by_pages = {
        *("url", "headline", "description", "article_body", "summary_points", "authors"),
        *("date_published", "date_modified", "article_section", "keywords", "images"),
        *("in_language", "is_advertisement"),
    }
    assert said_by_pages <= {*CONTENT}
    assert not {"id", "run_id", "archive", "correction", "content_hash"} & {*CONTENT}


def test_fields_that_agree_are_not_named() -> None:
    made = Article(
        id="winfuture:1",
        site="winfuture",
        topic="huawei",
        url="https://winfuture.de/news,1.html",
        headline="Titel",
        article_body="Text",
        date_published="2026-01-31T12:00:00+01:00",
        authors=[Author(name="Anna Autorin")],
    )
    assert corrections(made, made) == {}
