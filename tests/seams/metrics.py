"""Something that watches the loop: counters in the form of Prometheus."""

from collections import Counter

from iamsync.core.report import Status
from iamsync.daemon.result import CycleResult


class Metrics:
    """What was counted since the loop began."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._held_back = 0
        self._commit = ""

    def __call__(self, result: CycleResult) -> None:
        """Count a cycle."""
        self._counts[f'iamsync_cycles_total{{result="{result.result.value}"}}'] += 1
        for status in Status:
            name = f'iamsync_actions_total{{status="{status.value}"}}'
            self._counts[name] += result.report.count(status)
        for receipt in result.report.receipts:
            self._counts[f'iamsync_deliveries_total{{channel="{receipt.channel}"}}'] += 1
        if result.error_kind:
            self._counts[f'iamsync_errors_total{{kind="{result.error_kind}"}}'] += 1
        self._held_back = len(result.held_back)
        self._commit = result.commit or self._commit

    def page(self) -> str:
        """All of it, a line each."""
        lines = [f"{name} {count}" for name, count in sorted(self._counts.items()) if count]
        gauges = [f"iamsync_held_back {self._held_back}", f'iamsync_commit_info{{commit="{self._commit}"}} 1']
        return "\n".join([*lines, *gauges]) + "\n"
