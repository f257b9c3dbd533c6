"""`python -m benchmarks`: the benchmark of speed. `make bench` makes the environments it needs."""

import argparse
import sys
from pathlib import Path

from benchmarks import report, speed, speed_report
from benchmarks.programs import BARE, OURS


def main() -> None:
    options = arguments()
    names = [OURS, BARE] if options.only_bare else [*speed.EVERY]
    result = speed.run(options.articles, options.rounds, names, python=options.python, say=progress)
    shown = speed_report.markdown(result, options.rounds, options.python)
    print(shown)
    if options.write:
        report.write("speed", shown)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--articles", type=int, default=1000, metavar="N", help="articles a site (default: 1000)")
    add("--rounds", type=int, default=5, metavar="N", help="(default: 5)")
    add("--only-bare", action="store_true", help="no peer but the bare Scrapy spider")
    add("--python", type=Path, help="interpreter of both (default: that of .venv)")
    add("--write", action="store_true", help="put the tables into benchmarks/README.md")
    return parser.parse_args()


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
