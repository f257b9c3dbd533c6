"""The scripted month, the truth about it, and files that cannot be played."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from crawler.replica import Clock, ReplicaError, running
from crawler.replica.__main__ import main
from crawler.replica.timeline import (
    Cosmetic,
    Edit,
    FeedDead,
    Move,
    Outage,
    Publish,
    Return,
    Takedown,
    Timeline,
    TimelineError,
    expected,
    month,
    standings,
)
from crawler.replica.timeline.events import Editing, Redecoration
from tests.replica.aged import SITES, START, agrees, fetched, hour, listed, read, script, story


def test_a_month_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one, same, other = month(1), month(1), month(2)
    assert one.events == same.events != other.events
    assert expected(one) == expected(same)
    one.dump(tmp_path / "month.json")
    read_back = Timeline.load(tmp_path / "month.json")
    assert (read_back.start, read_back.articles, read_back.seed) == (one.start, 150, 1)
    assert read_back.events == one.events


def test_a_month_holds_what_was_ordered() -> None:
    made = month(3)
    kinds = Counter(type(event) for event in made.events)
    assert (kinds[Edit], kinds[Cosmetic], kinds[Takedown], kinds[Return]) == (60, 40, 10, 3)
    assert (kinds[Move], kinds[Outage], kinds[FeedDead]) == (5, 4, 2)
    assert sum(isinstance(event, Publish) and event.after > 0 for event in made.events) == 6
    assert {e.change for e in made.events if isinstance(e, Edit)} == {*get_args(Editing)}
    assert {e.change for e in made.events if isinstance(e, Cosmetic)} == {*get_args(Redecoration)}
    lines = expected(made)
    events = Counter(line.event for line in lines)
    assert events["published"] == 300
    assert events["withdrawn"] == 10
    moves = sum(isinstance(e, Move) and e.site == "mobiflip" for e in made.events)
    assert events["updated"] == 60 + 3 + moves
    assert {e.site for e in month(1, sites=["mobiflip"], articles=60).events} == {"mobiflip"}
    with pytest.raises(ValueError, match="no room"):
        month(1, articles=2, edits=3000)


def test_the_truth_of_a_month_is_what_the_pages_say() -> None:
    made = month(4, articles=60, edits=30, cosmetic=20, takedowns=4, moves=4, outages=0)
    with running(timeline=made) as address:
        clock = Clock(address)
        for day in (0, 11, 22, 31):
            now = clock.set(made.start + timedelta(days=day))
            clock.set(now)  # what waits for requests waits no longer
            for site in SITES:
                told = standings(made, site, now)
                there = [s for s in told.values() if s.is_available]
                assert listed(address, site) == [s.story.url for s in there]
                for standing in told.values():
                    answer = fetched(address, standing.address)
                    assert answer.status == standing.status
                    if standing.is_available:
                        agrees(read(site, standing.address, answer), standing.story)
                    assert datetime.fromisoformat(standing.story.date_published) <= now


def test_edited_texts_are_clean() -> None:
    unclean = re.compile(r"[{}|\u00ad<>\t\n]|&\w+;|\(\d:|\*\*|  | [.,;:?!]|[.,]{2}")
    for line in expected(month(6, edits=120)):
        for text in (line.story.headline, line.story.description, *line.story.paragraphs):
            assert not unclean.search(text), text


def test_who_looks_seldom_sees_changes_fall_together() -> None:
    made = script(
        Edit(at=hour(1), site="mobiflip", article=9, change="headline"),
        Edit(at=hour(2), site="mobiflip", article=9, change="update"),
        Takedown(at=hour(3), site="mobiflip", article=8),
        Return(at=hour(4), site="mobiflip", article=8),
        Outage(at=hour(5), site="mobiflip", hours=2),
        Takedown(at=hour(5.5), site="mobiflip", article=7),
    )
    eight, nine = (f"mobiflip:{story(made, 'mobiflip', i, START).number}" for i in (8, 9))

    def lines(*args: Any, **options: Any) -> list[tuple[float, str, tuple[str, ...]]]:
        found = expected(made, *args, sites=["mobiflip"], **options)
        return [
            ((e.at - START) / timedelta(hours=1), e.event, e.changed) for e in found if e.at > START
        ]

    assert lines() == [
        (1, "updated", ("headline",)), (2, "updated", ("article_body",)),
        (3, "withdrawn", ()), (4, "updated", ()), (7, "withdrawn", ()),
    ]  # fmt: skip
    assert lines([START, hour(2.5), hour(6), hour(8)]) == [
        (2.5, "updated", ("headline", "article_body")), (8, "withdrawn", ()),
    ]  # fmt: skip
    looks = {nine: [START, hour(9)], eight: [START, hour(3), hour(3.5)]}
    confirmed = lines(looks, confirm=timedelta(minutes=30))
    assert confirmed == [(3.5, "withdrawn", ()), (9, "updated", ("headline", "article_body"))]


def file(tmp_path: Path, *events: dict[str, Any], **other: Any) -> Path:
    said = {"start": "2026-02-01T00:00:00Z", "articles": 9, "events": events} | other
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps(said))
    return path


AT = {"at": "2026-02-02T00:00:00Z", "site": "mobiflip"}


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([AT | {"event": "explosion"}], "explosion"),
        ([AT | {"event": "takedown"}], "article"),
        ([AT | {"event": "takedown", "article": 3, "site": "heise"}], "heise"),
        ([AT | {"event": "takedown", "article": 3, "statsu": 410}], "statsu"),
        ([AT | {"event": "takedown", "article": 3, "status": 500}], "500"),
        ([AT | {"event": "takedown", "article": 3, "at": "2026-02-02"}], "datetime"),
        ([AT | {"event": "takedown", "article": 9}], "mobiflip has 9 articles, hence no 9"),
        ([AT | {"event": "return", "article": 3, "at": "2026-01-02T00:00:00Z"}], "before"),
        ([AT | {"event": "edit", "article": 3, "change": "font"}], "font"),
        ([AT | {"event": "cosmetic", "article": 3, "change": "summary"}], "changes nothing"),
        ([AT | {"event": "return", "article": 3}], "the article is there"),
        ([AT | {"event": "takedown", "article": 3}] * 2, "the article is not there"),
        ([AT | {"event": "publish", "article": 3}], "the next to publish is 0"),
        ([AT | {"event": "outage", "hours": 0}], "hours"),
    ],
)  # fmt: skip
def test_bad_timelines_are_refused_in_one_line(
    tmp_path: Path, events: list[dict[str, Any]], complaint: str
) -> None:
    path = file(tmp_path, *events)
    with pytest.raises(TimelineError) as refused:
        Timeline.load(path)
    assert complaint in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("other", ["articles", "seed", "broken"])
def test_a_timeline_says_itself_what_there_is(
    tmp_path: Path, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([f"--{other}=1", f"--timeline={file(tmp_path)}"])
    assert capsys.readouterr().err.startswith(f"replica: --{other} and --timeline exclude")


def test_bad_files_end_the_program_in_one_line(tmp_path: Path) -> None:
    early = AT | {"event": "takedown", "article": 3}
    path = file(tmp_path, early, start="2026-01-01T00:00:00Z")
    with pytest.raises(ReplicaError, match="mobiflip 0 is there from the start, but dated 2026"):
        running(timeline=path).__enter__()
    path.write_text("{")
    with pytest.raises(ReplicaError, match=r"code 2: replica: .*timeline\.json: [^\n]*$"):
        running(timeline=path).__enter__()
    with pytest.raises(ReplicaError, match="No such file"):
        running(timeline=tmp_path / "gone.json").__enter__()
