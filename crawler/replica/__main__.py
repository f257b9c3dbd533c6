"""``python -m crawler.replica``: serves both sites on one loopback port."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from crawler.replica.clock import CONTROL
from crawler.replica.edition import Edition
from crawler.replica.overlay import PagesError
from crawler.replica.stories import MOST_ARTICLES
from crawler.replica.timeline import Timeline, TimelineError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with exit code 2."""
        self.exit(2, f"replica: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the arguments and serves."""
    command = parser()
    options = command.parse_args(arguments)
    for name in ("articles", "seed", "broken"):
        if options.timeline and getattr(options, name) is not None:
            command.error(f"--{name} and --timeline exclude each other: a timeline says it itself")
    articles = 20 if options.articles is None else options.articles
    edition = Edition(articles, options.seed or 0, min(options.broken or 0, articles))
    from crawler.replica.server import Options, serve

    try:
        chosen = Options(
            port=options.port,
            edition=edition,
            latency=options.latency_ms / 1000,
            pages=options.pages,
            log=options.log,
            until_eof=options.until_eof,
            timeline=Timeline.load(options.timeline) if options.timeline else None,
            scripted=options.scripted or "",
        )
        asyncio.run(serve(chosen))
    except (PagesError, TimelineError, OSError) as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = Parser(
        prog="replica",
        description="Plays winfuture.de and www.mobiflip.de on one loopback port.",
        epilog=f"""With --timeline the sites age: {CONTROL} on the same port answers GET /clock
        with the time, what has happened and the requests so far, and POST /clock with
        {{"now": "2026-02-03T12:00:00Z"}} or {{"advance_hours": 6}} moves the time forward.""",
    )
    add = made.add_argument
    most = number(0, MOST_ARTICLES)
    add("--port", type=number(0, 65535), default=0, help="0 picks a free one")
    add("--articles", type=most, help="articles a site lists (20)")
    add("--seed", type=int, help="another seed makes other articles (0)")
    add("--latency-ms", type=number(0, 600_000), default=0, help="delay of each answer")
    add("--broken", type=most, help="listed articles that are gone (0)")
    add("--timeline", type=Path, metavar="FILE", help="JSON: what happens to the sites, and when")
    add(
        "--scripted",
        choices=("shells", "growing"),
        help="pages as scripts fill them: empty shells, or mobiFlip's listings as one scrolls",
    )
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
