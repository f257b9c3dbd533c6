"""What a lease says, and what a place where leases are kept must do."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Protocol

import msgspec


class SiteBusyError(Exception):
    """Another run holds the site. holder: which, in words."""

    def __init__(self, site: str, holder: str) -> None:
        super().__init__(f"another run of {site} is under way: {holder}")
        self.holder = holder


class LeaseLostError(OSError):
    """The site is not this run's any more, or nobody can tell; nothing may be written."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a site.

    machine: boot id and pid namespace, empty where they cannot be told; only processes of the
    same machine know each other. pid, process_started: the process, and when it started, in
    clock ticks since boot. since, heartbeat: RFC 3339, UTC, by the holder's clock. beats: how
    many times it was renewed, so that each heartbeat differs. seconds: LEASE_SECONDS, as the
    holder has it.
    """

    run_id: str
    host: str
    machine: str
    pid: Annotated[int, msgspec.Meta(ge=1)]
    process_started: int
    since: datetime
    heartbeat: datetime
    beats: int = 0
    seconds: Annotated[float, msgspec.Meta(gt=0)]


Decide = Callable[[Lease | None], Lease | None]


class Leases(Protocol):
    """Where leases are kept: the folder of the feed, or a database that all machines reach."""

    def change(self, site: str, decide: Decide) -> None:
        """Replaces a site's lease by what `decide` makes of it, None being nobody's.

        While it decides, nobody else does, on any machine; what it raises is passed on, and
        leaves the lease as it was. Raises OSError when the lease cannot be had.
        """
