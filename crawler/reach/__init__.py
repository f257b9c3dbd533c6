"""Reach: whom a run may ask at all, and how much of an answer it takes."""

from crawler.reach.addresses import is_public
from crawler.reach.hosts import ANY_HOST, StayOnSite, hosts_in, refusal
from crawler.reach.refusals import OutOfReachError, TooLargeError

__all__ = [
    "ANY_HOST",
    "OutOfReachError",
    "StayOnSite",
    "TooLargeError",
    "hosts_in",
    "is_public",
    "refusal",
]
