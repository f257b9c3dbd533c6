"""Run reports for a reader: many as a table, one in full."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from crawler.report.run_report import RunReport

_WIDE = 180  # columns where there is no terminal
_NARROW = 100
_COUNTS = ("new", "updated", "withdrawn", "known", "quarantined", "failed", "walled")
_SELDOM = ("withdrawn", "quarantined", "failed", "walled")


def show_runs(reports: Sequence[RunReport]) -> None:
    """Prints a table, a row each; a narrow one leaves out what is nowhere."""
    console = _console()
    is_narrow = console.width < _NARROW
    counts = [
        name
        for name in _COUNTS
        if name not in _SELDOM or any(report.counts.get(name) for report in reports)
    ]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("started", "site", "topic"):
        table.add_column(title, no_wrap=title == "started", overflow="fold")
    for title in (*counts, *(() if is_narrow else ("requests", "bytes", "seconds"))):
        table.add_column(title, justify="right", overflow="fold")
    table.add_column("complete", overflow="fold")
    for report in reports:
        told = [f"{report.counts.get(name, 0):,}" for name in counts]
        if not is_narrow:
            told += [f"{report.requests:,}", decimal(report.bytes), f"{report.seconds:,.1f}"]
        started = report.started[:16].replace("T", " ")
        table.add_row(
            started, Text(_plain(report.site)), Text(_plain(report.topic)), *told, verdict(report)
        )
    console.print(table)


def verdict(report: RunReport) -> Text:
    """Whether a run is complete; if not, why, as far as there is room."""
    alarmed = Text(f", {len(report.alarms)} alarms", style="red") if report.alarms else Text()
    if report.is_complete and not report.problems:
        return Text("yes", style="green") + alarmed
    why = "; ".join(report.problems) or report.stop
    return Text(f"no: {_plain(why)}" if why else "no", style="red") + alarmed


def show_run(report: RunReport) -> None:
    """Prints one report in full."""
    _console().print(Group(*_parts(report)))


def _parts(report: RunReport) -> Iterator[RenderableType]:
    yield Text(report.run_id, style="bold")
    yield _pairs(_head(report))
    yield _section("what became of the articles", _counts(report))
    if report.requests:
        yield _section("asked of the site", _asked(report))
    if report.sources:
        yield _section("which source answered", _named_counts(report.sources))
    if report.written:
        yield _section(f"filled in {report.written:,} records", _filled(report))
    for title, counted in (("walls", report.walls), ("quarantined", report.quarantine)):
        if counted:
            yield _section(title, {name: f"{n:,}" for name, n in counted.items()})
    if files := [*report.feed_files, *report.recovered_files]:
        hashes = {
            file.path: f"{file.records} lines, sha256 {file.sha256}" if file.sha256 else ""
            for file in files
        }
        yield _section("files", hashes)


def _head(report: RunReport) -> Iterator[tuple[str, str]]:
    yield "site, topic", f"{report.site}, {report.topic}"
    waited = f", {report.seconds_waited:,.1f} of them waited" if report.seconds_waited else ""
    yield "time", f"{report.started} to {report.ended}: {report.seconds:,.1f} s{waited}"
    yield "complete", f"{'yes' if report.is_complete else 'no'}: {report.stop or report.reason}"
    if report.covers[0]:
        yield "covers", " to ".join(map(str, report.covers))
    yield "exit code", str(report.exit_code)
    for problem in report.problems:
        yield "problem", problem
    for alarm in report.alarms:
        yield "alarm", str(alarm)
    for title, said in (("arguments", report.arguments), ("settings", report.settings)):
        if said:
            yield title, ", ".join(f"{name}={value}" for name, value in said.items())
    versions = report.versions or {"crawler": report.version}
    yield "versions", ", ".join(f"{name} {value}" for name, value in versions.items())
    if report.previous_run_id:
        yield "run before", f"{report.previous_run_id}, sha256 {report.previous}"


def _counts(report: RunReport) -> dict[str, str]:
    """The sum, and what adds up to it."""
    counts = report.counts
    asked = {name: counts.get(name, 0) for name in ("listed", "looked")}
    errors = {"errors": report.errors} if report.errors else {}
    fates = {name: n for name, n in (report.fates | errors).items() if n}
    sides = (" + ".join(f"{n:,} {name}" for name, n in side.items()) for side in (asked, fates))
    return {"": " = ".join(side or "0" for side in sides)}


def _asked(report: RunReport) -> dict[str, str]:
    whole = report.whole_walk
    told = f"{report.requests:,}, {decimal(report.bytes)}"
    if whole.get("requests", 0) > report.requests:
        told += f" (a whole walk: {whole['requests']:,}, {decimal(whole['bytes'])})"
    return {"requests": told} | {
        f"status {status}": f"{n:,}" for status, n in report.responses.items()
    }


def _filled(report: RunReport) -> dict[str, str]:
    return {
        name: f"{n:,}  {n / report.written:.0%}"
        for name, n in report.filled.items()
        if n < report.written
    } or {"": "every field in every record"}


def _named_counts(counted: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    return {
        name: ", ".join(f"{n:,} {source}" for source, n in sources.items())
        for name, sources in counted.items()
    }


def _section(title: str, told: Mapping[str, str]) -> RenderableType:
    return Group(Text(f"\n{title}", style="bold"), _pairs(told.items()))


def _pairs(told: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in told:
        table.add_row(Text(_plain(name)), Text(_plain(value)))
    return table


def _plain(text: str) -> str:
    """What a terminal would obey, made visible."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
