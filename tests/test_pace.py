"""How soon a site is asked again, by the replica's log: delays, turns, pauses, and when to stop."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import Pace, retry_after
from crawler.replica import running
from tests.commands.test_harvest import SITES, harvest, table
from tests.conftest import ROOT, Crawl, Finished, Site, json_lines, options, records, scrapy
from tests.report.test_run_report import reports
from tests.test_crawl import RSS, article
from tests.test_robots import HOME, LISTING, PLAIN, lay_articles, lay_feed

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TDMREP = "/.well-known/tdmrep.json"  # asked for before the first article
BARELY = 0.01  # the replica's clock may be set while we measure


# --- what a Retry-After says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Thu, 15 Jan 2026 12:01:00 GMT", 60.0),
        ("Thursday, 15-Jan-26 12:01:00 GMT", 60.0),
        ("Thu Jan 15 12:01:00 2026", 60.0),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 15 Jan 2026 12:01:00 -0000", 60.0),
        ("Thu, 15 Jan 2026 13:01:00 +0100", 60.0),
        ("9" * 400, 315_360_000.0),
        ("Thu, 15 Jan 9999 12:00:00 GMT", 315_360_000.0),
        ("", None),
        (None, None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),  # a digit, and no number HTTP knows
        ("soon", None),
        ("Thu, 99 Jan 2026 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d+ Jan \d+ \d+:\d+:\d+ \S+"))
def test_whatever_retry_after_says_it_is_a_time_or_nothing(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 315_360_000


# --- when to ask again ----------------------------------------------------------------------------


def pace(**told: Any) -> Pace:
    usual = {"delay": 1.0, "jitter": 0.0, "longest_delay": 60.0, "pause": 30.0}
    return Pace(**{**usual, "longest_pause": 600.0, "patience": 5, **told})


def test_the_delay_counts_from_the_end_of_an_answer() -> None:
    site = pace()
    assert site.wait(100.0) == 0, "nobody was asked before"
    assert site.answered(200, None, 100.0) is None
    assert site.wait(100.0) == 1.0
    assert site.wait(100.75) == 0.25
    assert site.wait(200.0) == 0


@given(st.floats(0, 1), st.floats(0, 100))
def test_jitter_keeps_to_its_share_and_off_what_a_site_asked_for(
    jitter: float, asked: float
) -> None:
    site = pace(jitter=jitter)
    site.answered(200, None, 0.0)
    assert 1 - jitter - 1e-9 <= site.wait(0.0) <= 1 + jitter + 1e-9
    kept = site.asked_for(asked)
    assert kept == min(asked, 60.0)
    assert site.wait(0.0) >= max(kept, 1 - jitter - 1e-9)


def test_the_larger_of_two_crawl_delays_counts() -> None:
    site = pace()
    assert [site.asked_for(seconds) for seconds in (5.0, 2.0, 7.0)] == [5.0, 5.0, 7.0]


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_told_to_slow_down_pauses_and_stays_slow(status: int) -> None:
    site = pace()
    assert [site.answered(status, None, 0.0) for _ in range(3)] == [30.0, 60.0, 120.0]
    assert site.wait(0.0) == 120.0
    site.answered(200, None, 1000.0)
    assert site.wait(1000.0) == 8.0, "doubled three times, for the rest of the run"
    assert site.answered(status, None, 1000.0) == 30.0, "the first in a row"
    for _ in range(50):
        site.answered(status, None, 1000.0)
    site.answered(200, None, 5000.0)
    assert site.wait(5000.0) == 60.0, "the longest delay"
    assert site.answered(status, None, 5000.0) == 30.0


def test_pauses_that_were_not_asked_for_are_never_longer_than_a_run_waits() -> None:
    site = pace()
    assert max(site.answered(429, None, 0.0) or 0 for _ in range(2000)) == 600.0


def test_retry_after_is_obeyed_to_the_second() -> None:
    site = pace()
    assert site.answered(503, 7.0, 10.0) == 7.0
    assert site.wait(10.0) == 7.0
    assert site.answered(429, 3600.0, 10.0) == 3600.0, "more than a run waits, which is told"


def test_without_a_delay_doubling_makes_one() -> None:
    site = pace(delay=0.0)
    site.answered(429, 0.0, 0.0)
    site.answered(200, None, 0.0)
    assert site.wait(0.0) == 0.5


@given(st.lists(st.sampled_from([200, 304, 403, 404, 429, 500, 503])))
def test_refusals_count_in_a_row(statuses: Sequence[int]) -> None:
    """A 5xx of another kind is neither a refusal nor the end of a row."""
    site = pace(patience=3)
    for status in statuses:
        site.answered(status, None, 0.0)
    words = "".join("-" if s == 500 else "R" if s in (403, 429, 503) else "." for s in statuses)
    in_a_row = len(words.rpartition(".")[2].replace("-", ""))
    assert (site.refusals, site.is_over) == (in_a_row, in_a_row >= 3)


# --- runs -----------------------------------------------------------------------------------------


@pytest.fixture
def run(crawl: Crawl, site: Site, tmp_path: Path) -> Any:
    """Crawls what was laid out, without jitter; gives how it ended and the replica's log."""

    def of(**settings: object) -> tuple[Finished, list[dict[str, Any]]]:
        with running(1, pages=site.folder, log=tmp_path / "log") as replica:
            usual = {"DOWNLOAD_DELAY": 0.2, "DOWNLOAD_DELAY_JITTER": 0, "DOWNLOAD_DELAY_LIMIT": 60}
            usual["BROKEN_ARTICLES_LIMIT"] = 1
            done = crawl("winfuture", replica, **usual | settings)
        return done, json_lines(tmp_path / "log")

    return of


def gaps(log: list[dict[str, Any]]) -> list[float]:
    """From each request to the next; never longer than a log of the answers' ends would say."""
    return [there["time"] - here["time"] for here, there in pairwise(log)]


def paths(log: list[dict[str, Any]]) -> list[str]:
    return [entry["path"] for entry in log]


def test_every_request_waits_its_turn_robots_txt_redirects_and_retries_among_them(
    run: Any, site: Site
) -> None:
    lay_articles(site, 156000, 156001, 156002, status=500)
    site.lay(f"{HOME}/news,156001.html", status=301, headers={"Location": "/news/156001/neu"})
    site.lay(f"{HOME}/news/156001/neu", article("Umgezogen", number=156001))
    done, log = run(RETRY_TIMES=1)
    assert (done.code, "2 new" in done.last_line) == (0, True), done.err
    assert paths(log)[:3] == ["/robots.txt", "/special/huawei/", TDMREP]
    assert paths(log).count("/news,156000.html") == 2
    assert len(log) == 8
    assert {entry["active"] for entry in log} == {1}
    assert min(gaps(log)) >= 0.2 - BARELY


def test_a_site_is_one_whatever_hosts_it_has(run: Any, site: Site) -> None:
    """WinFuture's feed has a host of its own; the delay is between all requests."""
    lay_articles(site, 156000)
    _, first = run(DOWNLOAD_DELAY=0)
    lay_articles(site, 156001, 156000)
    lay_feed(site, 156001, 156000)
    done, log = run()
    log = log[len(first) :]
    assert [(entry["host"], entry["path"]) for entry in log] == [
        ("static.winfuture.de", "/robots.txt"),
        ("static.winfuture.de", RSS["winfuture"]),
        ("winfuture.de", "/robots.txt"),
        ("winfuture.de", "/news,156001.html"),
    ], done.err
    assert min(gaps(log)) >= 0.2 - BARELY


def test_a_harvest_asks_each_site_one_thing_at_a_time(output: Path, tmp_path: Path) -> None:
    with running(6, latency_ms=60, log=tmp_path / "log") as replica:
        told = {"DOWNLOAD_DELAY": 0.05, "DOWNLOAD_DELAY_JITTER": 0}
        done = harvest(replica, output, *SITES, **told)
    log = json_lines(tmp_path / "log")
    assert (done.code, len(log)) == (0, 18)
    for name in SITES:
        ours = sorted((e for e in log if name in e["host"]), key=lambda entry: entry["time"])
        assert len(ours) == 9
        for here, there in pairwise(ours):
            assert there["time"] >= here["end"], "asked before the last answer was there"
    assert max(entry["active"] for entry in log) <= len(SITES)
    for row in table(done.out).values():
        assert 0.3 <= float(row["waited"]) <= float(row["seconds"])


def test_the_time_waited_is_told(run: Any, site: Site, output: Path) -> None:
    lay_articles(site, 156000)
    done, log = run()
    (report,) = reports(output)
    waited, seconds = report["seconds_waited"], report["seconds"]
    assert len(log) == 4
    assert 3 * (0.2 - BARELY) - sum(e["end"] - e["time"] for e in log) <= waited < seconds
    said = re.search(r", ([\d.]+) of ([\d.]+) s waited; complete$", done.last_line)
    assert said, done.last_line
    # Both are rounded, the report's to milliseconds before.
    assert [*map(float, said.groups())] == pytest.approx([waited, seconds], abs=0.051)


def test_without_a_delay_nothing_is_waited_for(run: Any, site: Site, output: Path) -> None:
    lay_articles(site, 156000)
    done, _ = run(DOWNLOAD_DELAY=0)
    assert "waited" not in done.last_line
    assert reports(output)[0]["seconds_waited"] == 0


def test_a_crawl_delay_is_kept(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    site.lay(f"{HOME}/robots.txt", "User-agent: *\nCrawl-delay: 0.5\n", headers=PLAIN)
    done, log = run(DOWNLOAD_DELAY_JITTER=1)
    assert (done.code, min(gaps(log)) >= 0.5 - BARELY) == (0, True)


def test_ours_is_kept_where_it_is_the_larger(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    site.lay(f"{HOME}/robots.txt", "User-agent: *\nCrawl-delay: 0.01\n", headers=PLAIN)
    assert min(gaps(run()[1])) >= 0.2 - BARELY


def test_a_crawl_delay_beyond_the_limit_is_cut_and_told(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    site.lay(f"{HOME}/robots.txt", "User-agent: *\nCrawl-delay: 3600\n", headers=PLAIN)
    done, log = run(DOWNLOAD_DELAY_LIMIT=0.4)
    assert (done.code, len(log)) == (0, 4)
    assert min(gaps(log)) >= 0.4 - BARELY
    assert "asks for a Crawl-delay of 3600 s; 0.4 is the most" in done.err


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_retry_after_stops_the_whole_site_which_stays_slow(
    status: int, kind: str, run: Any, site: Site
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    said = "1" if kind == "seconds" else later
    headers = {"Retry-After": said}
    if kind == "date":  # by the server's clock, which may be wrong
        headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=59), usegmt=True)
    lay_articles(site, 156000, 156001, 156002, status=status, headers=headers)
    done, log = run(RETRY_TIMES=0)
    assert "2 new" in done.last_line
    assert paths(log)[2:] == [TDMREP, "/news,156000.html", "/news,156001.html", "/news,156002.html"]
    assert gaps(log)[3] >= 1 - BARELY, "another page had to wait, too"
    assert gaps(log)[4] >= 0.5 - BARELY
    (line,) = [line for line in done.err.splitlines() if f"answered {status}: no request" in line]
    assert line.endswith("then one every 0.5 s at most")


def test_retries_are_few_and_far_between(run: Any, site: Site) -> None:
    lay_articles(site, 156000, 156001, status=503)
    done, log = run(REFUSAL_PAUSE=0.6, RETRY_TIMES=2)
    assert "1 new" in done.last_line
    asked = [entry["time"] for entry in log if entry["path"] == "/news,156000.html"]
    assert len(asked) == 3
    first, second = (there - here for here, there in pairwise(asked))
    assert first >= 0.6 - BARELY
    assert second >= 1.0 - BARELY, "the delay was doubled twice"


def test_who_asks_for_more_than_a_run_waits_ends_it(run: Any, site: Site) -> None:
    lay_articles(site, 156000, 156001, status=429, headers={"Retry-After": "7200"})
    done, log = run()
    back = datetime.now(UTC) + timedelta(hours=2)
    assert done.code == 1
    found = re.search(
        r"; incomplete: the site answered 429 and asks to be left alone until (\S+Z) "
        r"\(Retry-After\); come back then$",
        done.last_line,
    )
    assert found, done.last_line
    assert abs(datetime.fromisoformat(found[1]) - back) < timedelta(minutes=5)
    assert paths(log)[-1] == "/news,156000.html", "nothing was asked for after it"


@pytest.mark.parametrize("status", [403, 429])
def test_a_site_that_refuses_again_and_again_ends_the_run(
    status: int, run: Any, site: Site, output: Path
) -> None:
    numbers = range(156000, 156009)
    lay_articles(site, *numbers)
    for number in numbers[1:]:
        site.lay(f"{HOME}/news,{number}.html", "no", status=status)
    done, log = run(DOWNLOAD_DELAY=0, REFUSAL_PAUSE=0, REFUSALS_LIMIT=3, DOWNLOAD_DELAY_LIMIT=0.1)
    assert done.code == 1
    assert done.last_line.endswith(
        f"; incomplete: the site refused 3 requests in a row, the last with {status}; "
        "come back later"
    )
    assert len(log) == 3 + 1 + 3
    assert len(records(output, "winfuture")) == 1, "what was had before is kept"
    assert reports(output)[0]["exit_code"] == 1


def test_refusals_now_and_then_end_nothing(run: Any, site: Site) -> None:
    lay_articles(site, *range(156000, 156008))
    for number in range(156000, 156008, 2):
        site.lay(f"{HOME}/news,{number}.html", "no", status=403)
    done, _ = run(DOWNLOAD_DELAY=0, REFUSALS_LIMIT=2)
    assert (done.code, "4 new" in done.last_line, "4 failed" in done.last_line) == (0, True, True)


def test_an_audit_ends_where_it_is_not_wanted(site: Site, output: Path, tmp_path: Path) -> None:
    lay_articles(site, 156000)
    site.lay(LISTING, "no", status=429, headers={"Retry-After": "7200"})
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        done = scrapy("audit", "winfuture", *options(replica, output))
    assert done.code == 1
    assert "asks to be left alone until" in done.err
    assert paths(json_lines(tmp_path / "log"))[-1] == "/special/huawei/"


def test_a_look_does_not_wait_for_long(site: Site, tmp_path: Path) -> None:
    lay_articles(site, 156000, status=503, headers={"Retry-After": "30"})
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        told = ["-s", f"REPLICA={replica}", "-s", "DOWNLOAD_DELAY=0"]
        done = scrapy("look", f"{HOME}/news,156000.html", *told)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "asks to be left alone until" in done.err
    assert len(json_lines(tmp_path / "log")) == 2


def test_a_run_that_is_told_to_end_does_not_wait_any_more(
    site: Site, output: Path, tmp_path: Path
) -> None:
    lay_articles(site, 156000, 156001, status=503, headers={"Retry-After": "500"})
    log = tmp_path / "log"
    with running(1, pages=site.folder, log=log) as replica:
        command = [sys.executable, "-m", "scrapy", "crawl", "winfuture"]
        run = subprocess.Popen(
            [*command, *options(replica, output)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        end = time.monotonic() + 30
        while "/news,156000.html" not in log.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)  # until it waits; sooner would be another way to the same end
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)  # not 500
    assert run.returncode == 1
    last = err.strip().splitlines()[-1]
    assert last.endswith("incomplete: the run was ended early (shutdown)")
    assert "0 failed" in last
    assert "Traceback" not in err


# --- who asks, and how ----------------------------------------------------------------------------


def test_who_we_are_is_said_with_every_request(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    _, log = run(CONTACT="desk@example.org", DOWNLOAD_DELAY=0)
    assert paths(log)[0] == "/robots.txt"
    for entry in log:
        assert entry["user_agent"] == "crawler/0.1.0 (+desk@example.org)"
        assert entry["headers"]["accept-encoding"] == "gzip"
        assert not entry["headers"].keys() & {"cookie", "referer"}


def test_the_name_in_robots_txt_is_the_one_we_say(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    site.lay(f"{HOME}/robots.txt", "User-agent: newsdesk\nDisallow: /\n", headers=PLAIN)
    done, log = run(BOT_NAME="newsdesk", CONTACT="", DOWNLOAD_DELAY=0)
    assert (done.code, paths(log)) == (1, ["/robots.txt"])
    assert log[0]["user_agent"] == "newsdesk/0.1.0"


def test_what_is_asked_for_again_is_asked_for_conditionally(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    told = {"DOWNLOAD_DELAY": 0, "FEED_TRUST_HOURS": 0}
    _, first = run(NOW="2026-01-15T22:00:00+01:00", **told)
    assert not any({"if-none-match", "if-modified-since"} & e["headers"].keys() for e in first)
    _, log = run(NOW="2026-01-17T22:00:00+01:00", **told)
    again = {entry["path"]: entry for entry in log[len(first) :]}
    for path in ("/special/huawei/", "/news,156000.html"):
        assert "if-none-match" in again[path]["headers"]
        assert (again[path]["status"], again[path]["bytes"]) == (304, 0)
