"""The benchmark of speed as tables."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import ROOT, Cost
from benchmarks.programs import BARE, OURS, PROGRAMS
from benchmarks.report import circumstances, table
from benchmarks.speed import AGAIN, SITES, START, Result


@dataclass(frozen=True)
class Target:
    """What the issue asks of a ratio on each site: at least, or at most."""

    what: str
    ours: str
    other: str
    of: Callable[[Cost], float]
    limits: tuple[float, float]
    at_least: bool = False

    def row(self, result: Result) -> list[str]:
        cells = [self.what]
        for site, limit in zip(SITES, self.limits, strict=True):
            ratios = result.ratios(site, self.ours, self.other, self.of)
            middle = median(ratios)
            met = middle >= limit if self.at_least else middle <= limit
            sign = "≥" if self.at_least else "≤"
            spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
            verdict = "met" if met else "**missed**"
            cells.append(f"{middle:.2f} ({spread}); {sign} {limit:.2f} {verdict}")
        return cells


TARGETS = (
    Target("articles a second", OURS, BARE, lambda c: 1 / c.seconds, (1.0, 1.1), at_least=True),
    Target("CPU an article", OURS, BARE, lambda c: c.cpu, (0.92, 0.85)),
    Target("peak memory", OURS, BARE, lambda c: c.peak, (0.65, 0.65)),
    Target("CPU, nothing new, to bare start", AGAIN, START, lambda c: c.cpu, (1.15, 1.15)),
)


def markdown(result: Result, rounds: int, python: Path | None) -> str:
    """All tables, with versions, date and machine."""
    parts = [
        circumstances(versions(result, python)),
        f"{result.articles:,} articles a site, {rounds} rounds; medians of the rounds.",
        "**Ours beside the bare Scrapy spider**, ratios within a round: median (least–most).",
        table(["", *SITES], [target.row(result) for target in TARGETS]),
        "**A second run on the unchanged site**:",
        table(["", *SITES], second_run(result)),
    ]
    for site in SITES:
        parts += [f"**{site}**:", programs(site, result)]
    return "\n\n".join(parts)


def second_run(result: Result) -> list[list[str]]:
    rows = [["requests for articles"], ["tag pages requested, of those there"]]
    rows += [["most requests for one tag page"], ["CPU, s"], ["bare spider, one page: CPU, s"]]
    for site in SITES:
        articles, pages, most = result.second[site]
        rows[0].append(str(articles))
        rows[1].append(f"{pages} of {result.tag_pages[site]}")
        rows[2].append(str(most))
        rows[3].append(f"{result.middle(site, AGAIN, lambda c: c.cpu):.2f}")
        rows[4].append(f"{result.middle(site, START, lambda c: c.cpu):.2f}")
    return rows


def programs(site: str, result: Result) -> str:
    """A row for each program; what does not crawl has no articles a second to compare."""
    head = ["", "articles", "articles/s", "CPU ms/article", "peak MB", "paragraph F1"]
    rows = []
    for name, program in PROGRAMS.items():
        if (site, name) not in result.f1:
            continue
        speed = result.middle(site, name, lambda c: result.articles / c.seconds)
        cpu = result.middle(site, name, lambda c: 1000 * c.cpu / result.articles)
        peak = result.middle(site, name, lambda c: c.peak / 1e6)
        rows.append(
            [
                program.label if program.crawls else f"{program.label} (no crawl)",
                f"{result.articles:,}",
                f"{speed:.0f}" if program.crawls else "–",
                f"{cpu:.2f}",
                f"{peak:.0f}",
                f"{result.f1[site, name]:.3f}",
            ]
        )
    return table(head, rows)


def versions(result: Result, python: Path | None) -> Sequence[str]:
    """Name and version of what took part, asked of the environment it ran in."""
    found = []
    for name, program in PROGRAMS.items():
        environment = ".venv" + (f"-{program.environment}" if program.environment else "")
        interpreter = ROOT / environment / "bin/python"
        if python and not program.environment:
            interpreter = python
        if (SITES[0], name) in result.f1:
            found += [f"{package} {version(interpreter, package)}" for package in program.packages]
    return found


def version(interpreter: Path, package: str) -> str:
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    return subprocess.run(
        [interpreter, "-c", code, package], capture_output=True, text=True, check=True
    ).stdout.strip()
