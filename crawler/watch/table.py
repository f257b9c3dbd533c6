"""The schedule as a table: what ran, what came of it, what comes next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from crawler.watch.watcher import Watcher, state

_COLUMNS = ("site", "topic", "last run", "new", "updated", "complete", "next run")
_STYLES = {"yes": "green", "": ""}


def drawn(watcher: Watcher, now: datetime | None = None) -> Table:
    """A row for each entry, in the schedule's order, by its clock."""
    now = now or datetime.now(UTC)
    zone = watcher.schedule.timezone
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in _COLUMNS:
        is_number = title in {"new", "updated"}
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for name, entry in watcher.entries.items():
        past = watcher.memory[name]
        last = past.last
        counts = [f"{last.new:,}", f"{last.updated:,}"] if last and last.run_id else ["", ""]
        said = state(past)
        table.add_row(
            Text(entry.site),
            Text(entry.topic),
            clock(last.started, now, zone) if last else "never",
            *counts,
            Text(said, style=_STYLES.get(said, "red")),
            _next(watcher, name, now),
        )
    return table


def _next(watcher: Watcher, name: str, now: datetime) -> Text:
    if since := watcher.begun.get(name):
        minutes, seconds = divmod(round((now - since).total_seconds()), 60)
        return Text(f"running {minutes}:{seconds:02}", style="cyan")
    due = watcher.next[name]
    return Text("now" if due <= now else clock(due, now, watcher.schedule.timezone))


def clock(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A moment as people say it: the time alone today, the weekday within a week, the day."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    near = abs(local - today) < timedelta(days=6)
    return f"{local:%a %H:%M}" if near else f"{local:%Y-%m-%d}"
