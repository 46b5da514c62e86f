"""How a loop is, in a few words: the head of the page."""

from enum import Enum
from typing import NamedTuple

from iamsync.core.report import Status
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import LoopStatus
from iamsync.daemon.versions import SourceState
from iamsync.render.actions import count


class Level(Enum):
    """Whether somebody must act, and how soon."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"


class Headline(NamedTuple):
    """The level, the words, and sentences with more."""

    level: Level
    words: str
    more: tuple[str, ...] = ()


def headline(status: LoopStatus, clock: float) -> Headline:
    """The head of a loop's page at a moment of the clock that only grows."""
    last = status.last
    if last is None:
        return Headline(Level.NOTICE, "The first cycle is in progress")
    found = _of_source(last, _of(last))
    stale = () if status.is_ready(clock) else (_why_not_ready(status),)
    level = Level.BAD if stale else found.level
    return Headline(level, found.words, (*found.more, *stale))


def _why_not_ready(status: LoopStatus) -> str:
    if status.is_current:
        return "There was no good cycle for three intervals."
    return "The newest commit has not been in force for three intervals."


def _of_source(last: CycleResult, found: Headline) -> Headline:
    """The headline of a cycle, and what is wrong with the newest commit or the remote."""
    source = last.source or SourceState()
    if source.failure is not None:
        level = Level.NOTICE if found.level is Level.GOOD else found.level
        found = Headline(level, found.words, (*found.more, source.failure.why))
    if source.refused is not None:
        words = found.words if found.level is Level.BAD else "The newest commit is refused"
        found = Headline(Level.BAD, words, (*found.more, *source.refused.why))
    return found


def _of(last: CycleResult) -> Headline:
    paused = tuple(why for why in (last.standby, last.paused) if why)
    match last.result:
        case Result.ERROR:
            return Headline(Level.BAD, "The last cycle ended in an error", (*last.reasons, *paused))
        case Result.REFUSED:
            return Headline(Level.BAD, "Refused: nothing was changed", (*last.reasons, *paused))
        case Result.FAILED:
            status = Status.FAILED if last.report.count(Status.FAILED) else Status.SKIPPED
            number = count(last.report.count(status), "action")
            return Headline(Level.BAD, f"Not all was done: {number} {status.value}", paused)
        case Result.STANDBY:
            return Headline(Level.GOOD, "Standby: another replica makes the changes", paused)
        case Result.DRIFT:
            return Headline(Level.NOTICE, f"Drift: {count(len(last.planned), 'difference')}", paused)
        case _ if paused:
            return Headline(Level.NOTICE, "Paused", paused)
        case _ if last.contested:
            return Headline(Level.NOTICE, "Contested: the same is repaired again and again")
        case _ if last.held_back:
            return Headline(Level.NOTICE, f"{count(len({one.subject for one in last.held_back}), 'subject')} held back")
        case Result.APPLIED:
            return Headline(Level.GOOD, f"Applied: {count(last.report.count(Status.DONE), 'change')}")
        case _:
            return Headline(Level.GOOD, "In sync")
