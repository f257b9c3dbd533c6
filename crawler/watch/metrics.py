"""The watch's metrics, as Prometheus reads them over HTTP."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.watch.memory import Remembered

if TYPE_CHECKING:
    from crawler.watch.watcher import Watcher

_LABELS = ("site", "topic")
_COUNTERS = {
    "runs": "Runs that have ended, whatever came of them.",
    "failed_runs": "Runs that have failed, were killed, or ran out of time.",
    "new_articles": "Articles added to the feed.",
    "updated_articles": "New revisions of articles of the feed.",
    "requests": "Requests sent to the site, robots.txt included.",
    "run_seconds": "Seconds that the runs took.",
}
_GAUGES = {
    "last_run_complete": "Whether the feed held all that the site listed when the last run ended.",
    "last_run_alarms": "What someone must look at, by the report of the last run.",
    "last_complete_run_timestamp_seconds": (
        "When a run was last complete; until one was, since when it is in the schedule."
    ),
    "next_run_timestamp_seconds": "When the next run is due.",
    "running": "Whether a run goes on.",
}


class Metrics(Collector):
    """What a watcher knows, at the moment it is asked. Counters go on over restarts."""

    def __init__(self, watcher: "Watcher") -> None:
        self.watcher = watcher

    def collect(self) -> Iterator[Metric]:
        rows = [
            ((entry.site, entry.topic), self.watcher.memory[name], name)
            for name, entry in self.watcher.entries.items()
        ]
        for name, said in _COUNTERS.items():
            counter = CounterMetricFamily(f"crawler_{name}", said, labels=_LABELS)
            for labels, past, _ in rows:
                counter.add_metric(labels, getattr(past.totals, name))
            yield counter
        for name, said in _GAUGES.items():
            gauge = GaugeMetricFamily(f"crawler_{name}", said, labels=_LABELS)
            for labels, past, entry in rows:
                gauge.add_metric(labels, self._gauges(past, entry)[name])
            yield gauge

    def _gauges(self, past: Remembered, entry: str) -> dict[str, float]:
        last = past.last
        return {
            "last_run_complete": bool(last and last.is_complete),
            "last_run_alarms": last.alarms if last else 0,
            "last_complete_run_timestamp_seconds": (past.completed or past.since).timestamp(),
            "next_run_timestamp_seconds": self.watcher.next[entry].timestamp(),
            "running": entry in self.watcher.begun,
        }


def serve(watcher: "Watcher", host: str, port: int) -> Any:
    """Answers http://HOST:PORT/metrics from now on, in a thread of its own. Raises OSError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Metrics(watcher))
    return start_http_server(port, host, registry)


def address(said: str) -> tuple[str, int]:
    """The host and port of 127.0.0.1:9464 or [::1]:9464. Raises ValueError, in words for people."""
    host, _, port = said.rpartition(":")
    try:
        number = int(port) if port.isascii() and port.isdigit() else 0
        if 0 < number < 65_536:
            return str(ip_address(host.removeprefix("[").removesuffix("]"))), number
    except ValueError:
        pass
    raise ValueError(f"{said!r} is no address; write it as 127.0.0.1:9464")
