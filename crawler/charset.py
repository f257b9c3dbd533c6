"""Which encoding the bytes of a page are in, whatever server and page say of it."""

from functools import lru_cache
from typing import Final

from lxml import etree
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)


def encoding(content: bytes, content_type: str | None = None) -> str:
    """The encoding of an HTML page, as libxml2 names it.

    Byte order mark, then HTTP header, then `<meta>`, as the WHATWG Encoding Standard reads their
    labels; but what they call UTF-8 or windows-1252 is believed only as far as the bytes agree,
    since servers mix the two up and cut letters in halves, and a label that cannot be true is
    passed over. ISO-8859-1 on the web means
    windows-1252; the two differ only in bytes 0x80 to 0x9f, and libxml2 decodes the former twice
    as fast.
    """
    declared = (
        read_bom(content)[0]
        or http_content_type_encoding(content_type)
        or html_body_declared_encoding(content)
    )
    declared = declared and resolve_encoding(declared)
    if declared not in {None, "utf-8", "cp1252", "ascii"} and _may_be_true(declared, content):
        return declared
    try:
        content.decode()
    except UnicodeDecodeError:
        if declared != "cp1252" and _is_mostly_utf_8(content):
            return "utf-8"
        is_latin_1 = not any(byte in content for byte in _C1)
        return "iso-8859-1" if is_latin_1 else "windows-1252"
    return "utf-8"


def _may_be_true(declared: str, content: bytes) -> bool:
    """Whether a page may be in an encoding: rot13 is none, and UTF-16 has markup full of NULs."""
    if declared.startswith(("utf-16", "utf-32")):
        return b"\0" in content
    return _is_known(declared)


@lru_cache(64)
def _is_known(charset: str) -> bool:
    """Whether libxml2 can read an encoding that Python knows."""
    try:
        etree.HTMLParser(encoding=charset)
    except LookupError:
        return False
    return True


_C1: Final = bytes(range(0x80, 0xA0))  # where windows-1252 has dashes and quotes


def _is_mostly_utf_8(content: bytes) -> bool:
    """Whether more letters beyond ASCII are whole than broken; in Latin-1 hardly one is whole."""
    decoded = content.decode(errors="replace")
    broken = decoded.count("\ufffd")
    beyond_ascii = len(decoded) - len(decoded.encode("ascii", "ignore"))
    return broken < beyond_ascii - broken
