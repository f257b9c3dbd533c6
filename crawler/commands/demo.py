"""`scrapy demo`: the main job, end to end, without the internet."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.commands import check_options, reader_may_leave, refuse_in_one_line, wrong_use
from crawler.feed import feed_files
from crawler.outcome import INCOMPLETE


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Harvest both sites from an embedded replica, twice, and show what came of it"

    def long_desc(self) -> str:
        return (
            "Start a replica of both sites (a web server on this machine only, with invented "
            "articles), harvest it, show the table, the feed files and one record; then harvest "
            "again to show that nothing is fetched twice. Needs no internet. The feed goes to a "
            "temporary folder that is removed at the end, unless --keep is given, or to "
            "-s OUTPUT_DIR=DIR, which is kept. Exit code: 0 both harvests were complete, 1 one "
            "was not, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("demo", parser)
        parser.add_argument(
            "--articles", type=int, default=20, metavar="N", help="articles a site (default: 20)"
        )
        parser.add_argument(
            "--keep", action="store_true", help="keep the temporary folder and say where it is"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("demo", self.settings, args)
        from crawler import replica  # not needed by any other command
        from crawler.replica.stories import MOST_ARTICLES

        if args or not 1 <= opts.articles <= MOST_ARTICLES:
            wrong_use("demo", f"takes no site, and --articles from 1 to {MOST_ARTICLES}")
        given = self.settings.getpriority("OUTPUT_DIR") == SETTINGS_PRIORITIES["cmdline"]
        output_dir = Path(
            self.settings["OUTPUT_DIR"] if given else tempfile.mkdtemp(prefix="crawler-demo-")
        )
        self.exitcode = INCOMPLETE
        try:
            with replica.running(opts.articles) as address, reader_may_leave():
                self.exitcode = _demonstrate(address, output_dir)
                if opts.keep and not given:
                    print(f"The feed stays in {output_dir}.")
        except KeyboardInterrupt:
            print("scrapy demo: interrupted", file=sys.stderr)
        finally:
            if not (given or opts.keep):
                shutil.rmtree(output_dir, ignore_errors=True)  # a harvest may be ending in there


def _demonstrate(address: str, output_dir: Path) -> int:
    from rich.console import Console  # as in harvest.py

    console = Console(soft_wrap=True, highlight=False)
    console.print(f"A replica of both sites runs on {address}. First harvest:\n")
    first = _harvest(address, output_dir)
    console.print("\nThe feed:\n")
    files = [*feed_files(output_dir)]
    for path in files:
        lines = path.read_bytes().count(b"\n")
        console.print(f"  {path}  ({lines} records, {path.stat().st_size:,} bytes)", markup=False)
    if files:
        with files[0].open("rb") as feed:
            record = json.loads(feed.readline())
        console.print("\nIts first record:\n")
        console.print_json(data=record | {"article_body": _shortened(record["article_body"])})
    console.print("\nSecond harvest, of the unchanged sites:\n")
    second = _harvest(address, output_dir)
    added = len([*feed_files(output_dir)]) - len(files)
    console.print(f"\nIt added {added} feed files.")
    return max(first, second)


def _harvest(address: str, output_dir: Path) -> int:
    from crawler.replica.stories import SITES  # there may be others, which it does not play

    settings = {"REPLICA": address, "OUTPUT_DIR": output_dir, "DOWNLOAD_DELAY": 0}
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    sys.stdout.flush()
    command = [sys.executable, "-m", "scrapy", "harvest", *sorted(SITES), *options]
    return subprocess.run(command).returncode  # noqa: S603


def _shortened(body: str, limit: int = 200) -> str:
    return body if len(body) <= limit else f"{body[:limit]}… ({len(body)} characters)"
