"""docs/feed.md keeps its word: its table is the record's, its examples run."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from crawler import settings
from crawler.items import Article, article_schema
from tests.conftest import ROOT, Crawl

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
    assert len(EXAMPLES) == 3
