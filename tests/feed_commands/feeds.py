"""A small feed with an edit and a withdrawal, for the tests of what reads feeds."""

from dataclasses import replace
from pathlib import Path

import msgspec

from crawler.changes import changes
from crawler.items import Article
from crawler.normal_form import normalised
from tests.test_feed import ARTICLE, lay

HEADLINE = "faltbares Tablet – für „Profis“"
GONE = "Köln prüft Überwachung"


def made(number: int, **fields: object) -> Article:
    site = str(fields.pop("site", "winfuture"))
    url = f"https://{site}.de/news,{number}.html"
    told = {"headline": f"Schlagzeile {number}", "url": url, **fields}
    return normalised(replace(ARTICLE, id=f"{site}:{number}", site=site, **told))  # type: ignore[arg-type]


def lay_feed(folder: Path, *more: Article) -> Path:
    first = made(1, headline=f"Huawei zeigt {HEADLINE}", keywords=["Huawei", "Köln"])
    edited = made(1, headline=f"Huawei verschiebt {HEADLINE}", keywords=["Huawei", "Köln"])
    edited = replace(edited, event="updated", revision=2, changes=changes(first, edited))
    second = made(2, headline=GONE, article_body="Ein Dienst.\n\n=SUMME(A1)\n\nDie Straße.")
    gone = replace(second, event="withdrawn", revision=2)
    runs = {
        "2026-01-15T210000.000Z": ("winfuture", [first, second]),
        "2026-01-16T210000.000Z": (
            "mobiflip",
            [made(5, site="mobiflip", date_published="2026-01-15T20:00:00+01:00"), *more],
        ),
        "2026-01-17T210000.000Z": ("winfuture", [edited, gone]),
    }
    for start, (site, articles) in runs.items():
        lines = [
            msgspec.json.encode(
                replace(it, run_id=f"{site}-{start}", date_downloaded=f"{start[:10]}T21:00:00Z")
            )
            for it in articles
        ]
        lay(folder / site / f"{start}.jsonl", *(line + b"\n" for line in lines))
    return folder
