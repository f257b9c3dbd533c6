"""Feed files: written line by line under another name, complete and immutable under their own.

The contract, with the states of a feed file as a picture, is docs/feed.md. Reading needs no
Scrapy: `for article in crawler.feed.read("output"): …`.
"""

from crawler.feed.current import current, current_lines
from crawler.feed.files import (
    ARCHIVE,
    QUARANTINE,
    RUNS,
    append_whole,
    complete,
    detach,
    feed_files,
    folders,
    moment_of,
    next_start,
    partial,
    recover,
    start_of,
    sync_descriptor,
    sync_folder,
    told,
)
from crawler.feed.following import CURSORS, CursorError, CursorNameError, Follower, follow
from crawler.feed.reading import FeedError, Line, line_at, lines, read

__all__ = [
    "ARCHIVE",
    "CURSORS",
    "QUARANTINE",
    "RUNS",
    "CursorError",
    "CursorNameError",
    "FeedError",
    "Follower",
    "Line",
    "append_whole",
    "complete",
    "current",
    "current_lines",
    "detach",
    "feed_files",
    "folders",
    "follow",
    "line_at",
    "lines",
    "moment_of",
    "next_start",
    "partial",
    "read",
    "recover",
    "start_of",
    "sync_descriptor",
    "sync_folder",
    "told",
]
