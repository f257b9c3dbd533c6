"""The feed in forms that other programs read, each written from the same records.

A form is a function that writes records to an open file, in bounded memory; the libraries of the
extra `export` are imported by those that need them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a form is told besides the records.

    title: of an RSS, Atom or JSON Feed. url: where that will be found, if known. limit: how many
    entries it has, the newest. bom: whether a CSV begins with a byte order mark.
    """

    title: str
    url: str | None
    limit: int
    bom: bool
