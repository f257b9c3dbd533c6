"""What a page, its headers and its host declare together, with the evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawler.items import Evidence, Rights
from crawler.normalise import text
from crawler.rights.robots import words
from crawler.rights.tdmrep import POLICY, RESERVATION, TdmFile, policy, reservation

ROBOTS: Final = "X-Robots-Tag"
USAGE: Final = "Content-Usage"  # draft-ietf-aipref-attach-05, section 3
HEADERS: Final = (RESERVATION, POLICY, ROBOTS, USAGE)
_MOST_SAID: Final = 300  # characters of a declaration that are kept as evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What declarations of a page are read from.

    url: where it was fetched. headers: those of `HEADERS` that it came with, each time it was
    sent. metas: contents of the meta tags by name in lower case. tdm_file: what its host
    answered, None where it was not asked. usage: lines of its host's robots.txt that state usage
    preferences.
    """

    url: str
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    metas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tdm_file: TdmFile | None = None
    usage: Sequence[str] = ()


def found(page: Page, agent: str) -> Rights | None:
    """What is declared for a crawler with this product token; None where nothing is.

    Of the three places that TDMRep has, a later one supersedes an earlier one: the file, headers,
    meta tags. A value that is none supersedes nothing, and of several in one place the
    reservation counts. Robots words of all places add up.
    """
    url = page.url.partition("#")[0]
    evidence: list[Evidence] = []
    is_reserved, address = _by_file(page.tdm_file, url, evidence)
    for values, kind in ((page.headers, "header"), (page.metas, "meta tag")):
        said = values.get(RESERVATION, ())
        evidence += _said(f"{RESERVATION} {kind}", url, said)
        if told := {reservation(value) for value in said} - {None}:
            is_reserved = True in told
        said = values.get(POLICY, ())
        evidence += _said(f"{POLICY} {kind}", url, said)
        address = next(filter(None, (policy(value, url) for value in said)), address)
    robots: dict[str, None] = {}
    for source, value in _robots(page, agent):
        if spoken := words(value, {"*", agent}):
            robots |= dict.fromkeys(spoken)
            evidence += _said(source, url, [value])
    if "noai" in robots:
        is_reserved = True
    evidence += _said(f"{USAGE} header", url, page.headers.get(USAGE, ()))
    evidence += _said("robots.txt", _beside(url, "/robots.txt"), page.usage)
    if not evidence:
        return None
    return Rights(
        tdm_reserved=is_reserved,
        tdm_policy=address if is_reserved else None,
        robots=[*robots],
        evidence=evidence,
    )


def _by_file(
    file: TdmFile | None, url: str, evidence: list[Evidence]
) -> tuple[bool | None, str | None]:
    if file is None:
        return None, None
    if file.problem:
        evidence += _said("tdmrep.json", file.url, [file.problem])
    rule = file.rule(url)
    if rule is None:
        return None, None
    evidence += _said("tdmrep.json", file.url, [rule.says])
    return rule.is_reserved, rule.policy


def _robots(page: Page, agent: str) -> Iterator[tuple[str, str]]:
    for value in page.headers.get(ROBOTS, ()):
        yield f"{ROBOTS} header", value
    for name in ("robots", agent):
        for value in page.metas.get(name, ()):
            yield f"{name} meta tag", value


def _said(source: str, url: str, values: Sequence[str]) -> list[Evidence]:
    lines = (text(value[:_MOST_SAID]) for value in values)
    return [Evidence(source=source, url=url, says=line) for line in lines if line]


def _beside(url: str, path: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def kinds(rights: Rights | None) -> list[str]:
    """What was found, in the words of the run report."""
    if rights is None:
        return ["nothing"]
    told = {True: ["tdm reserved"], False: ["tdm not reserved"], None: []}[rights.tdm_reserved]
    names = [word.partition(":")[0] for word in rights.robots]
    if any(USAGE in entry.source or entry.source == "robots.txt" for entry in rights.evidence):
        names.append("usage preference")
    return [*told, *dict.fromkeys(names)] or ["nothing that could be understood"]
