"""What the index knows, and how it keeps up with the feed files."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Final

from crawler.duplicates import Text
from crawler.feed import (
    QUARANTINE,
    FeedError,
    Line,
    feed_files,
    line_at,
    lines,
    partial,
    start_of,
)
from crawler.index.database import Connection, is_damage, rebuilt_when_damaged
from crawler.index.looks import Looks
from crawler.index.place import Place
from crawler.index.records import Known, article_in, quarantined_in, text_in
from crawler.index.texts import Texts, body_hash
from crawler.index.walks import Validators, Walks
from crawler.items import Article
from crawler.normalise import utc

logger = logging.getLogger(__name__)


# So many lines are read together: each transaction costs as much as several lines.
_TOGETHER: Final = 32


def _now() -> datetime:
    return datetime.now(UTC)


class Index:
    """Knows every record in the feed files below an output folder.

    Deleted, damaged or of another version it is built anew from the files. Beside what they say
    it holds only what saves requests: `looks` and `walks`. It is SQLite's, in the output folder, or
    PostgreSQL's at the address `database`, for machines that share the output folder.
    Near-duplicates are found among the records first seen within the last `window_days`; `looks`
    are due at these ages in hours; `now` is the clock. `told` hears how many bytes of feed files
    were read, of how many there are to read. Of the articles in `waiting`, by id, lines are
    written that are not read.
    Raises OSError or sqlite3.Error when the folder cannot be read or written.
    """

    def __init__(
        self,
        output_dir: Path,
        *,
        database: str = "",
        window_days: float = 90,
        looks: Sequence[float] = (),
        now: Callable[[], datetime] = _now,
        told: Callable[[int, int], None] = lambda read, size: None,
    ) -> None:
        self.output_dir = output_dir
        self.place = Place(output_dir, database)
        self.window = timedelta(days=window_days)
        self.looks = Looks(self, looks)
        self.walks = Walks(self)
        self.now = now
        self.told = told
        self.followed: set[Path] = set()
        self.waiting: dict[str, Validators | None] = {}
        output_dir.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = self.place.open()
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            self.rebuild(str(error))

    def rebuild(self, why: str) -> None:
        """Throws the database away and reads all feed files."""
        logger.warning("Building %s anew from the feed files: %s", self.place, why)
        self.place.renew(getattr(self, "connection", None), self._fill)

    def _fill(self, connection: Connection) -> None:
        self.connection = connection
        self.catch_up()
        self._read_followed()

    def close(self) -> None:
        """Notes which followed files are complete by now, and lets go of the database."""
        try:
            self.read_waiting()
            self._read_followed()
        except (OSError, sqlite3.Error) as error:
            logger.warning(
                "%s is behind the feed files, the next run catches up: %s", self.place, error
            )
        finally:
            self.connection.close()

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.output_dir))

    def _window_start(self) -> str:
        return utc(self.now() - self.window)

    @property
    def texts(self) -> Texts:
        """Under which keys texts are found."""
        return Texts(self.connection)

    # --- catching up ---

    @rebuilt_when_damaged
    def catch_up(self) -> None:
        """Reads what the feed files hold beyond what was read, and forgets files that are gone."""
        known = {
            name: seen
            for name, *seen in self.connection.execute(
                "SELECT name, size, mtime_ns, is_complete FROM file"
            )
        }
        unread = []
        for path in feed_files(self.output_dir, quarantine=True):
            name = self._name(path)
            stat = path.stat()
            seen = known.pop(name, None)
            if seen != [stat.st_size, stat.st_mtime_ns, True]:
                unread.append((path, name, stat.st_size, seen))
        total = sum(size for _, _, size, _ in unread)
        done = 0
        for path, name, size, seen in unread:
            self.told(done, total)
            if seen and seen[-1]:
                logger.warning(
                    "%s has changed since it was complete, and feed files are immutable; "
                    "taking it as it is now",
                    path,
                )
            with self.connection:
                self.connection.execute("BEGIN IMMEDIATE")
                if seen and (seen[-1] or seen[0] > size):
                    self._forget(name)
                self._read(path, name, is_complete=True)
            done += size
        self.told(done, total)
        for name in known:
            path = self.output_dir / name
            if not partial(path).exists() and not path.exists():  # in the order of a completion
                with self.connection:
                    self.connection.execute("BEGIN IMMEDIATE")
                    self._forget(name)
        with self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            self.texts.drop("date_first_seen < ?", self._window_start())

    def follow(self, path: Path, id_: str, validators: Validators | None = None) -> None:
        """Notes that a run has added an article's line to the file whose final name is `path`.

        It is read with others that follow, or before anything is asked that it may answer, but for
        texts. validators: of the article's page, if the article was there just now.
        """
        self.followed.add(path)
        self.waiting[id_] = validators
        if len(self.waiting) >= _TOGETHER:
            self.read_waiting()

    @rebuilt_when_damaged
    def read_waiting(self) -> None:
        """Reads what a run has added to the files that are followed."""
        if not self.waiting:
            return
        self._read_followed()
        with self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            for id_, validators in self.waiting.items():
                if validators is not None:
                    self.looks.looked(id_, self.now(), validators)
        self.waiting.clear()

    def _read_followed(self) -> None:
        for path in [*self.followed]:
            is_complete = path.exists()
            if is_complete or partial(path).exists():
                with self.connection:
                    self.connection.execute("BEGIN IMMEDIATE")
                    there = path if is_complete else partial(path)
                    self._read(there, self._name(path), is_complete=is_complete)
            if is_complete:
                self.followed.remove(path)

    def _read(self, path: Path, name: str, *, is_complete: bool) -> None:
        start = start_of(path.name) or ""
        self.connection.execute(
            "INSERT INTO file (name, start, size, mtime_ns, is_complete) VALUES (?, ?, 0, 0, 0) "
            "ON CONFLICT DO NOTHING",
            (name, start),
        )
        row = self.connection.execute("SELECT number, size FROM file WHERE name = ?", (name,))
        number, size = row.fetchone()
        oldest = self._window_start()
        for line in lines(path, size):
            if not is_complete and not line.content.endswith(b"\n"):
                break
            size = line.end
            try:
                self._add(line, name, number, oldest)
            except FeedError as error:
                logger.warning("Passed over what is no record: %s", error)
        self.connection.execute(
            "UPDATE file SET size = ?, mtime_ns = ?, is_complete = ? WHERE number = ?",
            (size, path.stat().st_mtime_ns, is_complete, number),
        )

    def _add(self, line: Line, name: str, file: int, oldest: str) -> None:
        is_refused = name.startswith(f"{QUARANTINE}/")
        record = quarantined_in(line) if is_refused else article_in(line)
        body = None if is_refused else body_hash(record.article_body)
        added = self.connection.execute(
            "INSERT INTO record (id, url, revision, event, date_published, body, file, offset) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(record.id, record.url, record.revision, record.event, record.date_published),
                *(body, file, line.offset),
            ),
        )
        if body is None:
            return
        published, downloaded = record.date_published, record.date_downloaded
        self.looks.schedule(record.id, record.site, published, downloaded, self.now())
        if record.date_first_seen >= oldest and added.lastrowid:
            self.texts.add(added.lastrowid, record.article_body, record.date_first_seen)

    def _forget(self, name: str) -> None:
        row = self.connection.execute("SELECT number FROM file WHERE name = ?", (name,)).fetchone()
        if row is None:  # another machine was faster
            return
        self.texts.drop("record IN (SELECT number FROM record WHERE file = ?)", row[0])
        self.connection.execute("DELETE FROM record WHERE file = ?", row)
        self.connection.execute("DELETE FROM file WHERE number = ?", row)
        self.walks.doubt(Path(name).parent.name)  # what it held may have to be collected again

    # --- asking ---

    @rebuilt_when_damaged
    def known(self, *, id_: str | None = None, url: str | None = None) -> Known | None:
        """What there is of an article, by id or by canonical URL, in the feed or in quarantine."""
        if url is not None or id_ in self.waiting:
            self.read_waiting()
        rows = self.connection.execute(
            "SELECT start, revision, event, date_published, id FROM ("
            "SELECT file, revision, event, date_published, id FROM record WHERE id = ? UNION ALL "
            "SELECT file, revision, event, date_published, id FROM record WHERE url = ?"
            ") AS found JOIN file ON file.number = file",
            (id_, url),
        ).fetchall()
        if not rows:
            return None
        _, _, event, published, id_ = max(rows, key=itemgetter(1))
        since = min(start for start, *_ in rows)
        return Known(id_, since, event == "withdrawn", published)

    @rebuilt_when_damaged
    def latest(self, id_: str) -> Article | None:
        """The latest record of an article in the feed; None where there is none."""
        if id_ in self.waiting:
            self.read_waiting()
        row = self.connection.execute(
            "SELECT name, offset FROM record JOIN file ON file.number = file "
            "WHERE id = ? AND body IS NOT NULL ORDER BY revision DESC, record.number DESC LIMIT 1",
            (id_,),
        ).fetchone()
        return article_in(self._line(*row)) if row else None

    @rebuilt_when_damaged
    def first_start(self, site: str) -> str | None:
        """The start of the first run that found something on a site, as in file names."""
        row = self.connection.execute(
            "SELECT min(start) FROM file WHERE name > ? AND name < ?", (f"{site}/", f"{site}0")
        ).fetchone()
        return None if row[0] is None else str(row[0])

    @rebuilt_when_damaged
    def texts_like(self, article_body: str) -> list[Text]:
        """Articles of the feed that may carry the same text or nearly the same, likeliest first.

        Read from the feed files; what is no longer there is passed over. Those in `waiting` are
        left out: who wrote them has their texts at hand.
        """
        with self.connection:
            self.connection.execute("BEGIN")  # once, not for each of some twenty questions
            places = [*self._places(self.texts.like(article_body))]
        found = []
        for name, offset in places:
            try:
                found.append(text_in(self._line(name, offset)))
            except (OSError, FeedError) as error:
                logger.warning("Passed over in the search for duplicates: %s", error)
        return found

    def _line(self, name: str, offset: int) -> Line:
        path = self.output_dir / name
        return line_at(path if path.exists() else partial(path), offset)

    def _places(self, numbers: Iterable[int]) -> Iterator[tuple[str, int]]:
        for number in numbers:
            yield from self.connection.execute(
                "SELECT name, offset FROM record JOIN file ON file.number = file "
                "WHERE record.number = ?",
                (number,),
            )
