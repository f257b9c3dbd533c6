"""The watcher: what it starts when, whatever becomes of it. The runs are small shell scripts."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.schedule import Entry, Schedule
from crawler.schedule.reading import read_schedule
from crawler.watch import Last, Memory, Remembered, Watcher, child
from crawler.watch.memory import FILE
from crawler.watch.watcher import RETRY, state, verdict
from tests.conftest import ROOT

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = timedelta(seconds=1)


def entry(site: str = "winfuture", topic: str = "huawei", **said: object) -> Entry:
    return Entry(site=site, topic=topic, **({"every": timedelta(hours=1)} | said))  # type: ignore[arg-type]


def shell(script: str) -> Callable[[Entry], list[str]]:
    return lambda entry: ["/bin/sh", "-c", script, "sh", entry.site, entry.topic]


def watcher(output: Path, script: str, *entries: Entry, at_once: int = 4) -> Watcher:
    output.mkdir(exist_ok=True)
    schedule = Schedule(entries, BERLIN, at_once)
    command = shell(f"cd {output}; {script}")
    return Watcher(schedule, Memory.read(output), output, command, asyncio.Event())


def once(made: Watcher) -> list[int]:
    return asyncio.run(made.once())


def watch(made: Watcher, is_enough: Callable[[], bool]) -> None:
    """Watches until it is enough, and not for long."""

    async def both() -> None:
        task = asyncio.create_task(made.watch())
        async with asyncio.timeout(30):
            while not is_enough():
                await asyncio.sleep(0.02)
            made.stopping.set()
            await task

    asyncio.run(both())


def told(output: Path) -> list[str]:
    path = output / "log"
    return path.read_text().splitlines() if path.exists() else []


# --- one process ---


def ended(script: str, limit: float = 30, stop_after: float | None = None) -> tuple[int, str]:
    async def run() -> tuple[int, str]:
        stopping = asyncio.Event()
        if stop_after is not None:
            asyncio.get_running_loop().call_later(stop_after, stopping.set)
        return await child.run(
            ["/bin/sh", "-c", script], limit * SECOND, stopping, None, grace=0.3 * SECOND
        )

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("script", "limit", "stop_after", "wanted"),
    [
        ("exit 3", 30, None, (3, "")),
        ("kill -9 $$", 30, None, (-9, "")),
        ("exec sleep 30", 0.1, None, (-15, "time limit")),
        ("trap '' TERM; while :; do sleep 0.1; done", 0.1, None, (-9, "time limit")),
        ("trap 'exit 1' TERM; while :; do sleep 0.01; done", 30, 0.1, (1, "stopped")),
    ],
)
def test_a_run_ends_by_itself_or_is_ended(
    script: str, limit: float, stop_after: float | None, wanted: tuple[int, str]
) -> None:
    assert ended(script, limit, stop_after) == wanted


def test_each_line_of_a_run_is_handed_on_when_asked_for() -> None:
    lines: list[str] = []
    command = ["/bin/sh", "-c", "printf 'one\\n\\377two' >&2; echo out"]
    assert asyncio.run(child.run(command, SECOND, asyncio.Event(), lines.append)) == (0, "")
    assert lines == ["one", "�two"]


# --- several ---


def test_a_site_has_one_run_at_a_time_and_no_more_go_on_than_may(tmp_path: Path) -> None:
    script = 'echo "+ $1" >>log; sleep 0.15; echo "- $1" >>log'
    entries = [entry("winfuture", topic) for topic in "abc"] + [entry("mobiflip"), entry("third")]
    assert once(watcher(tmp_path, script, *entries, at_once=2)) == [0] * 5
    running: list[str] = []
    most = 0
    for sign, site in (line.split() for line in told(tmp_path)):
        if sign == "-":
            running.remove(site)
            continue
        assert site not in running
        running.append(site)
        most = max(most, len(running))
    assert most == 2


def test_what_is_due_runs_again_and_again_whatever_becomes_of_the_others(tmp_path: Path) -> None:
    quick = {"every": 0.2 * SECOND}
    script = "echo $2 >>log; case $2 in crash) kill -9 $$;; fail) exit 1;; esac"
    entries = [entry(site, site, **quick) for site in ("crash", "fail", "work")]
    made = watcher(tmp_path, script, *entries)
    watch(made, lambda: all(told(tmp_path).count(name) >= 3 for name in ("crash", "fail", "work")))
    codes = {name: past.last.exit_code for name, past in made.memory.items() if past.last}
    assert codes == {"crash crash": -9, "fail fail": 1, "work work": 0}
    assert made.begun == {}


def test_a_run_that_cannot_even_begin_is_tried_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = watcher(tmp_path, "", entry(), entry("mobiflip", every=0.1 * SECOND))
    begin = made.command
    made.command = lambda it: ["/nowhere/python"] if it.site == "winfuture" else begin(it)
    watch(made, lambda: bool(made.memory["mobiflip huawei"].last) and not made.begun)
    assert "winfuture huawei: the run could not begin: No such file or directory" in caplog.text
    assert "Traceback" not in caplog.text
    assert RETRY - 10 * SECOND < made.next["winfuture huawei"] - datetime.now(UTC) <= RETRY


def test_a_site_that_another_run_has_is_tried_again_soon(tmp_path: Path) -> None:
    made = watcher(tmp_path, "exit 3", entry())
    assert once(made) == [3]
    assert made.memory["winfuture huawei"].started is None
    assert RETRY - 10 * SECOND < made.next["winfuture huawei"] - datetime.now(UTC) <= RETRY


def test_told_to_end_it_waits_for_what_goes_on_and_begins_nothing(tmp_path: Path) -> None:
    script = "trap 'echo ended >>log; exit 1' TERM; echo begun >>log; while :; do sleep 0.01; done"
    made = watcher(tmp_path, script, entry(), entry(topic="waits"))
    watch(made, lambda: told(tmp_path) == ["begun"])
    assert told(tmp_path) == ["begun", "ended"]
    again = watcher(tmp_path, "", entry(), entry(topic="waits"))
    assert len(again.due()) == 2, "neither has done its work"


# --- memory ---


def remembered(ago: timedelta, **said: object) -> Remembered:
    then = datetime.now(UTC) - ago
    return Remembered(since=then, started=then, **said)  # type: ignore[arg-type]


def test_what_was_missed_while_the_machine_was_off_is_made_up_for_once(tmp_path: Path) -> None:
    Memory({"winfuture huawei": remembered(timedelta(days=3))}).keep(tmp_path)
    made = watcher(tmp_path, "echo run >>log", entry())
    assert once(made) == [0]
    assert told(tmp_path) == ["run"]
    assert made.due() == []
    assert watcher(tmp_path, "", entry()).due() == []


REPORT = """
mkdir -p runs; cat >"runs/$1-2026-01-19T0%(hour)d0000.000Z.json" <<END
{"run_id": "$1-%(hour)d", "site": "$1", "topic": "$2", "started": "2026-01-19T09:00:00Z",
 "is_complete": true, "counts": {"new": %(new)d, "updated": 0}, "requests": 7, "seconds": 1.5}
END
"""


def test_the_report_of_a_run_tells_what_came_of_it_and_moves_the_interval(tmp_path: Path) -> None:
    planned = entry(shortest=timedelta(minutes=10), longest=timedelta(hours=4))
    minutes = []
    for hour, new in enumerate((2, 0, 0), 1):
        made = watcher(tmp_path, REPORT % {"hour": hour, "new": new}, planned)
        made.next[planned.name] = datetime.now(UTC)
        assert once(made) == [0]
        past = made.memory[planned.name]
        assert past.last
        assert (past.last.new, past.last.requests, past.last.run_id) == (
            new,
            7,
            f"winfuture-{hour}",
        )
        assert past.completed == past.last.ended
        minutes.append((past.interval or 0) / 60)
    assert minutes == [30, 37.5, 46.875]
    assert Memory.read(tmp_path) == made.memory
    ahead = made.next[planned.name] - datetime.now(UTC)
    assert 46 * 60 < ahead.total_seconds() <= 46.875 * 60


def test_the_memory_forgets_what_the_schedule_has_no_more_and_survives_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Memory({"winfuture old": remembered(SECOND)}).keep(tmp_path)
    once(watcher(tmp_path, "", entry()))
    assert json.loads((tmp_path / FILE).read_text()).keys() == {"winfuture huawei"}
    (tmp_path / FILE).write_text("{")
    assert Memory.read(tmp_path) == {}
    assert "watch.json cannot be read, and is begun anew" in caplog.text


@pytest.mark.parametrize(
    ("said", "wanted", "in_short"),
    [
        ({"exit_code": 0, "run_id": "x", "is_complete": True, "new": 3},
         "3 new, 0 updated; complete", "yes"),
        ({"exit_code": 0, "run_id": "x"}, "0 new, 0 updated; not complete", "no"),
        ({"exit_code": 1}, "failed with exit code 1", "no"),
        ({"exit_code": 1, "run_id": "x", "why_ended": "time limit"},
         "0 new, 0 updated; its time was up, and it was ended", "time limit"),
        ({"exit_code": 1, "why_ended": "stopped"}, "ended before it was done", "stopped"),
        ({"exit_code": -9}, "killed by signal 9", "killed (9)"),
        ({"exit_code": 3}, "not begun, another run has the site", "busy"),
    ],
)  # fmt: skip
def test_what_came_of_a_run_is_told_in_a_few_words(
    said: dict[str, object], wanted: str, in_short: str
) -> None:
    now = datetime.now(UTC)
    last = Last(started=now, ended=now, **said)  # type: ignore[arg-type]
    assert verdict(last) == wanted
    if in_short != "busy":
        assert state(Remembered(since=now, last=last)) == in_short


def test_the_example_is_a_schedule() -> None:
    schedule = read_schedule(ROOT / "deploy/watch/schedule.toml", {"winfuture", "mobiflip"})
    assert [entry.name for entry in schedule.entries] == [
        "winfuture huawei",
        "mobiflip huawei",
        "winfuture honor",
    ]
