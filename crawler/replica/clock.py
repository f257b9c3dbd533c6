"""Moves the clock of a replica that has a timeline, through its control address."""

import json
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

CONTROL = "replica.invalid"  # a host that cannot exist: RFC 2606, section 2


class ClockError(Exception):
    """The replica did not obey; the message says why."""


class Clock:
    """The virtual time of the replica at an address, `host:port`."""

    def __init__(self, address: str) -> None:
        self.address = address

    def now(self) -> datetime:
        """The time it is there, in UTC."""
        return datetime.fromisoformat(self.told()["now"])

    def set(self, now: datetime | str) -> datetime:
        """Moves the clock forward to a moment; a text is RFC 3339. Returns the new time."""
        text = now if isinstance(now, str) else now.isoformat()
        return self._moved({"now": text})

    def advance(self, *, hours: float = 0, days: float = 0) -> datetime:
        """Moves the clock forward by a span; returns the new time."""
        return self._moved({"advance_hours": hours + 24 * days})

    def told(self) -> dict[str, Any]:
        """All the control address tells.

        `now`; `happened` and `waiting`: events as in a timeline's file, sorted by time; `requests`:
        by site and kind of page (article, listing, feed, sitemap, other) how many `requests` there
        have been, how many `not_modified` (304), how many `failed` (4xx, 5xx), and the `bytes` of
        the bodies sent.
        """
        return self._ask("GET")

    def _moved(self, to: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(self._ask("POST", json.dumps(to))["now"])

    def _ask(self, method: str, body: str | None = None) -> dict[str, Any]:
        with closing(HTTPConnection(self.address, timeout=30)) as connection:
            connection.request(method, "/clock", body, {"Host": CONTROL})
            response = connection.getresponse()
            said = response.read()
        if not said.startswith(b"{"):
            raise ClockError("this replica has no timeline, so its clock stands still")
        told: dict[str, Any] = json.loads(said)
        if response.status != 200:
            raise ClockError(told["error"])
        return told
