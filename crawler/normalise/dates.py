"""Dates as RFC 3339."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from crawler.normalise.words import text

BERLIN: Final = ZoneInfo("Europe/Berlin")
_MONTHS: Final = {
    "jan": 1, "jän": 1, "feb": 2, "mär": 3, "mae": 3, "mrz": 3, "mar": 3, "apr": 4, "mai": 5,
    "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dez": 12,
    "dec": 12,
}  # fmt: skip
_DAY: Final = r"(?<!\d)(?P<day>\d{1,2})"
_CLOCK: Final = r"(?:\D{1,8}?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d))?"
_GERMAN: Final = (
    re.compile(_DAY + r"\.\s*(?P<month>\d{1,2})\.\s*(?P<year>\d{4}|\d\d)\b" + _CLOCK),
    re.compile(
        _DAY + r"\.?\s*(?P<month>[A-Za-zä]{3})[a-zä]*\.?\s+(?P<year>\d{4})\b" + _CLOCK,
        re.IGNORECASE,
    ),
)


def date(value: str | None) -> str | None:
    """A date as RFC 3339 to the second, or None where the text holds no date.

    Reads ISO 8601, RFC 2822 (feeds) and German forms such as `15.01.2026 21:10 Uhr`,
    `21.03.18 | Name` and `Mittwoch, 21. März 2018`. A printed offset is kept, a missing one is
    that of Europe/Berlin, a missing time is midnight. Two-digit years are of this century.
    """
    moment = _moment(value)
    if not moment:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BERLIN)
    offset = moment.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        return None  # before standard time: such an offset cannot be written in RFC 3339
    return moment.isoformat(timespec="seconds")


_FIRST_YEAR: Final = 1995  # the year in which the first German newspapers went online


def date_oddities(value: str, now: datetime) -> list[str]:
    """What is odd about a date as printed, though `date` takes it: a phrase each.

    In the future (more than ten minutes after `now`), before 1995, or, where no offset is
    printed, an hour that daylight saving time in Berlin skips or has twice.
    """
    moment = _moment(value)
    if not moment:
        return []
    found = []
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BERLIN)
        later = moment.replace(fold=1).utcoffset() or timedelta()
        earlier = moment.utcoffset() or timedelta()
        if later > earlier:  # PEP 495, "Mind the Gap!"
            found.append("daylight saving time skips this hour")
        elif later < earlier:
            found.append("daylight saving time has this hour twice")
    if moment > now + timedelta(minutes=10):
        found.append("in the future")
    if moment.year < _FIRST_YEAR:
        found.append(f"before {_FIRST_YEAR}")
    return found


def dates_agree(one: str, other: str) -> bool:
    """Whether two dates (RFC 3339) name the same minute, or the same day where one is a day."""
    if "T00:00:00" in (one[10:19], other[10:19]):
        return one[:10] == other[:10]
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart) < timedelta(minutes=1)


def utc(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, to the second, with `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def _moment(value: str | None) -> datetime | None:
    return _read(value[:_LONGEST]) if value else None


_LONGEST: Final = 500  # characters in which a date is looked for


@lru_cache(64)  # sources, pipelines and reports ask for the same few dates of an article
def _read(value: str) -> datetime | None:
    line = text(value)
    return (_iso(line) or _rfc2822(line) or _german(line)) if line else None


def _iso(line: str) -> datetime | None:
    try:
        return datetime.fromisoformat(line)
    except ValueError:
        return None


def _rfc2822(line: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(line) if "," in line[:5] else None
    except (ValueError, IndexError, OverflowError):
        return None
    # -0000 is a moment in UTC from a clock whose zone is not told (RFC 2822, section 3.3).
    return moment.replace(tzinfo=UTC) if moment and line.endswith("-0000") else moment


def _german(line: str) -> datetime | None:
    for form in _GERMAN:
        for found in form.finditer(line):
            month, year = found["month"], found["year"]
            number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
            clock = (int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
            year = year if len(year) == 4 else f"20{year}"
            try:
                return datetime(int(year), number, int(found["day"]), *clock)
            except ValueError:
                continue
    return None
