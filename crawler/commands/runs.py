"""`scrapy runs`: what the runs did, as their reports tell it, and whether these hold together."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.commands import (
    check_options,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    wrong_use,
)
from crawler.feed import told
from crawler.outcome import COMPLETE, INCOMPLETE
from crawler.report import (
    ReportError,
    RunReport,
    breaches,
    named,
    report_at,
    report_paths,
    sha256,
)

_VERBS = ("list", "show", "verify")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        return "[options] [show RUN]"

    def short_desc(self) -> str:
        return "Show the run reports: a table, one of them, whether their chain holds"

    def long_desc(self) -> str:
        return (
            "Without a word: the latest runs in OUTPUT_DIR as a table, a row each, the newest "
            "last. `scrapy runs show RUN`: one report; RUN is its id, or a site, for its last "
            "run. `scrapy runs verify`: whether each report names the one before it by its hash, "
            "whether feed files are as the runs left them, and whether counts add up. Exit code: "
            "0 shown, or all holds; 1 something does not hold or cannot be read, with a line each; "
            "2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("runs", parser)
        parser.add_argument("--site", metavar="SITE", help="only runs of this site")
        parser.add_argument(
            "--last", type=int, metavar="N", help="how many runs the table shows (20)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("runs", self.settings, args)
        verb, *rest = args or ["list"]
        if verb not in _VERBS:
            wrong_use("runs", f"there is no {verb!r}; say show RUN, verify, or nothing")
        if verb == "show" and not rest:
            wrong_use("runs", "say which run: scrapy runs show RUN")
        if more := rest[verb == "show" :]:
            wrong_use("runs", f"{more[0]!r} is one argument too many; see scrapy runs --help")
        if opts.last is not None and opts.last < 1:
            wrong_use("runs", f"--last {opts.last}: at least one run")
        output = Path(self.settings["OUTPUT_DIR"])
        try:
            with reader_may_leave():
                self.exitcode = getattr(self, f"_{verb}")(output, opts, *rest)
        except (ReportError, OSError) as error:
            _complain(told(error))
            self.exitcode = INCOMPLETE

    def _list(self, output: Path, opts: argparse.Namespace) -> int:
        from crawler.report.showing import show_runs

        found = _paths(output, opts.site)[-(opts.last or 20) :]
        readable = [*_readable(found)]
        show_runs(readable)
        return COMPLETE if len(readable) == len(found) else INCOMPLETE

    def _show(self, output: Path, opts: argparse.Namespace, run: str) -> int:
        from crawler.report.showing import show_run

        found = [p for p in _paths(output, opts.site) if run == p.stem or run == _site(p)]
        if not found:
            wrong_use("runs", f"there is no run {run!r}; `scrapy runs` lists them")
        show_run(report_at(found[-1]))
        return COMPLETE

    def _verify(self, output: Path, opts: argparse.Namespace) -> int:
        paths = _paths(output, opts.site)
        holds = True
        for site in sorted({_site(path) for path in paths}):
            mine = [path for path in paths if _site(path) == site]
            found = [*breaches(output, site)]
            holds = holds and not found
            for breach in found:
                print(printable(f"{breach.path}: {breach.what}"))
            verdict = "the chain does not hold" if found else "the chain holds"
            count = f"{len(mine)} report{'s' * (len(mine) > 1)}"
            print(f"{site}: {count}, {verdict}; the last is sha256 {sha256(mine[-1])}")
        return COMPLETE if holds else INCOMPLETE


def _paths(output: Path, site: str | None) -> Sequence[Path]:
    """The reports asked for; ends the command where there are none."""
    if not (paths := report_paths(output, site)):
        whose = f"of {site} " if site else ""
        wrong_use("runs", f"there is no run report {whose}in {output}; crawl first, or name another"
                  " folder with -s OUTPUT_DIR=DIR")  # fmt: skip
    return paths


def _site(path: Path) -> str:
    return (named(path) or ("", ""))[0]


def _readable(paths: Iterable[Path]) -> Iterable[RunReport]:
    for path in paths:
        try:
            yield report_at(path)
        except ReportError as error:
            _complain(told(error))


def _complain(line: str) -> None:
    print(f"scrapy runs: {printable(line)}", file=sys.stderr)
