"""Whole crawls of sites that declare what may be kept: what reaches the feed, and what does not."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.changes import apply
from crawler.items import Hunk
from crawler.replica import running
from tests.conftest import Crawl, Site, json_lines, records
from tests.report.test_run_report import reports
from tests.test_crawl import VALIDATOR, article

HOST = "https://winfuture.de"
FILE = f"{HOST}/.well-known/tdmrep.json"
URL = f"{HOST}/news,156000.html"
SECRET = "Geheimwort"
BODY = f"Der Anfang des Textes. {'Ein Satz mehr. ' * 30}<br/><br/>Am Ende das {SECRET}."
RESERVED = [{"location": "/", "tdm-reservation": 1, "tdm-policy": "/tdm"}]


@pytest.fixture
def lay(site: Site) -> Callable[..., None]:
    """Lays an article with meta tags in its head, which the tag page lists."""

    def laid(*metas: str, body: str = BODY, headline: str = "Neues", **answer: Any) -> None:
        site.lay(f"{HOST}/special/huawei/", '<a href="/news,156000.html">x</a>')
        tags = "".join(f"<meta {meta}>" for meta in metas)
        page = article(headline, body).replace("</head>", f"{tags}</head>")
        site.lay(URL, page, **answer)

    return laid


def lay_file(site: Site, content: object, **answer: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    site.lay(FILE, text, headers={"Content-Type": "application/json"}, **answer)


def robots(content: str) -> str:
    return f'name="robots" content="{content}"'


@pytest.fixture
def run(site: Site, crawl: Crawl) -> Callable[..., Any]:
    """Crawls the site as it is laid."""

    def crawled(**settings: Any) -> Any:
        with running(1, pages=site.folder, log=site.folder / "log") as replica:
            return crawl("winfuture", replica, **settings)

    return crawled


def asked(site: Site) -> list[str]:
    return [entry["path"] for entry in json_lines(site.folder / "log")]


def everything(output: Path) -> str:
    """All that is on disk, the index included."""
    files = (path for path in output.rglob("*") if path.is_file())
    return "".join(path.read_bytes().decode("latin-1") for path in files)


# --- reserved -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["file", "header", "meta", "noai"])
def test_of_a_reserved_article_an_excerpt_is_kept(
    how: str, lay: Any, run: Any, site: Site, output: Path
) -> None:
    if how == "file":
        lay_file(site, RESERVED)
    metas = {"meta": ['name="tdm-reservation" content="1"'], "noai": [robots("noai")]}
    headers = {"tdm-reservation": "1"} if how == "header" else {}
    lay(*metas.get(how, []), headers=headers)
    done = run()
    assert (done.code, "1 new" in done.last_line) == (0, True), done.err
    (record,) = records(output, "winfuture")
    VALIDATOR.validate(record)
    assert (record["content"], record["rights"]["tdm_reserved"]) == ("excerpt", True)
    assert record["article_body"].startswith("Der Anfang des Textes. Ein Satz")
    assert record["article_body"].endswith("…")
    assert len(record["article_body"]) + len(record["description"] or "") <= 300
    assert record["headline"] == "Neues"
    assert record["word_count"] == 98
    assert SECRET not in everything(output)
    (report,) = reports(output)
    assert report["rights"]["found"]["tdm reserved"] == 1
    assert report["rights"]["done"] == {"excerpt": 1}
    (entry,) = [entry for entry in report["declarations"] if entry["articles"]]
    (evidence,) = record["rights"]["evidence"]
    assert entry == evidence | {"articles": 1}


def test_what_is_only_recorded_is_kept_whole(lay: Any, run: Any, site: Site, output: Path) -> None:
    lay_file(site, RESERVED)
    lay(robots("noindex"))
    assert run(RIGHTS="record").code == 0
    (record,) = records(output, "winfuture")
    assert (record["content"], SECRET in record["article_body"]) == ("full", True)
    assert record["rights"] == {
        "tdm_reserved": True,
        "tdm_policy": f"{HOST}/tdm",
        "robots": ["noindex"],
        "evidence": [
            {
                "source": "tdmrep.json",
                "url": FILE,
                "says": json.dumps(RESERVED[0]).replace(" ", ""),
            },
            {"source": "robots meta tag", "url": URL, "says": "noindex"},
        ],
    }
    assert reports(output)[0]["policy"]["RIGHTS"] == "record"


def test_a_reserved_article_that_fails_a_check_leaves_no_text_either(
    lay: Any, run: Any, output: Path
) -> None:
    lay(robots("noai"), headline="Größe verÃ¤ndert")
    assert run(BROKEN_ARTICLES_LIMIT=1).code == 0
    assert records(output, "winfuture") == []
    (path,) = (output / "quarantine/winfuture").glob("*.jsonl")
    (line,) = json_lines(path)
    assert (line["reason"], line["record"]["content"]) == ("invalid", "excerpt")
    assert SECRET not in everything(output)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metas", "headers"),
    [
        ([robots("noindex")], {}),
        ([robots("none")], {}),
        (['name="crawler" content="noindex"'], {}),
        ([], {"X-Robots-Tag": "crawler: noindex"}),
        ([robots("unavailable_after: 2026-01-31")], {}),
    ],
)
def test_what_is_not_to_be_indexed_is_not_kept_at_all_and_asked_for_once(
    metas: list[str], headers: dict[str, str], lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay(*metas, headers=headers)
    done = run(NOW="2026-02-01T00:00:00Z")
    assert done.code == 0, done.err
    assert ": 0 new, 0 known, 0 duplicate, 0 quarantined, 0 failed, 1 withheld; " in done.last_line
    assert done.last_line.endswith("; complete")
    assert records(output, "winfuture") == []
    kept = everything(output)
    assert not [word for word in (SECRET, "Der Anfang", "Neues") if word in kept]
    (path,) = (output / "quarantine/winfuture").glob("*.jsonl")
    (line,) = json_lines(path)
    assert line["reason"] == "rights"
    assert [*line["record"]] == ["id", "site", "topic", "url", "date_published", "rights"]
    for path in output.glob("index.sqlite*"):
        path.unlink()
    assert "0 new, 1 known" in run(NOW="2026-02-01T01:00:00Z").last_line
    assert asked(site).count("/news,156000.html") == 1


@pytest.mark.parametrize(
    ("metas", "headers"),
    [
        ([robots("unavailable_after: 2026-02-02")], {}),
        ([], {"X-Robots-Tag": "otherbot: noindex, noai"}),
        (['name="otherbot" content="noindex"'], {}),
        ([robots("index, follow, max-snippet:-1, max-image-preview:large")], {}),
        ([robots("noarchive")], {}),
        (['name="tdm-reservation" content="0"'], {}),
    ],
)
def test_what_is_meant_for_others_or_for_later_takes_nothing_away(
    metas: list[str], headers: dict[str, str], lay: Any, run: Any, output: Path
) -> None:
    lay(*metas, headers=headers)
    assert "1 new" in run(NOW="2026-02-01T00:00:00Z").last_line
    (record,) = records(output, "winfuture")
    assert (record["content"], SECRET in record["article_body"]) == ("full", True)


@pytest.mark.parametrize(
    ("word", "content", "most"), [("nosnippet", "metadata", 0), ("max-snippet:50", "excerpt", 50)]
)
def test_snippets_limit_what_is_kept(
    word: str, content: str, most: int, lay: Any, run: Any, output: Path
) -> None:
    lay(robots(word), 'name="description" content="Was im Text steht, in einem Satz."')
    assert "1 new" in run().last_line
    (record,) = records(output, "winfuture")
    VALIDATOR.validate(record)
    assert record["content"] == content
    assert len(record["article_body"]) + len(record["description"] or "") <= most
    assert record["rights"]["robots"] == [word]


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "most"), [("excerpt", 40), ("metadata", 0)])
def test_a_desk_without_a_licence_keeps_less_of_every_article(
    content: str, most: int, replica: str, crawl: Crawl, output: Path
) -> None:
    assert crawl("mobiflip", replica, CONTENT=content, EXCERPT_CHARACTERS=40).code == 0
    kept = records(output, "mobiflip")
    assert len(kept) == 15
    for record in kept:
        VALIDATOR.validate(record)
        assert record["content"] == content
        assert record["rights"] is None
        assert len(record["article_body"]) + len(record["description"] or "") <= most
        assert record["word_count"] > 10
    assert len({record["content_hash"] for record in kept}) == 15


HOURS = {"LOOKS_HOURS": "1,2,3,4,5,6"}


def at(hour: int) -> str:
    return (datetime.fromisoformat("2026-01-15T21:00:00Z") + timedelta(hours=hour)).isoformat()


def event(record: dict[str, Any]) -> tuple[str, str, list[str]]:
    return record["event"], record["content"], [*(record["changes"] or {})]


@pytest.mark.parametrize("first", ["excerpt", "metadata", "full"])
def test_moving_to_another_content_is_no_edit_and_hides_none(
    first: str, lay: Any, run: Any, output: Path
) -> None:
    lay()
    assert "1 new" in run(CONTENT=first, NOW=at(0), **HOURS).last_line
    for hour, content in enumerate(("full", "excerpt", "metadata", "full", first), start=1):
        assert ", 1 unchanged; " in run(CONTENT=content, NOW=at(hour), **HOURS).last_line
    lay(body=BODY.replace(SECRET, "Wort"))
    assert ", 1 updated; " in run(CONTENT="full", NOW=at(7), LOOKS_HOURS="7").last_line
    before, after = records(output, "winfuture")
    assert event(after) == ("updated", "full", ["article_body"])
    hunks = [Hunk(**hunk) for hunk in after["changes"]["article_body"]]
    if first == "full":
        assert apply(before["article_body"], hunks) == after["article_body"]
    else:
        assert hunks == []


def test_edits_of_an_excerpt_are_told_by_what_is_kept_or_not_at_all(
    lay: Any, run: Any, output: Path
) -> None:
    told: dict[str, Any] = {"CONTENT": "excerpt", **HOURS}
    lay()
    run(NOW=at(0), **told)
    lay(body=BODY.replace(SECRET, "Wort"))
    assert ", 1 updated; " in run(NOW=at(1), **told).last_line
    lay(body=BODY.replace(SECRET, "Wort").replace("Anfang", "Beginn"))
    assert ", 1 updated; " in run(NOW=at(2), **told).last_line
    assert ", 1 unchanged; " in run(NOW=at(3), **told).last_line
    _, beyond, within = records(output, "winfuture")
    assert beyond["changes"] == {"article_body": []}
    (hunk,) = within["changes"]["article_body"]
    assert (hunk["before"], hunk["after"]) == ("Anfang", "Beginn")
    assert apply(beyond["article_body"], [Hunk(**hunk)]) == within["article_body"]
    assert SECRET not in everything(output)


def test_a_reservation_that_comes_later_is_no_edit_and_the_next_edit_leaks_nothing(
    lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay()
    run(NOW=at(0), **HOURS)
    lay('name="tdm-reservation" content="1"')
    assert ", 1 unchanged; " in run(NOW=at(1), **HOURS).last_line
    lay('name="tdm-reservation" content="1"', body=BODY.replace("Ende", "Schluss"))
    assert ", 1 updated; " in run(NOW=at(2), **HOURS).last_line
    lay(robots("noindex"), body=BODY.replace("Ende", "Aus"))
    assert ", 1 withheld; " in run(NOW=at(3), **HOURS).last_line
    assert [*output.glob("quarantine/*/*.jsonl")] == []
    seen = len(asked(site))
    assert run(NOW=at(3), **HOURS).code == 0
    assert "/news,156000.html" not in asked(site)[seen:], "the look was taken note of"
    whole, excerpt = records(output, "winfuture")
    assert SECRET in whole["article_body"]
    assert event(excerpt) == ("updated", "excerpt", ["article_body"])
    assert SECRET not in json.dumps(excerpt)


def test_an_excerpt_is_withdrawn_as_it_is(lay: Any, run: Any, site: Site, output: Path) -> None:
    lay()
    run(NOW=at(0), CONTENT="excerpt", **HOURS)
    site.lay(URL, "weg", status=410)
    told: dict[str, Any] = {"CONTENT": "metadata", "WITHDRAWN_AFTER_HOURS": 1, **HOURS}
    assert ", 1 gone; " in run(NOW=at(1), **told).last_line
    assert ", 1 withdrawn; " in run(NOW=at(3), **told).last_line
    first, last = records(output, "winfuture")
    assert event(last) == ("withdrawn", "metadata", [])
    for name in ("content_hash", "word_count", "headline"):
        assert last[name] == first[name]
    VALIDATOR.validate(last)


# --- tdmrep.json ----------------------------------------------------------------------------------


def test_the_file_is_asked_for_before_articles_and_once_a_day(
    lay: Any, run: Any, site: Site
) -> None:
    lay(headers={"ETag": '"x"'})
    for hour in (0, 1, 2, 26):
        assert run(NOW=at(hour), LOOKS_HOURS="1,2,26").code == 0
    paths = [path for path in asked(site) if path.startswith(("/.well", "/news"))]
    article = "/news,156000.html"
    tdm_file = "/.well-known/tdmrep.json"
    assert paths == [tdm_file, article, article, article, tdm_file, article]


def test_many_requests_at_once_wait_for_the_file_all_the_same(
    crawl: Crawl, site: Site, output: Path
) -> None:
    lay_file(site, RESERVED)
    told = {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}
    with running(12, pages=site.folder, latency_ms=50) as replica:
        assert crawl("winfuture", replica, **told).code == 0
    assert {record["content"] for record in records(output, "winfuture")} == {"excerpt"}


@pytest.mark.parametrize(
    ("content", "answer", "says"),
    [("oops", {}, "it is not JSON"), ("", {"status": 503}, "the server answered 503")],
)
def test_a_file_that_cannot_be_read_is_told_and_takes_nothing_away(
    content: str, answer: dict[str, int], says: str, lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay()
    lay_file(site, content, **answer)
    assert run(RETRY_TIMES=0).code == 0
    (record,) = records(output, "winfuture")
    assert record["content"] == "full"
    assert record["rights"]["tdm_reserved"] is None
    assert [entry["says"] for entry in record["rights"]["evidence"]] == [says]


def test_an_outage_does_not_lift_a_reservation(
    lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay_file(site, RESERVED)
    lay()
    run(NOW=at(0), LOOKS_HOURS="1,48")
    lay_file(site, "", status=503)
    lay(body=BODY.replace("Anfang", "Beginn"))
    assert ", 1 updated; " in run(NOW=at(48), LOOKS_HOURS="1,48", RETRY_TIMES=0).last_line
    last = records(output, "winfuture")[-1]
    assert (last["content"], last["rights"]["tdm_reserved"]) == ("excerpt", True)
    says = [entry["says"] for entry in last["rights"]["evidence"]]
    assert says[0] == "the server answered 503; taken as of 2026-01-15"


def test_a_file_that_robots_txt_forbids_is_not_asked_for(
    lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay()
    forbidden = "User-agent: *\nDisallow: /.well-known/\nContent-Usage: / train-ai=n\n"
    site.lay(f"{HOST}/robots.txt", forbidden, headers={"Content-Type": "text/plain"})
    assert run().code == 0
    assert "/.well-known/tdmrep.json" not in asked(site)
    (record,) = records(output, "winfuture")
    told = [(entry["source"], entry["says"]) for entry in record["rights"]["evidence"]]
    assert [source for source, _ in told] == ["tdmrep.json", "robots.txt"]
    assert told[1][1] == "Content-Usage: / train-ai=n"
    assert reports(output)[0]["rights"]["found"] == {"usage preference": 1}


# --- robots.txt -----------------------------------------------------------------------------------


def test_an_article_that_robots_txt_forbids_is_not_lost(
    crawl: Crawl, site: Site, output: Path
) -> None:
    listing = '<a href="/news,156000.html">x</a><a href="/news,156001.html">y</a>'
    site.lay(f"{HOST}/special/huawei/", listing)
    site.lay(f"{HOST}/news,156001.html", article("Frei", number=156001))
    rules = "User-agent: *\nDisallow: /news,156000.html\n"
    site.lay(f"{HOST}/robots.txt", rules, headers={"Content-Type": "text/plain"})
    with running(1, pages=site.folder, log=site.folder / "log") as replica:
        done = crawl("winfuture", replica)
    assert (
        ": 1 new, 0 known, 0 duplicate, 0 quarantined, 0 failed, 1 forbidden by robots.txt; "
        in done.last_line
    )
    assert done.last_line.endswith("; complete")
    assert "/news,156000.html" not in asked(site)
    assert [record["headline"] for record in records(output, "winfuture")] == ["Frei"]


def test_a_known_article_that_robots_txt_forbids_by_now_stays_as_it_is(
    lay: Any, run: Any, site: Site, output: Path
) -> None:
    lay()
    run(NOW=at(0), **HOURS)
    rules = "User-agent: *\nDisallow: /news,\n"
    site.lay(f"{HOST}/robots.txt", rules, headers={"Content-Type": "text/plain"})
    for hour, said in ((1, ", 1 forbidden by robots.txt; "), (1, "0 failed; ")):
        assert said in run(NOW=at(hour), **HOURS).last_line
    assert len(records(output, "winfuture")) == 1
