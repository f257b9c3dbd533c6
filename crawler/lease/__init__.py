"""The lease of a site: one run at a time crawls it and writes its feed, on whichever machine.

Who holds a site stands in a record that all machines see, `output/leases/<site>.json` beside the
feed unless another store keeps it. The holder renews it, its heartbeat, three times in
`LEASE_SECONDS`. Whoever comes second judges whether the holder still lives:

- A holder on this machine (the same boot, the same pid namespace) lives exactly as long as its
  process does, told from a later one of the same number by the time at which it started.
- Of any other, only the heartbeat is seen. As long as it is younger than `LEASE_SECONDS` by the
  clocks of both machines, the holder lives. An older one may only look so, since clocks differ:
  the newcomer then watches the record for another `LEASE_SECONDS` by a clock of its own that
  nobody sets. If it changes meanwhile, the holder lives; if not, it has lost the site.

So clocks that differ never make two holders. At worst a dead holder on another machine, whose
clock went ahead, keeps the site for as long as that clock was ahead, but never for longer than
two times `LEASE_SECONDS` after somebody first asks for it.

A holder that could not renew its lease in time (it slept, was stopped, or lost the folder) looks
before it writes anything whether the site is still its own (`SiteLease.confirm`).

`record` says what a lease is, `files` keeps it in the folder of the feed, `postgresql` in a
database, `machine` tells whose process lives, `claim` is what a run does with it, `heart` renews
it.
"""

from pathlib import Path

from crawler.lease.claim import SiteLease
from crawler.lease.files import LEASES, FileLeases
from crawler.lease.heart import Heart
from crawler.lease.machine import is_running, started_at, this_machine
from crawler.lease.record import Decide, Lease, LeaseLostError, Leases, SiteBusyError

__all__ = [
    "LEASES",
    "Decide",
    "FileLeases",
    "Heart",
    "Lease",
    "LeaseLostError",
    "Leases",
    "SiteBusyError",
    "SiteLease",
    "is_running",
    "leases_at",
    "started_at",
    "this_machine",
]


def leases_at(output_dir: Path, database: str = "") -> Leases:
    """Where leases are kept: in the folder of the feed, or the database of the setting INDEX."""
    if not database:
        return FileLeases(output_dir / LEASES)
    from crawler.lease.postgresql import PostgresqlLeases

    return PostgresqlLeases(database)
