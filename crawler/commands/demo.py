"""`scrapy demo`: the main job, end to end, over three days, without the internet."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.commands import check_options, reader_may_leave, refuse_in_one_line, wrong_use
from crawler.feed import feed_files, read
from crawler.items import Article, Change, Hunk
from crawler.outcome import INCOMPLETE

if TYPE_CHECKING:  # not needed by any other command
    from crawler.replica.timeline import Event, Timeline
    from crawler.replica.timeline.events import Editing

_MONDAY: Final = datetime(2026, 1, 19, 8, tzinfo=UTC)
_HARVESTS: Final = {
    timedelta(hours=1): "the first harvest, all is new",
    timedelta(hours=25): "each site has a new article, and one was edited",
    timedelta(hours=50): "an article that was gone yesterday is gone today",
    timedelta(hours=51): "nothing has happened, and no article is fetched",
}
_EDITS: "Final[dict[Editing, str]]" = {
    "headline": "Huawei stoppt EMUI 15.5 für das Nova 13",
    "lead": "Besitzer des Nova 13 müssen auf EMUI 15.5 noch warten.",
    "update": "**Update:** Die Verteilung ruht, weil der Akku danach zu schnell leer war.",
}
_FIELDS: Final = (
    *("id", "event", "revision", "url", "headline", "article_body", "authors"),
    *("date_published", "date_first_seen"),
)
_CONTEXT: Final = 40  # characters beside what differs


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show three days in the life of the feed, on an embedded replica of both sites"

    def long_desc(self) -> str:
        return (
            "Start a replica of both sites (a web server on this machine only, with invented "
            "articles, and a clock of its own) and harvest it on three days: all is new; an "
            "article was edited, which is shown as a diff; an article was withdrawn. A last "
            "harvest shows that no article is fetched twice. Needs no internet. The feed goes to a "
            "temporary folder that is removed at the end, unless --keep is given, or to "
            "-s OUTPUT_DIR=DIR, which is kept. Exit code: 0 all harvests were complete, 1 one "
            "was not, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        refuse_in_one_line("demo", parser)
        parser.add_argument(
            "--articles",
            type=int,
            default=20,
            metavar="N",
            help="articles a site on the first day (default: 20)",
        )
        parser.add_argument(
            "--keep", action="store_true", help="keep the temporary folder and say where it is"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_options("demo", self.settings, args)
        from crawler import replica  # not needed by any other command
        from crawler.replica.stories import MOST_ARTICLES

        most = MOST_ARTICLES - 1  # one more appears on the second day
        if args or not 1 <= opts.articles <= most:
            wrong_use("demo", f"takes no site, and --articles from 1 to {most}")
        given = self.settings.getpriority("OUTPUT_DIR") == SETTINGS_PRIORITIES["cmdline"]
        output_dir = Path(
            self.settings["OUTPUT_DIR"] if given else tempfile.mkdtemp(prefix="crawler-demo-")
        )
        if given and output_dir.is_dir() and any(feed_files(output_dir)):
            wrong_use("demo", f"{output_dir} holds a feed, which invented articles would spoil")
        self.exitcode = INCOMPLETE
        try:
            timeline = _three_days(opts.articles)
            with replica.running(timeline=timeline) as address, reader_may_leave():
                self.exitcode = _Demonstration(address, output_dir).show()
                if opts.keep and not given:
                    print(f"The feed stays in {output_dir}.")
        except KeyboardInterrupt:
            print("scrapy demo: interrupted", file=sys.stderr)
        finally:
            if not (given or opts.keep):
                shutil.rmtree(output_dir, ignore_errors=True)  # a harvest may be ending in there


def _three_days(articles: int) -> "Timeline":
    """What happens to the sites: a headline, lead and text edited, an article taken down."""
    from crawler.replica.stories import SITES
    from crawler.replica.timeline import Edit, Publish, Takedown, Timeline

    edited: dict[str, Any] = {"at": _MONDAY + timedelta(hours=9), "site": "mobiflip", "article": 1}
    events: list[Event] = [
        *(Publish(at=_MONDAY, site=site, article=1) for site in SITES),
        *(Edit(**edited, change=change, text=text) for change, text in _EDITS.items()),
        Takedown(at=_MONDAY + timedelta(hours=12), site="winfuture", article=1),
        *(Publish(at=_MONDAY + timedelta(hours=20), site=site, article=0) for site in SITES),
    ]
    return Timeline(events, start=_MONDAY, articles=articles + 1)


class _Demonstration:
    """Harvests of the replica at an address on three days, and what came of each."""

    def __init__(self, address: str, output_dir: Path) -> None:
        from rich.console import Console  # as in harvest.py

        self.console = Console(soft_wrap=True, highlight=False)
        self.address = address
        self.output_dir = output_dir
        self.files = self.feed()  # those already shown, or of an earlier demo
        self.latest = {record.id: record for path in self.files for record in read(path)}

    def show(self) -> int:
        """The exit code: of the harvest that went worst."""
        self.say(f"A replica of both sites runs on {self.address}, with a clock of its own.")
        codes = []
        for at, title in _HARVESTS.items():
            self.say(f"\n[bold]{_MONDAY + at:%A %H:%M}: {title}[/]\n")
            codes.append(self.harvest(_MONDAY + at))
            new = [path for path in self.feed() if path not in self.files]
            is_first = not self.files
            self.files += new
            for path in new:
                self.tell(path)
            if not new:
                self.say("\nIt wrote no feed file.")
            elif is_first:
                self.tell_first()
        return max(codes)

    def feed(self) -> list[Path]:
        return [*feed_files(self.output_dir)] if self.output_dir.is_dir() else []

    def say(self, text: str) -> None:
        self.console.print(text)

    def harvest(self, now: datetime) -> int:
        from crawler.replica import Clock
        from crawler.replica.stories import SITES  # there may be others, which it does not play

        Clock(self.address).set(now)
        settings = {"REPLICA": self.address, "OUTPUT_DIR": self.output_dir, "DOWNLOAD_DELAY": 0}
        told = {**settings, "NOW": now.isoformat()}.items()
        options = [part for name, value in told for part in ("-s", f"{name}={value}")]
        sys.stdout.flush()
        command = [sys.executable, "-m", "scrapy", "harvest", *sorted(SITES), *options]
        return subprocess.run(command).returncode  # noqa: S603

    def tell(self, path: Path) -> None:
        """A new feed file: its name, and what it says beyond articles that are new."""
        records = [*read(path)]
        noun = "record" if len(records) == 1 else "records"
        size = f"({len(records)} {noun}, {path.stat().st_size:,} bytes)"
        self.console.print(f"\n  {path}  {size}", markup=False)
        for record in records:
            if record.event != "published":
                self.tell_event(self.latest[record.id], record)
            self.latest[record.id] = record

    def tell_first(self) -> None:
        record = next(read(self.files[0]))
        told = msgspec.to_builtins(record)
        told = {name: told[name] for name in _FIELDS}
        told["article_body"] = _shortened(record.article_body)
        left = len(record.__dataclass_fields__) - len(_FIELDS)
        self.say(f"\nThe first record, but for {left} more fields:\n")
        self.console.print_json(data=told)

    def tell_event(self, before: Article, record: Article) -> None:
        self.say(f"\n    {record.id}, revision {record.revision}: {record.event}")
        if record.event == "withdrawn":
            self.console.print(f"    {record.headline}", style="strike", markup=False)
        for sign, line in difference(before, record):
            style = "red" if sign == "-" else "green"
            self.console.print(f"    {sign} {line}", style=style, markup=False)


def difference(before: Article, after: Article) -> Iterator[tuple[str, str]]:
    """What changed between two revisions as lines to read, each with its sign, - or +.

    Of a text, a line holds the words that differ and those around them.
    """
    for name, change in (after.changes or {}).items():
        if isinstance(change, Change):
            pairs = [(change.before, change.after)]
        else:
            text = getattr(before, name)
            pairs = [_around(text, hunk) for hunk in change]
        for was, became in pairs:
            if was:
                yield "-", f"{name}: {was}"
            if became:
                yield "+", f"{name}: {became}"


def _around(text: str, hunk: Hunk) -> tuple[str, str]:
    """The words of a hunk before and after, each with a few that stay; paragraphs stand alone."""
    if "\n" in hunk.before + hunk.after:
        return " ".join(hunk.before.split()), " ".join(hunk.after.split())
    left = text[: hunk.at].rpartition("\n")[2]
    right = text[hunk.at + len(hunk.before) :].partition("\n")[0]
    if len(left) > _CONTEXT:
        left = f"… {left[-_CONTEXT:].partition(' ')[2]}"
    if len(right) > _CONTEXT:
        right = f"{right[:_CONTEXT].rpartition(' ')[0]} …"
    return f"{left}{hunk.before}{right}", f"{left}{hunk.after}{right}"


def _shortened(body: str, limit: int = 200) -> str:
    return body if len(body) <= limit else f"{body[:limit]}… ({len(body)} characters)"
