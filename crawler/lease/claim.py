"""What a run does with the lease of its site: ask for it, renew it, make sure of it, release it."""

import logging
import os
import socket
import time
from datetime import UTC, datetime
from threading import RLock
from typing import NoReturn

import msgspec

from crawler.lease.machine import is_running, started_at, this_machine
from crawler.lease.record import Lease, LeaseLostError, Leases, SiteBusyError

logger = logging.getLogger(__name__)


class SiteLease:
    """A run's claim to a site: attempted until it is had, then renewed until it is released.

    is_taken_over: whether its last holder was on another machine, so that it may wake up again
    with files still open.
    """

    def __init__(self, leases: Leases, site: str, run_id: str, seconds: float) -> None:
        self.leases, self.site, self.seconds = leases, site, seconds
        now = datetime.now(UTC)
        self.mine = Lease(
            run_id=run_id,
            host=socket.gethostname(),
            machine=this_machine(),
            pid=os.getpid(),
            process_started=started_at(os.getpid()) or 0,
            since=now,
            heartbeat=now,
            seconds=seconds,
        )
        self.is_held = self.is_taken_over = False
        self.lost = ""
        self.renewed = 0.0
        self.watched: tuple[Lease, float] | None = None
        self._mutex = RLock()  # a thread renews it, while others confirm and release it

    def attempt(self) -> bool:
        """Takes the site; False while its holder must be watched: call again after a second.

        Raises SiteBusyError when another run holds it, OSError when that cannot be told.
        """
        self.renewed = _now()
        self.leases.change(self.site, self._take)
        return self.is_held

    def _take(self, held: Lease | None) -> Lease | None:
        if held is not None:
            lives = is_running(held)
            self.is_taken_over = lives is None
            if lives is None:
                lives = self._seems_alive(held)
            if lives:
                raise SiteBusyError(self.site, _told(held))
            if lives is None:
                return held
        now = datetime.now(UTC)
        self.mine = msgspec.structs.replace(self.mine, since=now, heartbeat=now)
        self.is_held = True
        return self.mine

    def _seems_alive(self, held: Lease) -> bool | None:
        """Whether a holder lives of which only the heartbeat is seen; None: not known yet."""
        now = time.monotonic()
        if self.watched is None:
            self.watched = held, now
            age = (datetime.now(UTC) - held.heartbeat).total_seconds()
            if abs(age) < held.seconds:
                return True
            told = "Watching for %g seconds whether a run lives that was not heard of: %s"
            logger.info(told, held.seconds, _told(held))
            return None
        before, since = self.watched
        if held != before:
            return True
        return None if now - since < held.seconds else False

    def beat(self) -> None:
        """Renews the lease; one that was released stays so. Raises LeaseLostError when another
        run has it, or when it could not be renewed for so long that another may have."""
        with self._mutex:
            if self.lost:
                raise LeaseLostError(self.lost)
            if self.is_held:
                self._renew()

    def _renew(self) -> None:
        now = _now()
        try:
            self.leases.change(self.site, self._renewed)
        except LeaseLostError as error:
            self._lose(str(error))
        except OSError as error:
            if now - self.renewed < self.seconds:
                logger.warning("The lease of %s could not be renewed yet: %s", self.site, error)
                return
            self._lose(f"the lease of {self.site} could not be renewed: {error}")
        self.renewed = now

    def _lose(self, why: str) -> NoReturn:
        self.lost, self.is_held = why, False
        raise LeaseLostError(why) from None

    def _renewed(self, held: Lease | None) -> Lease:
        if held is None or not self._is_mine(held):
            holder = _told(held) if held else "nobody"
            raise LeaseLostError(f"this run was silent for too long, and {holder} has the site now")
        self.mine = msgspec.structs.replace(
            self.mine, heartbeat=datetime.now(UTC), beats=self.mine.beats + 1
        )
        return self.mine

    def confirm(self) -> None:
        """Makes sure, before something is written, that the site is still this run's.

        Costs nothing while heartbeats are in time. Raises LeaseLostError.
        """
        if self.lost or _now() - self.renewed > self.seconds / 2:
            self.beat()

    def release(self) -> None:
        """Lets go of the site, if it is still this run's."""
        with self._mutex:
            if self.is_held:
                self.is_held = False
                try:
                    self.leases.change(self.site, self._released)
                except OSError as error:
                    logger.warning("The lease of %s could not be released: %s", self.site, error)

    def _released(self, held: Lease | None) -> Lease | None:
        return held if held and not self._is_mine(held) else None

    def _is_mine(self, held: Lease) -> bool:
        """Whatever its heartbeat: who writes it need not learn whether that succeeded."""
        mine = self.mine
        return msgspec.structs.replace(held, heartbeat=mine.heartbeat, beats=mine.beats) == mine


def _now() -> float:
    """Seconds on a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _told(holder: Lease) -> str:
    since = holder.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{holder.run_id}, process {holder.pid} on {holder.host}, since {since}"
