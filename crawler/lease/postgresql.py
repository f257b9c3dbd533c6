"""Leases in the database that keeps the index of many machines."""

from typing import Final

import msgspec
import psycopg

from crawler.lease.record import Decide, Lease

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS public.crawler_lease (site TEXT PRIMARY KEY, lease TEXT NOT NULL)"
)
# Any number, the same for all; it guards the table's making, too.
_LOCK: Final = 7_118_203_964_551_344
_SECONDS: Final = 10  # to connect, and to wait for another's decision


class PostgresqlLeases:
    """Leases as rows at an address (`postgresql://…`), where flock does not work between machines.

    One decision is made at a time, under an advisory lock. Each has a connection of its own, since
    the last one may be hours old, and makes the table, should its server be a new one.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def change(self, site: str, decide: Decide) -> None:
        options = f"-c lock_timeout={_SECONDS}s"
        try:
            with psycopg.connect(
                self.address, connect_timeout=_SECONDS, options=options
            ) as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                connection.execute(_TABLE)
                self._change(connection, site, decide)
        except psycopg.Error as error:
            line = str(error).strip().partition("\n")[0]
            raise OSError(f"PostgreSQL: {line}") from None

    def _change(self, connection: psycopg.Connection, site: str, decide: Decide) -> None:
        found = connection.execute(
            "SELECT lease FROM public.crawler_lease WHERE site = %s", (site,)
        ).fetchone()
        held = msgspec.json.decode(found[0], type=Lease) if found else None
        kept = decide(held)
        if kept is None:
            connection.execute("DELETE FROM public.crawler_lease WHERE site = %s", (site,))
        elif kept != held:
            connection.execute(
                "INSERT INTO public.crawler_lease VALUES (%s, %s) "
                "ON CONFLICT (site) DO UPDATE SET lease = excluded.lease",
                (site, msgspec.json.encode(kept).decode()),
            )
