"""What `-a` may say to a spider."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self


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
