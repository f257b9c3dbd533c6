"""`python -m crawler.report.schema`: the JSON Schema of a run report (`make docs` keeps it)."""

import json
from typing import Any

import msgspec

from crawler.report.run_report import RunReport


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a run report as this version writes it."""
    _, definitions = msgspec.json.schema_components([RunReport], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["required"] = list(definition["properties"])
        for member in definition["properties"].values():
            member.pop("default", None)
    report = definitions.pop("RunReport")
    report["properties"]["schema_version"] = {"const": RunReport.VERSION}
    for name in ("sha256", "records"):  # null only as read from earlier versions
        (kind,) = (
            k for k in definitions["FeedFile"]["properties"][name]["anyOf"] if k["type"] != "null"
        )
        definitions["FeedFile"]["properties"][name] = kind
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **report,
        "$defs": definitions,
    }


if __name__ == "__main__":
    print(json.dumps(report_schema(), indent=2, ensure_ascii=False))  # noqa: T201 - what `make docs` keeps
