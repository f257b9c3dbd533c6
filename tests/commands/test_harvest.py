"""`scrapy harvest`: all sites in one process, a true table, the worst exit code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from scrapy.utils.project import get_project_settings

from crawler.commands import sites
from crawler.lease import LEASES, FileLeases, SiteLease
from crawler.replica import running
from tests.commands.conftest import on_terminal, plain
from tests.conftest import Finished, Site, feed_paths, json_lines, options, records, scrapy
from tests.test_crawl import article

# Sites the replica plays; `harvest` without names would ask it for all there are.
SITES = ("mobiflip", "winfuture")
COLUMNS = [
    *"site new updated withdrawn known duplicate quarantined failed requests bytes".split(),
    *("whole walk", "seconds", "waited", "complete"),
]
RARE = ["forbidden", "withheld", "walled"]  # there where they count something


def harvest(replica: str, output: Path, *args: str, **settings: object) -> Finished:
    return scrapy("harvest", *args, *options(replica, output, **settings))


def table(shown: str) -> dict[str, dict[str, str]]:
    """The rows by site, as a reader sees them; the frame is cut away."""
    rows = [
        [cell.strip() for cell in line.strip("┃│").replace("┃", "│").split("│")]
        for line in shown.splitlines()
        if line.startswith(("┃", "│"))
    ]
    assert [title for title in rows[0] if title not in RARE] == COLUMNS
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


def numbers(row: dict[str, str], *names: str) -> tuple[int, ...]:
    return tuple(int(row[name].replace(",", "")) for name in names)


def test_a_site_that_another_run_has_leaves_the_others_alone(output: Path, replica: str) -> None:
    lease = SiteLease(FileLeases(output / LEASES), "mobiflip", "mobiflip-other", seconds=90)
    assert lease.attempt()
    done = harvest(replica, output, *SITES)
    lease.release()
    assert done.code == 3
    rows = table(done.out)
    assert [row["complete"][:3].strip() for row in rows.values()] == ["no", "yes"]
    line = "mobiflip: another run of mobiflip is under way: mobiflip-other, process"
    assert line in done.out
    assert len(records(output, "winfuture")) == 15


def test_the_table_tells_what_happened(output: Path, tmp_path: Path) -> None:
    with running(25, broken=2, log=tmp_path / "log") as replica:
        first = harvest(replica, output, *SITES)
        asked = len(json_lines(tmp_path / "log"))
        second = harvest(replica, output, *SITES)
    assert (first.code, second.code) == (0, 0)
    rows = table(first.out)
    assert [*rows] == [*SITES]
    for site, row in rows.items():
        assert len(records(output, site)) == 23
        fates = numbers(row, "new", "known", "duplicate", "quarantined", "failed")
        assert fates == (23, 0, 0, 0, 2)
        assert numbers(row, "bytes") > (100_000,)
        assert 0 < float(row["seconds"]) < 60
        assert re.fullmatch(r"yes since 2026-01-\d\d", row["complete"])
        assert re.fullmatch(r"2[78], [12]\.\d MB", row["whole walk"])
    assert sum(numbers(row, "requests")[0] for row in rows.values()) == asked
    for row in table(second.out).values():
        assert numbers(row, "new", "known", "failed") == (0, 23, 2)
        assert row["complete"].startswith("yes since 2026-01-"), "what is gone is not missing"


def test_what_was_forbidden_has_a_column_where_there_is_some(output: Path, site: Site) -> None:
    listing = "".join(f'<a href="/news,{number}.html">x</a>' for number in (1, 2))
    site.lay("https://winfuture.de/special/huawei/", listing)
    site.lay("https://winfuture.de/news,1.html", article("Frei", number=1))
    rules = {"Content-Type": "text/plain"}
    site.lay(
        "https://winfuture.de/robots.txt", "User-agent: *\nDisallow: /news,2.html", headers=rules
    )
    with running(1, pages=site.folder) as replica:
        done = harvest(replica, output, *SITES)
    rows = table(done.out)
    assert [row["forbidden"] for row in rows.values()] == ["0", "1"]
    assert "walled" not in rows["winfuture"]
    assert numbers(rows["winfuture"], "new") == (1,)


def test_a_walk_that_was_cut_short_is_not_complete_and_says_why(replica: str, output: Path) -> None:
    done = harvest(replica, output, "mobiflip", "-a", "max_pages=1")
    assert done.code == 0, "it did what it was asked for"
    assert table(done.out)["mobiflip"]["complete"] == "no"
    assert done.out.endswith("mobiflip: not complete: it read as many tag pages as asked for\n")


def test_one_bad_site_gives_the_exit_code_and_costs_the_other_nothing(
    output: Path, site: Site
) -> None:
    site.lay("https://www.mobiflip.de/thema/huawei/", "gone", status=410)
    with running(3, pages=site.folder) as replica:
        done = harvest(replica, output)
    assert done.code == 1
    rows = table(done.out)
    assert [*rows] == [*sites(get_project_settings())], "without names: all sites"
    assert (rows["mobiflip"]["complete"], rows["winfuture"]["complete"][:3]) == ("no", "yes")
    assert len(records(output, "winfuture")) == 3
    below = done.out.partition("└")[2]
    assert "\nmobiflip: the listing https://www.mobiflip.de/thema/huawei/ could not" in below
    assert "Traceback" not in done.err


def test_only_the_sites_named_are_harvested(replica: str, output: Path) -> None:
    done = harvest(replica, output, "winfuture", "winfuture", "-a", "max_pages=1")
    assert done.code == 0
    assert [*table(done.out)] == ["winfuture"]
    assert feed_paths(output, "mobiflip") == []


def test_an_article_met_twice_counts_as_duplicate(output: Path, site: Site) -> None:
    page = (
        '<link rel="canonical" href="https://www.mobiflip.de/{}/"><body class="postid-7">'
        '<h1>Titel</h1><article><p>Ein Satz.</p></article><time datetime="2026-01-15"></time>'
    )
    listing = "".join(
        f'<li class="infinite-post"><a href="/{slug}/">x</a></li>' for slug in ("eins", "zwei")
    )
    site.lay("https://www.mobiflip.de/thema/huawei/", f"<ul>{listing}</ul>")
    for slug in ("eins", "zwei"):
        site.lay(f"https://www.mobiflip.de/{slug}/", page.format("eins"))
    with running(1, pages=site.folder) as replica:
        done = harvest(replica, output, "mobiflip")
    assert done.code == 0, done.out
    assert numbers(table(done.out)["mobiflip"], "new", "duplicate", "failed") == (1, 1, 0)


def test_files_asked_for_with_o_come_beside_the_feed(
    replica: str, output: Path, tmp_path: Path
) -> None:
    assert harvest(replica, output, "winfuture", "-O", f"{tmp_path}/all.json").code == 0
    beside: list[dict[str, Any]] = json.loads((tmp_path / "all.json").read_text())
    assert len(beside) == len(records(output, "winfuture")) == 15


def test_a_pipe_gets_the_table_and_no_sign_of_progress(replica: str, output: Path) -> None:
    done = harvest(replica, output, *SITES)
    assert done.err == ""
    assert "\x1b" not in done.out
    assert "pages" not in done.out


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_progress_and_a_table_that_fits(columns: int, output: Path) -> None:
    with running(15, broken=1, latency_ms=20) as replica:
        done = on_terminal(columns, "harvest", *SITES, *options(replica, output))
    assert done.code == 0
    progress, _, below = plain(done.out).rpartition("\r")
    assert "mobiflip: 14 new, " in progress
    assert "winfuture: 14 new, " in progress
    assert max(map(len, below.splitlines())) <= columns
    for site in SITES:
        (row,) = (line for line in below.splitlines() if site in line)
        new, known, duplicate, quarantined, failed = row.replace("│", " ").split()[1:6]
        assert (new, known, duplicate, quarantined, failed) == ("14", "0", "0", "0", "1")
        assert re.search(r" yes( since 2026-01-\d\d)?$", row.strip("│ "))
    logged = [line for line in progress.splitlines() if "could not be had" in line]
    assert len(logged) == 2
    assert all("answered 404" in line for line in logged), "a logged line was broken into pieces"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nosuch"], "there is no site 'nosuch'; there are mobiflip"),
        (["winfuture", "--all"], "there is no option --all"),
        (["-a", "topic=a/b"], "topic 'a/b' is no tag"),
        (["-a", "x"], "Invalid -a value, use -a NAME=VALUE"),
    ],
    ids=repr,
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], said: str) -> None:
    done = scrapy("harvest", *args)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"scrapy harvest: {said}")
