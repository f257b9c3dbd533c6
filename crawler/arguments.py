"""What `-a` may say to a spider, and `-s` to a run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any, Final, Self


class WrongArgumentError(ValueError):
    """A spider argument that cannot be used; the message says which, why, and what would do."""


@dataclass(frozen=True)
class Arguments:
    """What `-a` may say. Raises WrongArgumentError for anything else."""

    topic: str = "huawei"
    since: date | None = None
    max_pages: int | None = None

    @classmethod
    def read(cls, **given: str) -> Self:
        """The arguments from the strings of the command line."""
        if unknown := sorted(given.keys() - cls.__dataclass_fields__.keys()):
            known = ", ".join(cls.__dataclass_fields__)
            raise WrongArgumentError(f"unknown argument {unknown[0]!r}; known are {known}")
        topic, since, pages = (given.get(key) for key in ("topic", "since", "max_pages"))
        if topic is not None and not re.fullmatch(
            r"[^\s/\\?#%:]*[^\s/\\?#%:.][^\s/\\?#%:]*", topic
        ):
            raise WrongArgumentError(
                f"topic {topic!r} is no tag; give one as it stands in the tag page's address"
            )
        return cls(
            topic=cls.topic if topic is None else topic,
            since=None if since is None else _day(since),
            max_pages=None if pages is None else _count(pages),
        )


def _day(value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise WrongArgumentError(f"since {value!r} is no day; write it as 2026-01-31") from None


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise WrongArgumentError(f"max_pages {value!r} is no number from 1 up")
    return int(value)


# The least that a number may be; whole numbers are those with a whole least.
_LEAST: Final[dict[str, int | float]] = {
    "BACKFILL_DAYS": 0.0,
    "BROKEN_ARTICLES_LIMIT": 0.0,
    "DOWNLOAD_DELAY": 0.0,
    "DUPLICATES_WINDOW_DAYS": 0.0,
    "FEED_FILE_LINES": 1,
    "FEED_TRUST_HOURS": 0.0,
    "TAG_PAGES_LIMIT": 1,
    "WITHDRAWN_AFTER_HOURS": 0.0,
}


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raises WrongArgumentError for a setting of ours whose value cannot be used."""
    for name, least in _LEAST.items():
        number = _number(settings[name], type(least))
        if number is None or number < least:
            kind = "whole number" if isinstance(least, int) else "number"
            raise WrongArgumentError(f"{name} {settings[name]!r} is no {kind} from {least:g} up")
    looks = settings["LOOKS_HOURS"]
    hours = looks.split(",") if isinstance(looks, str) and looks else looks or []
    if any((_number(hour, float) or 0) <= 0 for hour in hours):
        raise WrongArgumentError(
            f"LOOKS_HOURS {looks!r} are no ages in hours; write them as 1,6,24"
        )
    if settings["DUPLICATES"] not in {"mark", "drop"}:
        raise WrongArgumentError(f"DUPLICATES {settings['DUPLICATES']!r} is neither mark nor drop")
    if settings["NOW"] and not _is_moment(settings["NOW"]):
        raise WrongArgumentError(
            f"NOW {settings['NOW']!r} is no moment; write it as 2026-01-31T12:00:00Z"
        )
    if settings["REPLICA"] and not re.fullmatch(r"[\w.-]+:\d{1,5}", settings["REPLICA"]):
        raise WrongArgumentError(
            f"REPLICA {settings['REPLICA']!r} is no address; write it as 127.0.0.1:8080"
        )


def _number(value: object, kind: type[int | float]) -> int | float | None:
    try:
        number = kind(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
