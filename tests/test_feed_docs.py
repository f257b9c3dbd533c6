"""docs/feed.md keeps its word: its table is the record's, its examples run."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import duckdb
import jq
import pytest

from crawler import settings
from crawler.feed import feed_files
from crawler.items import Article, article_schema
from tests.conftest import ROOT, Crawl, scrapy
from tests.feed_commands.feeds import lay_feed, made

TEXT, READING = ((ROOT / f"docs/{name}.md").read_text() for name in ("feed", "reading"))
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT + READING, re.DOTALL)


def test_the_table_of_fields_is_the_record_in_its_order() -> None:
    section = TEXT.partition("## The record")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [f.name for f in fields(Article)]


def test_the_schema_kept_is_the_one_generated() -> None:
    kept = json.loads((ROOT / "docs/article.schema.json").read_text())
    assert kept == article_schema(), "make docs renews it"


def test_numbers_named_are_those_of_the_settings() -> None:
    for name, number in re.findall(r"`([A-Z_]+)` \(([\d,.]+)\)", TEXT):
        assert float(number.replace(",", "")) == getattr(settings, name), name
    ages = ", ".join(str(age) for age in settings.LOOKS_HOURS[:-1])
    assert f"{ages} and {settings.LOOKS_HOURS[-1]} hours" in " ".join(TEXT.split())


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_run(example: str, replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("mobiflip", replica).code == 0
    shutil.copytree(ROOT / "crawler", output.parent / "crawler", dirs_exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=output.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 5


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_jq_programs_run(tmp_path: Path) -> None:
    records = b"".join(path.read_bytes() for path in feed_files(lay_feed(tmp_path)))
    rows, bulk = (
        jq.compile(program).input_text(records.decode()).all() for program in blocks(TEXT, "jq")
    )
    assert rows[0].split("\t")[1:3] == ["winfuture", "published"]
    assert len(rows) == 4
    assert f"jq -r '{blocks(TEXT, 'jq')[0].strip()}'" in TEXT
    actions = [next(iter(line)) for line in bulk if "schema_version" not in line]
    assert actions == ["index"] * 4 + ["delete"]
    assert bulk[0]["index"]["_id"] == bulk[1]["id"]
    assert bulk[-1]["delete"]["version"] == 2


def test_the_sql_runs(tmp_path: Path) -> None:
    feed = lay_feed(tmp_path / "output", made(9, article_body="Die Überwachung."))
    for_duckdb, for_sqlite = blocks(TEXT, "sql") + blocks(READING, "sql")
    with closing(duckdb.connect()) as opened:
        rows = opened.sql(for_duckdb.replace("'output", f"'{feed}")).fetchall()
    assert {(site, articles) for site, _, articles in rows} == {("mobiflip", 1), ("winfuture", 2)}
    target = tmp_path / "articles.sqlite"
    assert scrapy("feed", "export", feed, "--to", "sqlite", "-o", target).code == 0
    with closing(sqlite3.connect(target)) as opened:
        assert opened.execute(for_sqlite).fetchall() == [(made(9).date_published, "Schlagzeile 9")]


def test_a_shipper_that_matches_as_a_shell_does_reads_what_a_reader_may(tmp_path: Path) -> None:
    told = tomllib.loads(blocks(TEXT, "toml")[0])["sources"]["feed"]
    (pattern,) = told["include"]
    feed = lay_feed(tmp_path)
    (feed / "winfuture/.2026-01-18T210000.000Z.jsonl.part").touch()
    (feed / "quarantine/winfuture").mkdir(parents=True)
    (feed / "quarantine/winfuture/2026-01-18T210000.000Z.jsonl").touch()
    found = feed.glob(pattern.removeprefix("/srv/crawler/output/"))
    shipped = {path for path in found if path.name[0] != "." and "quarantine" not in path.parts}
    assert shipped == {*feed_files(feed)}
