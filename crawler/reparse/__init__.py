"""Reparse: archived pages read anew by today's page classes, without asking any site.

`readings` says which pages count, `reparser` reads them as a run of its own, `correct` decides
what of it goes into the feed.
"""

from crawler.reparse.correct import COUNTS
from crawler.reparse.reparser import reparser_of

__all__ = ["COUNTS", "reparser_of"]
