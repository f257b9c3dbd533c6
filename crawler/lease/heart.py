"""What keeps a lease alive while its run does other things."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from crawler.lease.claim import SiteLease
from crawler.lease.record import LeaseLostError

_BEATS: Final = 3  # in the time after which a silent holder is taken for dead


class Heart:
    """Renews a lease, in a thread of its own, until it is stopped or the lease is lost.

    A run may be busy with one thing for longer than its lease lasts, as with building the index
    anew, and lives all the same. lost: called once, in that thread, with what happened.
    """

    def __init__(self, lease: SiteLease, lost: Callable[[str], object]) -> None:
        self.lease, self.lost = lease, lost
        self.stopped = Event()
        Thread(target=self._beat, name=f"lease of {lease.site}", daemon=True).start()

    def _beat(self) -> None:
        while not self.stopped.wait(self.lease.seconds / _BEATS):
            try:
                self.lease.beat()
            except LeaseLostError as error:
                self.lost(str(error))
                return

    def stop(self) -> None:
        self.stopped.set()
