"""Hold feed files to their contract: a line for each thing that is wrong.

Checks names, JSON, keys and their order, types and patterns, dates, hashes and word counts anew,
clean text, revisions without gaps and whether their changes lead from one to the next, and
articles that are there twice. A feed of others will do, as far as it claims the schema; a file
alone is taken for a part of a feed. Exit code: 0 nothing found, 1 something was, or there is
no feed file, 2 wrong use.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from scrapy.settings import BaseSettings

from crawler.commands import printable, wrong_use
from crawler.feed_commands import counted, tell_empty
from crawler.lint import Linter
from crawler.outcome import COMPLETE, INCOMPLETE

_POOL_BYTES: Final = 64 * 2**20  # below, to start processes takes longer than they save


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="output folders, folders of sites, or feed files (default: OUTPUT_DIR)",
    )


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    paths = [Path(path) for path in options.paths or [settings["OUTPUT_DIR"]]]
    if missing := [path for path in paths if not path.exists()]:
        wrong_use("feed lint", f"there is no feed at {missing[0]}; name one, or a file of it")
    findings = records = files = empty = 0
    for path in paths:
        linter = Linter(path, pool_bytes=_POOL_BYTES)
        for finding in linter.findings():
            findings += 1
            print(printable(str(finding)))
        if not linter.files:
            empty += 1
            tell_empty("feed lint", path)
        records += linter.records
        files += linter.files
    found = f"{findings:,} found" if findings else "nothing found"
    told = f"{counted(records, 'record')} in {counted(files, 'file')}: {found}"
    print(told, file=sys.stderr)
    return INCOMPLETE if findings or empty else COMPLETE
