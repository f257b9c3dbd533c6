"""The article record, and what becomes of one that fails a check.

`docs/article.schema.json` is generated from `Article`, so types, patterns and descriptions
live here and nowhere else.
"""

import json
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1

_DATE_TIME = {"format": "date-time"}

# RFC 3339, section 5.6. The publisher's clock keeps its offset, ours is UTC.
LocalTime = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$",
        extra_json_schema=_DATE_TIME,
    ),
]
UtcTime = Annotated[
    str,
    Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", extra_json_schema=_DATE_TIME),
]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s#]+$", extra_json_schema={"format": "uri"})]
Text = Annotated[str, Meta(pattern=r"\S")]

Content = Literal["full", "excerpt", "metadata"]


@dataclass(slots=True, kw_only=True)
class Author:
    """One author of an article."""

    name: Text
    url: Url | None = None


@dataclass(slots=True, kw_only=True)
class Image:
    """One picture of an article, never of its surroundings."""

    url: Url
    caption: str | None = None
    credit: str | None = None


@dataclass(slots=True, kw_only=True)
class DuplicateOf:
    """The earlier article that carries the same, or nearly the same, text."""

    id: Text
    similarity: Annotated[float, Meta(ge=0, le=1)]


# What a field of an article may hold: a line, a flag, or a list of lines, authors or images.
Value = str | bool | list[str | dict[str, str | None]] | None


@dataclass(slots=True, kw_only=True)
class Evidence:
    """A declaration as it was found: what said so, where, and in which words."""

    source: Text
    url: Url
    says: Text


@dataclass(slots=True, kw_only=True)
class Rights:
    """What a site declared about the use of an article when its text was fetched.

    `tdm_reserved` is null where text and data mining is neither reserved nor left free, or where
    that could not be found out. `robots` holds the words that matter, in lower case, such as
    `noarchive`, `max-snippet:50` or `unavailable_after:2026-03-01T00:00:00Z`.
    """

    tdm_reserved: bool | None = None
    tdm_policy: Annotated[str, Meta(pattern=r"^https?://\S+$")] | None = None
    robots: list[Text] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Change:
    """A field that is another than in the revision before.

    Of an edit these are lines; a correction names any field, in the form the field has.
    """

    before: Value
    after: Value


@dataclass(slots=True, kw_only=True)
class Hunk:
    """A run of words of a text that is another than in the revision before.

    `at` is where `before` begins in the text before, in characters (code points). Hunks stand in
    order, and applying all of them gives the text after: `crawler.changes.apply`.
    """

    at: Annotated[int, Meta(ge=0)]
    before: str
    after: str


@dataclass(slots=True, kw_only=True)
class ArchiveRecord:
    """Where an archive (ISO 28500, WARC) holds a response; docs/archive.md tells how to read it."""

    file: Annotated[
        Text, Meta(description="The archive file, relative to the output folder, with slashes.")
    ]
    offset: Annotated[
        int, Meta(description="Where the record's gzip member begins, in bytes.", ge=0)
    ]


@dataclass(slots=True, kw_only=True)
class Article:
    """One line of the feed: an article as a site published it at one time.

    Pages fill it as the site spells things, `Normalise` gives each field its one form,
    `Validate` holds it to the types below. Fields stand in the order of the feed.
    """

    schema_version: Annotated[int, Meta(description="Version of this record's schema.", ge=1)] = (
        SCHEMA_VERSION
    )
    id: Annotated[
        str,
        Meta(
            description="`<site>:<the site's own article number>`, or the canonical path where "
            "the site has none; stable when URL or headline change.",
            pattern=r"^[a-z0-9_]+:\S+$",
        ),
    ]
    event: Annotated[
        Literal["published", "updated", "withdrawn"], Meta(description="What this line tells.")
    ] = "published"
    revision: Annotated[
        int, Meta(description="1 for the first record of an article, then 2, 3, …", ge=1, lt=2**53)
    ] = 1
    site: Annotated[str, Meta(description="Name of the spider.", pattern=r"^[a-z0-9_]+$")]
    topic: Annotated[
        str, Meta(description="The tag crawled, in the site's spelling.", pattern=r"^\S+$")
    ]
    url: Annotated[
        Url, Meta(description="Canonical, absolute, https, no fragment, no tracking parameter.")
    ]
    headline: Annotated[Text, Meta(description="One line, as shown above the article.")]
    description: Annotated[
        str | None, Meta(description="One line: the lead as shown, else the meta description.")
    ] = None
    article_body: Annotated[
        str,
        Meta(
            description="Paragraphs, sub-headlines and list items in order, divided by one blank "
            "line; without headline and lead; cut short or empty where `content` says so."
        ),
    ]
    summary_points: Annotated[
        list[Text], Meta(description="The site's own bullet summary, a point an entry.")
    ] = field(default_factory=list)
    authors: Annotated[list[Author], Meta(description="In the page's order, each once.")] = field(
        default_factory=list
    )
    date_published: Annotated[
        LocalTime,
        Meta(
            description="RFC 3339 with the publisher's offset, Europe/Berlin where the page gives "
            "none; midnight where it gives no time."
        ),
    ]
    date_modified: Annotated[
        LocalTime | None, Meta(description="Last change the publisher admits to, as above.")
    ] = None
    article_section: Annotated[
        str | None, Meta(description="The publisher's section, as spelled.")
    ] = None
    keywords: Annotated[
        list[Text], Meta(description="The publisher's keywords as spelled, each once.")
    ] = field(default_factory=list)
    images: Annotated[
        list[Image], Meta(description="Pictures of the article, the lead picture first.")
    ] = field(default_factory=list)
    in_language: Annotated[str, Meta(description="ISO 639-1.", pattern=r"^[a-z]{2}$")] = "de"
    is_advertisement: Annotated[bool, Meta(description="Advertorial, deal or affiliate post.")] = (
        False
    )
    is_accessible_for_free: Annotated[
        bool,
        Meta(
            description="False where the page says, or shows, that a part is for subscribers; "
            "`article_body` then holds the part that is free."
        ),
    ] = True
    word_count: Annotated[
        int,
        Meta(
            description="Words of the article's body, split at white space; of the whole one, "
            "whatever `content` says.",
            ge=0,
        ),
    ] = 0
    content_hash: Annotated[
        str,
        Meta(
            description="`sha256:` and the hex digest of headline, description and body, "
            "joined by line feeds, in UTF-8; of the whole texts, whatever `content` says.",
            pattern=r"^sha256:[0-9a-f]{64}$",
        ),
    ] = ""
    content: Annotated[
        Content,
        Meta(
            description="How much of the text is here: `full`, an `excerpt` (description and body "
            "together cut to a number of characters), or `metadata` (neither)."
        ),
    ] = "full"
    rights: Annotated[
        Rights | None, Meta(description="What the site declared; null where it declared nothing.")
    ] = None
    duplicate_of: Annotated[
        DuplicateOf | None, Meta(description="An earlier article with (nearly) the same text.")
    ] = None
    changes: Annotated[
        dict[str, Change | list[Hunk]] | None,
        Meta(
            description="For `updated`: each changed field of headline, description, url (before "
            "and after) and article_body (hunks; none where it changed beyond the excerpt); for a "
            "correction any field."
        ),
    ] = None
    correction: Annotated[
        bool,
        Meta(
            description="The same page read anew by a better reader (`scrapy reparse`): the "
            "publisher changed nothing."
        ),
    ] = False
    backfill: Annotated[
        bool, Meta(description="Found on a first run or an import, so alerts can stay quiet.")
    ] = False
    date_first_seen: Annotated[UtcTime, Meta(description="UTC; when a run first saw it.")] = ""
    date_downloaded: Annotated[UtcTime, Meta(description="UTC; when this text was fetched.")] = ""
    archive: Annotated[
        ArchiveRecord | None,
        Meta(
            description="The response this record came from (of `withdrawn`: that told so), in a "
            "run with ARCHIVE=1."
        ),
    ] = None
    run_id: Annotated[Text, Meta(description="Names the run that wrote this line.")] = ""


@dataclass(slots=True, kw_only=True)
class Quarantined:
    """One line of the quarantine: a record that failed a check, and why.

    `record` holds the article as it was, so nothing is lost and the cause can be studied; under
    `rights` nothing but which article it is.
    """

    reason: Annotated[
        Literal["invalid", "duplicate", "rights"], Meta(description="The check that failed.")
    ]
    problems: Annotated[list[Text], Meta(description="What is wrong, a sentence a problem.")]
    url: Annotated[str, Meta(description="The URL that was requested.")]
    date_quarantined: UtcTime
    run_id: Text
    record: Annotated[dict[str, Any], Meta(description="The record that was refused.")]


def article_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a line of the feed, properties in the line's order.

    Every property is required, since absent values are written as null or []. Additional ones
    are allowed, since later versions may add fields.
    """
    definitions = msgspec.json.schema_components([Article], ref_template="#/$defs/{name}")[1]
    for definition in definitions.values():
        definition["description"] = definition["description"].partition("\n")[0]
        definition["required"] = sorted(definition["properties"])
        for member in definition["properties"].values():
            member.pop("default", None)  # nothing is left out, so nothing stands in for it
    article = definitions.pop("Article")
    order = [entry.name for entry in fields(Article)]
    article |= {
        "properties": {name: article["properties"][name] for name in order},
        "required": order,
        "if": {"properties": {"content": {"const": "full"}}},
        "then": {"properties": {"article_body": {"pattern": r"\S"}}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **article,
        "$defs": definitions,
    }


if __name__ == "__main__":
    print(json.dumps(article_schema(), indent=2, ensure_ascii=False))  # noqa: T201 - what `make docs` keeps
