"""One cycle of the loop: a pass that never raises and leaves exactly one line in the log."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import boto3

from iamsync.aws import FATAL_FOR_THE_RUN
from iamsync.core.plan import Report, Status
from iamsync.core.recent import Recent, Write, written
from iamsync.delivery import Destinations
from iamsync.delivery.credentials_csv import file_in
from iamsync.errors import CredentialsError, IamsyncError, PlanRefused
from iamsync.live import PolicyTags
from iamsync.reconcile import USUAL, Known, Means, Proposal, carry_out, propose
from iamsync.render.actions import summary
from iamsync.source import Source

KEPT_FOR = 3600.0
"""Seconds for which a cycle takes the tags of policies for what they were; each costs a call, and few ever change."""

_log = logging.getLogger("iamsync.cycle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one cycle leaves to the next: writes of this process that a read may not show yet; the tags of policies,
    read at that time of a clock that only grows; and whether AWS no longer takes the credentials of its session.
    """

    writes: tuple[Write, ...] = ()
    policy_tags: PolicyTags = field(default_factory=dict)
    read_at: float = 0.0
    rejected: bool = False

    def known_at(self, now: float) -> Known:
        """What of it holds at that time."""
        tags = self.policy_tags if now - self.read_at < KEPT_FOR else {}
        return Known(recent=Recent(writes=self.writes, now=now), policy_tags=tags)


NEW = Memory()
"""What a loop that has just begun remembers."""


def cycle(source: Source, session: boto3.Session, *, csv: Path, means: Means = USUAL, memory: Memory = NEW) -> Memory:
    """Reconcile once and log the result; new passwords and access keys go to a new file in the folder `csv`.

    `memory` is what the cycle before returned. Raises nothing but KeyboardInterrupt, when it was asked to stop.
    """
    started = time.monotonic()
    now = datetime.now(tz=UTC)
    file = file_in(csv, now)
    report = Report()
    memory = replace(memory, rejected=False)
    try:
        known = memory.known_at(started)
        proposal = propose(source.current(), session, now=now, known=known)
        read_at = memory.read_at if known.policy_tags else started
        memory = Memory(writes=proposal.unseen, policy_tags=proposal.policy_tags, read_at=read_at)
        report = carry_out(proposal, session, destinations=Destinations(csv=file), means=means)
        rejected = any(one.error_code in FATAL_FOR_THE_RUN for one in report.outcomes)
        memory = replace(memory, writes=memory.writes + written(report, time.monotonic()), rejected=rejected)
        fields = _fields(proposal, report)
    except PlanRefused as error:
        fields = {"result": "refused", "why": "; ".join(error.reasons)}
    except CredentialsError as error:
        memory = replace(memory, rejected=True)
        fields = {"result": "error", "why": f"{error}; the next cycle reads them anew"}
    except IamsyncError as error:
        fields = {"result": "error", "why": "; ".join(str(error).splitlines())}
    except Exception as error:  # noqa: BLE001 - the loop outlives a bug; the next cycle starts from IAM again
        notes = getattr(error, "__notes__", [])
        fields = {"result": "error", "why": "; ".join([f"{type(error).__name__}: {error}", *notes])}
    if places := dict.fromkeys(receipt.place for receipt in report.receipts):
        fields["secrets_in"] = ", ".join(places)
    fields["seconds"] = round(time.monotonic() - started, 2)
    _log.log(_level(fields), "cycle", extra={"fields": fields})
    if report.signalled:
        raise KeyboardInterrupt
    return memory


def _level(fields: Mapping[str, object]) -> int:
    """How loud a cycle's line is: whatever waits for a person must not look like peace."""
    if fields["result"] not in {"in sync", "applied"}:
        return logging.ERROR
    return logging.WARNING if fields["held_back"] or fields["warnings"] else logging.INFO


def _fields(proposal: Proposal, report: Report) -> dict[str, object]:
    plan = proposal.plan
    result = "in sync" if not plan.actions else "applied" if report.complete else "failed"
    return {
        "result": result,
        **{status.value: report.count(status) for status in Status},
        "failures": [f"{one.action.subject}: {one.why}" for one in report.outcomes if one.status is Status.FAILED],
        "put_off": [f"{one.subject}: {summary(one)}: just done, not visible yet" for one in proposal.put_off],
        "held_back": [note.subject for note in plan.held_back],
        "warnings": [f"{note.subject}: {note.text}" for note in plan.warnings],
        "orphans": len(plan.orphans),
        "unmanaged": plan.unmanaged_users,
    }
