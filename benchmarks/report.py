"""Puts a benchmark's result into README.md here, between the markers of its section."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

README = Path(__file__).parent / "README.md"


def write(section: str, result: str, readme: Path = README) -> None:
    """Replaces what stands between a section's markers.

    Raises ValueError when the file has no such markers: its prose is written by hand.
    """
    text = readme.read_text()
    begin, end = (f"<!-- {section}: {word} -->" for word in ("begin", "end"))
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{readme.name} lacks the markers {begin} and {end}")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    readme.write_text(f"{before}{begin}\n\n{result.strip()}\n\n{end}{after}")


def circumstances(versions: Sequence[str]) -> str:
    """When and on what a result was had."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    kernel = re.match(r"\d+\.\d+", platform.release())
    return (
        f"{day}, {os.cpu_count()} cores ({platform.machine()}), {platform.system()} "
        f"{kernel.group() if kernel else ''}, Python {platform.python_version()}; "
        f"{', '.join(versions)}."
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that also reads well as text; all columns but the first to the right."""
    cells = [[*head], *([*row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    aligned = [
        [
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in cells
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (aligned[0], rule, *aligned[1:]))
