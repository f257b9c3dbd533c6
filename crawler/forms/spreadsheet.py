"""CSV (RFC 4180), a row a record, to open in a spreadsheet."""

import csv
from collections.abc import Iterable
from io import TextIOWrapper
from typing import BinaryIO, Final

from crawler.forms import Told
from crawler.items import Article

COLUMNS: Final = (
    *("id", "event", "revision", "site", "topic", "url", "headline", "description"),
    *("article_body", "authors", "date_published", "date_modified", "article_section"),
    *("keywords", "images", "in_language", "is_advertisement", "is_accessible_for_free"),
    *("word_count", "content", "duplicate_of", "date_first_seen", "date_downloaded", "run_id"),
)
# What a spreadsheet takes for a formula (OWASP, CSV Injection), also in its full width.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(records: Iterable[Article], file: BinaryIO, told: Told) -> None:
    """Lists are joined with `; `. Text that would be taken for a formula begins with `'`, and one
    that does so anyway with one more, so that it can be taken away again."""
    encoding = "utf-8-sig" if told.bom else "utf-8"
    text = TextIOWrapper(file, encoding, newline="", write_through=True)
    # Programs that also take ; or a tab for a separator respect quotes.
    rows = csv.writer(text, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    rows.writerows([_cell(getattr(it, name), name) for name in COLUMNS] for it in records)
    text.detach()


def _cell(value: object, name: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if name == "authors":
        value = "; ".join(author.name for author in value)  # type: ignore[attr-defined]
    elif name == "images":
        value = "; ".join(image.url for image in value)  # type: ignore[attr-defined]
    elif name == "keywords":
        value = "; ".join(value)  # type: ignore[arg-type]
    elif name == "duplicate_of":
        value = getattr(value, "id", None)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text
