"""The replica's time: what happens to the sites, when, and the truth at every moment.

    script = month(seed=1)  # or Timeline.load(path), or Timeline([Edit(…), …], start=…, …)
    standings(script, "winfuture", at)  # every article at a moment, by id
    expected(script)  # what a faultless crawler's feed says in the end

A timeline's file is JSON: `start` (RFC 3339), `articles` (a site's, in the end), `seed`, and
`events`, each an object with `event`, `at`, `site` and what the classes in `events` name:

    {"event": "edit", "at": "2026-02-03T12:00:00Z", "site": "mobiflip", "article": 4,
     "change": "headline", "modified": true}
"""

from crawler.replica.timeline.events import (
    Cosmetic,
    Edit,
    Event,
    FeedDead,
    Move,
    Outage,
    Publish,
    Return,
    Takedown,
)
from crawler.replica.timeline.month import month
from crawler.replica.timeline.script import Timeline, TimelineError
from crawler.replica.timeline.truth import Expected, Standing, expected, standings

__all__ = [
    "Cosmetic",
    "Edit",
    "Event",
    "Expected",
    "FeedDead",
    "Move",
    "Outage",
    "Publish",
    "Return",
    "Standing",
    "Takedown",
    "Timeline",
    "TimelineError",
    "expected",
    "month",
    "standings",
]
