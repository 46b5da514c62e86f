"""The cycles of a loop, and what others see of them: the board, and messages."""

from collections.abc import Callable
from pathlib import Path

import boto3

from iamsync.aws.calls import Calls
from iamsync.daemon.board import Board
from iamsync.daemon.cycle import Cycles
from iamsync.daemon.drift import span_of
from iamsync.daemon.log import log
from iamsync.daemon.notice import Notice, notice
from iamsync.daemon.pace import Pace
from iamsync.daemon.pause import Paused
from iamsync.daemon.result import CycleResult
from iamsync.daemon.way import NO_PLACES
from iamsync.delivery import Destinations
from iamsync.reconcile import Means
from iamsync.source import Source


class Watched:
    """The cycles of one loop, `every` so many seconds. It `leads` unless another replica writes. `send` gets the
    message of each cycle that has one.
    """

    def __init__(  # noqa: PLR0913 - as Cycles
        self,
        source: Source,
        session: boto3.Session,
        *,
        every: float,
        csv: Path | None,
        places: Destinations = NO_PLACES,
        means: Means,
        paused: Paused,
        applies: bool = True,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        calls = Calls()
        self.board = Board(every=every, calls=calls, leads=leads)
        self.send: Callable[[Notice], None] = lambda _: None
        self._cycles = Cycles(
            source,
            session,
            csv=csv,
            places=places,
            means=means,
            listener=self._hear,
            paused=paused,
            span=span_of(every),
            applies=applies,
            on_session=calls.watch,
        )
        self._pace = Pace(self._cycles.next)

    def tick(self) -> CycleResult:
        """Make a cycle. Raises nothing but KeyboardInterrupt."""
        self.board.begin()
        return self._pace.tick()

    def pace(self, planned: float) -> float:
        """The pause before the next cycle, in seconds, where this one was planned."""
        pause = self._pace(planned)
        self.board.wait(pause)
        return pause

    def _hear(self, result: CycleResult) -> None:
        before = self.board.seen.status
        self.board.hear(result)  # first: who has read the line of the log may ask for the page
        log(result)
        if message := notice(before, result):
            self.send(message)
