"""Alarms: what someone must look at, told from a run's report, those before it, and the feed.

A quiet Sunday is fine, a silent week is not; one article that fails is fine, the same field
missing wherever it was looked for is not. `alarms` is a pure function; `rhythm` tells silences,
`shares` what has grown beyond chance, `hard` what needs no comparison, `sending` passes on.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from crawler.alarms.hard import hard, incomplete
from crawler.alarms.rhythm import WATCHED, is_silent, lacking, published
from crawler.alarms.sending import pass_on
from crawler.alarms.shares import alarm_of, grown
from crawler.feed import FeedError, moment_of, told
from crawler.report import Alarm, ReportError, RunReport, named, report_at, report_paths

__all__ = ["alarms", "alarms_of", "published"]

logger = logging.getLogger(__name__)

_MONTH: Final = timedelta(days=30)
_MOST: Final = 1000  # reports, so that a run every few minutes does not read for seconds


def alarms(
    report: RunReport,
    before: Sequence[RunReport],
    moments: Sequence[datetime],
    now: datetime,
    *,
    complete_hours: float,
) -> list[Alarm]:
    """The alarms of a run. before: reports of the same site and topic from the last 30 days, the
    newest last. moments: when articles came out (`published`). complete_hours: how long a feed
    may go without a complete run; 0: for ever."""
    found = [*hard(report)]
    found += incomplete(report, before, now, complete_hours)
    found += [alarm_of(*pair) for pair in grown(report, before)]
    if before and now - datetime.fromisoformat(before[0].started) >= WATCHED:
        found += _silence(moments, now)
    return [_since(alarm, report, before) for alarm in _told_once(found)]


def alarms_of(
    report: RunReport, output_dir: Path, now: datetime, settings: Mapping[str, Any]
) -> list[Alarm]:
    """The alarms of a run that has just ended, sent on to ALARMS_TO."""
    before = [*_before(report, output_dir, now - _MONTH)]
    try:
        moments = published(output_dir, report.site, report.topic, now)
    except (FeedError, OSError) as error:
        moments = []
        logger.error("The feed's rhythm could not be read: %s", told(error))
    hours = float(settings["COMPLETE_HOURS"])
    found = alarms(report, before, moments, now, complete_hours=hours)
    earlier = before[-1].alarms if before else []
    pass_on(report, found, earlier, str(settings["ALARMS_TO"]).split())
    return found


def _before(report: RunReport, output_dir: Path, since: datetime) -> Iterator[RunReport]:
    """Earlier reports of a site and topic; what is no report was told by others."""
    for path in report_paths(output_dir, report.site)[-_MOST:]:
        _, start = named(path) or ("", "")
        if start and moment_of(start) >= since and path.stem != report.run_id:
            with suppress(ReportError, OSError):
                earlier = report_at(path)
                if earlier.topic == report.topic:
                    yield earlier


def _silence(moments: Sequence[datetime], now: datetime) -> list[Alarm]:
    lack = lacking(moments, now)
    if lack is None or not is_silent(lack):
        return []
    last = f"{moments[-1]:%Y-%m-%d %H:%M} UTC"
    evidence = (
        f"Nothing new since {last}, while {lack[0]:.0f} articles were to be expected; never "
        f"before were more than {lack[1]:.0f} lacking."
    )
    cause = "The site has renamed the tag, or shows this crawler an old listing."
    return [Alarm(kind="silence", evidence=evidence, cause=cause)]


def _told_once(found: Sequence[Alarm]) -> list[Alarm]:
    """Without what another alarm says already: a field that is missing is so in its sources."""
    missing = {alarm.subject for alarm in found if alarm.kind == "drift"}
    return [
        alarm
        for alarm in found
        if alarm.kind != "drift"
        or alarm.subject.partition(" in ")[0] not in missing - {alarm.subject}
    ]


def _since(alarm: Alarm, report: RunReport, before: Sequence[RunReport]) -> Alarm:
    since = report.started
    if before:
        for earlier in before[-1].alarms:
            if (earlier.kind, earlier.subject) == (alarm.kind, alarm.subject):
                since = earlier.since
    return replace(alarm, since=since)
