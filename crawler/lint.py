"""Holds feed files to their contract (docs/feed.md), whoever wrote them."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from itertools import chain
from multiprocessing import get_context
from operator import itemgetter
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


class _Head(msgspec.Struct):
    """What later records are compared with: a record's place, and what it says of itself."""

    number: int
    offset: int
    id: str
    site: str
    event: str
    revision: int
    date_first_seen: str
    content_hash: str | None  # of one whose whole text is there


@dataclass(slots=True)
class _Checked:
    """A file, each line of it checked by itself: findings by line, and the records' heads."""

    path: Path
    findings: list[tuple[int, str]]
    heads: list[_Head]


class Linter:
    """Reads a feed in its order and finds what is wrong; `records` and `files` count.

    path: an output folder, a site's folder, or one file. A file alone is taken for a part: its
    name may be any, and its articles may begin with a later revision. pool_bytes: of a feed as
    large as this, each processor reads a file at a time, in a process that imports the main
    module anew; 0: none is.
    """

    def __init__(self, path: Path, *, pool_bytes: int = 0) -> None:
        self.path = path
        self.pool_bytes = pool_bytes
        self.is_part = path.is_file()
        self.files = self.records = 0
        self._latest: dict[str, tuple[Path, _Head]] = {}
        self._texts: dict[tuple[str, str], tuple[Path, _Head]] = {}  # by site and hash

    def findings(self) -> Iterator[Finding]:
        """What is wrong, line by line. Raises OSError."""
        for path in () if self.is_part else self._no_files():
            yield Finding(path, 0, "it is named like a feed file and is none; readers pass it over")
        for checked in self._files([*feed_files(self.path)]):
            self.files += 1
            self.records += len(checked.heads)
            yield from self._file(checked)

    def _no_files(self) -> list[Path]:
        named = chain.from_iterable(map(self.path.glob, ("*.jsonl", "*/*.jsonl")))
        return sorted(path for path in named if path.name[0] != "." and not path.is_file())

    def _files(self, paths: list[Path]) -> Iterator[_Checked]:
        check = partial(_checked, is_part=self.is_part)
        size = sum(path.stat().st_size for path in paths)
        if len(paths) < 2 or not 0 < self.pool_bytes <= size:
            yield from map(check, paths)
            return
        # A thread of ours may hold a lock at this moment; a fork would inherit it.
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            yield from pool.map(check, paths)

    def _file(self, checked: _Checked) -> Iterator[Finding]:
        """A file's findings, and those that only what stands before it tells, by line."""
        found = checked.findings
        for head in checked.heads:
            found += [(head.number, what) for what in self._record(head, checked.path)]
        for number, what in sorted(found, key=itemgetter(0)):
            yield Finding(checked.path, number, what)

    def _record(self, head: _Head, path: Path) -> Iterator[str]:
        yield from self._history(head, path)
        if head.event == "published" and head.content_hash:
            there, first = self._texts.setdefault((head.site, head.content_hash), (path, head))
            if first.id != head.id:
                yield (
                    f"{head.id} is a duplicate: {first.id} has the same text, "
                    f"in {there}:{first.number}"
                )
        self._latest[head.id] = path, head

    def _history(self, head: _Head, path: Path) -> Iterator[str]:
        """Whether a revision follows the one before."""
        if head.id not in self._latest:
            if head.revision > 1 and not self.is_part:
                yield f"{head.id} begins with revision {head.revision}"
            return
        there, before = self._latest[head.id]
        if head.revision <= before.revision:
            yield f"{head.id} has revision {before.revision} already, in {there}:{before.number}"
        elif head.revision > before.revision + 1:
            yield f"{head.id} leaps from revision {before.revision} to {head.revision}"
        else:
            yield from _not_following(head, before)
            if head.event == "updated":
                lines_ = line_at(there, before.offset), line_at(path, head.offset)
                yield from _not_leading(*lines_, was_withdrawn=before.event == "withdrawn")


def _checked(path: Path, *, is_part: bool) -> _Checked:
    """A file, as far as its lines tell by themselves. Raises OSError."""
    found = _Checked(path, [], [])
    name = _NAME.fullmatch(path.name)
    if not (name or is_part):
        found.findings.append((0, "its name is not the start of a run, so it has no order"))
    place = (path.parent.name, name.group(1)) if name and not is_part else None
    number = 0
    for number, line in enumerate(lines(path), 1):
        article, wrong = _read(line)
        if article:
            wrong += _own_problems(article)
            wrong += _misplaced(article, *place) if place else ()
            found.heads.append(_head(article, number, line.offset))
        if wrong:
            found.findings += [(number, what) for what in wrong]
    if not number:
        found.findings.append((0, "it is empty; a run that found nothing writes no file"))
    return found


def _head(article: Article, number: int, offset: int) -> _Head:
    return _Head(
        number=number,
        offset=offset,
        id=article.id,
        site=article.site,
        event=article.event,
        revision=article.revision,
        date_first_seen=article.date_first_seen,
        content_hash=article.content_hash if article.content == "full" else None,
    )


def _read(line: Line) -> tuple[Article | None, list[str]]:
    """The record of a line, if it is one, and what is wrong with its form."""
    content = line.content
    if not content.endswith(b"\n"):
        return None, ["torn: the line has no end"]
    if not content.strip():
        return None, ["an empty line"]
    wrong = []
    bare = _bare(line)
    if bare is not line:
        wrong.append("the file begins with a byte order mark")
        content = bare.content
    if content.endswith(b"\r\n"):
        wrong.append("the line ends with CR LF, not LF")
    try:
        article = bare.decode(ARTICLE)
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


def _misplaced(article: Article, folder: str, start: str) -> Iterator[str]:
    if article.site != folder:
        yield f"a record of {article.site} in the folder of {folder}"
    if article.run_id != f"{article.site}-{start}":
        yield f"a record of the run {article.run_id} in the file of another"


def _not_following(head: _Head, before: _Head) -> Iterator[str]:
    """What is wrong with a revision, given the one before."""
    if head.date_first_seen != before.date_first_seen:
        yield "date_first_seen is another than in the revision before"
    if head.event == before.event == "withdrawn":
        yield f"{head.id} was withdrawn already"


def _not_leading(before: Line, line: Line, *, was_withdrawn: bool) -> Iterator[str]:
    """What is wrong with the changes that an update names."""
    try:
        article, was = _bare(line).decode(ARTICLE), _bare(before).decode(ARTICLE)
    except FeedError:
        return  # told of its own line
    if not article.changes and not was_withdrawn:
        yield "an update that names no change"
    comparable = was.content == article.content
    for name, change in (article.changes or {}).items():
        if isinstance(change, list) and not comparable:
            yield f"changes.{name} holds hunks, and the revisions are not both {was.content}"
        elif not _leads_to(change, getattr(was, name, None), getattr(article, name, None)):
            yield f"changes.{name} does not lead from the revision before to this one"


def _bare(line: Line) -> Line:
    """A line without the mark that may stand at the beginning of a file."""
    if line.offset or not line.content.startswith(_BYTE_ORDER_MARK):
        return line
    return Line(line.path, line.offset, line.content.removeprefix(_BYTE_ORDER_MARK))


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
