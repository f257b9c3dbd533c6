"""Parquet, typed: times as instants, lists and objects as such; a row a record."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from crawler.forms import Told
from crawler.items import Article

_ROWS: Final = 5_000  # a row group, so memory stays bounded
_TIMES: Final = ("date_published", "date_modified", "date_first_seen", "date_downloaded")
_JSON: Final = ("changes", "rights")  # of many forms


def schema() -> Any:
    """The columns, as a `pyarrow.Schema`, in the record's order."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    moment = pa.timestamp("us", tz="UTC")
    image = pa.struct({"url": text, "caption": text, "credit": text})
    types = {
        "schema_version": pa.int32(),
        "revision": pa.int64(),
        "word_count": pa.int64(),
        "is_advertisement": pa.bool_(),
        "is_accessible_for_free": pa.bool_(),
        "correction": pa.bool_(),
        "backfill": pa.bool_(),
        "summary_points": texts,
        "keywords": texts,
        "authors": pa.list_(pa.struct({"name": text, "url": text})),
        "images": pa.list_(image),
        "duplicate_of": pa.struct({"id": text, "similarity": pa.float64()}),
        "archive": pa.struct({"file": text, "offset": pa.int64()}),
        **dict.fromkeys(_TIMES, moment),
    }
    names = Article.__dataclass_fields__
    return pa.schema([(name, types.get(name, text)) for name in names])


def write_parquet(records: Iterable[Article], file: BinaryIO, _: Told) -> None:
    """Writes row groups of some thousand records; what has many forms (`changes`, `rights`) is
    JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = schema()
    rows = map(_row, records)
    with pq.ParquetWriter(file, columns, compression="zstd") as writer:
        while group := [*islice(rows, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(group, schema=columns))


def _row(article: Article) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(article)
    for name in _TIMES:
        row[name] = row[name] and datetime.fromisoformat(row[name])
    for name in _JSON:
        row[name] = None if row[name] is None else msgspec.json.encode(row[name]).decode()
    return row
