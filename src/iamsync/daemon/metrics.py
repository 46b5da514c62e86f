"""The metrics of a loop in the text format of Prometheus: numbers, and the id of the commit."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from iamsync import __version__
from iamsync.daemon.board import Seen
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import BUCKETS, LoopStatus, left_to_do
from iamsync.daemon.versions import SourceState

_Labels = TypeVar("_Labels", bound=tuple[str, ...])

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

BESIDE: Final = {
    "webhook": ("accepted", "repeated", "refused"),
    "notification": ("sent", "failed", "dropped"),
    "http_request": ("answered", "refused"),
}
"""What is counted beside the cycles, and how it may end."""


def metrics_text(seen: Seen) -> str:
    """The page that Prometheus reads; memory, file descriptors and CPU of this process come last."""
    registry = CollectorRegistry()
    registry.register(_Families(seen))
    ProcessCollector(registry=registry)
    return generate_latest(registry).decode("utf-8")


class _Families(Collector):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def collect(self) -> Iterable[Metric]:
        return families(self._seen)


def families(seen: Seen) -> Iterator[Metric]:
    """Each metric with its help and its values."""
    status = seen.status
    yield InfoMetricFamily("iamsync_build", "The version of iamsync.", {"version": __version__})
    yield from _cycles(status)
    yield from _moments(status)
    yield from _calls(seen)
    yield _counter(
        "iamsync_actions", "Calls of plans that were done or failed.", ("kind", "verb", "status"), status.actions
    )
    yield _counter("iamsync_drift", "Calls that drift made necessary.", ("kind", "verb"), status.drift)
    yield from _found(status.planned or CycleResult(result=Result.IN_SYNC, started=status.began))
    yield from _now(status)
    yield _gauge("iamsync_leader", "1 while this replica may write.", seen.leads)
    for kind, ways in BESIDE.items():
        counts = {(way,): seen.beside.get((kind, way), 0) for way in ways}
        yield _counter(
            f"iamsync_{kind}s", f"{kind.replace('_', ' ').capitalize()}s by how they ended.", ("result",), counts
        )


def _cycles(status: LoopStatus) -> Iterator[Metric]:
    counts = {(result.value,): status.cycles.get(result, 0) for result in Result}
    yield _counter("iamsync_cycles", "Cycles by result.", ("result",), counts)
    buckets, total = list[tuple[str, float]](), 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), status.durations, strict=True):
        total += count
        buckets.append((bound, total))
    yield HistogramMetricFamily(
        "iamsync_cycle_duration_seconds", "How long cycles take.", buckets=buckets, sum_value=status.seconds
    )


def _moments(status: LoopStatus) -> Iterator[Metric]:
    last = status.last.started if status.last else None
    yield _gauge("iamsync_interval_seconds", "The interval between cycles.", status.every)
    yield _moment("iamsync_last_cycle", "When the last cycle began", last)
    yield _moment("iamsync_last_good_cycle", "When the last good cycle ended", status.good_at)
    yield _moment("iamsync_next_cycle", "When the next cycle begins; 0 during a cycle", status.next_at)
    yield _moment("iamsync_commit", "When the commit was first used", status.commit_at)
    yield InfoMetricFamily("iamsync_commit", "The commit of the files.", {"commit": status.commit or ""})
    source = (status.last.source if status.last else None) or SourceState()
    refused = source.refused.since if source.refused else None
    failing = source.failure.since if source.failure else None
    yield _moment("iamsync_commit_refused", "Since when a newer commit is refused; 0 if none is", refused)
    yield _moment("iamsync_fetch_failing", "Since when the remote cannot be asked; 0 if it can", failing)
    yield _gauge(
        "iamsync_fetch_failures", "Fetches in a row that failed.", source.failure.count if source.failure else 0
    )


def _calls(seen: Seen) -> Iterator[Metric]:
    labels = ("service", "operation", "outcome")
    yield _counter("iamsync_aws_calls", "Calls to AWS, each try of them, by how it ended.", labels, seen.calls)
    throttled = dict.fromkeys(((service,) for service in ("iam", "sts")), 0)
    for (service, _, outcome), count in seen.calls.items():
        throttled[service,] = throttled.get((service,), 0) + (count if outcome == "throttled" else 0)
    yield _counter(
        "iamsync_aws_throttles", "Calls that AWS refused because they came too fast.", ("service",), throttled
    )


def _found(cycle: CycleResult) -> Iterator[Metric]:
    """What the last cycle found that came to a plan."""
    pending = GaugeMetricFamily(
        "iamsync_pending_actions", "Differences that the last cycle found and left.", labels=("kind", "verb")
    )
    for (kind, verb), count in sorted(left_to_do(cycle).items()):
        pending.add_metric((kind, verb), count)
    yield pending
    for name, words, number in (
        ("managed", "Owned users, groups and policies", cycle.managed),
        ("unmanaged_users", "Users that iamsync leaves alone", cycle.unmanaged_users),
        ("orphans", "Owned and no longer declared, and left alone", len(cycle.orphans)),
        ("suspended_users", "Declared users who are suspended", cycle.suspended),
        ("on_hold_users", "Users with the tag iamsync:hold", cycle.on_hold),
        ("held_back", "Subjects of which something is held back", len({one.subject for one in cycle.held_back})),
        ("contested", "What is repaired again and again", len(cycle.contested)),
    ):
        yield _gauge(f"iamsync_{name}", f"{words}.", number)


def _now(status: LoopStatus) -> Iterator[Metric]:
    is_paused = status.last is not None and bool(status.last.paused)
    yield _gauge("iamsync_paused", "1 while the loop only takes access away.", is_paused)


def _counter(name: str, words: str, labels: tuple[str, ...], counts: Mapping[_Labels, int]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _moment(name: str, words: str, moment: datetime | None) -> Metric:
    """A time in seconds since 1970; 0 is none."""
    return _gauge(f"{name}_timestamp_seconds", f"{words} (Unix time).", moment.timestamp() if moment else 0.0)
