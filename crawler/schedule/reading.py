"""Reading `schedule.toml`: every mistake in it, with a line each that says what would do."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawler.arguments import Arguments, WrongArgumentError
from crawler.schedule.entry import Entry, Quiet, Schedule, duration, is_always, told

_SPANS: Final = ("every", "shortest", "longest", "jitter", "time_limit")
_KEYS: Final = ("site", "topic", "cron", "quiet", *_SPANS)
_TIMEZONE: Final = "Europe/Berlin"
# Of more than a year nobody means what it says; politeness has no use for less than a minute.
_BOUNDS: Final = {
    "every": (timedelta(minutes=1), timedelta(days=366)),
    "shortest": (timedelta(minutes=1), timedelta(days=366)),
    "longest": (timedelta(minutes=1), timedelta(days=366)),
    "jitter": (timedelta(), timedelta(days=1)),
    "time_limit": (timedelta(seconds=1), timedelta(days=7)),
}


class ScheduleError(ValueError):
    """A schedule that cannot be used. mistakes: one line each, with file and entry."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_schedule(path: Path, sites: Collection[str]) -> Schedule:
    """The schedule in a file, for a project that has these sites.

    Raises ScheduleError with all mistakes at once, also where the file cannot be read.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        line = f"{path}: {error.strerror or error}; docs/operate/watch.md tells what it holds"
        raise ScheduleError([line]) from None
    except UnicodeDecodeError:
        raise ScheduleError([f"{path}: it is no UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ScheduleError([f"{path}: it is no TOML: {error}"]) from None
    reader = _Reader(sites)
    schedule = reader.read(said)
    if reader.mistakes:
        raise ScheduleError([f"{path}: {line}" for line in reader.mistakes])
    return schedule


class _Reader:
    """Reads what TOML said, and notes what cannot be used."""

    def __init__(self, sites: Collection[str]) -> None:
        self.sites = sites
        self.mistakes: list[str] = []

    def read(self, said: Mapping[str, Any]) -> Schedule:
        self.unknown("", said, ("timezone", "at_once", "defaults", "run"))
        timezone = self.timezone(said.get("timezone", _TIMEZONE))
        at_once = said.get("at_once", Schedule.at_once)
        if not isinstance(at_once, int) or not 1 <= at_once <= 1000:
            self.mistakes.append(f"at_once {at_once!r} is no number from 1 to 1000")
        defaults = said.get("defaults", {})
        if not isinstance(defaults, dict):
            self.mistakes.append("defaults is no table; write [defaults], and lines below it")
            defaults = {}
        self.unknown("defaults: ", defaults, [key for key in _KEYS if key != "site"])
        runs = said.get("run", [])
        if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
            self.mistakes.append("run is no list of tables; write [[run]], in two brackets")
            runs = []
        elif not runs and not self.mistakes:
            self.mistakes.append('there is no run in it; write [[run]], and site = "…" below')
        entries = [
            entry
            for number, run in enumerate(runs, 1)
            if (entry := _EntryReader(self, number, run, defaults).read())
        ]
        self.repeated(entries)
        return Schedule(tuple(entries), timezone, at_once)

    def timezone(self, said: object) -> ZoneInfo:
        try:
            return ZoneInfo(said)  # type: ignore[arg-type]
        except (ValueError, TypeError, OSError, LookupError):
            self.mistakes.append(f"timezone {said!r} is none; write it as {_TIMEZONE!r}")
            return ZoneInfo(_TIMEZONE)

    def unknown(self, where: str, said: Mapping[str, Any], known: Collection[str]) -> None:
        for key in (key for key in said if key not in known):
            close = get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            self.mistakes.append(f"{where}there is no {key!r}; {hint}")

    def repeated(self, entries: list[Entry]) -> None:
        seen: set[str] = set()
        for entry in entries:
            if entry.name in seen:
                self.mistakes.append(
                    f"{entry.site}, {entry.topic}: there are two of it; leave one [[run]] of them"
                )
            seen.add(entry.name)


@dataclass
class _EntryReader:
    """Reads one [[run]], on top of the defaults."""

    reader: _Reader
    number: int
    run: Mapping[str, Any]
    defaults: Mapping[str, Any]

    def read(self) -> Entry | None:
        """The entry; None where a mistake was found."""
        before = len(self.reader.mistakes)
        run = self.run
        self.reader.unknown(self.where, run, _KEYS)
        given = {k: v for k, v in self.defaults.items() if k != "site"}
        if "cron" in run:
            given = {k: v for k, v in given.items() if k not in {"every", "shortest", "longest"}}
        elif "every" in run:
            given.pop("cron", None)
        given |= run
        values: dict[str, Any] = {
            "site": self.site(given.get("site")),
            "topic": self.topic(given.get("topic", Arguments.topic)),
            "quiet": tuple(self.quiet(given.get("quiet", []))),
        }
        values |= {key: self.span(key, given[key]) for key in _SPANS if key in given}
        if "cron" in given:
            values["cron"] = self.cron(given["cron"])
        if len(self.reader.mistakes) == before:
            self.together(values)
        return Entry(**values) if len(self.reader.mistakes) == before else None

    @property
    def where(self) -> str:
        name = ", ".join(str(self.run[key]) for key in ("site", "topic") if key in self.run)
        return f"run {self.number}{f' ({name})' if name else ''}: "

    def mistake(self, line: str) -> None:
        self.reader.mistakes.append(self.where + line)

    def site(self, said: object) -> object:
        known = ", ".join(self.reader.sites)
        if said is None:
            self.mistake(f"it has no site; there are {known}")
        elif said not in self.reader.sites:
            self.mistake(f"there is no site {said!r}; there are {known}")
        return said

    def topic(self, said: object) -> object:
        try:
            if not isinstance(said, str):
                raise WrongArgumentError(f"topic {said!r} is no text; write it as 'huawei'")
            Arguments.read(topic=said)
        except WrongArgumentError as error:
            self.mistake(str(error))
        return said

    def span(self, key: str, said: object) -> timedelta | None:
        try:
            span = duration(said) if isinstance(said, str) else None
        except ValueError:
            span = None
        if span is None:
            self.mistake(f"{key} {said!r} is no duration; write it as '90s', '15m', '1h30m', '1d'")
            return None
        least, most = _BOUNDS[key]
        if not least <= span <= most:
            self.mistake(f"{key} {said!r} is not between {told(least)} and {told(most)}")
        return span

    def quiet(self, said: object) -> Iterator[Quiet]:
        for text in said if isinstance(said, list) else [said]:
            try:
                hours = Quiet.of(text) if isinstance(text, str) else None
            except ValueError:
                hours = None
            if hours is None:
                self.mistake(f"quiet {text!r} are no hours; write them as '23:00-06:00'")
            else:
                yield hours

    def cron(self, said: object) -> object:
        try:
            from cronsim import CronSim, CronSimError
        except ImportError:
            self.mistake("cron needs cronsim; install it with pip, from requirements-watch.lock")
            return said
        hint = "write it as '23 6-22 * * *': minute, hour, day, month, weekday"
        if not isinstance(said, str):
            self.mistake(f"cron {said!r} is no text; {hint}")
            return said
        try:
            next(CronSim(said, datetime.now(UTC)))
        except CronSimError as error:
            self.mistake(f"cron {said!r} is none ({str(error).lower()}); {hint}")
        except StopIteration:
            self.mistake(f"cron {said!r} names no moment that will ever be")
        return said

    def together(self, values: Mapping[str, Any]) -> None:
        """What cannot be used together."""
        if is_always(values["quiet"]):
            self.mistake("quiet is the whole day, so no run would ever begin; leave some of it")
        given = [key for key in ("cron", "every") if key in values]
        if len(given) != 1:
            said = "both cron and every" if given else "neither cron nor every"
            self.mistake(f"it has {said}; give one of them, as in every = '1h'")
            return
        if given == ["cron"]:
            if "shortest" in values or "longest" in values:
                self.mistake("shortest and longest go with every, not with cron; leave them out")
            return
        entry = Entry(**values)
        shortest, longest = entry.bounds
        assert entry.every
        if not shortest <= entry.every <= longest:
            self.mistake(f"every {told(entry.every)} is not between shortest and longest")
        elif entry.jitter > shortest:
            self.mistake(
                f"jitter {told(entry.jitter)} is longer than {told(shortest)} between runs"
            )
