"""Alarms that need no comparison: what must never happen, and what must not last."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from crawler.outcome import CRAWLER, FEED, LISTING
from crawler.report import Alarm, RunReport

_CAUSES: Final = {
    LISTING: "The site has changed its tag pages, took the tag away, or shows us another page.",
    FEED: "The disk is full, the folder is gone or not writable, or it is another setting's.",
    CRAWLER: "These pages bring a fault of the crawler to light; the log has the traceback.",
}


def hard(report: RunReport) -> Iterator[Alarm]:
    """What a run's faults say that someone must look at now."""
    for fault, found in report.faults.items():
        said = "; ".join(found)
        evidence = said if said[-1] in ".?!" else f"{said}."
        yield Alarm(kind=fault, evidence=evidence, cause=_CAUSES[fault])


def incomplete(
    report: RunReport, before: Sequence[RunReport], now: datetime, hours: float
) -> Iterator[Alarm]:
    """No complete run for so many hours, nor in two runs. Those told to stop early do not count."""
    runs = [run for run in (*before, report) if not run.arguments.keys() & {"since", "max_pages"}]
    if not hours or not runs or runs[-1] is not report or report.is_complete:
        return
    complete = [run.started for run in runs if run.is_complete]
    since = datetime.fromisoformat(complete[-1] if complete else runs[0].started)
    was_complete = len(runs) < 2 or runs[-2].is_complete
    if was_complete or now - since < timedelta(hours=hours):
        return
    last = f"the last was that of {complete[-1]}" if complete else "there was none yet"
    why = "; ".join(report.problems) or report.stop
    yield Alarm(
        kind="incomplete",
        evidence=f"No run was complete for {(now - since) / timedelta(hours=1):.0f} hours, {last}.",
        cause=f"The last run says why: {why}.",
    )
