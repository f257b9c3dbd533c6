"""Gzip: what a body from a stranger holds, and no more than one has room for."""

import zlib
from typing import Final

_GZIP: Final = b"\x1f\x8b"  # RFC 1952, section 2.3.1
_MOST_MEMBERS: Final = 16  # each costs a copy of all that follows


class GunzipError(ValueError):
    """A body is damaged, or ends too early; the message says which."""


class TooLongError(GunzipError):
    """A body holds more bytes, or members, than there is room for."""


def gunzip(body: bytes, most_bytes: int) -> bytes:
    """What a gzip body holds (RFC 1952). Raises GunzipError where it is damaged or ends too early,
    TooLongError as soon as it is longer than `most_bytes`.

    It may consist of a few members; what is behind the last one is padding.
    """
    found, length = [], 0
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            found.append(unpacker.decompress(body, most_bytes - length + 1))
        except zlib.error as error:
            raise GunzipError(f"its gzip body is damaged: {error}") from None
        length += len(found[-1])
        if length > most_bytes:
            raise TooLongError(f"it is longer than {most_bytes} bytes, once unpacked")
        if not unpacker.eof:
            raise GunzipError("its gzip body ends too early")
        body = unpacker.unused_data
        if not body.startswith(_GZIP):
            return b"".join(found)
    raise TooLongError(f"its gzip body has more than {_MOST_MEMBERS} members")
