"""The benchmark of speed in its smallest form; no time is asserted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import report
from benchmarks.truth import paragraph_f1
from crawler.replica import stories
from tests.conftest import ROOT

STORIES = list(stories("mobiflip", 5))
TRUTH = {story.url: list(story.paragraphs) for story in STORIES}


def cells(table: str, label: str) -> list[list[str]]:
    """The cells after the first of each row with a label."""
    rows = re.findall(rf"^\| {re.escape(label)} *\|(.*)\|$", table, re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def test_a_tiny_run_yields_a_table_with_true_counts() -> None:
    command = ["--articles=20", "--rounds=1", "--only-bare", f"--python={sys.executable}"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert cells(done.stdout, "requests for articles") == [["0", "0"]]
    for listing in cells(done.stdout, "tag pages requested, of those there")[0]:
        asked, there = map(int, listing.split(" of "))
        assert asked <= there == 2
    assert all(int(most) <= 1 for most in cells(done.stdout, "most requests for one tag page")[0])
    ours = cells(done.stdout, "this project, set as the bare spider")
    bare = cells(done.stdout, "bare Scrapy spider")
    assert [row[0] for row in (*ours, *bare)] == ["20"] * 4
    assert [row[-1] for row in ours] == ["1.000", "1.000"]
    assert all(0.5 < float(row[-1]) < 1 for row in bare)
    assert str(ROOT) not in done.stdout


def test_the_truth_itself_scores_one() -> None:
    assert paragraph_f1(TRUTH, STORIES) == 1.0
    spelled = {url: [f" {text}\u00ad\n" for text in texts] for url, texts in TRUTH.items()}
    assert paragraph_f1(spelled, STORIES) == 1.0


def test_headline_and_lead_count_neither_way() -> None:
    with_both = {s.url: [s.headline, s.description, *s.paragraphs] for s in STORIES}
    assert paragraph_f1(with_both, STORIES) == 1.0


def test_what_is_missing_and_what_is_too_much_both_cost() -> None:
    assert paragraph_f1({}, STORIES) == 0.0
    first, *rest = STORIES
    found = {story.url: TRUTH[story.url] for story in rest}
    total = sum(map(len, TRUTH.values()))
    right = total - len(first.paragraphs)
    assert paragraph_f1(found, STORIES) == pytest.approx(2 * right / (right + total))
    twice = {url: texts * 2 for url, texts in TRUTH.items()}
    assert paragraph_f1(twice, STORIES) == pytest.approx(2 / 3)


PART = st.text("ab\n|#")


@given(PART, PART, PART, PART)
def test_a_result_replaces_what_stands_between_its_markers(
    tmp_path_factory: pytest.TempPathFactory, before: str, old: str, after: str, new: str
) -> None:
    readme: Path = tmp_path_factory.mktemp("report") / "README.md"
    begin, end = "<!-- speed: begin -->", "<!-- speed: end -->"
    readme.write_text(f"{before}{begin}{old}{end}{after}", newline="")
    report.write("speed", new, readme)
    text = readme.read_text()
    assert text == f"{before}{begin}\n\n{new.strip()}\n\n{end}{after}"
    report.write("speed", new, readme)
    assert readme.read_text() == text


def test_a_section_without_markers_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("## Speed\n")
    with pytest.raises(ValueError, match="lacks the markers"):
        report.write("speed", "new", tmp_path / "README.md")
