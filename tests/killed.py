"""Runs a Scrapy command that kills itself at an exact moment: `python -m tests.killed WHEN …`.

WHEN is `<moment>:<n>`: SIGKILL at the n-th step into or out of C code that the functions of a
moment make, so before and after each write, sync, rename, truncation and SQL statement. The
code under test knows nothing of it.
"""

import os
import signal
import sys
from itertools import count
from types import CodeType, FrameType
from typing import Any

from scrapy.cmdline import execute

import crawler.pipelines  # noqa: F401 - before the hook, which slows all that it sees

# The functions that make up a moment.
MOMENTS = {
    "write": {"FeedFile.append", "append_whole"},
    "between write and index": {
        *("LineExporter.export_item", "Deduplicate.written", "Index.follow"),
    },
    "index": {"Index.read_waiting", "Index._read_followed", "Index._read", "Index._add"},
    "final name": {
        *("complete", "sync_folder", "sync_descriptor", "FeedFile.complete", "FeedStorage.store"),
    },
    "start": {
        "FeedFile.open",
        "SiteLease.attempt",
        "FileLeases.change",
        "open_database",
        "FeedStorage.open",
    },
    "recovery": {"recover", "_whole", "_set_aside"},
    "catch-up": {"rebuilt_when_damaged.<locals>.guarded", "Index.catch_up", "Index._forget"},
}
# Those of a run with ARCHIVE=1.
ARCHIVE_MOMENTS = {
    "archive": {"RunArchive.begin", "RunArchive.append", "append_whole"},
    "between archive and feed": {"Archive.process_response", "ArticleSpider.parse_article"},
    "archive recovery": {"recover", "whole_members"},
}
FILES = (
    *("crawler/archive/", "crawler/feed/", "crawler/index/", "crawler/lease/"),
    *("crawler/pipelines.py", "crawler/article_spider.py"),
)


def kill_at(moment: str, n: int) -> Any:
    """A profile function (sys.setprofile) that ends the process at the n-th step of a moment."""
    names, steps = (MOMENTS | ARCHIVE_MOMENTS)[moment], count(1)
    known: dict[CodeType, bool] = {}

    def counts(code: CodeType) -> bool:
        if code not in known:
            is_ours = any(part in code.co_filename for part in FILES)
            known[code] = is_ours and code.co_qualname in names
        return known[code]

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event in {"c_call", "c_return"} and counts(frame.f_code) and next(steps) == n:
            os.kill(os.getpid(), signal.SIGKILL)

    return profile


def main(when: str) -> None:
    """Runs the command of sys.argv, to be killed at a moment."""
    moment, _, step = when.rpartition(":")
    sys.setprofile(kill_at(moment, int(step)))
    execute()


if __name__ == "__main__":
    main(sys.argv.pop(1))
