"""Fills the pages' skeletons: the fixed parts are encoded once and shared by all pages."""

import re
from collections.abc import Callable, Mapping
from importlib.resources import files

from crawler.replica.filler import script

SLOT = re.compile(r"\{\{(\w+)(?::(\d+))?\}\}")


class Template:
    """A skeleton from ``data/``: ``{{name}}`` is filled per page, ``{{script:900}}`` once."""

    def __init__(self, name: str, encode: Callable[[str], bytes]) -> None:
        text = files("crawler.replica").joinpath("data", name).read_text("utf-8")
        text = SLOT.sub(lambda slot: _script(name, slot), text)
        pieces = SLOT.split(text)
        self.encode = encode
        self.fixed = [encode(piece) for piece in pieces[0::3]]
        self.names = pieces[1::3]

    def fill(self, values: Mapping[str, str]) -> tuple[bytes, ...]:
        """The page in pieces, ready to be joined."""
        pieces = [self.fixed[0]]
        for name, fixed in zip(self.names, self.fixed[1:], strict=True):
            pieces += (self.encode(values[name]), fixed)
        return tuple(pieces)


def _script(name: str, slot: re.Match[str]) -> str:
    return script(f"{name}:{slot.start()}", int(slot[2])) if slot[2] else slot[0]
