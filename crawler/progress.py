"""How runs get on, told on a terminal while they last; nothing of it in a pipe or a file."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from scrapy.crawler import Crawler

from crawler.outcome import settled


def shown(crawlers: Sequence[Crawler]) -> AbstractContextManager[None]:
    """Shows a line for each crawler at the foot of the terminal while the context lasts.

    What is logged meanwhile stays whole, above the lines. Where standard error is no terminal, or
    one that cannot move its cursor (TERM=dumb), or the log is JSON, nothing is shown.
    """
    if not can_draw() or crawlers[0].settings["LOG_LINES"] == "json":
        return nullcontext()
    return _drawn([Line(crawler) for crawler in crawlers])


def can_draw() -> bool:
    """Whether standard error is a terminal that can move its cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in {"", "dumb", "unknown"}


@contextmanager
def _drawn(lines: Sequence["Line"]) -> Iterator[None]:
    # rich takes a tenth of a second to import, which only a terminal is worth
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True, highlight=False)

    def drawn() -> Text:
        # Cut off at the width the terminal has by now: a line that wraps could not be drawn over.
        text = "\n".join(line.text(time.monotonic()) for line in lines)
        return Text(text, no_wrap=True, overflow="ellipsis")

    # Standard error goes through the console, which knows where it has drawn; so does the log,
    # since Scrapy makes its handler anew, with the standard error of that moment, in the loop.
    with Live(get_renderable=drawn, console=console, transient=True, redirect_stdout=False):
        yield


class Line:
    """What a crawler has done so far, from its statistics, as one line."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.pace = Pace()

    def text(self, now: float) -> str:
        """The line at a time in seconds."""
        return f"{self.crawler.spidercls.name}: {told(self._stats(), self.pace, now)}"

    def _stats(self) -> Mapping[str, Any]:
        try:
            return self.crawler.stats.get_stats()
        except RuntimeError:  # it has not begun
            return {}


class Pace:
    """How fast something goes on, from when it was first seen to move."""

    def __init__(self) -> None:
        self.began: tuple[float, int] | None = None

    def per_second(self, done: int, now: float) -> float:
        """How much was done a second, on average; 0 while that cannot be told.

        now: a time in seconds.
        """
        if self.began is None or done <= self.began[1]:
            self.began = (now, done)
        then, before = self.began
        return (done - before) / (now - then) if now > then else 0.0


def told(stats: Mapping[str, Any], pace: Pace, now: float) -> str:
    """What statistics say of how a run gets on: articles, pages, rate, and the time left.

    The time left is told once it is known what is left: when the listing was read to its end, or
    all is there from the start, as with feed files and archived pages.
    """
    if pages := stats.get("reparse/pages"):
        done = stats.get("article/looked", 0)
        return _joined(f"{done:,} of {pages:,} archived pages", done, pages - done, pace, now)
    done = stats.get("response_received_count", 0)
    size, read = stats.get("index/bytes", 0), stats.get("index/bytes_read", 0)
    if read < size:
        return f"reading the feed files: {100 * read // size} % of {size:,} bytes"
    if not done:
        return "starting"
    articles, whole = settled(stats)
    is_listed = stats.get("walk/is_listed", False)
    parts = [f"{stats.get('article/new', 0):,} new"] if whole else []
    if whole:
        parts.append(f"{articles:,} of {whole:,}{'' if is_listed else ' or more'} articles")
    parts.append(f"{done:,} pages")
    return _joined(", ".join(parts), done, whole - articles if is_listed else None, pace, now)


def _joined(what: str, done: int, left: int | None, pace: Pace, now: float) -> str:
    rate = pace.per_second(done, now)
    if not rate:
        return what
    what += f", {60 * rate:,.0f} a minute"
    return f"{what}, {duration(left / rate)} left" if left and left > 0 else what


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 0:05, 12:30, 3:00:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
