"""The schedule: what its file may say, every mistake in it, and when a run is due."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule import (
    Entry,
    Past,
    Quiet,
    Schedule,
    ScheduleError,
    next_interval,
    next_run,
    read_schedule,
)
from crawler.schedule.entry import duration, is_always, told

SITES = ("mobiflip", "winfuture")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def read(text: str, tmp_path: Path) -> Schedule:
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    return read_schedule(path, SITES)


def mistakes(text: str, tmp_path: Path) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        read(text, tmp_path)
    prefix = f"{tmp_path / 'schedule.toml'}: "
    assert all(line.startswith(prefix) for line in caught.value.mistakes)
    assert not any("\n" in line for line in caught.value.mistakes)
    return [line.removeprefix(prefix) for line in caught.value.mistakes]


# --- the file ---


def test_a_schedule_says_what_is_crawled_when(tmp_path: Path) -> None:
    schedule = read(
        """
        timezone = "Europe/Vienna"
        at_once = 2

        [defaults]
        every = "2h"
        jitter = "5m"
        quiet = "23:00-06:00"

        [[run]]
        site = "winfuture"
        shortest = "15m"
        longest = "12h"

        [[run]]
        site = "winfuture"
        topic = "xiaomi"
        cron = "23 6-22 * * mon-fri"
        quiet = ["12:00-13:00", "22:30-06:30"]
        time_limit = "90s"
        """,
        tmp_path,
    )
    night = Quiet(time(23), time(6))
    assert (schedule.timezone, schedule.at_once) == (ZoneInfo("Europe/Vienna"), 2)
    assert schedule.entries == (
        Entry(
            site="winfuture",
            topic="huawei",
            every=2 * HOUR,
            shortest=HOUR / 4,
            longest=12 * HOUR,
            jitter=timedelta(minutes=5),
            quiet=(night,),
        ),
        Entry(
            site="winfuture",
            topic="xiaomi",
            cron="23 6-22 * * mon-fri",
            jitter=timedelta(minutes=5),
            quiet=(Quiet(time(12), time(13)), Quiet(time(22, 30), time(6, 30))),
            time_limit=timedelta(seconds=90),
        ),
    )


RUN = '[[run]]\nsite = "winfuture"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 'there is no run in it; write [[run]], and site = "…" below'),
        ("[run]\n", "run is no list of tables; write [[run]], in two brackets"),
        ("defaults = 1\n" + RUN + 'every = "1h"', "defaults is no table; write [defaults], and"),
        (
            'timezone = "Berlin"\n' + RUN + 'every = "1h"',
            "timezone 'Berlin' is none; write it as 'Europe/Berlin'",
        ),
        (
            'timezone = "../etc"\n' + RUN + 'every = "1h"',
            "timezone '../etc' is none; write it as 'Europe/Berlin'",
        ),
        ("at_once = 0\n" + RUN + 'every = "1h"', "at_once 0 is no number from 1 to 1000"),
        ("timezone = 1\n" + RUN + 'every = "1h"', "timezone 1 is none; write it as"),
        ('[[runs]]\nsite = "x"', "there is no 'runs'; did you mean run?"),
        ('[[run]]\nevery = "1h"', "run 1: it has no site; there are mobiflip, winfuture"),
        (
            '[[run]]\nsite = "golem"\nevery = "1h"',
            "run 1 (golem): there is no site 'golem'; there are mobiflip, winfuture",
        ),
        ("[[run]]\nsite = 1\nevery = '1h'", "run 1 (1): there is no site 1; there are"),
        (RUN + 'topic = "a/b"\nevery = "1h"', "run 1 (winfuture, a/b): topic 'a/b' is no tag;"),
        (RUN + "topic = 5\nevery = '1h'", "run 1 (winfuture, 5): topic 5 is no text; write it as"),
        (RUN, "run 1 (winfuture): it has neither cron nor every; give one of them, as in every = "),
        (RUN + 'cron = "5 * * * *"\nevery = "1h"', "run 1 (winfuture): it has both cron and every"),
        (
            RUN + 'evry = "1h"\nevery = "1h"',
            "run 1 (winfuture): there is no 'evry'; did you mean every?",
        ),
        (RUN + 'every = "1h"\nx = 1', "run 1 (winfuture): there is no 'x'; there are site, topic,"),
        (
            RUN + 'every = "hourly"',
            "run 1 (winfuture): every 'hourly' is no duration; write it as '90s', '15m', '1h30m', ",
        ),
        (RUN + 'every = ""', "run 1 (winfuture): every '' is no duration; write it as"),
        (RUN + "every = 60", "run 1 (winfuture): every 60 is no duration; write it as"),
        (RUN + 'every = "5s"', "run 1 (winfuture): every '5s' is not between 1m and 366d"),
        (
            RUN + 'every = "1h"\njitter = "2h"',
            "run 1 (winfuture): jitter 2h is longer than 1h between runs",
        ),
        (
            RUN + 'every = "1h"\nshortest = "2h"',
            "run 1 (winfuture): every 1h is not between shortest and longest",
        ),
        (RUN + 'every = "1h"\nquiet = "night"', "run 1 (winfuture): quiet 'night' are no hours;"),
        (RUN + 'every = "1h"\nquiet = "1:00-25:00"', "run 1 (winfuture): quiet '1:00-25:00' are"),
        (RUN + 'every = "1h"\nquiet = "06:00-06:00"', "run 1 (winfuture): quiet is the whole day"),
        (
            RUN + 'every = "1h"\nquiet = ["06:00-20:00", "19:00-06:00"]',
            "run 1 (winfuture): quiet is the whole day, so no run would ever begin; leave some",
        ),
        (
            RUN + 'cron = "61 * * * *"',
            "run 1 (winfuture): cron '61 * * * *' is none (bad minute); write it as '23 6-22",
        ),
        (RUN + "cron = 5", "run 1 (winfuture): cron 5 is no text; write it as"),
        (RUN + 'cron = "0 0 30 2 *"', "run 1 (winfuture): cron '0 0 30 2 *' is none (bad day-of-"),
        (
            RUN + 'cron = "5 * * * *"\nlongest = "1h"',
            "run 1 (winfuture): shortest and longest go with every, not with cron; leave them out",
        ),
        (
            RUN + 'every = "1h"\n' + RUN + 'every = "2h"',
            "winfuture, huawei: there are two of it; leave one [[run]] of them",
        ),
        ("[[run]\n", "it is no TOML: Expected ']]'"),
    ],
)
def test_a_mistake_is_named_with_what_would_do(text: str, line: str, tmp_path: Path) -> None:
    (told_,) = mistakes(text, tmp_path)
    assert told_.startswith(line)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    found = mistakes(
        'timezone = "Mars"\n[defaults]\nsite = "winfuture"\n[[run]]\nsite = "golem"\nevery = "x"\n'
        '[[run]]\nsite = "mobiflip"\ncron = "* *"\njitter = "2d"\n',
        tmp_path,
    )
    assert [line.partition(": ")[0] for line in found] == [
        "timezone 'Mars' is none; write it as 'Europe/Berlin'",
        "defaults",
        *["run 1 (golem)"] * 2,
        *["run 2 (mobiflip)"] * 2,
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ScheduleError, match=r"nowhere\.toml: No such file or directory; docs/operate/watch"
    ):
        read_schedule(tmp_path / "nowhere.toml", SITES)
    (tmp_path / "latin.toml").write_bytes("# für\n".encode("latin-1"))
    with pytest.raises(ScheduleError, match=r"latin\.toml: it is no UTF-8 text$"):
        read_schedule(tmp_path / "latin.toml", SITES)


@given(st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)))
def test_a_duration_is_told_as_it_is_read(span: timedelta) -> None:
    assert duration(told(span)) == span


# --- when a run is due ---


def at(text: str) -> datetime:
    """A moment by the clock in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def due(entry: Entry, past: Past) -> datetime:
    return next_run(entry, past, BERLIN).astimezone(BERLIN).replace(tzinfo=BERLIN)


def entry(**said: object) -> Entry:
    return Entry(site="winfuture", topic="huawei", **said)  # type: ignore[arg-type]


def test_an_interval_begins_at_once_and_goes_on_from_the_start_of_the_last_run() -> None:
    hourly = entry(every=HOUR)
    assert due(hourly, Past(at("2026-01-19T09:10"))) == at("2026-01-19T09:10")
    past = Past(at("2026-01-01T00:00"), started=at("2026-01-19T09:10"))
    assert due(hourly, past) == at("2026-01-19T10:10")


def test_cron_waits_for_its_time_and_makes_up_once_for_what_was_missed() -> None:
    daily = entry(cron="30 7 * * *")
    assert due(daily, Past(at("2026-01-19T09:10"))) == at("2026-01-20T07:30")
    # Off since Monday: due on Tuesday, then, once it ran on Friday, on Saturday.
    monday, friday = at("2026-01-19T07:31"), at("2026-01-23T18:00")
    assert due(daily, Past(monday, started=monday)) == at("2026-01-20T07:30")
    assert due(daily, Past(monday, started=friday)) == at("2026-01-24T07:30")


@pytest.mark.parametrize(
    ("cron", "last", "wanted"),
    [
        ("0 12 * * 0", "2026-01-19T09:00", "2026-01-25T12:00"),  # 0 is Sunday, and so is 7
        ("0 12 * * 7", "2026-01-19T09:00", "2026-01-25T12:00"),
        ("30 2 * * *", "2026-03-28T12:00", "2026-03-29T03:00"),  # there is no 02:30
        ("30 2 * * *", "2026-10-25T02:30", "2026-10-26T02:30"),  # there are two, and one run
    ],
)
def test_cron_is_crontabs_also_when_the_clock_is_set(cron: str, last: str, wanted: str) -> None:
    past = Past(at("2026-01-01T00:00"), started=at(last))
    assert due(entry(cron=cron), past) == at(wanted)


@pytest.mark.parametrize(
    ("last", "wanted"),
    [
        ("2026-01-19T20:59", "2026-01-19T21:59"),
        ("2026-01-19T21:00", "2026-01-20T06:30"),
        ("2026-01-20T01:00", "2026-01-20T06:30"),
        ("2026-01-20T05:30", "2026-01-20T06:30"),
        ("2026-03-29T00:30", "2026-03-29T06:30"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(last: str, wanted: str) -> None:
    night = (Quiet(time(6), time(6, 30)), Quiet(time(22), time(6)))
    past = Past(at("2026-01-01T00:00"), started=at(last))
    assert due(entry(every=HOUR, quiet=night), past) == at(wanted)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
quiets = st.lists(st.builds(Quiet, clocks, clocks), max_size=3).map(tuple)
spans = st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes))
rhythms = st.one_of(
    st.fixed_dictionaries({"every": spans}),
    st.fixed_dictionaries(
        {"cron": st.sampled_from(["23 6-22 * * *", "*/15 * * * *", "30 2 * * *", "0 9 1 * *"])}
    ),
)


@given(rhythms, quiets.filter(lambda q: not is_always(q)), spans, moments, st.booleans())
def test_a_run_is_due_later_never_in_quiet_hours_and_whoever_asks_hears_the_same(
    rhythm: dict[str, object],
    quiet: tuple[Quiet, ...],
    jitter: timedelta,
    moment: datetime,
    has_run: bool,
) -> None:
    planned = entry(**rhythm, quiet=quiet, jitter=jitter)
    past = Past(moment, started=moment if has_run else None)
    when = next_run(planned, past, BERLIN)
    assert when >= moment
    assert not any(hours.covers(when.astimezone(BERLIN).time()) for hours in quiet)
    assert next_run(planned, past, BERLIN) == when
    loud = entry(**rhythm, jitter=jitter)
    exact = next_run(entry(**rhythm), past, BERLIN)
    assert exact <= next_run(loud, past, BERLIN) <= exact + jitter
    assert next_run(loud, past, BERLIN) <= when <= next_run(loud, past, BERLIN) + timedelta(days=1)


# --- the interval ---


@given(st.tuples(spans, spans, spans).map(sorted), st.lists(st.integers(0, 5), max_size=40))
def test_the_interval_shortens_with_news_lengthens_without_and_keeps_its_bounds(
    bounds: list[timedelta], news: list[int]
) -> None:
    shortest, every, longest = bounds
    planned = entry(every=every, shortest=shortest, longest=longest)
    past = Past(datetime(2026, 1, 1, tzinfo=UTC))
    before = every
    for found in news:
        interval = next_interval(planned, past, found)
        assert shortest <= interval <= longest
        assert interval <= before if found else interval >= before
        assert interval != before or before in {shortest, longest}
        past, before = Past(past.since, interval=interval), interval
    for found, bound in ((0, longest), (1, shortest)):
        for _ in range(60):
            past = Past(past.since, interval=next_interval(planned, past, found))
        assert past.interval == bound


def test_without_bounds_the_interval_stays_and_new_bounds_hold_at_once() -> None:
    fixed = Past(datetime(2026, 1, 1, tzinfo=UTC), interval=HOUR)
    assert next_interval(entry(every=HOUR), fixed, 5) == HOUR
    before = at("2026-01-19T09:00")
    long_ago = Past(before, started=before, interval=timedelta(days=30))
    assert due(entry(every=HOUR, longest=2 * HOUR), long_ago) == at("2026-01-19T11:00")
