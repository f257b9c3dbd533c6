"""SQLite: every record, the current view, and full-text search that knows German spelling."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from typing import BinaryIO, Final

import msgspec

from crawler.forms import Told
from crawler.items import Article

_ROWS: Final = 1_000
_COLUMNS: Final = (
    *("id", "revision", "event", "site", "topic", "url", "headline", "description"),
    *("article_body", "date_published", "date_modified", "article_section", "in_language"),
    *("is_advertisement", "is_accessible_for_free", "word_count", "content_hash", "content"),
    *("backfill", "date_first_seen", "date_downloaded", "run_id"),
)
_LISTS: Final = ("authors", "keywords", "images", "summary_points", "duplicate_of")  # JSON
_NUMBERS: Final = ("revision", "word_count", "is_advertisement", "is_accessible_for_free")
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS"}
)
_BARE: Final = str.maketrans(dict(zip("äöüÄÖÜ", "aouAOU", strict=True)) | {"ß": "ss", "ẞ": "SS"})


def _declared() -> str:
    numbers = {*_NUMBERS, "backfill"}
    names = (*_COLUMNS, *_LISTS)
    return ", ".join(f"{name} {'INTEGER' if name in numbers else 'TEXT'}" for name in names)


_TABLES: Final = f"""
    PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    CREATE TABLE events ({_declared()}, record TEXT, PRIMARY KEY (id, revision, run_id));
    CREATE TABLE articles ({_declared()}, folded TEXT, PRIMARY KEY (id));
    CREATE VIRTUAL TABLE articles_fts USING fts5(
        headline, description, article_body, folded, content="articles",
        tokenize = "unicode61 remove_diacritics 2"
    );
"""
_CURRENT: Final = f"""
    BEGIN;
    INSERT INTO articles SELECT {", ".join((*_COLUMNS, *_LISTS))},
        folded(headline || ' ' || coalesce(description, '') || ' ' || article_body)
    FROM events WHERE rowid IN (SELECT max(rowid) FROM events GROUP BY id)
        AND event <> 'withdrawn' ORDER BY rowid;
    INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
    CREATE INDEX articles_by_date ON articles (date_published);
    CREATE INDEX events_by_date ON events (date_downloaded);
    COMMIT;
"""  # noqa: S608 - names of ours


def folded(text: str) -> str:
    """The words of a text that have another spelling without umlauts and ß, in that spelling.

    `unicode61 remove_diacritics` finds Überwachung by Uberwachung; these are for Ueberwachung,
    for Strasse, and for grosseren where größeren is written.
    """
    return " ".join(other for word in text.split() for other in _spellings(word))


def _spellings(word: str) -> list[str]:
    others = [word.translate(_UMLAUTS)]
    if "ß" in word or "ẞ" in word:
        others.append(word.translate(_BARE))
    return [other for other in dict.fromkeys(others) if other != word]


def write_sqlite(records: Iterable[Article], file: BinaryIO, _: Told) -> None:
    """Tables `events` (every record, whole in `record`) and `articles` (the latest of each, not
    withdrawn), and `articles_fts`, which searches headline, lead and text of the latter."""
    places = ", ".join("?" * (len(_COLUMNS) + len(_LISTS) + 1))
    rows = map(_row, records)
    with closing(sqlite3.connect(file.name, isolation_level=None)) as database:
        database.create_function("folded", 1, folded, deterministic=True)
        database.executescript(_TABLES)
        database.execute("BEGIN")
        while group := [*islice(rows, _ROWS)]:
            database.executemany(f"INSERT OR REPLACE INTO events VALUES ({places})", group)  # noqa: S608
        database.execute("COMMIT")
        database.executescript(_CURRENT)


def _row(article: Article) -> list[object]:
    values = [getattr(article, name) for name in _COLUMNS]
    lists = [msgspec.json.encode(getattr(article, name)).decode() for name in _LISTS]
    return [*values, *lists, msgspec.json.encode(article).decode()]
