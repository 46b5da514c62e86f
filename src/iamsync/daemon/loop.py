"""When the next cycle begins."""

import gc
import time
from collections.abc import Callable

import schedule

JITTER = 0.1
"""Share of the interval by which a cycle may come sooner or later, so that many loops do not ask IAM in step."""


def repeat(tick: Callable[[], None], *, every: int) -> None:
    """Call `tick` at once and then about every `every` seconds after it has returned, until KeyboardInterrupt.

    `tick` must not raise anything else: `schedule` would not plan the next run. `schedule` counts in local time, so it
    is asked for the next pause right after it has planned it, and the pause is one of a clock that only grows: a
    machine whose clock is set back by an hour, for winter or by hand, does not wait for that hour. Garbage, clients
    above all, is collected between two cycles; during a cycle the collector is calm.
    """
    scheduler = schedule.Scheduler()
    sooner, later = round(every * (1 - JITTER)), round(every * (1 + JITTER))
    try:
        tick()
        job = scheduler.every(max(1, sooner)).to(max(1, later)).seconds.do(tick)
        while True:
            pause = max(0.0, scheduler.idle_seconds or 0.0)
            gc.collect()
            time.sleep(pause)
            job.run()
    except KeyboardInterrupt:
        return
