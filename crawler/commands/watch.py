"""`scrapy watch`: the schedule of one machine, in one process that stays."""

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.utils.log import configure_logging

from crawler import progress
from crawler.commands import (
    check_live,
    check_options,
    disarm_log,
    keep_secrets,
    printable,
    reader_may_leave,
    refuse_in_one_line,
    wrong_use,
)
from crawler.commands._log import add_log_format, choose_log_format
from crawler.commands._schedule import crawl_command, schedule_of
from crawler.feed import told
from crawler.outcome import BUSY, COMPLETE, INCOMPLETE, worst

if TYPE_CHECKING:
    from crawler.schedule import Schedule
    from crawler.watch import Watcher

Listening = tuple[str, int]  # host and port
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "INFO"}

    def syntax(self) -> str:
        return "[options] [SCHEDULE]"

    def short_desc(self) -> str:
        return "Crawl sites and topics by a schedule, until told to end"

    def long_desc(self) -> str:
        return (
            "Crawl each site and topic of a schedule (default: schedule.toml) when it is due, in a "
            "process of its own, and show on a terminal what ran and what comes next. What was "
            "missed while the machine slept or was off is made up for once. SIGTERM and Ctrl-C "
            "let the requests in flight end, and leave complete feed files. Settings given with "
            "-s, as well as -L, hold for the crawls, too. Exit code: 0 told to end; with --once, "
            "the worst of what ran: 0 complete, or nothing was due, 1 incomplete or failed; 2 "
            "wrong use, or a mistake in the schedule, with a line each; 3 another watch has "
            "OUTPUT_DIR, or another run the site."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_log_format(parser)
        refuse_in_one_line("watch", parser)
        parser.add_argument("--once", action="store_true", help="run what is due, and end")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would run when, and run nothing"
        )

        parser.add_argument(
            "--metrics",
            metavar="ADDRESS",
            help="give Prometheus its metrics there, as in 127.0.0.1:9464",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        choose_log_format(self.settings, opts)
        check_options("watch", self.settings, args)
        if len(args) > 1:
            wrong_use("watch", f"{args[1]!r} is one argument too many; name one schedule")
        schedule = schedule_of("watch", Path(args[0] if args else "schedule.toml"), self.settings)
        if missing := [name for name in ("apscheduler", "cronsim") if find_spec(name) is None]:
            wrong_use("watch", f"it needs {missing[0]}; install it from requirements-watch.lock")
        metrics = self._metrics(opts)
        if opts.dry_run:
            self._show(schedule, is_once=opts.once)
            return
        check_live("watch", self.settings)
        keep_secrets()
        self._begin_log()
        self.exitcode = asyncio.run(self._watch(schedule, opts, metrics))

    def _metrics(self, opts: argparse.Namespace) -> Listening | None:
        """Where Prometheus may ask; None for nowhere."""
        if opts.metrics is None:
            return None
        if opts.once:
            wrong_use("watch", "--metrics is of no use with --once, which ends before anyone asks")
        if find_spec("prometheus_client") is None:
            wrong_use(
                "watch", "it needs prometheus-client; install it from requirements-watch.lock"
            )
        from crawler.watch.metrics import address

        try:
            return address(opts.metrics)
        except ValueError as error:
            wrong_use("watch", f"--metrics {error}")

    @property
    def _output_dir(self) -> Path:
        assert self.settings is not None
        return Path(self.settings["OUTPUT_DIR"])

    def _watcher(self, schedule: "Schedule", *told: Any) -> "Watcher":
        from crawler.watch import Memory, Watcher

        try:
            memory = Memory.read(self._output_dir)
        except OSError as error:
            wrong_use("watch", f"{self._output_dir} cannot be used: {error.strerror}")
        return Watcher(schedule, memory, self._output_dir, *told)

    # --- dry run ---

    def _show(self, schedule: "Schedule", *, is_once: bool) -> None:
        from rich.console import Console

        from crawler.watch.table import drawn

        watcher = self._watcher(schedule, lambda entry: [], asyncio.Event())
        due = ", ".join(entry.name for entry in watcher.due())
        with reader_may_leave():
            Console(width=None if sys.stdout.isatty() else 100).print(drawn(watcher))
            if is_once:
                print(f"Would run now: {due}" if due else "Nothing is due; nothing would run.")

    # --- watching ---

    async def _watch(
        self, schedule: "Schedule", opts: argparse.Namespace, metrics: Listening | None
    ) -> int:
        from crawler.lease import LEASES, FileLeases, Heart, SiteBusyError, SiteLease

        assert self.settings is not None
        stopping, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, _told_to_end, stopping)
        seconds = self.settings.getfloat("LEASE_SECONDS")
        lease = SiteLease(FileLeases(self._output_dir / LEASES), "watch", "scrapy watch", seconds)
        try:
            while not lease.attempt():
                await asyncio.sleep(1)
                if stopping.is_set():
                    return COMPLETE
        except SiteBusyError as error:
            return _not_begun(f"another watch has {self._output_dir}: {error.holder}", BUSY)
        except OSError as error:
            return _not_begun(f"{self._output_dir} cannot be used: {told(error)}", INCOMPLETE)
        heart = Heart(lease, lambda why: loop.call_soon_threadsafe(_lost, stopping, why))
        try:
            codes = await self._watch_alone(schedule, opts, stopping, metrics)
        finally:
            heart.stop()
            lease.release()
        return INCOMPLETE if lease.lost else worst([COMPLETE, *map(_code, codes)])

    def _begin_log(self) -> None:
        """Logs to standard error as it is by now, which a table draws below."""
        configure_logging(self.settings)
        disarm_log()

    async def _watch_alone(
        self,
        schedule: "Schedule",
        opts: argparse.Namespace,
        stopping: asyncio.Event,
        metrics: Listening | None,
    ) -> list[int]:
        """The exit codes of what `--once` ran."""
        assert self.settings is not None
        is_text = self.settings["LOG_LINES"] == "text"
        shows = progress.can_draw() and is_text and not opts.once
        tell = _tell if shows else None
        watcher = self._watcher(
            schedule, lambda entry: crawl_command(entry.site, entry.topic, opts), stopping, tell
        )
        if opts.once:
            return await watcher.once()
        if metrics and (why := _served(watcher, *metrics)):
            return [_not_begun(f"--metrics: {why}", INCOMPLETE)]
        with _shown(watcher) if shows else nullcontext():
            self._begin_log()
            if shows and not opts.loglevel:  # the table says the rest
                logging.getLogger("crawler.watch").setLevel(logging.WARNING)
            await watcher.watch()
        return []


def _not_begun(line: str, code: int) -> int:
    print(f"scrapy watch: {printable(line)}", file=sys.stderr)
    return code


def _served(watcher: "Watcher", host: str, port: int) -> str:
    """Begins to serve the metrics; why that cannot be, if it cannot."""
    from crawler.watch.metrics import serve

    try:
        serve(watcher, host, port)
    except OSError as error:
        return f"nobody can listen on {host}, port {port}: {error.strerror or error}"
    return ""


def _tell(line: str) -> None:
    """A line of a crawl, above the table."""
    print(printable(line), file=sys.stderr)


def _code(code: int) -> int:
    """A child's exit code as one of ours: what was killed has failed."""
    return code if code in {COMPLETE, BUSY} else INCOMPLETE


def _told_to_end(stopping: asyncio.Event) -> None:
    told = "The watch ends when the runs that go on have finished their requests in flight"
    logging.getLogger("crawler.watch").warning(told)
    stopping.set()


def _lost(stopping: asyncio.Event, why: str) -> None:
    """The watch is over, since another one has the folder."""
    logging.getLogger("crawler.watch").error("The watch ends: %s", why)
    stopping.set()


def _shown(watcher: "Watcher") -> AbstractContextManager[Any]:
    """The table at the foot of the terminal; what is logged stays whole above it."""
    from rich.console import Console
    from rich.live import Live

    from crawler.watch.table import drawn

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    return Live(
        get_renderable=lambda: drawn(watcher, datetime.now(UTC)),
        console=console,
        refresh_per_second=1,
        redirect_stdout=False,
    )
