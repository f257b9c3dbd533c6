"""Write the feed in a form that other programs read.

rss, atom and jsonfeed hold the newest articles; csv and parquet the latest revision of each
article, or every record with --events; sqlite every record, the latest revisions, and full-text
search. Withdrawn articles are left out of all but the records. A file is there when it is
complete; the same records make the same content.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final

from scrapy.settings import BaseSettings

from crawler.commands import wrong_use
from crawler.feed import current, read
from crawler.feed_commands import (
    add_choice,
    add_path,
    check_output,
    choice,
    chosen,
    feed_at,
    tell_empty,
    written_whole,
)
from crawler.forms import Told
from crawler.items import Article
from crawler.outcome import COMPLETE

# Each form: where it is written, and which library of the extra that takes.
_FORMS: Final = {
    "rss": ("syndication.rss", "feedgen"),
    "atom": ("syndication.atom", "feedgen"),
    "jsonfeed": ("syndication.json_feed", None),
    "csv": ("spreadsheet.write_csv", None),
    "parquet": ("parquet.write_parquet", "pyarrow"),
    "sqlite": ("sqlite.write_sqlite", None),
}
_BINARY: Final = ("parquet", "sqlite")
_SYNDICATION: Final = ("rss", "atom", "jsonfeed")
# Options that only some forms have.
_FOR: Final = {
    **dict.fromkeys(("title", "url", "limit"), _SYNDICATION),
    "events": ("csv", "parquet"),
    "bom": ("csv",),
}
_LIMIT: Final = 50

Write = Callable[[Iterable[Article], BinaryIO, Told], None]


def add_options(parser: argparse.ArgumentParser) -> None:
    add_path(parser)
    parser.add_argument("--to", choices=_FORMS, metavar="FORM", help=", ".join(_FORMS))
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to this file (default, and -: standard output, but for parquet and sqlite)",
    )
    add_choice(parser)
    parser.add_argument(
        "--events", action="store_true", help="every record, not the latest alone (csv, parquet)"
    )
    parser.add_argument("--bom", action="store_true", help="csv: for Excel and LibreOffice")
    parser.add_argument("--title", help="rss, atom, jsonfeed: its title (default: its sites)")
    parser.add_argument("--url", help="rss, atom, jsonfeed: where it will be found")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"rss, atom, jsonfeed: so many entries (default: {_LIMIT})",
    )


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    path, wanted = feed_at(options, settings), choice(options)
    _check(options)
    tell_empty("feed export", path)
    is_whole = options.events or options.to == "sqlite"
    records = chosen(
        read(path) if is_whole else current(path), wanted, "export", lambda article: article
    )
    title = options.title or f"Articles of {', '.join(wanted.sites) or 'all sites'}"
    told = Told(title=title, url=options.url, limit=options.limit or _LIMIT, bom=options.bom)
    if options.output not in {None, "-"}:
        with written_whole(Path(options.output)) as file:
            _writer(options.to)(records, file, told)
    else:
        _writer(options.to)(records, sys.stdout.buffer, told)
    return COMPLETE


def _check(options: argparse.Namespace) -> None:
    """Ends the command for options that do not fit each other."""
    if not options.to:
        _refuse(f"name a form, as in --to csv; there are {', '.join(_FORMS)}")
    for name, forms in _FOR.items():
        if getattr(options, name) and options.to not in forms:
            _refuse(f"--{name} is for {', '.join(forms)}")
    if options.limit is not None and options.limit < 1:
        _refuse(f"limit {options.limit} is no number from 1 on")
    if options.url is not None and not re.fullmatch(r"https?://[^\s/]+[!-~]*", options.url):
        _refuse(f"url {options.url!r} is none; write https://example.org/huawei.xml")
    if options.title is not None and not options.title.isprintable():
        _refuse("--title holds what is no text; leave out control characters")
    _check_output(options)
    library = _FORMS[options.to][1]
    if library and not find_spec(library):
        _refuse(f"{options.to} needs the extra: pip install -r requirements-export.lock")


def _check_output(options: argparse.Namespace) -> None:
    if options.output not in {None, "-"}:
        check_output("feed export", Path(options.output))
    elif options.to in _BINARY:
        _refuse(f"{options.to} needs a file, as in -o articles.{options.to}")
    is_stream = Path(options.output or "-").exists() and not Path(options.output).is_file()
    if options.to in _BINARY and is_stream:
        _refuse(f"{options.output} is no file, and {options.to} needs one")


def _refuse(line: str) -> None:
    wrong_use("feed export", line)


def _writer(form: str) -> Write:
    module, _, name = _FORMS[form][0].partition(".")
    write: Write = getattr(import_module(f"crawler.forms.{module}"), name)
    return write
