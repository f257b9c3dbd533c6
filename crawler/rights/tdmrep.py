"""The TDM Reservation Protocol: `/.well-known/tdmrep.json`, and which of its rules is a page's.

W3C Community Group Final Report "TDM Reservation Protocol (TDMRep)", 10 May 2024.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import msgspec

PATH: Final = "/.well-known/tdmrep.json"
RESERVATION: Final = "tdm-reservation"
POLICY: Final = "tdm-policy"

_MOST_BYTES: Final = 512 * 1024  # what RFC 9309, section 2.5, has a robots.txt be read up to
_MOST_SAID: Final = 300  # characters of a declaration that are kept as evidence
_WEB_ADDRESS: Final = re.compile(r"https?://\S+")
_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)  # RFC 3986, section 2.3


class Rule(msgspec.Struct, frozen=True):
    """One rule of the file: a pattern of paths, and what is declared for them.

    is_reserved: None where the value is neither 0 nor 1, which the report has count as unset.
    says: the rule in the file's own words, shortened.
    """

    location: str
    is_reserved: bool | None = None
    policy: str | None = None
    says: str = ""


class TdmFile(msgspec.Struct, frozen=True):
    """What a host answered. problem: why it is unknown what it declares; empty where it is known,
    which a host without such a file is: it declares nothing."""

    url: str
    rules: list[Rule] = []
    problem: str = ""

    def rule(self, url: str) -> Rule | None:
        """The first rule that matches a URL: by the report, that is the most specific one."""
        parts = urlsplit(url)
        path = _comparable(parts.path or "/") + (
            f"?{_comparable(parts.query)}" if parts.query else ""
        )
        path = path.replace("*", "%2A").replace("$", "%24")
        return next((rule for rule in self.rules if _matches(rule.location, path)), None)


def tdm_file(url: str, status: int, content: bytes) -> TdmFile:
    """What a host's answer to a request for the file means; never raises.

    404 and 410 are no file, and so is an HTML page, which many servers send for any address.
    Every other failure leaves unknown what the host declares.
    """
    if status in {404, 410} or (status == 200 and content.lstrip()[:1] == b"<"):
        return TdmFile(url)
    if status != 200:
        return TdmFile(url, problem=f"the server answered {status}")
    if len(content) > _MOST_BYTES:
        return TdmFile(url, problem=f"it is longer than {_MOST_BYTES} bytes")
    try:
        entries = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return TdmFile(url, problem="it is not JSON")
    if isinstance(entries, dict):  # the report demands a list; the wish is clear all the same
        entries = [entries]
    if not isinstance(entries, list):
        return TdmFile(url, problem="it holds no rules")
    return TdmFile(url, [_rule(entry, url) for entry in entries if _is_rule(entry)])


def _is_rule(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("location"), str)


def _rule(entry: Mapping[str, Any], url: str) -> Rule:
    said = {name: entry[name] for name in ("location", RESERVATION, POLICY) if name in entry}
    return Rule(
        location=entry["location"],
        is_reserved=reservation(entry.get(RESERVATION)),
        policy=policy(entry.get(POLICY), url),
        says=msgspec.json.encode(said).decode()[:_MOST_SAID],
    )


def reservation(value: object) -> bool | None:
    """Whether a value reserves text and data mining; None for what is neither 0 nor 1."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return {"0": False, "1": True}.get(str(value).strip())


def policy(value: object, url: str) -> str | None:
    """The address of a policy, absolute; None for what is none."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        address = urljoin(url, value.strip())
    except ValueError:
        return None
    return address if _WEB_ADDRESS.fullmatch(address) else None


def _comparable(path: str) -> str:
    """A path with each character in one form: as it is or escaped, whichever RFC 3986 prefers."""

    def unescaped(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(unescaped, quote(path, safe="/?%=&;:@!$'()*+,~", errors="replace"))


def _matches(location: str, path: str) -> bool:
    """Whether a pattern matches a path from its start; `*` is anything, a last `$` the end.

    As for robots.txt (RFC 9309, section 2.2.3). Takes no longer than pattern times path.
    """
    pattern = _comparable(location.strip())
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first) or not pattern:
        return False
    at = len(first)
    for part in others[:-1] if is_whole else others:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if not is_whole:
        return True
    if not others:
        return at == len(path)
    return path.endswith(others[-1]) and len(path) - len(others[-1]) >= at
