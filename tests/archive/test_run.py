"""Runs with ARCHIVE=1 over the replica: what is kept, and what a record says of it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.reading import Kept, kept_at, kept_in
from crawler.feed import partial
from crawler.replica import running, stories
from crawler.replica.timeline import Takedown
from tests.archive.test_writing import heads, is_sound
from tests.conftest import (
    ROOT,
    Crawl,
    Finished,
    Site,
    feed_paths,
    json_lines,
    options,
    records,
    scrapy,
)
from tests.watched import SITE, hour, watched

RUN_OF_COMMAND = "import sys; {}; from scrapy.cmdline import execute; execute(['scrapy', *{}])"


def archives(output: Path, site: str) -> list[Path]:
    return sorted((output / "archive" / site).iterdir())


def kept_for(record: dict[str, Any], output: Path) -> Kept:
    """The response that a record says it came from."""
    return kept_at(output / record["archive"]["file"], record["archive"]["offset"])


@pytest.mark.parametrize("site", ["winfuture", "mobiflip"])
def test_every_response_is_kept_and_every_record_names_its_own(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(30, log=log) as replica:
        done = crawl(site, replica, ARCHIVE=1)
    assert (done.code, "30 new" in done.last_line) == (0, True), done.err
    (path,) = archives(output, site)
    kept = [*kept_in(path)]
    asked = [f"https://{e['host']}{e['path']}" for e in json_lines(log)]
    assert [response.url for response in kept] == asked
    assert is_sound(path)
    (feed,) = feed_paths(output, site)
    assert path.name == f"{feed.stem}.warc.gz"
    bodies = {record["id"]: kept_for(record, output) for record in records(output, site)}
    for story in stories(site, 30):
        found = bodies[f"{site}:{story.number}"]
        assert found.url == story.url
    (report,) = (output / "runs").iterdir()
    assert json.loads(report.read_text())["archive_files"] == [f"archive/{site}/{path.name}"]
    for record in records(output, site):
        assert record["archive"]["file"] == f"archive/{site}/{path.name}"
        assert record["date_downloaded"] == kept_for(record, output).date


def test_robots_redirects_errors_and_retries_are_kept(
    crawl: Crawl, output: Path, site: Site
) -> None:
    site.lay("https://winfuture.de/news,200000.html", "", status=404)
    site.lay("https://winfuture.de/news,200001.html", "", status=503)
    moved = {"Location": "https://winfuture.de/news,156189.html"}
    site.lay("https://winfuture.de/news,200002.html", "", status=301, headers=moved)
    with running(3, pages=site.folder) as replica:
        crawl("winfuture", replica, ARCHIVE=1, RETRY_TIMES=1)
    (path,) = archives(output, "winfuture")
    found = [(kept.url.rpartition("/")[2], kept.status) for kept in kept_in(path)]
    assert found[0] == ("robots.txt", 200)
    assert ("news,200000.html", 404) in found
    assert found.count(("news,200001.html", 503)) == 2
    assert ("news,200002.html", 301) in found


def test_without_the_setting_nothing_is_kept_and_warcio_not_loaded(
    replica: str, output: Path
) -> None:
    """As where the extra is not installed: `sys.modules` holds None for it."""
    command = ["crawl", "winfuture", *options(replica, output)]
    done = in_process("sys.modules['warcio'] = None", command)
    assert done.code == 0, done.err
    assert not (output / "archive").exists()
    assert {record["archive"] for record in records(output, "winfuture")} == {None}


@pytest.mark.parametrize(
    "command",
    [
        ["crawl", "winfuture", "-s", "ARCHIVE=1"],
        ["harvest", "-s", "ARCHIVE=True"],
        ["reparse"],
        ["look", "x.warc.gz"],
    ],
    ids=" ".join,
)
def test_without_warcio_what_needs_it_is_one_line_and_code_2(
    command: list[str], output: Path
) -> None:
    command = [*command, "-s", "REPLICA=127.0.0.1:1", "-s", f"OUTPUT_DIR={output}"]
    done = in_process("sys.modules['warcio'] = None", command)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "warcio" in done.err
    assert "requirements-archive.lock" in done.err
    assert not output.exists()


def in_process(first: str, command: list[str]) -> Finished:
    """A Scrapy command, after a statement of Python's."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_OF_COMMAND.format(first, repr(command))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def test_small_files_follow_one_another(replica: str, crawl: Crawl, output: Path) -> None:
    done = crawl("mobiflip", replica, ARCHIVE=1, ARCHIVE_FILE_BYTES=60_000)
    assert done.code == 0, done.err
    paths = archives(output, "mobiflip")
    assert len(paths) > 2
    assert all(is_sound(path) for path in paths)
    urls = {record["url"]: kept_for(record, output).url for record in records(output, "mobiflip")}
    assert [*urls] == [*urls.values()]
    assert len({record["archive"]["file"] for record in records(output, "mobiflip")}) > 2


@pytest.mark.parametrize("kilobytes", [1, 30, 150])
def test_a_full_disk_ends_the_run_and_the_next_goes_on(
    kilobytes: int, replica: str, crawl: Crawl, output: Path
) -> None:
    """A limit on the size of files stands in for the disk; the archive meets it first."""
    settings = options(replica, output, ARCHIVE=1)
    command = [sys.executable, "-m", "scrapy", "crawl", "winfuture", *settings]
    done = subprocess.run(
        ["prlimit", f"--fsize={kilobytes * 1024}", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1, done.stderr
    assert "; incomplete: " in last
    assert "could not be written" in last or "brought up to date" in last or "cannot be us" in last
    assert "Traceback" not in done.stderr
    assert all(is_sound(path) for path in output.glob("archive/*/*.warc.gz"))
    for record in records(output, "winfuture"):
        assert kept_for(record, output).url == record["url"]
    assert crawl("winfuture", replica, ARCHIVE=1).code == 0
    assert len({record["id"] for record in records(output, "winfuture")}) == 15
    assert len(records(output, "winfuture")) == 15
    assert not [*output.glob("archive/*/.*.part")]


# --- over time ------------------------------------------------------------------------------------


def test_an_unchanged_page_is_kept_as_a_revisit_of_the_one_we_have(tmp_path: Path) -> None:
    with watched(tmp_path) as site:
        site.crawl(0, ARCHIVE=1)
        assert ", 1 unchanged; " in site.crawl(2, ARCHIVE=1).last_line
    first, second = archives(site.output, SITE)
    revisits = [head for head in heads(second) if head["WARC-Type"] == "revisit"]
    pages = {head["WARC-Target-URI"]: head for head in heads(first)[1:] if is_response(head)}
    (revisit,) = (head for head in revisits if "/thema/" not in head["WARC-Target-URI"])
    assert revisit["WARC-Refers-To"] == pages[revisit["WARC-Target-URI"]]["WARC-Record-ID"]
    assert revisit["WARC-Refers-To-Date"] == "2026-02-01T00:00:00Z"
    assert revisit["WARC-Date"] == "2026-02-01T02:00:00Z"
    assert is_sound(second)


def is_response(head: dict[str, str]) -> bool:
    return head["WARC-Type"] == "response"


def test_a_withdrawal_names_the_answer_that_told_so(tmp_path: Path) -> None:
    takedown = Takedown(at=hour(0.5), site=SITE, article=0, status=410)
    with watched(tmp_path, takedown) as site:
        for at in (0, 2, 27):
            site.crawl(at, ARCHIVE=1)
    last = records(site.output, SITE)[-1]
    assert (last["event"], last["date_downloaded"]) == ("withdrawn", "2026-02-02T03:00:00Z")
    assert kept_for(last, site.output).status == 410
    assert kept_for(last, site.output).date == last["date_downloaded"]


# --- scrapy look ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archived(replica: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The output folder of an archived run, and its first record."""
    output = tmp_path_factory.mktemp("archived") / "output"
    done = scrapy("crawl", "winfuture", *options(replica, output, ARCHIVE=1))
    assert done.code == 0, done.err
    return output, records(output, "winfuture")[0]


def test_look_shows_the_record_that_the_field_names(archived: tuple[Path, dict[str, Any]]) -> None:
    output, record = archived
    file, offset = record["archive"]["file"], record["archive"]["offset"]
    for name, *more in ((output / file,), (file, "-s", f"OUTPUT_DIR={output}")):
        done = scrapy("look", name, "--offset", offset, "--json", *more)
        assert (done.code, done.err) == (0, "")
        shown = json.loads(done.out)
        same = ("id", "url", "headline", "article_body", "images", "content_hash")
        assert {key: shown[key] for key in same} == {key: record[key] for key in same}


def test_look_lists_what_an_archive_holds(
    archived: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    output, record = archived
    path = Path(shutil.copy(output / record["archive"]["file"], tmp_path))
    done = scrapy("look", path)
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0][2:] == ["200", "https://winfuture.de/robots.txt"]
    assert [str(record["archive"]["offset"]), record["url"]] in [[r[0], r[3]] for r in lines]
    told = json.loads(scrapy("look", path, "--json").out)["responses"]
    assert [str(entry["offset"]) for entry in told] == [line[0] for line in lines]
    assert {*told[0]} == {"offset", "kind", "date", "status", "url"}
    path.rename(partial(path))  # as while a run writes it
    assert scrapy("look", path).out == done.out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--offset", "x"], 2, "offset 'x' is no number of bytes"),
        (["--offset", "1"], 2, "holds what is no record of a WARC file"),
        (["--offset", "0"], 2, "holds no response at byte 0"),
        (["--offset", "0", "--url", "https://winfuture.de/"], 2, "--url is for files"),
        (["--offset", "0", "--site", "nosuch"], 2, "there is no site 'nosuch'"),
    ],
)
def test_look_says_what_an_archive_does_not_hold(
    args: list[str], code: int, said: str, archived: tuple[Path, dict[str, Any]]
) -> None:
    output, record = archived
    done = scrapy("look", output / record["archive"]["file"], *args)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert said in done.err


def test_look_wants_an_archive_for_an_offset(tmp_path: Path) -> None:
    for name, said in (("README.md", "--offset is for archives"), ("no.warc.gz", "No such file")):
        done = scrapy("look", name, "--offset", "1")
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert said in done.err
