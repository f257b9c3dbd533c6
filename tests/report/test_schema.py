"""The schema of run reports, and the page that explains them, in step with the code."""

import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from scrapy.utils.project import get_project_settings

from crawler.circumstances import changed
from crawler.report import RunReport, report_paths
from crawler.report.schema import report_schema
from tests.conftest import ROOT
from tests.report.test_chain import crawled as crawled
from tests.test_docs import COMMANDS, split, table

PAGE = (ROOT / "docs/runs.md").read_text()
# What an operator sets, and what a report must not or need not tell.
UNTOLD = {"ALARMS_TO", "BROWSER_PATH", "CONTACT", "INDEX", "LOG_LINES", "OUTPUT_DIR"}


def test_the_schema_kept_is_that_of_the_code() -> None:
    kept = json.loads((ROOT / "docs/run-report.schema.json").read_text())
    assert kept == report_schema(), "make docs renews it"


def test_reports_are_as_their_schema_says(crawled: Path) -> None:
    for path in report_paths(crawled):
        jsonschema.validate(json.loads(path.read_bytes()), report_schema())


def test_every_field_is_explained() -> None:
    assert split(table(PAGE, "field")) == {entry.name for entry in fields(RunReport)}


@pytest.mark.parametrize("name", sorted({*table(COMMANDS, "setting")} - UNTOLD))
def test_settings_that_matter_are_told_when_they_are_changed(name: str) -> None:
    settings = get_project_settings()
    assert name not in changed(settings)
    settings.set(name, "7", priority="cmdline")
    assert changed(settings)[name] == "7"


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_what_a_report_must_not_tell_it_does_not(name: str) -> None:
    settings = get_project_settings()
    settings.set(name, "secret", priority="cmdline")
    assert changed(settings) == {}
