"""robots.txt by RFC 9309: what a file says to us, and what follows where there is none."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import TokenRobotParser
from crawler.replica import running
from tests.conftest import Crawl, Finished, Site, json_lines, options, records, scrapy
from tests.test_crawl import RSS, article

HOME = "https://winfuture.de"
LISTING = f"{HOME}/special/huawei/"
PLAIN = {"Content-Type": "text/plain"}


def allows(text: str | bytes, path: str = "/a/b.html") -> bool:
    body = text.encode() if isinstance(text, str) else text
    return TokenRobotParser(body, "crawler").allowed(f"{HOME}{path}")


# --- whom a group is for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "is_ours"),
    [
        (["crawler"], True),
        (["Crawler"], True),
        (["CRAWLER/1.0"], True),
        (["crawler/*"], True),
        (["crawler bot"], True),
        (["another", "crawler"], True),
        (["*"], True),
        (["another"], False),
        (["crawl"], False),
        (["c"], False),
        (["crawlers"], False),
        (["super-crawler"], False),
        (["crawler-news"], False),
        (["crawler_news"], False),
        (["org"], False),  # a word of the contact in our user agent
        ([""], False),
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["User-agent: ", "user-agent:", "  USER-AGENT :\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_group_is_for_the_product_token_alone(
    names: list[str], is_ours: bool, field: str, end: str
) -> None:
    lines = [*(f"{field}{name}" for name in names), "Disallow: /"]
    assert allows(end.join(lines)) is not is_ours


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: crawler\nAllow: /a\n", True),
        ("User-agent: crawler\nAllow: /a\n\nUser-agent: *\nDisallow: /\n", True),
        ("User-agent: crawler\nDisallow:\n\nUser-agent: *\nDisallow: /\n", True),
        (
            "User-agent: crawler\n\nUser-agent: *\nDisallow: /\n",
            False,
        ),  # one group
        ("User-agent: *\nAllow: /\n\nUser-agent: crawler\nDisallow: /\n", False),
        # Groups for the same name are one group (section 2.2.1).
        ("User-agent: crawler\nAllow: /b\n\nUser-agent: Crawler\nDisallow: /a\n", False),
        # Other records do not divide a group (section 2.2.4).
        ("User-agent: crawler\nSitemap: https://x.example/s\nUser-agent: x\nDisallow: /\n", False),
        ("User-agent: crawler\nContent-Usage: ai=n\nUser-agent: x\nDisallow: /\n", False),
        ("User-agent: *\nContent-Signal: search=yes\nDisallow: /\n", False),
        ("Disallow: /\n", True),  # for nobody
        ("", True),
        ("# User-agent: *\n# Disallow: /\n", True),
        ("User-agent: * # all\nDisallow: / # everything\n", False),
        ("<html><body>User-agent: *\n<p>Disallow: /</p></body></html>", True),
    ],
)
def test_which_group_counts(text: str, is_allowed: bool) -> None:
    assert allows(text) is is_allowed


# --- which rule counts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        (["Disallow: /a", "Allow: /a/b"], "/a/b.html", True),
        (["Allow: /a", "Disallow: /a/b"], "/a/b.html", False),
        (["Allow: /a/b", "Disallow: /a"], "/a/c.html", False),
        (["Disallow: /a/", "Allow: /a/"], "/a/b", True),  # as long: the gentler one
        (["Disallow: /*.html"], "/a/b.html", False),
        (["Disallow: /*.html$"], "/a/b.html?x=1", True),
        (["Disallow: /*.html$"], "/a/b.html", False),
        (["Disallow: /a$"], "/a/b", True),
        (["Disallow: /A"], "/a", True),
        (["Disallow: /news,*1.html"], "/news,1561.html", False),
        (["Disallow: /ü"], "/%C3%BC", False),
        (["Disallow: /%C3%BC"], "/ü", False),
        (["Disallow: /"], "/robots.txt", True),
        (["Disallow: /suche?"], "/suche?q=x", False),
        (["Disallow: /suche?"], "/suche", True),
    ],
)
def test_the_longest_match_counts(rules: list[str], path: str, is_allowed: bool) -> None:
    assert allows("\n".join(["User-agent: *", *rules]), path) is is_allowed


def test_a_byte_order_mark_hides_no_group() -> None:
    assert not allows(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")


def test_bytes_that_are_no_text_cost_no_other_line() -> None:
    assert not allows(b"User-agent: *\nDisallow: /\xff\xfe\x00\nDisallow: /a\n")


def test_half_a_megabyte_is_read_and_no_half_line() -> None:
    filler = "Disallow: /x/" + "y" * 86 + "\n"
    head = "User-agent: *\n" + filler * (500 * 1024 // len(filler))
    assert len(head) > 499 * 1024
    assert not allows(head + "Disallow: /a\n" + filler * 200_000)
    assert allows(head + filler * 500 + "Disallow: /a\n"), "what is beyond is left out"
    cut = "User-agent: *\nDisallow: /a".ljust(512 * 1024 + 3, "b")
    assert allows(cut, "/a"), "a line cut short would forbid more than it says"


@pytest.mark.parametrize(("said", "told"), [("5", 5.0), ("0.5", 0.5), ("-1", None), ("x", None)])
def test_a_crawl_delay_is_read(said: str, told: float | None) -> None:
    text = f"User-agent: another\nCrawl-delay: 99\n\nUser-agent: crawler\nCrawl-delay: {said}\n"
    assert TokenRobotParser(text.encode(), "crawler").crawl_delay() == told


@given(st.binary(max_size=300), st.text(max_size=40))
def test_whatever_is_served_there_is_an_answer(body: bytes, path: str) -> None:
    parser = TokenRobotParser(body, "crawler")
    assert parser.allowed(f"{HOME}/{path}") in (True, False)
    delay = parser.crawl_delay()
    assert delay is None or delay >= 0


@given(
    st.lists(
        st.sampled_from(
            ["User-agent: x", "User-agent: crawler", "User-agent: *", "", "# ~", "Other: 1"]
            + [f"{rule}: {path}" for rule in ("Allow", "Disallow") for path in ("/", "/a", "/a/*")]
        )
    )
)
def test_groups_for_others_never_matter(lines: list[str]) -> None:
    """What is said to another crawler before our own group changes nothing for us."""
    ours = "User-agent: crawler\nDisallow: /a\nAllow: /a/c\n"
    before = [line.replace("crawler", "y").replace("*", "z") for line in lines if line[:1] != "#"]
    text = "\n".join([*before, "User-agent: q", "Allow: /q", "", ours])
    assert not allows(text)
    assert allows(text, "/a/c")


# --- runs -----------------------------------------------------------------------------------------


def lay_robots(site: Site, body: str | bytes = "", host: str = HOME, **answer: Any) -> None:
    site.lay(f"{host}/robots.txt", body, **{"headers": PLAIN, **answer})


def lay_articles(site: Site, *numbers: int, **refusal: Any) -> None:
    """Articles on WinFuture's tag page; the first is refused, if it is said how."""
    site.lay(LISTING, "".join(f'<a href="/news,{number}.html">x</a>' for number in numbers))
    for number in numbers:
        page = article(f"Nummer {number}", f"Absatz {number}, wie ihn sonst keiner hat.", number)
        site.lay(f"{HOME}/news,{number}.html", page)
    if refusal:
        site.lay(f"{HOME}/news,{numbers[0]}.html", "no", **refusal)


def lay_feed(site: Site, *numbers: int) -> None:
    """The topic's RSS, newest first, on the host it has to itself."""
    items = "".join(f"<item><link>{HOME}/news,{n}.html</link></item>" for n in numbers)
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
    site.lay(f"https://static.winfuture.de{RSS['winfuture']}", feed)


@pytest.fixture
def run(crawl: Crawl, site: Site, tmp_path: Path) -> Any:
    """Crawls what was laid out; gives how it ended and the paths asked for."""

    def of(*args: str, **settings: object) -> tuple[Finished, list[str]]:
        log = tmp_path / "log"
        log.unlink(missing_ok=True)
        with running(1, pages=site.folder, log=log) as replica:
            done = crawl("winfuture", replica, *args, **{"RETRY_TIMES": 0} | settings)
        return done, [entry["path"] for entry in json_lines(log)]

    return of


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_where_there_is_none_all_is_allowed(status: int, run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    lay_robots(site, "User-agent: *\nDisallow: /\n", status=status)  # an error page is no rule
    done, _ = run()
    assert (done.code, "1 new" in done.last_line) == (0, True), done.err


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 500}, "the server answered 500"),
        ({"status": 503}, "the server answered 503"),
        ({"status": 429}, "the server answered 429"),
        ({"headers": {"Content-Encoding": "gzip"}, "body": b"no gzip"}, "gzip"),
    ],
)
def test_where_it_cannot_be_had_nothing_is_asked_for(
    answer: dict[str, Any], why: str, run: Any, site: Site
) -> None:
    lay_articles(site, 156000)
    lay_robots(site, answer.pop("body", b"no"), **answer)
    done, paths = run()
    assert done.code == 1
    assert f"the listing {LISTING} could not be read: {HOME}/robots.txt could not" in done.last_line
    assert why in done.last_line
    assert paths == ["/robots.txt"]
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("redirects", "is_allowed"), [(1, False), (5, False), (6, True)], ids=["1", "5", "6"]
)
def test_five_redirects_are_followed_across_hosts(
    redirects: int, is_allowed: bool, run: Any, site: Site
) -> None:
    """Beyond that it counts as not there (section 2.3.1.2)."""
    lay_articles(site, 156000)
    hops = [f"{HOME}/robots.txt", *(f"https://h{n}.example/{n}" for n in range(redirects))]
    for here, there in pairwise(hops):
        site.lay(here, status=302, headers={"Location": there})
    site.lay(hops[-1], "User-agent: *\nDisallow: /special/\n")
    done, paths = run(REDIRECT_MAX_TIMES=1)
    assert ("/special/huawei/" in paths) is is_allowed
    assert (done.code == 0) is is_allowed


@pytest.mark.parametrize("location", ["file:///etc/hostname", "ftp://winfuture.de/robots.txt"])
def test_a_redirect_to_no_web_address_is_not_followed(location: str, run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    lay_robots(site, status=301, headers={"Location": location})
    assert run()[0].code == 0


def test_it_is_read_once_a_run_and_again_when_it_is_old(run: Any, site: Site) -> None:
    lay_articles(site, 156000, 156001)
    assert run()[1].count("/robots.txt") == 1
    lay_articles(site, 156002, 156003)
    done, paths = run(ROBOTS_HOURS=0, FEED_TRUST_HOURS=0)
    assert paths[::2] == ["/robots.txt"] * 3
    assert "2 new" in done.last_line


def test_a_forbidden_listing_ends_the_run_as_incomplete(run: Any, site: Site) -> None:
    lay_articles(site, 156000)
    lay_robots(site, "User-agent: crawler\nDisallow: /special/\n\nUser-agent: *\nAllow: /\n")
    done, paths = run()
    assert done.code == 1
    assert done.last_line.endswith(
        f"; incomplete: the listing {LISTING} could not be read: robots.txt forbids it"
    )
    assert paths == ["/robots.txt"]


def test_a_forbidden_article_is_counted_and_costs_the_site_nothing(
    run: Any, site: Site, output: Path
) -> None:
    lay_articles(site, 156000, 156001)
    lay_robots(site, "User-agent: *\nDisallow: /news,156001\n")
    done, paths = run()
    assert (done.code, "/news,156001.html" in paths) == (0, False)
    assert "1 new, 0 known, 0 duplicate, 0 quarantined, 0 failed, 1 forbidden by" in done.last_line
    assert done.last_line.endswith("; complete"), "what may be had is had"
    lay_articles(site, 156001, 156000)
    again, paths = run(FEED_TRUST_HOURS=0)
    assert "1 known" in again.last_line
    assert paths == ["/robots.txt", "/special/huawei/"]
    for path in (output / "runs").glob("*.json"):
        report = json.loads(path.read_bytes())
        assert report["counts"]["forbidden"] == 1
        assert report["problems"] == [], "the counts add up"
    assert len(records(output, "winfuture")) == 1


def test_a_walk_ends_at_what_is_known_or_forbidden(run: Any, site: Site) -> None:
    """Else a listing with forbidden articles would be read whole each time."""
    pages = [LISTING, *(f"{LISTING}{n}/" for n in (2, 3, 4))]
    for n, url in enumerate(pages):
        known, never = f"/news,{156000 + n}.html", f"/news,{157000 + n}.html"
        following = f'<a rel="next" href="{pages[n + 1]}">x</a>' if url != pages[-1] else ""
        site.lay(url, f'<a href="{known}">x</a><a href="{never}">x</a>{following}')
        page = article(f"Nummer {n}", f"Absatz {n}, wie ihn sonst keiner hat.", 156000 + n)
        site.lay(f"{HOME}{known}", page)
    lay_robots(site, "User-agent: *\nDisallow: /news,157\n")
    assert "4 new" in run()[0].last_line
    site.lay(LISTING, (site.folder / "0.page").read_text() + "<!-- not the page it was -->")
    done, paths = run(FEED_TRUST_HOURS=0)
    assert "1 forbidden by robots.txt" in done.last_line
    assert [path for path in paths if path != "/robots.txt"] == ["/special/huawei/"]


def test_what_a_feed_on_another_host_names_may_be_forbidden_on_ours(run: Any, site: Site) -> None:
    """The feed's host has a robots.txt of its own, which says nothing of ours."""
    lay_articles(site, 156000)
    assert run()[0].code == 0
    lay_feed(site, 156002, 156001, 156000)
    lay_robots(site, "User-agent: *\nDisallow: /news,\n")
    done, paths = run()
    assert paths == ["/robots.txt", RSS["winfuture"], "/robots.txt"]
    assert (done.code, "1 known" in done.last_line) == (0, True), done.err
    assert "2 forbidden by robots.txt" in done.last_line
    assert done.last_line.endswith("; complete")


def test_an_article_of_the_feed_that_is_forbidden_now_is_not_looked_at(
    run: Any, site: Site, output: Path
) -> None:
    lay_articles(site, 156000)
    assert run(NOW="2026-01-15T22:00:00+01:00")[0].code == 0
    lay_robots(site, "User-agent: *\nDisallow: /news,\n")
    done, paths = run(NOW="2026-01-17T22:00:00+01:00", FEED_TRUST_HOURS=0)
    assert (done.code, "1 forbidden by robots.txt" in done.last_line) == (0, True), done.err
    assert "/news,156000.html" not in paths
    done, _ = run(NOW="2026-01-17T22:30:00+01:00", FEED_TRUST_HOURS=0)
    assert "forbidden" not in done.last_line, "the next look has its time"
    assert [r["event"] for r in records(output, "winfuture")] == ["published"]


def test_an_audit_reads_no_further_for_what_it_may_not_ask(
    site: Site, output: Path, tmp_path: Path
) -> None:
    """The tag pages show no dates; of what is forbidden nobody can tell one."""
    second = f"{LISTING}2/"
    lay_articles(site, 156000)
    links = '<a href="/news,{}.html">x</a><a href="/news,156000.html">x</a>'
    site.lay(LISTING, links.format(157000) + f'<a rel="next" href="{second}">x</a>')
    site.lay(second, links.format(157001))
    lay_robots(site, "User-agent: *\nDisallow: /news,157\n")
    with running(0, pages=site.folder, log=tmp_path / "log") as replica:
        told = options(replica, output, NOW="2026-03-15T12:00:00Z")
        done = scrapy("audit", "winfuture", "--days", "7", "--json", *told)
    assert json.loads(done.out)["site"] == "winfuture"
    paths = [entry["path"] for entry in json_lines(tmp_path / "log")]
    assert "/special/huawei/" in paths
    assert "/special/huawei/2/" not in paths


def test_an_audit_tells_what_is_forbidden(site: Site, output: Path) -> None:
    lay_articles(site, 156000)
    lay_robots(site, "User-agent: *\nDisallow: /news,\n")
    with running(1, pages=site.folder) as replica:
        told = ["-s", f"REPLICA={replica}", "-s", f"OUTPUT_DIR={output}", "-s", "DOWNLOAD_DELAY=0"]
        done = scrapy("audit", "winfuture", "--days", "9999", "--json", *told)
    report = json.loads(done.out)
    reasons = {lack["url"]: lack["reason"] for lack in report["lacking"]}
    assert reasons[f"{HOME}/news,156000.html"] == "forbidden"
