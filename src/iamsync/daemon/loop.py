"""When the next cycle begins."""

import gc
import time
from collections.abc import Callable

import schedule

JITTER = 0.1
"""Share of the interval by which a cycle may come sooner or later, so that many loops do not ask IAM in step."""


def repeat(tick: Callable[[], None], *, every: int) -> None:
    """Call `tick` at once and then about every `every` seconds, until KeyboardInterrupt ends it.

    `tick` must not raise anything else: `schedule` would leave the job overdue and come back at once, for ever. What a
    cycle has left behind, clients above all, is collected between two, for during one the collector is calm.
    """
    scheduler = schedule.Scheduler()
    sooner, later = round(every * (1 - JITTER)), round(every * (1 + JITTER))
    scheduler.every(max(1, sooner)).to(max(1, later)).seconds.do(tick)
    try:
        tick()
        while True:
            gc.collect()
            time.sleep(max(0.0, scheduler.idle_seconds or 0.0))
            scheduler.run_pending()
    except KeyboardInterrupt:
        return
