"""Print the revisions of one article, with what changed from each to the next.

On a terminal, what went is red and what came is green; elsewhere [-what went-] and {+what came+}.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from scrapy.settings import BaseSettings

from crawler.changes import COMPARED
from crawler.commands import printable
from crawler.differences import Kind, Piece, pieces, shortened
from crawler.feed import feed_files, lines
from crawler.feed_commands import add_path, feed_at
from crawler.items import Article
from crawler.outcome import COMPLETE, INCOMPLETE

_COLOURS: Final[dict[Kind, tuple[str, str]]] = {
    " ": ("", ""),
    "-": ("\x1b[31;9m", "\x1b[0m"),
    "+": ("\x1b[32m", "\x1b[0m"),
}
_SIGNS: Final[dict[Kind, tuple[str, str]]] = {" ": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the article's id, as in winfuture:139377")
    add_path(parser)
    parser.add_argument("--json", action="store_true", help="the lines of the feed, nothing else")


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    path = feed_at(options, settings)
    before: Article | None = None
    for content, article in _revisions(path, options.id):
        if options.json:
            print(content.decode().removesuffix("\n"))
        else:
            print("\n" if before else "", end="")
            _tell(before, article)
        before = article
    if before is None:
        print(
            f"scrapy feed history: {printable(options.id)} is not in the feed at {path}; ids look "
            "like winfuture:139377",
            file=sys.stderr,
        )
        return INCOMPLETE
    return COMPLETE


def _revisions(path: Path, id_: str) -> Iterator[tuple[bytes, Article]]:
    said = msgspec.json.encode(
        id_.encode(errors="replace").decode()
    )  # spares decoding what cannot be the article
    for file in feed_files(path):
        for line in lines(file):
            if said in line.content and (article := line.article()).id == id_:
                yield line.content, article


def _tell(before: Article | None, article: Article) -> None:
    event = f"{article.event}, a correction" if article.correction else article.event
    print(f"{article.id}, revision {article.revision}, {article.date_downloaded}: {event}")
    if before is None:
        print(f"  {printable(article.headline)}\n  {article.url}")
    elif article.event != "withdrawn":
        for name, found in _changes(before, article):
            print(f"  {name}: {_drawn(found)}")


def _changes(before: Article, after: Article) -> Iterator[tuple[str, list[Piece]]]:
    """Each field that differs, as pieces; a list or a flag as its text."""
    named = [name for name in after.changes or {} if name not in COMPARED]
    for name in dict.fromkeys((*COMPARED, "article_body", *named)):
        was, became = (_text(getattr(article, name)) for article in (before, after))
        if was != became:
            yield name, shortened(pieces(was, became))
        elif name in (after.changes or {}):
            yield name, [(" ", "differs beyond what is kept of it")]


def _text(value: object) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    return msgspec.json.encode(value).decode()


def _drawn(found: list[Piece]) -> str:
    marks = _COLOURS if sys.stdout.isatty() else _SIGNS
    return "".join(f"{marks[kind][0]}{_plain(text)}{marks[kind][1]}" for kind, text in found)


def _plain(text: str) -> str:
    """A text in one line; ¶ stands where a paragraph ends."""
    return printable(text.replace("\n\n", " ¶ ").replace("\n", " "))
