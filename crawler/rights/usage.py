"""Usage preferences in robots.txt: `Content-Usage` and `Content-Signal` lines, as evidence only.

draft-ietf-aipref-attach-05 (19 August 2026) defines the first, draft-romm-aipref-contentsignals-00
(1 October 2025) the words of the second, which is in wide use. Neither vocabulary is settled, so
what the words mean is left to whoever reads the evidence.
"""

from typing import Final

_LABELS: Final = ("content-usage", "content-signal")
_MOST_BYTES: Final = 512 * 1024  # RFC 9309, section 2.5


def usage_lines(robots_txt: bytes, agent: str) -> list[str]:
    """The lines of the group that is for a crawler, or else of the one for all; never raises.

    agent: our product token. Groups are those of RFC 9309, section 2.2.
    """
    groups: dict[str, list[str]] = {}
    names: list[str] = []
    is_naming = False
    for line in robots_txt[:_MOST_BYTES].decode("utf-8", "replace").splitlines():
        line = line.partition("#")[0].strip()
        label, colon, value = line.partition(":")
        label, value = label.strip().lower(), value.strip()
        if not colon:
            continue
        if label == "user-agent":
            names = [*(names if is_naming else ()), value.lower()]
        elif label in _LABELS and value:
            for name in names:
                groups.setdefault(name, []).append(line)
        elif names:
            for name in names:
                groups.setdefault(name, [])
        is_naming = label == "user-agent"
    return groups.get(agent.lower(), groups.get("*", []))
