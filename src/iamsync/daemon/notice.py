"""What a cycle has to say to people, as one message; most cycles have nothing to say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from iamsync.core.inert import visible
from iamsync.core.report import Outcome, Status
from iamsync.daemon.log import contested_words
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import LoopStatus
from iamsync.daemon.versions import SourceState
from iamsync.render.actions import reason, summary, why_words

MOST_LINES: Final = 30
MOST_CHARACTERS: Final = 400
"""Of one line."""

GONE: Final = 3
"""Fetches in a row that must fail before there is a message: a remote that is away for a moment is no news."""

_MENTION = re.compile(r"(?<!\w)@")


class Topic(Enum):
    """What a line is about, in the order in which topics are shown."""

    FAILURE = "failed"
    REFUSAL = "refused"
    CONTESTED = "contested"
    HOLD = "held back"
    DRIFT = "drift"
    CHANGE = "changed"
    RECOVERY = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message; `is_bad` if somebody must act."""

    title: str
    body: str
    is_bad: bool


def notice(before: LoopStatus, result: CycleResult) -> Notice | None:
    """The message of a cycle, after the status that the loop had `before`; None if there is nothing new. A
    standby says nothing: the replica that writes does.
    """
    if result.result is Result.STANDBY:
        return None
    lines = sorted(_lines(before, result), key=lambda one: [*Topic].index(one[0]))
    if not lines:
        return None
    counts = {topic: sum(one is topic for one, _ in lines) for topic in Topic}
    title = ", ".join(
        topic.value if topic is Topic.RECOVERY else f"{counts[topic]} {topic.value}" for topic in Topic if counts[topic]
    )
    shown = [f"{topic.value}: {_quiet(words)}" for topic, words in lines[:MOST_LINES]]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    account = f" {result.account.id}" if result.account else ""
    commit = [f"commit {_quiet(result.commit)}"] if result.commit else []
    is_bad = bool(counts[Topic.FAILURE] or counts[Topic.REFUSAL] or counts[Topic.CONTESTED])
    return Notice(title=f"iamsync{account}: {title}", body="\n".join([*shown, *more, *commit]), is_bad=is_bad)


def _lines(before: LoopStatus, result: CycleResult) -> Iterator[tuple[Topic, str]]:
    last = before.last
    yield from _of_outcomes(last, result)
    if not result.is_good and _how(result) != _how(last):
        topic = Topic.REFUSAL if result.result is Result.REFUSED else Topic.FAILURE
        yield from ((topic, one) for one in result.reasons)
    yield from _of_source((last.source if last else None) or SourceState(), result.source or SourceState())
    known = {(one.subject, one.what) for one in before.planned.contested} if before.planned else set()
    yield from (
        (Topic.CONTESTED, contested_words(one)) for one in result.contested if (one.subject, one.what) not in known
    )
    yield from _of_holds(before.planned, last, result)
    if result.result is Result.DRIFT:
        old = {(one.subject, summary(one)) for one in last.planned} if last else set()
        new = (one for one in result.planned if (one.subject, summary(one)) not in old)
        yield from ((Topic.DRIFT, f"{one.subject}: {summary(one)} ({reason(one)})") for one in new)
    if last is not None and result.is_good and not last.is_good:
        yield Topic.RECOVERY, f"the cycle is {result.result.value}, after {last.result.value}"


def _of_source(before: SourceState, now: SourceState) -> Iterator[tuple[Topic, str]]:
    """A commit that is newly refused, a remote that is gone for longer than a moment, and the end of both."""
    if now.refused and (before.refused is None or before.refused.commit != now.refused.commit):
        yield from ((Topic.REFUSAL, one) for one in now.refused.why)
    if before.refused and not now.refused:
        yield Topic.RECOVERY, "the newest commit is in force"
    if now.failure and _is_gone(now) and not _is_gone(before):
        yield Topic.FAILURE, now.failure.why
    if _is_gone(before) and not now.failure:
        yield Topic.RECOVERY, "the remote answers"


def _is_gone(source: SourceState) -> bool:
    return source.failure is not None and source.failure.count >= GONE


def _of_outcomes(last: CycleResult | None, result: CycleResult) -> Iterator[tuple[Topic, str]]:
    drifted = {id(action) for action in result.drifted}
    known = set(map(_failure, last.report.outcomes)) if last else set()
    for one in result.report.outcomes:
        words = f"{one.action.subject}: {summary(one.action)} ({reason(one.action)})"
        if one.status is Status.DONE:
            yield Topic.DRIFT if id(one.action) in drifted else Topic.CHANGE, words
        elif one.status is Status.FAILED and _failure(one) not in known:
            yield Topic.FAILURE, f"{words}: {why_words(one)}"


def _of_holds(
    planned: CycleResult | None, last: CycleResult | None, result: CycleResult
) -> Iterator[tuple[Topic, str]]:
    """What is newly held back; a pause is one line, and not one for each subject."""
    was_paused = bool(last and last.paused)
    if result.paused and not was_paused:
        yield Topic.HOLD, result.paused
    if was_paused and not result.paused:
        yield Topic.RECOVERY, "the pause is over"
    known = {(one.subject, one.text) for one in planned.held_back} if planned else set()
    for one in result.held_back:
        if (one.subject, one.text) not in known and not (result.paused and result.paused in one.text):
            yield Topic.HOLD, f"{one.subject}: {one.text}"


def _how(result: CycleResult | None) -> tuple[object, ...]:
    """How a cycle ended, as far as it is worth a message: an error of AWS has another id each time."""
    if result is None:
        return ()
    reasons = result.reasons if result.result is Result.REFUSED else ()
    return result.result, result.error_kind, result.commit, reasons


def _failure(outcome: Outcome) -> tuple[object, ...]:
    return outcome.action.subject, summary(outcome.action), outcome.status, outcome.error_code


def _quiet(words: str) -> str:
    """A line in which nothing mentions anybody, and no markup begins."""
    shown = visible(words if len(words) <= MOST_CHARACTERS else f"{words[:MOST_CHARACTERS]}...")
    return _MENTION.sub("(at)", shown).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
