"""`scrapy look`, as a contributor and a test bench use it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from crawler.items import Article
from crawler.replica import Story, running, stories
from tests.commands.conftest import on_terminal, plain
from tests.conftest import ROOT, Finished, Site, json_lines, scrapy
from tests.test_crawl import SCHEMA, article, expected

STORIES = {site: list(stories(site, 15)) for site in ("winfuture", "mobiflip")}
TAG_PAGES = {
    "winfuture": "https://winfuture.de/special/huawei/",
    "mobiflip": "https://www.mobiflip.de/thema/huawei/",
}


def look(*args: object, replica: str = "127.0.0.1:1") -> Finished:
    """Looks without the internet: what is not on the replica is not there."""
    return scrapy("look", *args, "-s", f"REPLICA={replica}", "-s", "RETRY_TIMES=0")


def saved(folder: Path, url: str, replica: str) -> Path:
    """A page of the replica as a file, byte by byte."""
    parts = urlsplit(url)
    connection = HTTPConnection(replica)
    connection.request("GET", parts.path, headers={"Host": parts.netloc})
    path = folder / "page.html"
    path.write_bytes(connection.getresponse().read())
    connection.close()
    return path


def said_of(record: dict[str, Any], story: Story) -> dict[str, Any]:
    return {name: record[name] for name in expected(story)}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(article("Ein Titel"))
    return path


# --- articles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("site", STORIES)
def test_a_saved_file_needs_no_url_when_the_page_names_it(
    site: str, replica: str, tmp_path: Path
) -> None:
    story = STORIES[site][0]
    done = look(saved(tmp_path, story.url, replica), "--json")
    assert (done.code, done.err) == (0, "")
    assert said_of(json.loads(done.out), story) == expected(story)


@pytest.mark.parametrize("site", STORIES)
def test_a_url_is_fetched_politely(site: str, tmp_path: Path) -> None:
    story = STORIES[site][3]
    with running(15, log=tmp_path / "log") as replica:
        done = look(story.url, "--json", "-s", "CONTACT=https://example.org/me", replica=replica)
    assert (done.code, done.err) == (0, "")
    assert said_of(json.loads(done.out), story) == expected(story)
    asked = json_lines(tmp_path / "log")
    assert [entry["path"] for entry in asked] == ["/robots.txt", urlsplit(story.url).path]
    assert {e["user_agent"] for e in asked} == {"crawler/0.1.0 (+https://example.org/me)"}


def test_json_is_one_line_in_the_form_of_the_feed(page: Path) -> None:
    done = look(page, "--json")
    assert done.code == 0
    assert done.out.count("\n") == 1
    record = json.loads(done.out)
    jsonschema.validate(record, SCHEMA)
    assert list(record) == SCHEMA["required"]


@pytest.mark.parametrize(
    "options",
    [
        ["--url", "https://m.winfuture.de/news/156000"],
        ["--url", "http://winfuture.de/news,156000.html?utm_source=x#comments"],
        ["--url", "https://winfuture.de/news,1560001.html", "--site", "winfuture"],
        ["--url", "https://unknown.example/copy", "--site", "winfuture"],
        ["--site", "winfuture"],
    ],
    ids=" ".join,
)
def test_every_address_of_an_article_gives_the_same_record(options: list[str], page: Path) -> None:
    done = look(page, *options, "--json")
    assert (done.code, done.err) == (0, "")
    record = json.loads(done.out)
    assert (record["id"], record["url"]) == (
        "winfuture:156000",
        "https://winfuture.de/news,156000.html",
    )


def test_a_file_is_read_as_bytes_in_the_encoding_it_names(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    text = article("Grüße – „für“ alle").replace("utf-8", "iso-8859-1")
    path.write_bytes(text.encode("windows-1252"))
    assert json.loads(look(path, "--json").out)["headline"] == "Grüße – „für“ alle"


def test_without_an_address_a_page_of_a_named_site_is_an_article(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<h1>Titel</h1><div id='news_content'>Ein Satz.</div>")
    done = look(path, "--site", "winfuture", "--json")
    assert done.code == 1
    assert json.loads(done.out)["headline"] == "Titel"
    assert done.err == (
        "scrapy look: not fit for the feed: its address is none of winfuture's articles\n"
    )


def test_what_keeps_a_record_out_of_the_feed_is_said_and_the_record_shown(page: Path) -> None:
    page.write_text(page.read_text().replace("article:published_time", "nothing"))
    done = look(page)
    assert done.code == 1
    assert done.err == (
        "scrapy look: not fit for the feed: date_published is empty: the page names none\n"
    )
    assert "Ein Titel" in done.out
    assert "Not fit for the feed." in done.out


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("site", STORIES)
def test_the_table_shows_every_field_whole(
    columns: int, site: str, replica: str, tmp_path: Path
) -> None:
    story = STORIES[site][0]
    done = on_terminal(columns, "look", saved(tmp_path, story.url, replica))
    assert done.code == 0
    lines = plain(done.out).splitlines()
    assert max(map(len, lines)) <= columns
    ours = "schema_version event revision topic duplicate_of changes backfill run_id"
    ours += " date_first_seen date_downloaded content"
    shown = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert shown == ["field", *(n for n in Article.__dataclass_fields__ if n not in ours.split())]
    values = "".join(line[30:] for line in lines).replace(" ", "")
    for value in (*story.paragraphs, *story.keywords, *(url for url, *_ in story.images)):
        assert value.replace(" ", "") in values


def test_the_table_names_the_source_of_each_answer(page: Path) -> None:
    rows = dict(line.split()[:2] for line in look(page).out.splitlines() if "  " in line.strip())
    answered = {name: rows[name] for name in ("id", "url", "headline", "date_published")}
    assert answered == {
        "id": "url",
        "url": "meta",
        "headline": "visible",
        "date_published": "meta",
    }


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "json"])
def test_what_a_page_says_never_steers_the_terminal(options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    evil = "&#27;]0;title&#7;&#155;2J\x1b[31m\x9b2J\u202e[bold]x[/bold]\x7f"
    path.write_text(
        '<html lang="\x1b["><link rel="canonical" href="https://www.mobiflip.de/x\x1b[2J/">'
        f'<body class="postid-\x1b[31m7"><h1 class="entry-title">{evil}</h1>'
        f'<a rel="author" href="/author/\x1b[2J">{evil}</a><a rel="tag">{evil}</a>'
        f'<figure><img src="/\x1b[2J.jpg"><figcaption>{evil}</figcaption></figure>'
        f'<div class="entry-content"><p>{evil}</p></div>'
        '<time datetime="2026-01-15T21:10:00+01:00"></time>'
    )
    done = look(path, *options)
    assert "[bold]x[/bold]" in done.out
    assert not [sign for sign in done.out + done.err if not sign.isprintable() and sign != "\n"]


def test_a_reader_that_has_seen_enough_ends_it_quietly(page: Path) -> None:
    page.write_text(article("Ein Titel", body="Ein langer Satz. " * 20_000))
    looking = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "look", page, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert looking.stdout
    assert looking.stdout.read(1) == "{"
    looking.stdout.close()
    assert looking.stderr
    with looking:
        assert looking.stderr.read() == ""


# --- tag pages ----------------------------------------------------------------------------------


@pytest.fixture(params=["url", "file", "file with its URL"])
def tag_page(
    request: pytest.FixtureRequest, replica: str, tmp_path: Path
) -> Iterator[tuple[str, list[object]]]:
    """A tag page of each site, in every way it can be given."""
    url = TAG_PAGES["winfuture"]
    if request.param == "url":
        yield url, [url]
    elif request.param == "file":
        yield url, [saved(tmp_path, url, replica)]
    else:
        yield url, [saved(tmp_path, url, replica), "--url", url]


def test_a_tag_page_shows_the_articles_it_lists(
    tag_page: tuple[str, list[object]], replica: str
) -> None:
    _, arguments = tag_page
    done = look(*arguments, "--json", replica=replica)
    assert (done.code, done.err) == (0, "")
    listing = json.loads(done.out)
    assert set(listing) == {"articles", "next"}
    assert set(listing["articles"]) <= {story.url for story in STORIES["winfuture"]}
    assert len(listing["articles"]) == 15


def test_a_tag_page_is_readable_without_json(replica: str) -> None:
    done = look(TAG_PAGES["mobiflip"], replica=replica)
    assert done.code == 0
    assert all(url in done.out for url in [story.url for story in STORIES["mobiflip"]][:5])
    assert "Next page: " in done.out


# --- what is none -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", [], "page.html is empty"),
        (b" \n", ["--site", "winfuture"], "page.html is empty"),
        (bytes(range(256)) * 9, ["--site", "mobiflip"], "neither headline nor text"),
        (b"\x89PNG\r\n\x1a\n", ["--url", "https://winfuture.de/news,1.html"], "neither headline"),
        (b"<html></html>", ["--url", "https://winfuture.de/special/x/"], "and lists none"),
    ],
)
def test_a_file_without_an_article_is_one_line_and_code_1(
    content: bytes, options: list[str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(content)
    done = look(path, *options, "--json")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert said in done.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://winfuture.de/news,999999.html", "the server answered 404"),
        ("https://m.winfuture.de/news/999999", "the server answered 404"),
    ],
)
def test_a_page_that_is_not_there_is_one_line_and_code_1(url: str, said: str, replica: str) -> None:
    done = look(url, replica=replica)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert said in done.err


def test_an_unreachable_host_is_one_line_and_code_1() -> None:
    done = look("https://winfuture.de/news,156000.html", "--json")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "https://winfuture.de/news,156000.html could not be read" in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "name one URL or file"),
        (["a", "b"], "name one URL or file"),
        (["nosuch.html"], "nosuch.html cannot be read: No such file"),
        (["winfuture.de/news,1.html"], "a URL begins with https://"),
        (["tests"], "tests cannot be read: Is a directory"),
        (["README.md"], "no site claims this page; name its --url, or its --site"),
        (["README.md", "--url", "https://example.org/"], "no site claims this page"),
        (["README.md", "--url", "nonsense"], "nonsense is no web address"),
        (["README.md", "--site", "nosuch"], "there is no site 'nosuch'; there are mobiflip"),
        (["README.md", "--nosuch"], "there is no option --nosuch"),
        (["README.md", "--url"], "argument --url: expected one argument"),
        (["README.md", "-L", "LOUD"], "there is no log level 'LOUD'"),
        (["README.md", "-s", "X"], "Invalid -s value, use -s NAME=VALUE"),
        (["https://example.org/"], "no site claims this page"),
        (["https://winfuture.de/", "--url", "https://winfuture.de/"], "--url is for files"),
        (["ftp://winfuture.de/news,1.html"], "is no web address"),
        (["http://[bad"], "is no web address"),
    ],
    ids=repr,
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], said: str) -> None:
    done = look(*args)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("scrapy look: ")
    assert said in done.err


def test_what_page_and_headers_declare_of_rights_is_shown(site: Site) -> None:
    page = article("Neues").replace("</head>", '<meta name="robots" content="noai"></head>')
    url = "https://winfuture.de/news,156000.html"
    site.lay(url, page, headers={"X-Robots-Tag": "noarchive"})
    with running(1, pages=site.folder) as replica:
        done = scrapy("look", url, "--json", "-s", f"REPLICA={replica}")
    assert (done.code, done.err) == (0, "")
    record = json.loads(done.out)
    assert (record["content"], record["rights"]["tdm_reserved"]) == ("full", True)
    assert record["rights"]["robots"] == ["noarchive", "noai"]
