"""The linter: silent about feeds of ours, and a finding for each thing that breaks the contract."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Article, Change, Hunk
from crawler.lint import Linter
from crawler.normal_form import normalised
from crawler.problems import flaws, problems
from tests.conftest import Crawl
from tests.test_feed import ARTICLE, lay

NAME = "2026-01-15T210000.000Z.jsonl"
RUN = "winfuture-2026-01-15T210000.000Z"
GOOD = normalised(replace(ARTICLE, run_id=RUN))
OTHER = normalised(replace(GOOD, id="winfuture:2", headline="Eine andere"))
EDITED = normalised(
    replace(
        GOOD,
        event="updated",
        revision=2,
        headline="Neue Zeile",
        changes={"headline": Change(before="Schlagzeile", after="Neue Zeile")},
    )
)

WRONG = Hunk(at=0, before="x", after="")


def line(article: Article, **fields: Any) -> bytes:
    return msgspec.json.encode(replace(article, **fields)) + b"\n"


def found(path: Path) -> list[str]:
    return [str(finding).replace(f"{path}/", "") for finding in Linter(path).findings()]


def test_a_feed_of_ours_is_right(replica: str, crawl: Crawl, output: Path) -> None:
    assert crawl("mobiflip", replica).code == 0
    linter = Linter(output)
    assert [*linter.findings()] == []
    assert (linter.files, linter.records) == (1, 15)


def test_revisions_that_follow_are_right(tmp_path: Path) -> None:
    gone = replace(EDITED, event="withdrawn", revision=3, changes=None)
    back = replace(EDITED, event="updated", revision=4, changes={})
    lay(tmp_path / "winfuture" / NAME, *map(line, (GOOD, OTHER, EDITED, gone, back)))
    assert found(tmp_path) == []


def without(name: str) -> Callable[[bytes], bytes]:
    def cut(content: bytes) -> bytes:
        record = msgspec.json.decode(content)
        del record[name]
        return msgspec.json.encode(record) + b"\n"

    return cut


def swapped(content: bytes) -> bytes:
    record = msgspec.json.decode(content)
    return msgspec.json.encode({"url": record.pop("url"), **record}) + b"\n"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([line(GOOD)[:-1]], "torn: the line has no end"),
        ([line(GOOD), b"\n"], "an empty line"),
        ([b"\xef\xbb\xbf" + line(GOOD)], "the file begins with a byte order mark"),
        ([line(GOOD)[:-1] + b"\r\n"], "the line ends with CR LF, not LF"),
        ([b"[]\n"], "no record: Expected `object`, got `array`"),
        ([line(GOOD).replace(b'"revision":1', b'"revision":NaN')], "no record: JSON is malformed"),
        (
            [line(GOOD).replace(b"Schlag", b"Schl\xff")],
            "no record: 'utf-8' codec can't decode byte 0xff",
        ),
        ([without("keywords")(line(GOOD))], "keywords missing; what is absent is null or []"),
        ([swapped(line(GOOD))], "the keys are in another order than the record's"),
        (
            [line(GOOD).replace(b'"site":', b'"site":"mobiflip","site":')],
            "the key site is there twice",
        ),
        (
            [line(GOOD).replace(b"2026-01-15T21:10", b"2026-13-15T21:10")],
            "date_published '2026-13-15T21:10:00+01:00' is no moment",
        ),
        ([line(GOOD, word_count=7)], "word_count is 7, and the body has 8 words"),
        (
            [line(GOOD, content_hash="sha256:" + "0" * 64)],
            "content_hash is not that of headline, description and body",
        ),
        ([line(GOOD, schema_version=2)], "schema_version 2 is not 1, which is checked"),
        ([line(GOOD, id="mobiflip:1")], "the id mobiflip:1 is not one of the site winfuture"),
        ([line(GOOD, event="updated")], "revision 1 cannot be updated"),
        ([line(EDITED)], "winfuture:1 begins with revision 2"),
        (
            [line(GOOD), line(EDITED, revision=3)],
            "winfuture:1 leaps from revision 1 to 3",
        ),
        ([line(GOOD), line(GOOD)], f"winfuture:1 has revision 1 already, in winfuture/{NAME}:1"),
        ([line(GOOD), line(EDITED, changes=None)], "an update that names no change"),
        (
            [
                line(GOOD),
                line(EDITED, changes={"headline": Change(before="Falsch", after="Neue Zeile")}),
            ],
            "changes.headline does not lead from the revision before to this one",
        ),
        (
            [
                line(GOOD),
                line(EDITED, changes={"article_body": [Hunk(at=0, before="x", after="")]}),
            ],
            "changes.article_body does not lead from the revision before to this one",
        ),
        (
            [line(GOOD), line(EDITED, date_first_seen="2026-01-15T22:00:00Z")],
            "date_first_seen is another than in the revision before",
        ),
        (
            [line(GOOD), line(GOOD, id="winfuture:3")],
            f"winfuture:3 is a duplicate: winfuture:1 has the same text, in winfuture/{NAME}:1",
        ),
        ([line(GOOD, run_id="other")], "a record of the run other in the file of another"),
        (
            [line(GOOD, site="mobiflip", id="mobiflip:1")],
            "a record of mobiflip in the folder of winfuture",
        ),
    ],
)
def test_each_breach_is_found(lines: list[bytes], wanted: str, tmp_path: Path) -> None:
    lay(tmp_path / "winfuture" / NAME, *lines)
    assert f"winfuture/{NAME}:{len(lines)}: {wanted}" in "\n".join(found(tmp_path))


def test_invisible_signs_and_notices_are_found(tmp_path: Path) -> None:
    body = "Ein\u00adSatz.\n\nAnzeige"
    lay(tmp_path / "winfuture" / NAME, line(GOOD, article_body=body))
    said = "\n".join(found(tmp_path))
    assert "article_body holds invisible character U+00AD" in said
    assert "article_body holds a notice of the page: 'Anzeige'" in said


def test_names_and_empty_files_are_found(tmp_path: Path) -> None:
    lay(tmp_path / "winfuture" / "export.jsonl", line(GOOD))
    lay(tmp_path / "winfuture" / NAME)
    assert found(tmp_path) == [
        f"winfuture/{NAME}: it is empty; a run that found nothing writes no file",
        "winfuture/export.jsonl: its name is not the start of a run, so it has no order",
    ]


def test_what_only_looks_like_a_feed_file_is_found(tmp_path: Path) -> None:
    folder = lay(tmp_path / "winfuture" / NAME, line(GOOD)).parent
    (folder / "2026-01-16T050000.000Z.jsonl").symlink_to("nowhere")
    os.mkfifo(folder / "2026-01-17T050000.000Z.jsonl")
    (tmp_path / "2026-01-18T050000.000Z.jsonl").mkdir()
    none = "it is named like a feed file and is none; readers pass it over"
    assert found(tmp_path) == [
        f"2026-01-18T050000.000Z.jsonl: {none}",
        f"winfuture/2026-01-16T050000.000Z.jsonl: {none}",
        f"winfuture/2026-01-17T050000.000Z.jsonl: {none}",
    ]


def test_a_file_alone_may_have_any_name_and_begin_anywhere(tmp_path: Path) -> None:
    path = lay(tmp_path / "theirs.jsonl", line(EDITED), line(OTHER))
    assert found(path) == []


@given(st.text(), st.text())
def test_what_is_spared_in_records_of_right_types_is_their_types_alone(one: str, two: str) -> None:
    article = replace(GOOD, headline=f"x{one}", article_body=f"y{two}")
    assert flaws(article) == problems(article)


def test_several_processors_find_what_one_does(tmp_path: Path) -> None:
    first, second = NAME, NAME.replace("15T", "16T")
    run = RUN.replace("15T", "16T")
    lay(tmp_path / "winfuture" / first, line(GOOD), line(OTHER, word_count=99), b"{")
    lay(tmp_path / "winfuture" / second, line(EDITED, run_id=run), line(GOOD, run_id=run))
    several = Linter(tmp_path, pool_bytes=1)
    assert [*several.findings()] == [*(one := Linter(tmp_path)).findings()] != []
    assert (several.files, several.records) == (one.files, one.records) == (2, 4)
