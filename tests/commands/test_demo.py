"""`scrapy demo`: what a stranger sees first."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.changes import changes
from crawler.commands.demo import difference
from crawler.items import Article
from tests.commands.conftest import on_terminal
from tests.commands.test_harvest import numbers, table
from tests.conftest import Crawl, feed_paths, records, scrapy
from tests.test_feed import ARTICLE

LONG = "Wenn die Uhr zwölf schlägt, kommt am Ende des Tages doch noch etwas, kommt in der Nacht"


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the command makes its temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def days(shown: str) -> list[str]:
    """What was shown of each harvest."""
    found = re.split(r"^(?=\w+day \d\d:00: )", shown, flags=re.MULTILINE)
    assert len(found) == 5
    return found[1:]


def test_it_shows_three_days_in_the_life_of_the_feed(temporary: Path) -> None:
    done = scrapy("demo", "--articles", "4", TMPDIR=str(temporary))
    assert (done.code, done.err) == (0, "")
    counted = ("new", "updated", "withdrawn", "known")
    found = [
        [numbers(row, *counted) for _, row in sorted(table(day).items())] for day in days(done.out)
    ]
    assert found[0] == [(4, 0, 0, 0)] * 2
    assert found[1] == [(1, 1, 0, 4), (1, 0, 0, 3)]
    assert [row[:3] for row in found[2]] == [(0, 0, 0), (0, 0, 1)]
    assert [row[:3] for row in found[3]] == [(0, 0, 0)] * 2
    last = table(days(done.out)[3])
    assert [numbers(row, "requests") for row in last.values()] == [(2,)] * 2
    assert all(
        row["complete"].startswith("yes") for d in days(done.out) for row in table(d).values()
    )
    assert done.out.endswith("It wrote no feed file.\n")
    assert [*temporary.iterdir()] == [], "the temporary folder was left behind"


def test_the_first_day_shows_files_and_a_record(temporary: Path) -> None:
    first, *_ = days(scrapy("demo", "--articles", "4", TMPDIR=str(temporary)).out)
    files = re.findall(r"^  (\S+\.jsonl)  \(4 records, [\d,]+ bytes\)$", first, re.MULTILINE)
    assert [Path(name).parent.name for name in files] == ["mobiflip", "winfuture"]
    named, _, shown = first.partition("The first record, but for ")[2].partition(" more fields:")
    record = json.loads(shown)
    assert len(record) + int(named) == len(Article.__dataclass_fields__)
    assert (record["event"], record["revision"]) == ("published", 1)


def test_an_edit_is_shown_as_a_difference_and_a_withdrawal_by_its_headline(
    output: Path, temporary: Path
) -> None:
    told = scrapy("demo", "-s", f"OUTPUT_DIR={output}", TMPDIR=str(temporary))
    _, second, third, _ = days(told.out)
    changed = re.findall(r"^    ([-+]) (\w+): (.+)$", second, re.MULTILINE)
    assert [(sign, name) for sign, name, _ in changed] == [
        *[("-", "headline"), ("+", "headline"), ("-", "description"), ("+", "description")],
        ("+", "article_body"),
    ]
    (updated,) = [r for r in records(output, "mobiflip") if r["event"] == "updated"]
    assert f"    {updated['id']}, revision 2: updated\n" in second
    assert changed[1][2] == updated["headline"]
    assert changed[-1][2] in updated["article_body"]
    (withdrawn,) = [r for r in records(output, "winfuture") if r["event"] == "withdrawn"]
    shown = f"    {withdrawn['id']}, revision 2: withdrawn\n    {withdrawn['headline']}\n"
    assert shown in third


def test_on_a_terminal_a_difference_is_red_and_green() -> None:
    written = on_terminal(200, "demo", "--articles", "2").out
    assert re.search(r"\x1b\[31m    - headline: [^\x1b]+\x1b\[0m", written)
    assert re.search(r"\x1b\[32m    \+ headline: [^\x1b]+\x1b\[0m", written)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Er war bereits da.", "Er war schon da.", ["- Er war bereits da.", "+ Er war schon da."]),
        ("Eins.\n\nZwei.", "Eins.\n\nZwei.\n\nDrei.", ["+ Drei."]),
        ("Eins.\n\nZwei.\n\nDrei.", "Eins.\n\nDrei.", ["- Zwei."]),
        (f"{LONG} 39 {LONG}", f"{LONG} 41 {LONG}", [
            "- … doch noch etwas, kommt in der Nacht 39 Wenn die Uhr zwölf schlägt, kommt am …",
            "+ … doch noch etwas, kommt in der Nacht 41 Wenn die Uhr zwölf schlägt, kommt am …",
        ]),
        ("Es sind 39 Euro.", "Es sind 41 Euro.", ["- Es sind 39 Euro.", "+ Es sind 41 Euro."]),
    ],
    ids=["a word", "a paragraph more", "a paragraph less", "far from the ends", "a number"],
)  # fmt: skip
def test_a_difference_shows_whole_words_and_what_stands_around(
    before: str, after: str, shown: list[str]
) -> None:
    one, other = (replace(ARTICLE, article_body=body) for body in (before, after))
    lines = difference(one, replace(other, changes=changes(one, other)))
    assert [f"{sign} {line.removeprefix('article_body: ')}" for sign, line in lines] == shown


def test_keep_leaves_the_folder_and_says_where(temporary: Path) -> None:
    done = scrapy("demo", "--articles", "1", "--keep", TMPDIR=str(temporary))
    (kept,) = temporary.iterdir()
    assert done.out.endswith(f"The feed stays in {kept}.\n")
    assert len(records(kept, "winfuture")) == 3, "new on two days, and a withdrawal"


def test_a_given_folder_gets_the_feed_and_stays(output: Path, temporary: Path) -> None:
    done = scrapy("demo", "--articles", "1", "-s", f"OUTPUT_DIR={output}", TMPDIR=str(temporary))
    assert done.code == 0
    paths = feed_paths(output, "winfuture")
    assert [str(path) in done.out for path in paths] == [True] * 3
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
        (["--articles", "0"], "--articles from 1 to 99999"),
        (["--articles", "100000"], "--articles from 1 to 99999"),
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


def test_a_folder_with_a_feed_is_refused(replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("mobiflip", replica).code == 0
    kept = {path: path.read_bytes() for path in feed_paths(output, "mobiflip")}
    done = scrapy("demo", "-s", f"OUTPUT_DIR={output}")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "holds a feed" in done.err
    assert {path: path.read_bytes() for path in feed_paths(output, "mobiflip")} == kept
