"""The index against real feed files: what it knows, how it keeps up, what it forgets."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial as partial_call
from pathlib import Path

import msgspec
import pytest

from crawler.feed import partial
from crawler.feed.files import rolled
from crawler.index import Index, Mark, Validators
from crawler.index.declarations import Declarations, Remembered
from crawler.items import Quarantined
from crawler.normalise import utc
from crawler.replica import stories
from tests.postgresql import Server, running
from tests.test_feed import lay, line

NAME = "2026-01-02T030405.678Z.jsonl"
NOW = utc(datetime.now(UTC))
BODIES = ["\n\n".join(story.paragraphs) for story in stories("winfuture", 30)]
LONG = max(BODIES, key=len)


Opened = Callable[..., Index]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the index of the test's folder, in a database of each kind."""
    if request.param == "sqlite":
        return partial_call(Index, tmp_path)
    server: Server = request.getfixturevalue("server")
    return partial_call(Index, tmp_path, database=server.database())


@pytest.fixture
def index(opened: Opened) -> Iterator[Index]:
    with closing(opened()) as made:
        yield made


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[Index]:
    """One of SQLite's, where the test looks below the statements."""
    with closing(Index(tmp_path)) as made:
        yield made


def rows(index: Index, table: str) -> int:
    return int(index.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_it_knows_articles_by_id_and_by_url(index: Index, tmp_path: Path) -> None:
    lay(tmp_path / "winfuture" / NAME, line(1), line(2, url="https://winfuture.de/news,2.html"))
    index.catch_up()
    assert index.known(id_="winfuture:2")
    assert index.known(url="https://winfuture.de/news,2.html")
    assert not index.known(id_="winfuture:3")
    assert not index.known(id_="winfuture:3", url="https://winfuture.de/news,3.html")
    assert not index.known()
    known = index.known(url="https://winfuture.de/news,2.html")
    assert known == ("winfuture:2", NAME[:-6], False, "2026-01-15T21:10:00+01:00")


def test_it_knows_quarantined_articles_but_not_their_texts(index: Index, tmp_path: Path) -> None:
    record = msgspec.json.decode(line(1, article_body=LONG))
    refused = Quarantined(
        reason="invalid",
        problems=["x"],
        url="https://winfuture.de/news,1.html",
        date_quarantined=NOW,
        run_id="run",
        record=record,
    )
    lay(tmp_path / "quarantine" / "winfuture" / NAME, msgspec.json.encode(refused) + b"\n")
    index.catch_up()
    assert index.known(id_="winfuture:1")
    assert index.known(url="https://winfuture.de/news,1.html")
    assert index.texts_like(LONG) == []


def test_catching_up_reads_only_what_is_new(in_file: Index, tmp_path: Path) -> None:
    index = in_file
    path = lay(tmp_path / "winfuture" / NAME, line(1))
    index.catch_up()
    before = index.connection.total_changes
    index.catch_up()
    assert index.connection.total_changes == before
    lay(path.with_name(NAME.replace("2026", "2027")), line(2))
    index.catch_up()
    assert index.known(id_="winfuture:2")
    assert rows(index, "record") == 2


def test_what_a_run_writes_is_followed_line_by_line(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "winfuture" / NAME
    content = b""
    for number in (1, 2):
        content += line(number)
        lay(partial(path), content)
        index.follow(path, f"winfuture:{number}")
        assert index.known(id_=f"winfuture:{number}")
    lay(partial(path), content, line(3)[:-9])
    index.follow(path, "winfuture:3")
    assert not index.known(id_="winfuture:3"), "half a line is no record"
    lay(partial(path), content)
    partial(path).rename(path)
    index.catch_up()
    assert rows(index, "record") == 2


def test_lines_are_read_together_also_from_a_file_that_is_full(
    index: Index, tmp_path: Path
) -> None:
    full, following = (tmp_path / "winfuture" / rolled(Path(NAME), part) for part in (1, 2))
    lay(partial(full), line(1), line(2))
    for number in (1, 2):
        index.follow(full, f"winfuture:{number}")
    assert rows(index, "record") == 0, "a transaction for each line is what they wait to save"
    partial(full).rename(full)
    lay(partial(following), line(3, url="https://winfuture.de/news,3.html"))
    index.follow(following, "winfuture:3")
    assert index.known(id_="winfuture:4") is None
    assert rows(index, "record") == 0, "nothing that waits can answer"
    assert index.known(id_="winfuture:2")
    assert index.known(url="https://winfuture.de/news,3.html")
    assert rows(index, "record") == 3
    assert not index.waiting


def test_what_another_run_is_writing_is_not_forgotten(
    index: Index, opened: Opened, tmp_path: Path
) -> None:
    path = tmp_path / "winfuture" / NAME
    lay(partial(path), line(1))
    index.follow(path, "winfuture:1")
    with closing(opened()) as other:
        other.catch_up()
    assert index.known(id_="winfuture:1")


def test_a_partial_file_that_lost_its_end_is_read_anew(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "winfuture" / NAME
    lay(partial(path), line(1), line(2))
    index.follow(path, "winfuture:1")
    index.read_waiting()
    partial(path).unlink()
    lay(path, line(1))
    index.catch_up()
    assert index.known(id_="winfuture:1")
    assert not index.known(id_="winfuture:2")


def test_a_deleted_file_is_forgotten_with_its_sketches(index: Index, tmp_path: Path) -> None:
    gone = lay(tmp_path / "winfuture" / NAME, line(1, article_body=LONG, date_first_seen=NOW))
    lay(tmp_path / "mobiflip" / NAME, line(2, "mobiflip", article_body=BODIES[0]))
    index.catch_up()
    assert rows(index, "band") > 0
    gone.unlink()
    index.catch_up()
    assert not index.known(id_="winfuture:1")
    assert index.known(id_="mobiflip:2")
    assert rows(index, "band") == rows(index, "sketch") == 0


def test_a_changed_file_is_named_and_read_anew(
    index: Index, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = lay(tmp_path / "winfuture" / NAME, line(1), line(2))
    index.catch_up()
    lay(path, line(2), b"no record\n", line(3))
    index.catch_up()
    assert f"{path} has changed since it was complete" in caplog.text
    assert f"{path}, line 2" in caplog.text
    assert [bool(index.known(id_=f"winfuture:{n}")) for n in (1, 2, 3)] == [False, True, True]
    assert rows(index, "record") == 2


def test_near_duplicates_are_read_from_the_files(index: Index, tmp_path: Path) -> None:
    told = [
        line(n, article_body=body, date_first_seen=NOW, headline=f"Nummer {n}")
        for n, body in enumerate(BODIES)
    ]
    lay(tmp_path / "winfuture" / NAME, *told)
    index.catch_up()
    changed = LONG.replace(" und ", " sowie ", 1)
    assert changed != LONG
    likely = index.texts_like(changed)
    assert likely[0].id == f"winfuture:{BODIES.index(LONG)}"
    assert likely[0].headline == f"Nummer {BODIES.index(LONG)}"
    assert likely[0].article_body == LONG


def test_texts_of_a_run_are_found_while_it_writes(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "winfuture" / NAME
    lay(partial(path), line(1, article_body=LONG, date_first_seen=NOW))
    index.follow(path, "winfuture:1")
    index.read_waiting()
    assert [text.id for text in index.texts_like(LONG)] == ["winfuture:1"]


def test_beyond_the_window_only_the_very_same_text_is_found(opened: Opened, tmp_path: Path) -> None:
    old = utc(datetime.now(UTC) - timedelta(days=40))
    lay(tmp_path / "winfuture" / NAME, line(1, article_body=LONG, date_first_seen=old))
    near = LONG.replace(" und ", " sowie ", 1)
    with closing(opened(window_days=41)) as index:
        index.catch_up()
        assert len(index.texts_like(near)) == 1
    with closing(opened(window_days=39)) as index:
        index.catch_up()
        assert index.texts_like(near) == []
        assert [text.id for text in index.texts_like(LONG)] == ["winfuture:1"]
        assert rows(index, "band") == 0, "what no one looks for takes no room"


def test_a_page_s_validators_and_marks_are_kept_until_the_next_record(
    index: Index, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    index.looks.hours = [1, 24]
    fresh = line(1, date_published=utc(now).replace("Z", "+00:00"), date_downloaded=utc(now))
    lay(tmp_path / "winfuture" / NAME, fresh)
    index.catch_up()
    later = now + timedelta(hours=2)
    index.looks.looked("winfuture:1", now + timedelta(minutes=1), Validators(etag='"1"'))
    assert [look.validators.etag for look in index.looks.due("winfuture", later)] == ['"1"']
    lay(tmp_path / "winfuture" / NAME.replace("2026", "2027"), fresh)
    index.catch_up()
    assert [look.validators.etag for look in index.looks.due("winfuture", later)] == [None]
    index.looks.gone("winfuture:1", now, now)
    assert [look.gone for look in index.looks.due("winfuture", now)] == [utc(now)]
    for newest in ("https://a.example/", "https://b.example/"):
        index.walks.set("winfuture", "huawei", Mark(start="", newest=newest, walked=""))
    found = index.walks.mark("winfuture", "huawei")
    assert found
    assert found.newest == "https://b.example/"
    declarations = Declarations(index)
    for said in (b"1", b"2"):
        declarations.set("a.example", now, said)
    assert declarations.of("a.example") == Remembered(utc(now), b"2")


def test_a_text_whose_file_is_gone_is_passed_over(index: Index, tmp_path: Path) -> None:
    path = lay(tmp_path / "winfuture" / NAME, line(1, article_body=LONG))
    index.catch_up()
    path.unlink()
    assert index.texts_like(LONG) == []


def test_damage_during_a_run_costs_time_and_no_memory(in_file: Index, tmp_path: Path) -> None:
    index = in_file
    path = tmp_path / "mobiflip" / NAME
    lay(tmp_path / "winfuture" / NAME, line(1))
    lay(partial(path), line(2, "mobiflip"))
    index.catch_up()
    index.follow(path, "mobiflip:2")
    index.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with index.place.path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for start in range(4096, size, 4096):
            file.seek(start)
            file.write(b"\xee" * 4096)
    index.connection.execute("PRAGMA shrink_memory")
    assert index.known(id_="mobiflip:2")
    assert index.known(id_="winfuture:1")


# --- what only a server brings --------------------------------------------------------------


def shared(server: Server, folder: Path) -> partial_call[Index]:
    return partial_call(Index, folder, database=server.database())


def test_a_restarted_server_is_waited_for(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "mobiflip" / NAME
    lay(tmp_path / "winfuture" / NAME, line(1))
    with closing(shared(server, tmp_path)()) as index:
        index.catch_up()
        server.restart()
        assert index.known(id_="winfuture:1")
        lay(partial(path), line(2, "mobiflip"))
        index.follow(path, "mobiflip:2", Validators())
        server.restart()
        assert index.known(id_="mobiflip:2")
        assert rows(index, "record") == 2


def test_what_one_machine_has_read_another_knows(server: Server, tmp_path: Path) -> None:
    opened = shared(server, tmp_path)
    lay(tmp_path / "winfuture" / NAME, line(1, article_body=LONG, date_first_seen=NOW))
    with closing(opened()) as one, closing(opened()) as other:
        one.catch_up()
        assert other.known(id_="winfuture:1")
        assert [text.id for text in other.texts_like(LONG)] == ["winfuture:1"]
        assert not (tmp_path / "index.sqlite").exists()


def test_a_shared_index_that_lost_a_table_is_built_anew(server: Server, tmp_path: Path) -> None:
    opened = shared(server, tmp_path)
    lay(tmp_path / "winfuture" / NAME, line(1))
    with closing(opened()) as one, closing(opened()) as other:
        one.catch_up()
        one.connection.execute("DROP TABLE record")
        assert one.known(id_="winfuture:1")
        assert other.known(id_="winfuture:1")


def test_a_folder_that_is_not_the_shared_one_is_refused(server: Server, tmp_path: Path) -> None:
    opened = shared(server, tmp_path)
    lay(tmp_path / "winfuture" / NAME, line(1))
    with closing(opened()) as index:
        index.catch_up()
        with pytest.raises(sqlite3.OperationalError, match="is the shared folder mounted"):
            Index(tmp_path / "elsewhere", database=opened.keywords["database"])
        assert index.known(id_="winfuture:1")


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match=r"^PostgreSQL: [^\n]+$"):
        Index(tmp_path, database="postgresql://crawler@127.0.0.1:1/none")


def test_statements_are_translated_for_postgresql_and_sqlite_runs_as_many_as_before(
    tmp_path: Path,
) -> None:
    """A crawl's articles cost so many statements: what a server needs must not slow a file down."""
    lay(tmp_path / "winfuture" / NAME, *map(line, range(1, 11)))
    with closing(Index(tmp_path)) as index:
        ran: list[str] = []
        index.connection.set_trace_callback(ran.append)  # type: ignore[attr-defined]
        index.catch_up()
        for number in range(1, 11):
            index.known(id_=f"winfuture:{number}")
    assert len(ran) == 39
