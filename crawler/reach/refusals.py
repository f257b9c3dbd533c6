"""Refusals: what is not asked for, or not taken; none of it is tried again."""

from scrapy.exceptions import IgnoreRequest


class OutOfReachError(IgnoreRequest):
    """A request that is not sent, because of where it would go. The message says where that is."""


class TooLargeError(IgnoreRequest):
    """An answer longer than DOWNLOAD_MAXSIZE, as received or once unpacked."""
