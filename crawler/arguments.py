"""What `-a` may say to a spider, and `-s` to a run."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from ipaddress import ip_address
from math import isfinite
from pathlib import Path
from typing import Any, Final, Self

# A part of a path as it stands in one, neither `.` nor `..`.
_TOPIC: Final = re.compile(r"(?!\.+$)[^\s/\\?#%:\x00-\x1f\x7f]+")


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
        """The arguments from the strings of the command line.

        Scrapyd adds `_job`, the number it gave a run, which is nobody's business here.
        """
        given.pop("_job", None)
        if unknown := sorted(given.keys() - cls.__dataclass_fields__.keys()):
            known = ", ".join(cls.__dataclass_fields__)
            raise WrongArgumentError(f"unknown argument {unknown[0]!r}; known are {known}")
        topic, since, pages = (given.get(key) for key in ("topic", "since", "max_pages"))
        if topic is not None and not _TOPIC.fullmatch(topic):
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
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise WrongArgumentError(f"since {value!r} is no day; write it as 2026-01-31") from None


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise WrongArgumentError(f"max_pages {value!r} is no number from 1 up")
    return int(value)


# The least and the most that a number may be; whole numbers are those with whole bounds.
_BOUNDS: Final[dict[str, tuple[int, int] | tuple[float, float]]] = {
    "ARCHIVE_FILE_BYTES": (1, 10**15),
    "ARCHIVE_TRUST_HOURS": (0.0, 876_000.0),
    "BACKFILL_DAYS": (0.0, 36_500.0),
    "BROKEN_ARTICLES_LIMIT": (0.0, 1.0),
    "BROWSER_SCROLLS": (0, 10**6),
    "BROWSER_TIMEOUT": (1.0, 86_400.0),
    "COMPLETE_HOURS": (0.0, 876_000.0),
    "CONTROLS": (0, 1000),
    "CONTROLS_HOURS": (0.0, 876_000.0),
    "DOWNLOAD_DELAY": (0.0, 86_400.0),
    "DOWNLOAD_DELAY_JITTER": (0.0, 1.0),
    "DOWNLOAD_DELAY_LIMIT": (0.0, 86_400.0),
    "DOWNLOAD_MAXSIZE": (1024, 2**30),
    "DOWNLOAD_TIMEOUT": (0.1, 86_400.0),
    "EXCERPT_CHARACTERS": (1, 10**9),
    "DUPLICATES_WINDOW_DAYS": (0.0, 36_500.0),
    "FEED_FILE_LINES": (1, 10**9),
    "FEED_TRUST_HOURS": (0.0, 876_000.0),
    "LEASE_SECONDS": (1.0, 86_400.0),
    "REFUSALS_LIMIT": (1, 1000),
    "REFUSAL_PAUSE": (0.0, 86_400.0),
    "RETRY_AFTER_LIMIT": (0.0, 86_400.0),
    "RETRY_TIMES": (0, 1000),
    "ROBOTS_HOURS": (0.0, 24.0),
    "TAG_PAGES_LIMIT": (1, 10**9),
    "WALLS_LIMIT": (0.0, 1.0),
    "WITHDRAWN_AFTER_HOURS": (0.0, 876_000.0),
}
_SECRET: Final = ("ALARMS_TO", "INDEX")  # they may hold passwords
_MOST_HOURS: Final = 876_000.0  # a hundred years


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raises WrongArgumentError for a setting whose value cannot be used."""
    for name, (least, most) in _BOUNDS.items():
        number = _number(settings[name], type(least))
        if number is None or not least <= number <= most:
            kind = "whole number" if isinstance(least, int) else "number"
            raise WrongArgumentError(
                f"{name} {settings[name]!r} is no {kind} from {least:g} to {most:.12g}"
            )
    for name, is_fit, wanted in _FORMS:
        if not is_fit(settings[name]):
            told = "***" if name in _SECRET else repr(settings[name])
            raise WrongArgumentError(f"{name} {told} {wanted}")


def check_contact(settings: Mapping[str, Any]) -> None:
    """Raises WrongArgumentError for a run that would ask a live site and names no contact."""
    if not settings["CONTACT"] and not settings["REPLICA"]:
        raise WrongArgumentError(
            "a live site must know whom to write to: set CONTACT, as in "
            "-s CONTACT=https://example.org/our-crawler, or in the environment"
        )


# An e-mail address or a URL that can stand in the comment of a user agent (RFC 9110, section
# 10.1.5): printable ASCII without blanks and brackets.
_CONTACT: Final = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+|https?://[\w.-]+(?::\d+)?(?:[/?#][!-'*-\[\]-~]*)?",
    re.ASCII,
)


def _is_contact(value: Any) -> bool:
    return not value or bool(_CONTACT.fullmatch(str(value)))


def _are_ages(value: Any) -> bool:
    hours = value.split(",") if isinstance(value, str) and value else value or []
    return all(0 < (_number(hour, float) or 0) <= _MOST_HOURS for hour in hours)


def _is_moment(value: str) -> bool:
    try:
        moment = datetime.fromisoformat(value) if value else None
    except ValueError:
        return False
    return moment is None or (moment.tzinfo is not None and 1990 <= moment.year < 3000)


def _is_loopback(value: str) -> bool:
    host, _, port = value.rpartition(":")
    try:
        return not value or (ip_address(host).is_loopback and 0 < int(port) < 65_536)
    except ValueError:
        return False


def _is_program(value: Any) -> bool:
    return not value or (Path(value).is_file() and os.access(value, os.X_OK))


def _is_folder(value: Any) -> bool:
    return bool(str(value).strip()) and "://" not in str(value)


def _is_flag(value: Any) -> bool:
    return str(value) in {"True", "False", "0", "1", "true", "false"}


def can_archive(value: Any) -> bool:
    """Whether there is what an archive needs, if one is wanted."""
    return str(value) in {"False", "0", "false"} or find_spec("warcio") is not None


def can_send(value: Any) -> bool:
    """Whether there is what sending alarms needs, if they are to be sent."""
    return not value or find_spec("apprise") is not None


def can_copy(value: Any) -> bool:
    """Whether there is what copies to object storage need, if there are to be any."""
    return not value or find_spec("boto3") is not None


def _is_storage(value: Any) -> bool:
    return not value or bool(re.match(r"s3://[\w.-]+(/\S*)?$", str(value)))


def can_share(value: Any) -> bool:
    """Whether there is what an index on PostgreSQL needs, if there is to be one."""
    return not value or find_spec("psycopg") is not None


def _is_database(value: Any) -> bool:
    """An @ more would make a part of the password the host, which errors name."""
    return not value or bool(re.match(r"postgres(ql)?://([^\s@/]*@)?[^\s@]+$", str(value)))


def _are_receivers(value: Any) -> bool:
    if not value or not can_send(value):
        return True
    from apprise import Apprise

    return all(Apprise.instantiate(address, suppress_exceptions=True) for address in value.split())


_FORMS: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("ALARMS_TO", can_send, "needs apprise; install it from requirements-alarms.lock"),
    ("ALARMS_TO", _are_receivers, "names what is no receiver; write one as mailto://… or json://…"),
    ("ARCHIVE", _is_flag, "is neither 1 nor 0"),
    ("ARCHIVE", can_archive, "needs warcio; install it with pip, from requirements-archive.lock"),
    ("OUTPUT_DIR", _is_folder, "is no folder; name one, as in -s OUTPUT_DIR=output"),
    (
        "CONTACT",
        _is_contact,
        "is neither an e-mail address nor a web address; write it as https://example.org/crawler",
    ),
    ("FEED_COPY", _is_storage, "is no storage; write it as s3://bucket/prefix"),
    ("FEED_COPY", can_copy, "needs boto3; install it from requirements-s3.lock"),
    (
        "INDEX",
        _is_database,
        "is no address; write it as postgresql://user@host/name, @ and / in a password as %40, %2F",
    ),
    ("INDEX", can_share, "needs psycopg; install it from requirements-fleet.lock"),
    ("LOOKS_HOURS", _are_ages, "are no ages in hours; write them as 1,6,24"),
    ("BROWSER", {"auto", "never", "always"}.__contains__, "is neither auto, never nor always"),
    ("BROWSER_PATH", _is_program, "is no program; name the file that starts the browser"),
    ("DUPLICATES", {"mark", "drop"}.__contains__, "is neither mark nor drop"),
    ("RIGHTS", {"obey", "record"}.__contains__, "is neither obey nor record"),
    ("CONTENT", {"full", "excerpt", "metadata"}.__contains__, "is none of full, excerpt, metadata"),
    ("LOG_LINES", {"text", "json"}.__contains__, "is neither text nor json"),
    ("NOW", _is_moment, "is no moment; write it as 2026-01-31T12:00:00Z"),
    ("REPLICA", _is_loopback, "is no address of this machine; write it as 127.0.0.1:8080"),
    ("ROBOTSTXT_OBEY", _is_flag, "is neither True nor False"),
)


def _number(value: object, kind: type[int | float]) -> int | float | None:
    try:
        number = kind(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None
