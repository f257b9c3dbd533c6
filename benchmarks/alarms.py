"""Are faults noticed, and nothing else? `python -m benchmarks.alarms`.

A year of a topic's run reports, made up as real runs leave them, four runs a day: articles that
come by weekday and in bursts, holidays, second looks and controls, fields that some articles
lack, edits, articles that cannot be had, hours in which the site is down. Twenty faults are laid
into it, one every other week, each for five days. What is told outside of them is a false alarm.
Only silence tells of a listing that is an old one: that is measured in days, on years of its own.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from benchmarks.alarms_faults import FAULTS, OLD_LISTING, Fault, Page
from crawler.alarms import alarms
from crawler.report import Flagged, RunReport

TUNING, HELD_OUT = range(4), range(200, 208)
RUNS = (0, 6, 12, 18)  # hours
LOOKS = (1, 6, 24, 72, 168, 720)  # hours
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
CONTROLS = 3  # pages that each run reads at least
WEEKDAYS = (2.0, 2.2, 2.1, 2.3, 1.9, 0.8, 0.6)  # articles a day
HOLIDAYS = {
    *(date(2025, *day) for day in ((1, 1), (4, 18), (4, 21), (5, 1), (5, 29), (6, 9), (10, 3))),
    *(date(2025, 12, day) for day in range(22, 32)),
}
# Of so many articles a source has no such field.
LACKS = {"description": 0.02, "authors": 0.03, "date_modified": 0.4, "keywords": 0.01}
FIELDS = ("headline", "article_body", "date_published", "images", *LACKS)


@dataclass
class Year:
    """The articles of a year, when they came out, and the faults: when each began."""

    chance: random.Random
    published: list[datetime] = field(default_factory=list)
    faults: dict[datetime, Fault] = field(default_factory=dict)
    down: list[datetime] = field(default_factory=list)
    lasts: timedelta = timedelta(days=5)

    @classmethod
    def of(cls, seed: int) -> "Year":
        year = cls(random.Random(seed))
        burst = 1.0
        for n in range(DAYS):
            day = BEGIN + timedelta(days=n)
            burst = 1 + (burst - 1) * 0.6 + (2.5 if year.chance.random() < 0.02 else 0)
            rate = WEEKDAYS[6 if day.date() in HOLIDAYS else day.weekday()] * burst
            for _ in range(year.poisson(rate)):
                hour = min(23.9, max(0.1, year.chance.gauss(13, 4)))
                year.published.append(day + timedelta(hours=hour))
        year.published.sort()
        faults = year.chance.sample(FAULTS, len(FAULTS))
        for n, fault in enumerate(faults):
            start = BEGIN + timedelta(days=45 + n * 15 + year.chance.random() * 3)
            year.faults[start] = fault
        year.down = [BEGIN + timedelta(days=year.chance.random() * DAYS) for _ in range(8)]
        return year

    def poisson(self, rate: float) -> int:
        count, product, limit = 0, self.chance.random(), 2.718281828459045**-rate
        while product > limit:
            count, product = count + 1, product * self.chance.random()
        return count

    def fault_at(self, now: datetime) -> Fault | None:
        for start, fault in self.faults.items():
            if start <= now < start + self.lasts:
                return fault
        return None


@dataclass
class Crawl:
    """A topic's crawls of a year: which articles are known, and when each is looked at again."""

    year: Year
    seen: int = 0
    looks: dict[int, list[datetime]] = field(default_factory=dict)

    def report(self, now: datetime) -> RunReport:
        year, fault = self.year, self.year.fault_at(now)
        started = now.isoformat().replace("+00:00", "Z")
        made = RunReport(run_id=f"site-{started}", site="site", topic="topic", started=started)
        made.schema_version, made.reason = RunReport.VERSION, "finished"
        made.counts = Counter({"listed": 20})
        if any(timedelta(0) <= now - moment < timedelta(hours=7) for moment in year.down):
            made.problems = ("the listing https://site.example/ could not be read: 503",)
            return made
        if fault and fault.tells:
            made.problems, made.faults = (fault.name,), {fault.tells: [fault.name]}
            return made
        new = [n for n in range(self.seen, len(year.published)) if year.published[n] <= now]
        if fault and fault.hides_news:
            new = []
        due = [n for n, ages in self.looks.items() if ages and ages[0] <= now]
        others = [n for n in sorted(self.looks, reverse=True) if n not in due]
        due += others[: max(0, CONTROLS - len(new) - len(due))]
        made.counts["looked"] = len(due)
        made.counts["known"] = 20 - min(20, len(new))
        made.counts["listed"] = max(20, len(new))
        for n in new:
            self.fetch(n, made, fault, now, is_new=True)
        for n in due:
            self.looks[n] = [moment for moment in self.looks[n] if moment > now]
            self.fetch(n, made, fault, now, is_new=False)
        made.is_complete = not made.counts["failed"] and not made.counts["walled"]
        made.repeated = {k: n for k, n in made.repeated.items() if n > 1}
        return made

    def fetch(
        self, n: int, made: RunReport, fault: Fault | None, now: datetime, *, is_new: bool
    ) -> None:
        chance = self.year.chance
        page = Page(is_new=is_new, lacks={k for k, p in LACKS.items() if chance.random() < p})
        page.fate = "failed" if chance.random() < 0.004 else page.fate
        if fault:
            fault.strike(page)
        elif page.fate == "" and chance.random() < 0.004:
            page.fate = "invalid"
        elif not is_new and chance.random() < 0.6:
            made.counts["unchanged"] += 1  # 304: nothing was read
            return
        if page.fate in {"failed", "walled", "forbidden"}:
            made.counts[page.fate] += 1
            return
        if is_new:
            self.seen = max(self.seen, n + 1)
            since = self.year.published[n]
            ages = (since + timedelta(hours=age) for age in LOOKS)
            self.looks[n] = [moment for moment in ages if moment > now]
        self.read(page, made, is_edited=chance.random() < 0.08)

    @staticmethod
    def read(page: Page, made: RunReport, *, is_edited: bool) -> None:
        made.read += 1
        for name in FIELDS:
            if name not in page.lacks:
                source = page.moved.get(name, "json-ld")
                counted = made.sources.setdefault(name, {})
                counted[source] = counted.get(source, 0) + 1
        if page.is_dated_oddly:
            flag = Flagged(id=str(made.read), field="date_published", value="", why="in the future")
            made.dates_flagged.append(flag)
        if page.fate == "invalid":
            made.counts["quarantined"] += 1
            made.quarantine["invalid"] = made.quarantine.get("invalid", 0) + 1
            return
        if page.fate == "duplicate":
            made.counts["duplicate"] += 1
            return
        if not page.is_new and not is_edited and not page.is_edited:
            made.counts["unchanged"] += 1
            return
        made.counts["new" if page.is_new else "updated"] += 1
        made.written += 1
        if not page.is_new and page.loses:
            made.lost[page.loses] = made.lost.get(page.loses, 0) + 1
        for name in page.repeats:
            made.repeated[name] = made.repeated.get(name, 0) + 1


def runs(year: Year) -> Iterator[tuple[datetime, RunReport]]:
    """Every run's moment and report, alarms included."""
    crawl, told = Crawl(year), list[RunReport]()
    for n in range(DAYS * len(RUNS)):
        now = BEGIN + timedelta(days=n // len(RUNS), hours=RUNS[n % len(RUNS)], minutes=10)
        report = crawl.report(now)
        month = now - timedelta(days=30)
        told = [earlier for earlier in told if datetime.fromisoformat(earlier.started) >= month]
        rhythm = [m for m in year.published[: crawl.seen] if m >= now - timedelta(weeks=8)]
        report.alarms = alarms(report, told, rhythm, now, complete_hours=24)
        told.append(report)
        yield now, report


@dataclass
class Found:
    """What a year's alarms told: fault → the run that raised its first alarm, counted from 1."""

    after: dict[str, int] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)


def judged(seed: int) -> Found:
    """The faults found in a year, and the alarms that were for none."""
    year, found, raised = Year.of(seed), Found(), set[tuple[str, str]]()
    counted: Counter[str] = Counter()
    for now, report in runs(year):
        fault = year.fault_at(now)
        new = {(alarm.kind, alarm.subject) for alarm in report.alarms} - raised
        raised = {(alarm.kind, alarm.subject) for alarm in report.alarms}
        if fault:
            counted[fault.name] += 1
            if report.alarms and fault.name not in found.after:
                found.after[fault.name] = counted[fault.name]
        elif new and not year.fault_at(now - timedelta(days=2)):
            found.false += [f"{now:%m-%d %H} {alarm}" for alarm in report.alarms]
    return found


def silent(seed: int) -> float | None:
    """After how many days without news an old listing was told, by its silence."""
    year = Year.of(seed)
    begin = BEGIN + timedelta(days=200 + year.chance.random() * 100)
    year.faults, year.lasts = {begin: OLD_LISTING}, timedelta(days=60)
    last = max(moment for moment in year.published if moment < begin)
    for now, report in runs(year):
        if now > begin and any(alarm.kind == "silence" for alarm in report.alarms):
            return (now - last) / timedelta(days=1)
    return None


def main() -> None:
    is_telling = "-v" in sys.argv
    print("| seeds | years | faults | found within two runs | found at all | false alarms a year |")
    print("|---|---|---|---|---|---|")
    after: dict[str, list[int | None]] = {fault.name: [] for fault in FAULTS}
    for name, seeds in (("tuning", TUNING), ("held out", HELD_OUT)):
        with ProcessPoolExecutor() as pool:
            years = [*pool.map(judged, seeds)]
        laid = len(years) * len(FAULTS)
        within = sum(run <= 2 for year in years for run in year.after.values())
        total = sum(len(year.after) for year in years)
        false = sum(len(year.false) for year in years) / len(years)
        print(f"| {name} | {len(years)} | {laid} | {within} | {total} | {false:.1f} |")
        for fault, told in after.items():
            told += [year.after.get(fault) for year in years]
        if is_telling:
            for year in years:
                print("\n".join(year.false), file=sys.stderr)
    with ProcessPoolExecutor() as pool:
        days = sorted(day for day in pool.map(silent, HELD_OUT) if day)
    print(
        f"\nAn old listing: told in {len(days)} of {len(HELD_OUT)} years, {days[0]:.0f} to ", end=""
    )
    print(f"{days[-1]:.0f} days after the last article.")
    print("\n| fault | found in | after runs, at most |\n|---|---|---|")
    for fault, told in after.items():
        there = [run for run in told if run]
        print(f"| {fault} | {len(there)} of {len(told)} years | {max(there, default='–')} |")


if __name__ == "__main__":
    main()
