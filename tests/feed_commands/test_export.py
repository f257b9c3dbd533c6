"""`scrapy feed export`: each form as the programs read it that it is for."""

import csv
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import feedparser
import jsonfeedvalidator
import jsonschema
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.feed import current, read
from crawler.forms import Told
from crawler.forms.spreadsheet import COLUMNS, write_csv
from crawler.forms.sqlite import folded
from crawler.forms.syndication import atom, json_feed, rss
from crawler.items import Author
from tests.conftest import ROOT, Finished, scrapy
from tests.feed_commands.feeds import GONE, HEADLINE, lay_feed, made

HOSTILE = "<script>alert(1)</script> & \x00\x1b[31m\u202e]]>"
# What https://www.jsonfeed.org/version/1.1/ demands, in JSON Schema's words.
URI = {"type": "string", "format": "uri"}
TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "format": "date-time"}
JSON_FEED = {
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "feed_url": URI,
        "items": {
            "items": {
                "required": ["id", "content_text"],
                "additionalProperties": False,
                "properties": {
                    **dict.fromkeys(("id", "title", "summary", "content_text", "language"), TEXT),
                    **dict.fromkeys(("url", "image"), URI),
                    **dict.fromkeys(("date_published", "date_modified"), TIME),
                    "authors": {"items": {"required": ["name"], "properties": {"url": URI}}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            }
        },
    },
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TOLD = Told(title="Titel", url=None, limit=50, bom=False)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    more = made(7, site="mobiflip", date_published="2026-01-14T01:00:00+01:00", revision=1)
    return lay_feed(tmp_path_factory.mktemp("export") / "feed", more)


def export(feed: Path, form: str, *more: object) -> Finished:
    done = scrapy("feed", "export", feed, "--to", form, *more)
    assert (done.code, done.err) == (0, "")
    return done


def filed(feed: Path, folder: Path, form: str, *more: object) -> Path:
    path = folder / f"articles.{form}"
    export(feed, form, "-o", path, *more)
    assert [*folder.iterdir()] == [path]
    return path


# --- RSS, Atom, JSON Feed -----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_reader_reads_it(form: str, feed: Path) -> None:
    url = "https://example.org/huawei"
    text = export(feed, form, "--title", "Huawei & Co", "--url", url).out
    parsed = feedparser.parse(text)
    assert not parsed.bozo
    assert parsed.version == {"rss": "rss20", "atom": "atom10"}[form]
    assert parsed.feed.title == "Huawei & Co"
    newest, *_ = articles = sorted(current(feed), key=lambda it: it.date_published, reverse=True)
    assert [entry.link for entry in parsed.entries] == [it.url for it in articles]
    first = parsed.entries[0]
    assert first.title == newest.headline == f"Huawei verschiebt {HEADLINE}"
    assert first.id == "tag:winfuture.de,2026-01-15:winfuture:1"
    assert [tag.term for tag in first.tags] == ["Huawei", "Köln"]
    body = first.content[0].value if "content" in first else first.summary  # RSS without a lead
    assert body.count("<p>") == 2
    moment = datetime(*first.published_parsed[:6], tzinfo=UTC)
    assert moment == datetime.fromisoformat(newest.date_published)
    assert GONE not in text
    assert etree.fromstring(text.encode()).xpath("//*[@rel='self']/@href") == [url]


def test_a_feed_needs_what_rfc_4287_demands(feed: Path) -> None:
    root = etree.fromstring(export(feed, "atom").out.encode())
    names = {"a": "http://www.w3.org/2005/Atom"}
    for place in ("/a:feed", "//a:entry"):
        for element in root.xpath(place, namespaces=names):
            for name in ("id", "title", "updated"):
                assert len(element.findall(f"a:{name}", names)) == 1
    assert not root.xpath("//a:entry[not(a:author/a:name)]", namespaces=names)
    assert not root.xpath("//a:entry[not(a:link)]", namespaces=names)
    ids = root.xpath("//a:id/text()", namespaces=names)
    assert len(ids) == len(set(ids)) == 4


def _flaw(document: bytes) -> str:
    """What Ruby's feed validator finds wrong; empty for a feed as its standard says."""
    validate = "RSS::Parser.parse(STDIN.read, validate: true)"
    command = ["ruby", "-E", "UTF-8", "-rrss", "-e", validate]  # whatever the locale
    done = subprocess.run(command, input=document, capture_output=True, check=False)
    assert done.returncode == bool(done.stderr)
    return done.stderr.decode().partition("\n")[0]


@pytest.mark.parametrize("more", [[], ["--limit", 1, "--url", "https://example.org/huawei"]])
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_validator_finds_nothing_wrong(form: str, more: list[object], feed: Path) -> None:
    assert not _flaw(export(feed, form, *more).out.encode())


@pytest.mark.parametrize("write", [rss, atom])
def test_a_validator_finds_nothing_wrong_where_much_is_missing(write: Any) -> None:
    bare = made(1, description=None, keywords=[], authors=[], images=[])
    for records in ([], [bare], [replace(bare, article_body="", content="metadata")]):
        file = io.BytesIO()
        write(records, file, TOLD)
        assert not _flaw(file.getvalue())


@pytest.mark.parametrize(
    ("form", "there", "instead", "flaw"),
    [
        ("rss", r"<title>.*?</title>", "", "tag <title> is missing"),
        ("rss", "(?<=<lastBuildDate>)[^<]+", "gestern", "value <gestern> of tag <lastBuildDate>"),
        ("atom", r"<id>[^<]*</id>", "", "tag <id> is missing"),
        ("atom", r"(?s)<author>.*?</author>", "", "tag <author> is missing"),
        ("atom", "(?<=<updated>)[^<]+", "gestern", "value <gestern> of tag <updated>"),
    ],
)
def test_the_validator_finds_flaws(
    form: str, there: str, instead: str, flaw: str, feed: Path
) -> None:
    harmed = re.sub(there, instead, export(feed, form).out)
    assert flaw in _flaw(harmed.encode())


def _as_version_1(feed: dict[str, Any]) -> dict[str, Any]:
    """A feed without what version 1.1 has added: readers of version 1 pass over it."""
    added = ("authors", "language")
    items = [{k: v for k, v in item.items() if k not in added} for item in feed["items"]]
    return {**feed, "items": items}


def test_a_json_feed_is_as_its_standard_says(feed: Path) -> None:
    found = json.loads(export(feed, "jsonfeed", "--url", "https://example.org/feed.json").out)
    checker = jsonschema.FormatChecker()
    jsonschema.validate(found, JSON_FEED, jsonschema.Draft202012Validator, format_checker=checker)
    assert not jsonfeedvalidator.validate_feed(_as_version_1(found))
    assert jsonfeedvalidator.validate_feed(found), "the validator looks at each member"
    ids = [item["id"].rpartition(",")[2] for item in found["items"]]
    assert len(ids) == 3
    assert found["items"][0]["date_modified"] == "2026-01-17T21:00:00Z"


def test_the_newest_are_chosen_by_moment_and_limit(feed: Path) -> None:
    found = json.loads(export(feed, "jsonfeed", "--limit", 2).out)
    assert [item["url"] for item in found["items"]] == [
        *("https://winfuture.de/news,1.html", "https://mobiflip.de/news,5.html"),
    ]


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_hostile_text_stays_text(write: Any) -> None:
    article = made(1)
    article.headline = article.description = article.article_body = HOSTILE
    article.keywords = [HOSTILE]
    article.authors = [Author(name=HOSTILE)]
    file = io.BytesIO()
    write([article], file, Told(title=HOSTILE, url=None, limit=1, bom=False))
    if write is json_feed:
        assert json.loads(file.getvalue())["items"][0]["title"] == HOSTILE
    else:
        assert not etree.fromstring(file.getvalue()).xpath("//*[local-name() = 'script']")
        (entry,) = feedparser.parse(file.getvalue(), sanitize_html=False).entries
        assert "<script>" not in entry.content[0].value


@pytest.mark.parametrize("write", [rss, atom, json_feed, write_csv])
def test_the_same_records_make_the_same_bytes(write: Any, feed: Path) -> None:
    def written() -> bytes:
        file = io.BytesIO()
        write(read(feed), file, TOLD)
        return file.getvalue()

    assert written() == written()


# --- tables -------------------------------------------------------------------------------------


def test_csv_comes_back_as_it_was(feed: Path, tmp_path: Path) -> None:
    path = filed(feed, tmp_path, "csv", "--bom", "--events")
    content = path.read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id","event","revision",')
    assert content.endswith(b"\r\n")
    rows = [*csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    assert len(rows) == len([*read(feed)]) == 6
    assert [*rows[0]] == [*COLUMNS]
    assert rows[0]["headline"] == f"Huawei zeigt {HEADLINE}"
    assert rows[0]["article_body"] == "Ein Satz.\n\nNoch ein Satz – „mit“ Zeichen."
    assert rows[0]["keywords"] == "Huawei; Köln"
    assert rows[0]["is_advertisement"] == "false"
    assert not export(feed, "csv").out.startswith("\ufeff")
    assert len(export(feed, "csv").out.splitlines()) > 3


def test_a_separator_of_other_programs_makes_no_other_cells(feed: Path) -> None:
    """LibreOffice offers comma, semicolon and tab together."""
    article = made(1)
    article.headline = "a;=1+1\tb"
    file = io.BytesIO()
    write_csv([article], file, TOLD)
    assert b'"a;=1+1\tb"' in file.getvalue()


@given(st.text() | st.text(alphabet="'=;a"))
def test_no_cell_is_a_formula(text: str) -> None:
    file = io.BytesIO()
    article = made(1)
    article.headline = text
    write_csv([article], file, TOLD)
    shown = [*csv.reader(io.StringIO(file.getvalue().decode("utf-8", "replace"), newline=""))]
    cell = shown[1][COLUMNS.index("headline")]
    assert not cell.startswith(FORMULA)
    is_escaped = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA)
    assert (cell[1:] if is_escaped else cell) == text


def test_parquet_is_typed_and_opens_in_pandas_polars_and_duckdb(feed: Path, tmp_path: Path) -> None:
    path = filed(feed, tmp_path, "parquet")
    types = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert types["date_published"] == "timestamp[us, tz=UTC]"
    assert types["authors"] == "list<element: struct<name: string, url: string>>"
    wanted = datetime(2026, 1, 15, 20, 10, tzinfo=UTC)
    frame = pd.read_parquet(path)
    assert len(frame) == 3
    assert frame.date_published.max() == wanted
    assert frame.is_advertisement.dtype == bool
    assert pl.read_parquet(path)["date_published"].max() == wanted
    with closing(duckdb.connect()) as database:
        sql = (
            f"SELECT count(*), max(revision), any_value(keywords) FROM '{path}' WHERE revision > 1"
        )
        assert database.sql(sql).fetchall() == [(1, 2, ["Huawei", "Köln"])]
    assert len(pq.read_table(filed(feed, tmp_path, "parquet", "--events"))) == 6


# --- SQLite -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    article = made(20, site="blog", article_body="Die Überwachung der Straße, der größeren.")
    whole = lay_feed(tmp_path_factory.mktemp("sqlite") / "feed", article)
    return filed(whole, tmp_path_factory.mktemp("made"), "sqlite")


def test_sqlite_has_every_record_and_the_current_view(database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        events = opened.execute("SELECT id, revision, event FROM events").fetchall()
        assert len(events) == 6
        ids = {row[0] for row in opened.execute("SELECT id FROM articles")}
        assert ids == {"winfuture:1", "mobiflip:5", "blog:20"}
        (record,) = opened.execute("SELECT record FROM events LIMIT 1").fetchone()
        assert json.loads(record)["schema_version"] == 1
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    "word",
    [
        *("Überwachung", "überwachung", "uberwachung", "ueberwachung", "Straße", "strasse"),
        *("STRASSE", "größeren", "großeren", "grosseren", "groesseren"),
    ],
)
def test_the_search_knows_german_spelling(word: str, database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        sql = (
            "SELECT id FROM articles WHERE rowid IN "
            "(SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
        )
        assert opened.execute(sql, (word,)).fetchall() == [("blog:20",)]


@given(st.text())
def test_folding_leaves_no_umlaut(text: str) -> None:
    assert not set("äöüßÄÖÜẞ") & set(folded(text))
    assert folded(folded(text)) == ""


def test_datasette_shows_and_searches_it(database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "datasette", str(database), "-p", str(port)]
    url = f"http://127.0.0.1:{port}/articles/articles.json?_shape=array&_search=ueberwachung"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr
        try:
            while "Uvicorn running" not in (line := served.stderr.readline()):
                assert line, "datasette ended"
            with urllib.request.urlopen(url, timeout=10) as response:
                rows = json.load(response)
        finally:
            served.terminate()
            served.stderr.read()
    assert [row["id"] for row in rows] == ["blog:20"]


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a form, as in --to csv; there are rss, atom, jsonfeed, csv, parquet, sqlite"),
        (["--to", "pdf"], "argument --to: invalid choice: 'pdf'"),
        (["--to", "sqlite"], "sqlite needs a file, as in -o articles.sqlite"),
        (["--to", "rss", "--limit", "0"], "limit 0 is no number from 1 on"),
        (["--to", "rss", "--events"], "--events is for csv, parquet"),
        (["--to", "rss", "--bom"], "--bom is for csv"),
        (["--to", "csv", "--title", "x"], "--title is for rss, atom, jsonfeed"),
        (["--to", "rss", "--url", "javascript:x"], "url 'javascript:x' is none; write https://"),
        (["--to", "csv", "-o", "/"], "/ is a folder; name a file, as in -o /articles"),
        (["--to", "csv", "-o", "/no/x"], "there is no folder /no for x; make it first"),
        (["--to", "sqlite", "-o", "/dev/null"], "/dev/null is no file, and sqlite needs one"),
        (
            ["--to", "csv", "-o", "2026-01-15T210000.000Z.jsonl"],
            "2026-01-15T210000.000Z.jsonl is n",
        ),
        (["--to", "csv", "--site", ""], ""),
    ],
)
def test_what_does_not_fit_is_refused(arguments: list[str], said: str, feed: Path) -> None:
    done = scrapy("feed", "export", feed, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"scrapy feed export: {said}")
    assert done.err.count("\n") == 1


def test_a_pipe_and_a_device_are_written_to_and_stay_what_they_are(
    feed: Path, tmp_path: Path
) -> None:
    wanted = export(feed, "csv").out
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        said = pool.submit(pipe.read_bytes)
        export(feed, "csv", "-o", pipe)
        assert said.result(10).decode().replace("\r\n", "\n") == wanted
    assert pipe.is_fifo()
    assert export(feed, "csv", "-o", "-").out == wanted


def test_a_link_and_the_mode_of_a_file_stay(feed: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    export(feed, "csv", "-o", link)
    assert link.readlink() == target
    assert target.read_text().startswith('"id"')
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [link, target]


def test_closed_output_is_nobodys_fault(feed: Path) -> None:
    commands = {f"feed export {feed} --to csv": 0, f"feed tail {feed} --once": 0, "runs": 2}
    for command, code in commands.items():
        line = f"{sys.executable} -m scrapy {command} -s OUTPUT_DIR={feed} >&-"
        done = subprocess.run(
            ["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def undated(feed: io.BytesIO) -> bytes:
    """A feed without when it was made, which RSS tells to the second."""
    return re.sub(rb"<lastBuildDate>[^<]+</lastBuildDate>", b"", feed.getvalue())


@pytest.mark.parametrize("write", [rss, atom])
def test_a_feed_names_the_site_as_its_page_and_itself_as_its_address(write: Any) -> None:
    told = replace(TOLD, url="https://example.org/feed.xml")
    for articles, home in (([made(1)], "https://winfuture.de/"), ([], "https://example.invalid/")):
        first, second = io.BytesIO(), io.BytesIO()
        write(articles, first, told)
        parsed = feedparser.parse(first.getvalue())
        assert parsed.feed.link == home
        assert {link.href for link in parsed.feed.links if link.rel == "self"} == {told.url}
        write(articles, second, told)
        assert undated(first) == undated(second)


def test_a_missing_extra_is_named(feed: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['feedgen'] = None; from scrapy.cmdline import execute; execute()"
    )
    command = [sys.executable, "-c", code, "feed", "export", str(feed), "--to", "rss"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("rss needs the extra: pip install -r requirements-export.lock\n")


def test_a_feed_that_cannot_be_read_leaves_no_file(feed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(next(feed.glob("*/*.jsonl")).read_bytes() + b"{}\n")
    for form in ("csv", "parquet", "sqlite", "rss"):
        target = tmp_path / "target"
        done = scrapy("feed", "export", broken, "--to", form, "-o", target)
        assert done.code == 1
        assert "broken.jsonl, line " in done.err
        assert [*tmp_path.iterdir()] == [broken]
