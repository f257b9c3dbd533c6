"""`scrapy audit`: what a site names beside what the feed has, and why the feed lacks it."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from crawler.lease import LEASES, FileLeases, SiteLease
from crawler.pages import FeedPage
from crawler.replica import Story, running, stories
from crawler.spiders.winfuture import ARTICLE_URL
from tests.conftest import Crawl, Finished, Site, feed_paths, json_lines, options, records, scrapy
from tests.test_crawl import article

SITES = ("winfuture", "mobiflip")
NOW = "2026-01-16T12:00:00+01:00"  # some hours after the replica's newest article
LISTING = "https://winfuture.de/special/huawei/"
RSS = "https://static.winfuture.de/feeds/special/huawei/latest-rss2.0.xml"
SITEMAP = "https://winfuture.de/sitemap.xml"
NEWS_SITEMAP = "https://winfuture.de/sitemap-latest-news.xml.gz"
MAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def audit(replica: str, output: Path, *args: object, **settings: object) -> Finished:
    settings = {"NOW": NOW, "RETRY_TIMES": 1} | settings
    return scrapy("audit", *args, *options(replica, output, **settings))


def told(done: Finished) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(done.out)
    return report


def numbers(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {row["name"]: (row["named"], row["in_feed"]) for row in report["sources"]}


def reasons(report: dict[str, Any]) -> dict[str, str]:
    return {lack["url"]: lack["reason"] for lack in report["lacking"]}


def newest(site: str, count: int) -> list[Story]:
    return list(stories(site, count))


def everything(output: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in output.rglob("*.jsonl")}


@pytest.mark.parametrize("site", SITES)
def test_after_a_whole_crawl_the_feed_lacks_nothing(
    site: str, crawl: Crawl, output: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(40, log=log) as replica:
        assert crawl(site, replica).code == 0
        before, asked = everything(output), len(json_lines(log))
        done = audit(replica, output, site, CONTACT="https://example.org/us")
    assert (done.code, done.err) == (0, "")
    assert "The feed lacks nothing without a reason." in done.out
    rows = {" ".join(cells[:2]): cells[2:] for cells in map(str.split, done.out.splitlines())}
    assert rows["tag pages"] == ["40", "40", "–"]
    assert rows["topic RSS"] == ["25", "25", "–"]
    assert everything(output) == before
    requests = json_lines(log)[asked:]
    stories_asked = {story.url.partition("de/")[2] for story in newest(site, 40)}
    assert not stories_asked & {request["path"][1:] for request in requests}
    assert {request["active"] for request in requests} == {1}
    assert all("https://example.org/us" in request["user_agent"] for request in requests)


@pytest.mark.parametrize("site", SITES)
def test_what_a_shortened_crawl_left_is_named(site: str, crawl: Crawl, output: Path) -> None:
    with running(40) as replica:
        assert crawl(site, replica, "-a", "max_pages=1").code == 0
        done = audit(replica, output, site, "--json")
    have = {record["url"] for record in records(output, site)}
    missing = {story.url for story in newest(site, 40)} - have
    assert missing
    assert reasons(told(done)) == dict.fromkeys(missing, "no reason")
    assert numbers(told(done))["tag pages"] == (40, len(have))
    assert done.code == 1
    assert done.err == (
        f"scrapy audit: {site}: the feed lacks {len(missing)} articles without a reason\n"
    )


def test_without_a_feed_all_is_lacking_and_none_is_begun(replica: str, output: Path) -> None:
    done = audit(replica, output, "winfuture")
    assert done.code == 1
    assert "the feed lacks 15 articles without a reason" in done.err
    lines = [line for line in done.out.splitlines() if "no reason (tag pages" in line]
    assert len(lines) == 15
    assert not output.exists()


def test_a_site_is_asked_by_a_run_or_by_an_audit(replica: str, output: Path) -> None:
    lease = SiteLease(FileLeases(output / LEASES), "winfuture", "winfuture-other", seconds=90)
    assert lease.attempt()
    held = (output / LEASES / "winfuture.json").read_bytes()
    done = audit(replica, output, "winfuture")
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    said = "scrapy audit: another run of winfuture is under way: winfuture-other, process"
    assert done.err.startswith(said)
    assert (output / LEASES / "winfuture.json").read_bytes() == held
    lease.release()
    assert audit(replica, output, "winfuture", "--days", "36500").code == 1, "all is lacking"
    assert lease.attempt(), "the audit has let go of the site"
    lease.release()


def test_a_silent_run_of_another_machine_is_left_to_the_next_crawl(
    replica: str, output: Path
) -> None:
    lease = SiteLease(FileLeases(output / LEASES), "winfuture", "winfuture-other", seconds=1)
    old = datetime.now(UTC) - timedelta(hours=1)
    lease.mine = replace(lease.mine, machine="elsewhere", heartbeat=old)
    lease.leases.change("winfuture", lambda _: lease.mine)
    held = (output / LEASES / "winfuture.json").read_bytes()
    done = audit(replica, output, "winfuture")
    assert (done.code, done.out) == (3, "")
    assert "one of another machine, not heard of for a while" in done.err
    assert (output / LEASES / "winfuture.json").read_bytes() == held


def test_where_no_source_shows_dates_the_articles_tell_where_to_end(
    output: Path, site: Site, tmp_path: Path
) -> None:
    for url in (RSS, SITEMAP):
        site.lay(url, status=404)
    with running(60, pages=site.folder, log=tmp_path / "log") as replica:
        done = audit(replica, output, "winfuture", "--days", 3, "--json")
    wanted = [s.url for s in newest("winfuture", 60) if s.date_published >= "2026-01-13"]
    assert [*reasons(told(done))] == wanted
    asked = Counter(entry["path"] for entry in json_lines(tmp_path / "log"))
    listing = [path for path in asked if path.startswith("/special/")]
    assert listing == ["/special/huawei/", "/special/huawei/2/"]
    assert asked["/" + wanted[0].rpartition("/")[2]] == 1


def test_a_tag_page_of_nothing_but_gone_articles_does_not_end_the_walk(
    output: Path, site: Site
) -> None:
    told_of = newest("winfuture", 20)
    for url in (RSS, SITEMAP, *(story.url for story in told_of[:15])):
        site.lay(url, status=410)
    with running(20, pages=site.folder) as replica:
        done = audit(replica, output, "winfuture", "--json")
    found = [*reasons(told(done)).values()]
    assert found == ["gone"] * 15 + ["no reason"] * 5


def test_each_lack_has_its_reason(crawl: Crawl, output: Path, site: Site) -> None:
    undated, printed, again, down, *_, gone = newest("winfuture", 20)
    text = "Ein langer Satz über alles. " * 40
    pages = {
        story.url: article("Titel", number=int(story.number), body=text)
        for story in (undated, printed, again)
    }
    pages[undated.url] = pages[undated.url].replace("article:published_time", "nothing")
    for url, page in pages.items():
        site.lay(url, page)
    site.lay(down.url, status=503)
    with running(20, pages=site.folder, broken=1) as replica:
        crawl("winfuture", replica, BROKEN_ARTICLES_LIMIT=1)
        done = audit(replica, output, "winfuture", "--json")
        shown = audit(replica, output, "winfuture")
    report = told(done)
    found = {lack["url"]: (lack["reason"], lack["detail"]) for lack in report["lacking"]}
    why = f"the text of winfuture:{printed.number} again, similarity 1.00"
    assert found == {
        undated.url: ("quarantined", "date_published is empty: the page names none"),
        again.url: ("duplicate", why),
        down.url: ("failed", "the server answered 503"),
        gone.url: ("gone", "the server answered 404"),
    }
    assert report["sources"][0]["reasons"] == dict.fromkeys(
        ("quarantined", "duplicate", "gone", "failed"), 1
    )
    assert numbers(report)["tag pages"] == (20, 16)
    assert (done.code, done.err, shown.code) == (0, "", 0)
    assert f"{again.url}  duplicate: {why} (tag pages, topic RSS, sitemap)" in shown.out


def withdraw(output: Path, site: str, url: str) -> None:
    """Adds to the feed what a run writes that has found an article gone for good."""
    (path,) = feed_paths(output, site)
    (record,) = (line for line in json_lines(path) if line["url"] == url)
    line = json.dumps(record | {"event": "withdrawn", "revision": 2})
    path.with_name("2037-01-01T000000.000Z.jsonl").write_text(f"{line}\n")


def test_a_withdrawn_article_is_lacking_with_reason_until_it_comes_back(
    crawl: Crawl, output: Path
) -> None:
    last = newest("winfuture", 20)[-1].url
    with running(20) as replica:
        assert crawl("winfuture", replica).code == 0
        withdraw(output, "winfuture", last)
        back = audit(replica, output, "winfuture", "--json")
    with running(20, broken=1) as replica:
        away = audit(replica, output, "winfuture", "--json")
    assert (away.code, reasons(told(away))) == (0, {last: "withdrawn"})
    assert (back.code, reasons(told(back))) == (1, {last: "no reason"})


def test_an_article_under_another_address_is_in_the_feed(
    crawl: Crawl, output: Path, site: Site
) -> None:
    (story,) = newest("mobiflip", 1)
    with running(1) as replica:
        assert crawl("mobiflip", replica).code == 0
    moved = "https://www.mobiflip.de/anderer-name/"
    site.lay(moved, status=301, headers={"Location": story.url})
    site.lay(
        "https://www.mobiflip.de/thema/huawei/",
        f'<ul><li class="infinite-post"><a href="{moved}">x</a></li></ul>',
    )
    with running(1, pages=site.folder) as replica:
        done = audit(replica, output, "mobiflip", "--json")
    assert (done.code, done.err) == (0, "")
    assert numbers(told(done))["tag pages"] == (1, 1)


# --- sources ------------------------------------------------------------------------------------


FORBIDS = "User-agent: *\nDisallow: /sitemap"


@pytest.mark.parametrize(
    ("answers", "said_of_rss", "said_of_sitemap"),
    [
        (
            {RSS: {"status": 404}, SITEMAP: {"status": 500}},
            "the server answered 404",
            "the server answered 500",
        ),
        (
            {RSS: {"body": "<html>Nichts</html>"}, SITEMAP: {"body": "<html></html>"}},
            "it names no article",
            "it is no sitemap",
        ),
        (
            {RSS: {"body": ""}, NEWS_SITEMAP: {"body": gzip.compress(b"<urlset/>")[:-9]}},
            "it names no article",
            f"{NEWS_SITEMAP}: its gzip body ends too early",
        ),
        (
            {RSS: {"status": 410}, "https://winfuture.de/robots.txt": {"body": FORBIDS}},
            "the server answered 410",
            "robots.txt forbids it",
        ),
    ],
    ids=["missing", "something else", "torn", "forbidden"],
)
def test_rss_and_sitemap_that_cannot_be_read_are_told_and_no_failure(
    answers: dict[str, dict[str, Any]],
    said_of_rss: str,
    said_of_sitemap: str,
    crawl: Crawl,
    output: Path,
    site: Site,
) -> None:
    for url, answer in answers.items():
        site.lay(url, **answer)
    with running(3, pages=site.folder) as replica:
        assert crawl("winfuture", replica).code == 0
        done = audit(replica, output, "winfuture")
    assert (done.code, done.err) == (0, "")
    for name, said in (("topic RSS", said_of_rss), ("sitemap", said_of_sitemap)):
        begin = f"The {name} could not be read, or not whole: "
        (line,) = (line for line in done.out.splitlines() if line.startswith(begin))
        assert said in line


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 410}, "the server answered 410"),
        ({"body": "<html></html>"}, "names no article; has the page changed?"),
    ],
)
def test_tag_pages_that_cannot_be_read_are_a_failure(
    answer: dict[str, Any], said: str, crawl: Crawl, output: Path, site: Site
) -> None:
    with running(3) as replica:
        assert crawl("winfuture", replica).code == 0
    site.lay(LISTING, **answer)
    with running(3, pages=site.folder) as replica:
        done = audit(replica, output, "winfuture", "--json")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(
        f"scrapy audit: winfuture: the tag pages could not be read: {LISTING}"
    )
    assert said in done.err
    assert numbers(told(done)) == {"tag pages": (0, 0), "topic RSS": (3, 3), "sitemap": (3, 3)}


def test_an_unreachable_site_is_a_failure(output: Path) -> None:
    done = audit("127.0.0.1:1", output, "winfuture")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "the tag pages could not be read" in done.err


def test_a_listing_that_turns_in_a_circle_is_a_failure(output: Path, site: Site) -> None:
    (story,) = newest("winfuture", 1)
    for page in range(1, 6):
        here = LISTING if page == 1 else f"{LISTING}{page}/"
        links = f'<a href="{story.url}">x</a><a rel="next" href="{LISTING}{page + 1}/">2</a>'
        site.lay(here, links)
    with running(1, pages=site.folder) as replica:
        done = audit(replica, output, "winfuture")
    assert done.code == 1
    assert "the listing does not end: 4 pages read" in done.err


def test_the_sitemap_names_other_topics_which_nobody_asks_for(
    crawl: Crawl, output: Path, site: Site, tmp_path: Path
) -> None:
    (story,) = newest("winfuture", 1)
    others = (("155001", "2026-01-15"), ("155002", "2025-01-15"))
    entries = "".join(
        f"<url><loc>https://winfuture.de/news,{number}.html</loc><lastmod>{day}</lastmod></url>"
        for number, day in others
    )
    site.lay(SITEMAP, MAP.format(f"<url><loc>{story.url}</loc></url>{entries}"))
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        assert crawl("winfuture", replica).code == 0
        done = audit(replica, output, "winfuture", "--json")
    assert done.code == 0
    row = told(done)["sources"][2]
    assert (row["named"], row["in_feed"], row["reasons"]) == (2, 1, {"not about the topic": 1})
    assert told(done)["lacking"] == []
    assert not [entry for entry in json_lines(tmp_path / "log") if "1550" in entry["path"]]


def test_only_sitemaps_changed_within_the_period_are_read(
    output: Path, site: Site, tmp_path: Path
) -> None:
    children = "".join(
        f"<sitemap><loc>https://winfuture.de/map-{day}.xml</loc><lastmod>{day}</lastmod></sitemap>"
        for day in ("2025-01-01", "2026-01-15")
    )
    site.lay(SITEMAP, f"<sitemapindex>{children}</sitemapindex>")
    with running(1, pages=site.folder, log=tmp_path / "log") as replica:
        done = audit(replica, output, "winfuture")
    asked = {entry["path"] for entry in json_lines(tmp_path / "log")}
    assert "/map-2026-01-15.xml" in asked
    assert "/map-2025-01-01.xml" not in asked
    assert "map-2026-01-15.xml: the server answered 404" in done.out


def test_what_one_source_names_and_another_lacks_is_told(
    crawl: Crawl, output: Path, site: Site
) -> None:
    first, second, third = newest("winfuture", 3)
    items = "".join(
        f"<item><link>{story.url}</link><pubDate>{story.date_published}</pubDate></item>"
        for story in (first, third)
    )
    site.lay(RSS, f"<rss><channel>{items}</channel></rss>")
    assert len(FeedPage(items.join(("<r>", "</r>")).encode(), ARTICLE_URL).articles) == 2
    with running(3, pages=site.folder) as replica:
        assert crawl("winfuture", replica).code == 0
        done = audit(replica, output, "winfuture", "--json")
        shown = audit(replica, output, "winfuture")
    (found,) = told(done)["disagreements"]
    assert (found["url"], found["lacking"]) == (second.url, ["topic RSS"])
    assert found["named_by"] == ["tag pages", "sitemap"]
    assert done.code == 0
    assert f"{second.url}  tag pages, sitemap; not topic RSS" in shown.out


# --- what it can be told ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "days", "since"),
    [("winfuture", 1, "2026-01-15"), ("mobiflip", 5, "2026-01-11"), ("mobiflip", 99, "2025-10-09")],
)
def test_days_bound_what_is_compared_and_asked(
    site: str, days: int, since: str, output: Path, tmp_path: Path
) -> None:
    with running(40, log=tmp_path / "log") as replica:
        done = audit(replica, output, site, "--days", days, "--json")
    wanted = {story.url for story in newest(site, 40) if story.date_published[:10] >= since}
    assert told(done)["since"] == since
    assert {*reasons(told(done))} == wanted
    assert days == 99 or len(json_lines(tmp_path / "log")) < 30


def test_another_topic_is_asked_for_by_its_address(replica: str, output: Path) -> None:
    done = audit(replica, output, "mobiflip", "--topic", "nosuch")
    assert done.code == 1
    assert "https://www.mobiflip.de/thema/nosuch/: the server answered 404" in done.err


def test_what_a_site_says_never_steers_the_terminal(output: Path, site: Site) -> None:
    site.lay(SITEMAP, b"<\x1b[2J/>")
    with running(1, pages=site.folder) as replica:
        done = audit(replica, output, "winfuture")
    assert not [sign for sign in done.out + done.err if not sign.isprintable() and sign != "\n"]


def test_a_folder_that_is_none_is_one_line_and_code_1(replica: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = audit(replica, tmp_path / "file", "winfuture")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "could not be read: " in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "name one site, as in: scrapy audit winfuture"),
        (["winfuture", "mobiflip"], "name one site"),
        (["nosuch"], "there is no site 'nosuch'; there are mobiflip"),
        (["winfuture", "--days", "0"], "days '0' is no number from 1 to 36500"),
        (["winfuture", "--days", "x"], "days 'x' is no number"),
        (["winfuture", "--days", "1000000001"], "is no number from 1 to 36500"),
        (["winfuture", "--topic", "a/b"], "topic 'a/b' is no tag"),
        (["winfuture", "--nosuch"], "there is no option --nosuch"),
        (["winfuture", "--days"], "argument --days: expected one argument"),
    ],
    ids=repr,
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], said: str) -> None:
    done = scrapy("audit", *args)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("scrapy audit: ")
    assert said in done.err
