"""``python -m crawler.replica``: serves both sites on one loopback port."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from crawler.replica.edition import Edition
from crawler.replica.overlay import PagesError
from crawler.replica.stories import MOST_ARTICLES


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with exit code 2."""
        self.exit(2, f"replica: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the arguments and serves."""
    options = parser().parse_args(arguments)
    edition = Edition(options.articles, options.seed, min(options.broken, options.articles))
    from crawler.replica.server import Options, serve

    chosen = Options(
        port=options.port,
        edition=edition,
        latency=options.latency_ms / 1000,
        pages=options.pages,
        log=options.log,
        until_eof=options.until_eof,
    )
    try:
        asyncio.run(serve(chosen))
    except (PagesError, OSError) as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = Parser(prog="replica", description="Plays winfuture.de and www.mobiflip.de.")
    add = made.add_argument
    add("--port", type=number(0, 65535), default=0, help="0 picks a free one")
    add("--articles", type=number(0, MOST_ARTICLES), default=20, help="articles a site lists")
    add("--seed", type=int, default=0, help="another seed makes other articles")
    add("--latency-ms", type=number(0, 600_000), default=0, help="delay of each answer")
    add("--broken", type=number(0, MOST_ARTICLES), default=0, help="listed articles that are gone")
    add("--pages", type=Path, help="folder with a pages.json, laid over the invented pages")
    add("--log", type=Path, help="file that gets one JSON line per request")
    add("--until-eof", action="store_true", help="stop when standard input ends")
    return made


class number:  # noqa: N801
    """An integer between two bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __call__(self, text: str) -> int:
        value = int(text) if text.lstrip("-").isdigit() else None
        if value is None or not self.low <= value <= self.high:
            raise argparse.ArgumentTypeError(f"{text} is not between {self.low} and {self.high}")
        return value


if __name__ == "__main__":
    sys.exit(main())
