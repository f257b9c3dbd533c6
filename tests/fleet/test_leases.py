"""Leases in a real PostgreSQL: rivals at once, a decision that fails, a server that is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from crawler.lease import SiteBusyError, SiteLease
from crawler.lease.postgresql import PostgresqlLeases
from crawler.lease.record import Lease
from tests.postgresql import Server, running

RIVALS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def lease(address: str, number: int, site: str = "winfuture") -> SiteLease:
    return SiteLease(PostgresqlLeases(address), site, f"{site}-{number}", 90)


def test_of_rivals_that_begin_at_once_one_gets_the_site_and_they_make_the_table(
    server: Server,
) -> None:
    address, start = server.database(), Barrier(RIVALS)

    def tries(number: int) -> SiteLease | None:
        mine = lease(address, number)
        start.wait(30)
        try:
            return mine if mine.attempt() else None
        except SiteBusyError:
            return None

    with ThreadPoolExecutor(RIVALS) as pool:
        (holder,) = filter(None, pool.map(tries, range(RIVALS)))
    assert lease(address, 99, "mobiflip").attempt(), "another site is another lease"
    with pytest.raises(SiteBusyError):
        lease(address, 100).attempt()
    holder.release()
    assert lease(address, 101).attempt()


def test_a_decision_that_fails_leaves_the_lease_as_it_was(server: Server) -> None:
    address = server.database()
    assert lease(address, 1).attempt()
    seen: list[Lease | None] = []

    def fail(held: Lease | None) -> Lease | None:
        seen.append(held)
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            PostgresqlLeases(address).change("winfuture", fail)
    first, second = seen
    assert first == second
    assert first is not None
    assert first.run_id == "winfuture-1"


def test_a_server_that_is_away_is_told_in_one_line_without_the_password() -> None:
    with pytest.raises(OSError, match=r"^PostgreSQL: .*refused") as raised:
        lease("postgresql://crawler:geheim@127.0.0.1:1/x", 1).attempt()
    assert "geheim" not in str(raised.value)
    assert "\n" not in str(raised.value)
