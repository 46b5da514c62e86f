"""When the next cycle begins."""

import gc
import signal
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic

import schedule

from iamsync.signals import ENDING, reported_at_once

JITTER = 0.1
"""Share of the interval by which a cycle may come sooner or later, so that many loops do not ask IAM in step."""


class Loop:
    """Calls `tick` at once, then about every `every` seconds after it has returned, and whenever it is woken.

    All ticks are made by the thread that runs the loop, so no two ever overlap. `tick` must not raise anything but
    KeyboardInterrupt: `schedule` would not plan the next run. `pace` gets each planned pause and returns the pause to
    make, in seconds.
    """

    def __init__(
        self, tick: Callable[[], object], *, every: int, pace: Callable[[float], float] = lambda seconds: seconds
    ) -> None:
        self._tick = tick
        self._every = every
        self._pace = pace
        self._stopped = False
        # A signal handler may put into it whatever the main thread is doing just then. With an Event that could hang.
        # True asks for a tick; False only ends the wait, so that a handler can run that may ask for one.
        self._bell: SimpleQueue[bool] = SimpleQueue()

    def wake(self) -> None:
        """Begin the next tick now, or as soon as the one that is under way has ended. For any thread and any signal
        handler; what comes more than once before a tick begins is one tick.
        """
        self._bell.put(True)

    def stop(self) -> None:
        """End the loop now, or as soon as the tick that is under way has ended. For any thread and signal handler."""
        self._stopped = True
        self._bell.put(True)

    def run(self) -> None:
        """Tick until `stop` is called, or KeyboardInterrupt.

        `schedule` counts in local time, which may be set back by an hour. So its pause is read right after it has
        planned the next tick, and measured by a monotonic clock. A signal ends the pause; its handler runs before the
        next tick. Garbage, above all clients, is collected between two ticks.
        """
        scheduler = schedule.Scheduler()
        sooner, later = round(self._every * (1 - JITTER)), round(self._every * (1 + JITTER))
        job = scheduler.every(max(1, sooner)).to(max(1, later)).seconds.do(self._tick)
        pause = 0.0
        with suppress(KeyboardInterrupt), reported_at_once(lambda _: self._bell.put(False), (*ENDING, signal.SIGHUP)):
            while self._pause(pause):
                job.run()
                pause = self._pace(max(0.0, scheduler.idle_seconds or 0.0))
                gc.collect()

    def _pause(self, seconds: float) -> bool:
        """Wait until so many seconds are over, or the bell asks for a tick. Whether the loop goes on."""
        ends, is_asked = monotonic() + seconds, False
        with suppress(Empty):
            while not is_asked:
                is_asked = self._bell.get(timeout=max(0.0, ends - monotonic()))
                for _ in range(self._bell.qsize()):  # and no more: whoever rings without end delays nothing
                    is_asked = self._bell.get_nowait() or is_asked
        return not self._stopped
