"""Print each record once, in order, as runs complete their files.

Goes on waiting for new files until it is interrupted (Ctrl-C); with --once it ends when all
complete files are read. With --cursor the next call goes on where this one was ended, however that
was: a record counts as read when it has been printed, or left out by a choice such as --site, so
use one cursor a choice, and crawler.feed.follow where the reader of a pipe may fail. To a pipe or a
file it prints the lines of the feed as they are, to a terminal a table.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from crawler.commands import printable
from crawler.feed import Follower, follow
from crawler.feed_commands import add_choice, add_path, choice, feed_at, tell_none
from crawler.items import Article
from crawler.outcome import COMPLETE

if TYPE_CHECKING:
    from rich.console import Console

_POLL_SECONDS = 1.0


def add_options(parser: argparse.ArgumentParser) -> None:
    add_path(parser)
    add_choice(parser)
    parser.add_argument(
        "--cursor",
        metavar="NAME",
        help="remember under this name what was read (in the feed's folder cursors/; with a slash, "
        "in that file)",
    )
    parser.add_argument("--once", action="store_true", help="do not wait for new files")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="lines of the feed, on a terminal too")
    form.add_argument("--table", action="store_true", help="a table, in a pipe too")


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    wanted, path = choice(options), feed_at(options, settings)
    show = _row if options.table or (sys.stdout.isatty() and not options.json) else _line
    poll_seconds = None if options.once else _POLL_SECONDS
    try:
        with follow(path, options.cursor, poll_seconds=poll_seconds) as records:
            seen = found = 0
            for article in records:
                seen += 1
                if article in wanted:
                    found += 1
                    show(records, article)
                    sys.stdout.flush()
                records.commit()
            tell_none("tail", wanted, seen, found)
    except KeyboardInterrupt:
        pass  # how one ends it
    return COMPLETE


def _line(records: Follower, _: Article) -> None:
    line = records.line.content.decode().removesuffix("\n")
    print(printable(line) if sys.stdout.isatty() else line)


def _row(_: Follower, article: Article) -> None:
    from rich.text import Text

    event = article.event if article.revision == 1 else f"{article.event} {article.revision}"
    row = Text(f"{article.date_downloaded[:16].replace('T', ' ')}  ", style="dim")
    row.append(f"{article.site:<10}  ", style="not dim")
    row.append(f"{event:<12}  ", style=_STYLES[article.event])
    row.append(printable(article.headline), style="not dim")
    _console().print(row, no_wrap=True, overflow="ellipsis", crop=sys.stdout.isatty())


_STYLES = {"published": "not dim green", "updated": "not dim yellow", "withdrawn": "not dim red"}


def _console() -> "Console":
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
