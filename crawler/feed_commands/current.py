"""Print the latest revision of each article, without withdrawn ones.

A choice such as --event is made among these. The lines are those of the feed, in the order in which
they were written. With -o they go to a file, which is there when it is complete. Works in bounded
memory, however long the feed is.
"""

import argparse
import sys
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.commands import printable
from crawler.feed import Line, current_lines
from crawler.feed_commands import (
    add_choice,
    add_output,
    add_path,
    check_output,
    choice,
    chosen,
    feed_at,
    tell_empty,
    written_whole,
)
from crawler.outcome import COMPLETE


def add_options(parser: argparse.ArgumentParser) -> None:
    add_path(parser)
    add_choice(parser)
    add_output(parser)


def run(options: argparse.Namespace, settings: BaseSettings) -> int:
    wanted, path = choice(options), feed_at(options, settings)
    target = None if options.output in {None, "-"} else Path(options.output)
    if target:
        check_output("feed current", target)
    tell_empty("feed current", path)
    found = chosen(current_lines(path), wanted, "current", Line.article)
    if target:
        with written_whole(target) as file:
            file.writelines(line.content for line in found)
        return COMPLETE
    for line in found:
        text = line.content.decode().removesuffix("\n")
        print(printable(text) if sys.stdout.isatty() else text)
    return COMPLETE
