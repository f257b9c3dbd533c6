"""`scrapy feed VERB`: read the feed; the verbs are the modules of `crawler.feed_commands`."""

import argparse
import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler import feed_commands
from crawler.commands import (
    check_options,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    wrong_use,
)
from crawler.feed import CursorError, CursorNameError, FeedError, told
from crawler.outcome import INCOMPLETE


def verbs() -> dict[str, ModuleType]:
    """What can be done with a feed: each a module with `add_options` and `run`."""
    names = sorted(module.name for module in iter_modules(feed_commands.__path__))
    return {name: import_module(f"{feed_commands.__name__}.{name}") for name in names}


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        return "VERB [options] [PATH]"

    def short_desc(self) -> str:
        return f"Read the feed: {', '.join(verbs())}"

    def long_desc(self) -> str:
        return (
            "Read the feed in OUTPUT_DIR, or the one at PATH: an output folder, a site's folder or "
            "one feed file. Feed files are never written to. `scrapy feed VERB --help` tells more. "
            "Exit code: 0 done, 1 the feed could not be read to its end, or a check found "
            "something, with a line saying so, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        refuse_in_one_line("feed", parser)
        found = parser.add_subparsers(
            dest="verb", metavar="VERB", title="Verbs", prog="scrapy feed"
        )
        for name, module in verbs().items():
            said = (module.__doc__ or "").strip()
            verb = found.add_parser(
                name,
                help=said.partition("\n")[0].rstrip("."),
                description=said,
                formatter_class=parser.formatter_class,
                conflict_handler="resolve",
            )
            refuse_in_one_line(f"feed {name}", verb)
            module.add_options(verb)
            super().add_options(verb)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if not opts.verb:
            wrong_use("feed", f"name what to do, as in: scrapy feed tail; there are {_listed()}")
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        name = f"feed {opts.verb}"
        check_options(name, self.settings, args)
        if args:
            wrong_use(name, f"{args[0]!r} is one argument too many; see scrapy {name} --help")
        try:
            with reader_may_leave():
                self.exitcode = verbs()[opts.verb].run(opts, self.settings)
        except CursorNameError as error:
            wrong_use(name, str(error))
        except (FeedError, CursorError, OSError) as error:
            print(f"scrapy {name}: {printable(told(error))}", file=sys.stderr)
            self.exitcode = INCOMPLETE
        except KeyboardInterrupt:
            print(f"scrapy {name}: interrupted", file=sys.stderr)
            self.exitcode = INCOMPLETE


def _listed() -> str:
    return ", ".join(verbs())
