"""`scrapy demo`: what a stranger sees first."""

import json
import re
from pathlib import Path

import pytest

from tests.commands.test_harvest import numbers, table
from tests.conftest import feed_paths, records, scrapy


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the command makes its temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_it_shows_two_harvests_the_feed_and_a_record(temporary: Path) -> None:
    done = scrapy("demo", "--articles", "4", TMPDIR=str(temporary))
    assert (done.code, done.err) == (0, "")
    first, second = done.out.split("Second harvest, of the unchanged sites:")
    for row in table(first.partition("The feed:")[0]).values():
        assert numbers(row, "new", "known") == (4, 0)
    for row in table(second).values():
        assert numbers(row, "new", "known") == (0, 4)
    files = re.findall(r"^  (\S+\.jsonl)  \(4 records, [\d,]+ bytes\)$", first, re.MULTILINE)
    assert [Path(name).parent.name for name in files] == ["mobiflip", "winfuture"]
    record = json.loads(first.partition("Its first record:")[2])
    assert record["site"] == "mobiflip"
    assert done.out.endswith("It added 0 feed files.\n")
    assert [*temporary.iterdir()] == [], "the temporary folder was left behind"


def test_keep_leaves_the_folder_and_says_where(temporary: Path) -> None:
    done = scrapy("demo", "--articles", "1", "--keep", TMPDIR=str(temporary))
    (kept,) = temporary.iterdir()
    assert done.out.endswith(f"The feed stays in {kept}.\n")
    assert len(records(kept, "winfuture")) == 1


def test_a_given_folder_gets_the_feed_and_stays(output: Path, temporary: Path) -> None:
    done = scrapy("demo", "--articles", "1", "-s", f"OUTPUT_DIR={output}", TMPDIR=str(temporary))
    assert done.code == 0
    (path,) = feed_paths(output, "winfuture")
    assert str(path) in done.out
    assert [*temporary.iterdir()] == []


def test_without_a_folder_to_write_to_it_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = scrapy("demo", "--articles", "1", "-s", f"OUTPUT_DIR={tmp_path / 'file'}")
    assert done.code == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["winfuture"], "takes no site"),
        (["--articles", "0"], "--articles from 1 to 100000"),
        (["--articles", "100001"], "--articles from 1 to 100000"),
        (["--articles", "many"], "invalid int value: 'many'"),
        (["--nosuch"], "there is no option --nosuch"),
    ],
    ids=repr,
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], said: str, temporary: Path) -> None:
    done = scrapy("demo", *args, TMPDIR=str(temporary))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("scrapy demo: ")
    assert said in done.err
    assert [*temporary.iterdir()] == []
