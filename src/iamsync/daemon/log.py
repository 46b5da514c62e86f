"""The lines that each cycle leaves in the log: one for each action, and one for the cycle."""

import logging
from datetime import datetime

from iamsync.core.action import Action
from iamsync.core.report import Outcome, Status
from iamsync.daemon.drift import Contested
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.versions import SourceState
from iamsync.render.actions import reason, summary, why_words
from iamsync.render.text import note_words

_log = logging.getLogger("iamsync.cycle")
_actions = logging.getLogger("iamsync.action")


def log(result: CycleResult) -> None:
    """Write the line of a cycle."""
    _log.log(_level(result), "cycle", extra={"fields": fields(result)})


def log_action(outcome: Outcome) -> None:
    """Write the line of an action that was done, or that failed; what was skipped is only counted."""
    if outcome.status is Status.SKIPPED:
        return
    action, words = outcome.action, why_words(outcome)
    line = {
        "result": outcome.status.value,
        "subject": action.subject,
        "action": summary(action),
        "reason": reason(action),
        **({"why": words} if words else {}),
    }
    level = logging.INFO if outcome.status is Status.DONE else logging.ERROR
    _actions.log(level, "action", extra={"fields": line})


def fields(result: CycleResult) -> dict[str, object]:
    """What the line says, in this order."""
    places = dict.fromkeys(receipt.place for receipt in result.report.receipts)
    return {
        "result": result.result.value,
        "account": result.account.id if result.account else None,
        "caller": result.caller,
        "commit": result.commit,
        "digest": result.digest,
        **({"why": "; ".join(result.reasons)} if result.reasons else _work(result)),
        **({"paused": result.paused} if result.paused else {}),
        **({"standby": result.standby} if result.standby else {}),
        **({"drift": list(map(_words, result.planned))} if result.result is Result.DRIFT else {}),
        **({"contested": list(map(contested_words, result.contested))} if result.contested else {}),
        **({"secrets_in": ", ".join(places)} if places else {}),
        **_source(result),
        "seconds": round(result.seconds, 2),
    }


def contested_words(one: Contested) -> str:
    """`user/aiko attach Deploy, 5 times in 1 h`."""
    hours = one.span.total_seconds() / 3600
    return f"{one.subject} {one.what}, {one.times} times in {hours:g} h"


def _words(action: Action) -> str:
    return f"{action.subject}: {summary(action)}"


def _level(result: CycleResult) -> int:
    """Whatever waits for a person is louder than a cycle that is done."""
    source = result.source or SourceState()
    if not result.is_good or source.refused:
        return logging.ERROR
    is_loud = result.held_back or result.warnings or result.contested or result.result is Result.DRIFT or source.failure
    return logging.WARNING if is_loud else logging.INFO


def _source(result: CycleResult) -> dict[str, object]:
    """Why the newest commit is not in force, and why it is not known which is the newest; since when, for how long."""
    fields: dict[str, object] = {}
    if result.source and (refused := result.source.refused):
        fields |= {
            "refused_commit": refused.commit,
            "refused_why": "; ".join(refused.why),
            "refused_since": refused.since.isoformat(timespec="seconds"),
            "refused_for": _seconds(result, refused.since),
        }
    if result.source and (failure := result.source.failure):
        fields |= {
            "fetch_error": failure.why,
            "fetch_failures": failure.count,
            "fetch_failing_since": failure.since.isoformat(timespec="seconds"),
            "fetch_failing_for": _seconds(result, failure.since),
            "next_fetch": failure.next_try.isoformat(timespec="seconds"),
        }
    return fields


def _seconds(result: CycleResult, since: datetime) -> int:
    """For how many seconds this has been so. It may have begun in this cycle."""
    return max(0, round((result.started - since).total_seconds()))


def _work(result: CycleResult) -> dict[str, object]:
    report = result.report
    return {
        **{status.value: report.count(status) for status in Status},
        "failures": [f"{one.action.subject}: {one.why}" for one in report.outcomes if one.status is Status.FAILED],
        "put_off": [f"{one.subject}: {summary(one)}: just done, not visible yet" for one in result.put_off],
        "held_back": [note.subject for note in result.held_back],
        "warnings": [f"{note.subject}: {note_words(note)}" for note in result.warnings],
        "orphans": len(result.orphans),
        "unmanaged": result.unmanaged_users,
    }
