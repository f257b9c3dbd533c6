"""Reach: whom a run may ask at all, and how much of an answer it takes."""

from crawler.reach.addresses import is_public
from crawler.reach.hosts import StayOnSite, refusal
from crawler.reach.refusals import OutOfReachError, TooLargeError

__all__ = ["OutOfReachError", "StayOnSite", "TooLargeError", "is_public", "refusal"]
