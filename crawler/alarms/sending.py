"""Alarms on their way to people: by mail, chat or webhook, each once, and when it is over."""

import logging
from collections.abc import Sequence

from crawler.report import Alarm, RunReport

logger = logging.getLogger(__name__)


def pass_on(
    report: RunReport, alarms: Sequence[Alarm], before: Sequence[Alarm], receivers: Sequence[str]
) -> None:
    """Sends alarms that nobody was told of yet, and which of the earlier ones are over.

    Takes note in `alarm.is_told`, so that what could not be sent is sent after the next run. A
    receiver that fails is told in the log, never by an exception.
    """
    known = {_key(alarm) for alarm in before if alarm.is_told}
    there = {_key(alarm) for alarm in alarms}
    new = [alarm for alarm in alarms if _key(alarm) not in known]
    over = [alarm for alarm in before if alarm.is_told and _key(alarm) not in there]
    is_sent = bool(receivers and (new or over)) and _send(report, new, over, receivers)
    for alarm in alarms:
        alarm.is_told = _key(alarm) in known or is_sent


def _key(alarm: Alarm) -> tuple[str, str]:
    return alarm.kind, alarm.subject


def _send(
    report: RunReport, new: Sequence[Alarm], over: Sequence[Alarm], receivers: Sequence[str]
) -> bool:
    from apprise import Apprise, NotifyFormat, NotifyType

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it names receivers
    title = f"{report.site}, {report.topic}: {_counted(new, over)}"
    lines = [str(alarm) for alarm in new]
    lines += [f"Over: {alarm.name}, which began {alarm.since}." for alarm in over]
    body = "\n\n".join([*lines, f"Run report: {report.run_id}"])
    kind = NotifyType.WARNING if new else NotifyType.SUCCESS
    is_sent = True
    for number, address in enumerate(receivers, 1):
        receiver = Apprise()
        receiver.add(address)
        if not receiver.notify(body, title, notify_type=kind, body_format=NotifyFormat.TEXT):
            is_sent = False
            scheme = address.partition(":")[0]
            logger.error("Alarms could not be sent to receiver %d (%s://)", number, scheme)
    return is_sent


def _counted(new: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    if not new:
        return "all clear" if len(over) == 1 else f"{len(over)} alarms are over"
    return f"alarm: {new[0].name}" if len(new) == 1 else f"{len(new)} alarms"
