"""Holds feed files to their contract (docs/feed.md), whoever wrote them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from crawler import normalise
from crawler.changes import apply
from crawler.feed import FeedError, Line, feed_files, line_at, lines
from crawler.feed.reading import ARTICLE
from crawler.items import SCHEMA_VERSION, Article, Change
from crawler.problems import flaws

_NAME: Final = re.compile(r"(\d{4}-[01]\d-[0-3]\dT\d{6}\.\d{3}Z)(?:_\d{4,})?\.jsonl")
_FIELDS: Final = [field.name for field in fields(Article)]
_DATES: Final = ("date_published", "date_modified", "date_first_seen", "date_downloaded")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a feed that its contract does not allow; line 0 is the file as a whole."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


@dataclass(slots=True)
class _Revision:
    """The latest revision of an article, and where it stands."""

    revision: int
    event: str
    date_first_seen: str
    path: Path
    number: int
    offset: int


class Linter:
    """Reads a feed in its order and finds what is wrong; `records` and `files` count.

    path: an output folder, a site's folder, or one file. A file alone is taken for a part: its
    name may be any, and its articles may begin with a later revision.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_part = path.is_file()
        self.files = self.records = 0
        self._latest: dict[str, _Revision] = {}
        self._texts: dict[tuple[str, str], tuple[str, str]] = {}  # site, hash → id, place

    def findings(self) -> Iterator[Finding]:
        """What is wrong, line by line. Raises OSError."""
        for path in feed_files(self.path):
            self.files += 1
            yield from self._file(path)

    def _file(self, path: Path) -> Iterator[Finding]:
        name = _NAME.fullmatch(path.name)
        if not (name or self.is_part):
            yield Finding(path, 0, "its name is not the start of a run, so it has no order")
        number = 0
        for number, line in enumerate(lines(path), 1):
            article, wrong = _read(line)
            for what in wrong:
                yield Finding(path, number, what)
            if article:
                self.records += 1
                start = name.group(1) if name and not self.is_part else None
                for what in self._record(article, line, number, start):
                    yield Finding(path, number, what)
        if not number:
            yield Finding(path, 0, "it is empty; a run that found nothing writes no file")

    def _record(
        self, article: Article, line: Line, number: int, start: str | None
    ) -> Iterator[str]:
        yield from _own_problems(article)
        if start:
            yield from _misplaced(article, line.path, start)
        yield from self._history(article, line)
        if article.event == "published":
            yield from self._repeated(article, line.path, number)
        self._latest[article.id] = _Revision(
            article.revision, article.event, article.date_first_seen, line.path, number, line.offset
        )

    def _history(self, article: Article, line: Line) -> Iterator[str]:
        """Whether a revision follows the one before."""
        before = self._latest.get(article.id)
        if before is None:
            if article.revision > 1 and not self.is_part:
                yield f"{article.id} begins with revision {article.revision}"
            return
        there = f"{before.path}:{before.number}"
        if article.revision <= before.revision:
            yield f"{article.id} has revision {before.revision} already, in {there}"
        elif article.revision > before.revision + 1:
            yield f"{article.id} leaps from revision {before.revision} to {article.revision}"
        else:
            yield from _not_following(article, before, line_at(before.path, before.offset))

    def _repeated(self, article: Article, path: Path, number: int) -> Iterator[str]:
        """Whether another article of the site has the same text."""
        if article.content == "full":
            key = article.site, article.content_hash
            id_, place = self._texts.setdefault(key, (article.id, f"{path}:{number}"))
            if id_ != article.id:
                yield f"{article.id} is a duplicate: {id_} has the same text, in {place}"


def _read(line: Line) -> tuple[Article | None, list[str]]:
    """The record of a line, if it is one, and what is wrong with its form."""
    content = line.content
    if not content.endswith(b"\n"):
        return None, ["torn: the line has no end"]
    if not content.strip():
        return None, ["an empty line"]
    wrong = []
    if line.offset == 0 and content.startswith(_BYTE_ORDER_MARK):
        wrong.append("the file begins with a byte order mark")
        content = content[len(_BYTE_ORDER_MARK) :]
    if content.endswith(b"\r\n"):
        wrong.append("the line ends with CR LF, not LF")
    try:
        article = Line(line.path, line.offset, content).decode(ARTICLE)
    except FeedError as error:
        return None, [*wrong, f"no record: {str(error).partition(': ')[2]}"]
    # What our own encoder would write has every key once and in order, and is spared the search.
    if msgspec.json.encode(article) != content[:-1]:
        wrong += _keys(content)
    return article, wrong


def _keys(content: bytes) -> Iterator[str]:
    """What is wrong with the keys of a record, and with values that are no JSON."""
    names: list[str] = []
    repeated: list[str] = []

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names[:] = [name for name, _ in pairs]  # the record itself is the last object to end
        repeated.extend(name for at, name in enumerate(names) if name in names[:at])
        return dict(pairs)

    record = json.loads(content, object_pairs_hook=noted)
    for name in dict.fromkeys(repeated):
        yield f"the key {name} is there twice"
    if missing := [name for name in _FIELDS if name not in record]:
        yield f"{', '.join(missing)} missing; what is absent is null or []"
    known = [name for name in names if name in _FIELDS]
    if known != sorted(known, key=_FIELDS.index):
        yield "the keys are in another order than the record's"


def _own_problems(article: Article) -> Iterator[str]:
    """What is wrong with a record, whatever stands around it."""
    if article.schema_version != SCHEMA_VERSION:
        yield f"schema_version {article.schema_version} is not {SCHEMA_VERSION}, which is checked"
    yield from flaws(article)
    if not article.id.startswith(f"{article.site}:"):
        yield f"the id {article.id} is not one of the site {article.site}"
    for name in _DATES:
        value = getattr(article, name)
        if value is not None and not _is_moment(value):
            yield f"{name} {value!r} is no moment"
    if article.content == "full":
        if (words := len(article.article_body.split())) != article.word_count:
            yield f"word_count is {article.word_count}, and the body has {words} words"
        if article.content_hash != normalise.content_hash(
            article.headline, article.description, article.article_body
        ):
            yield "content_hash is not that of headline, description and body"
    if (article.event == "published") != (article.revision == 1):
        yield f"revision {article.revision} cannot be {article.event}"


def _is_moment(value: str) -> bool:
    try:
        return bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _misplaced(article: Article, path: Path, start: str) -> Iterator[str]:
    if article.site != path.parent.name:
        yield f"a record of {article.site} in the folder of {path.parent.name}"
    if article.run_id != f"{article.site}-{start}":
        yield f"a record of the run {article.run_id} in the file of another"


def _not_following(article: Article, before: _Revision, line: Line) -> Iterator[str]:
    """What is wrong with a revision, given the one before."""
    if article.date_first_seen != before.date_first_seen:
        yield "date_first_seen is another than in the revision before"
    if article.event == before.event == "withdrawn":
        yield f"{article.id} was withdrawn already"
    if article.event != "updated":
        return
    if not article.changes and before.event != "withdrawn":
        yield "an update that names no change"
    try:
        was = line.decode(ARTICLE)
    except FeedError:
        return  # told of its own line
    comparable = was.content == article.content
    for name, change in (article.changes or {}).items():
        if isinstance(change, list) and not comparable:
            yield f"changes.{name} holds hunks, and the revisions are not both {was.content}"
        elif not _leads_to(change, getattr(was, name, None), getattr(article, name, None)):
            yield f"changes.{name} does not lead from the revision before to this one"


def _leads_to(change: Any, was: Any, became: Any) -> bool:
    if isinstance(change, Change):
        said = [msgspec.to_builtins(value) for value in (was, became)]
        return said == [change.before, change.after]
    if not change:
        return True  # an edit beyond what is kept
    try:
        return bool(apply(was, change) == became)
    except ValueError:
        return False
