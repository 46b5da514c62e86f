"""What a snapshot does not have: of what files need, so that no plan is made; and of what a plan says beside that."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from iamsync.core import change as to
from iamsync.core.arn import parse_policy_arn
from iamsync.core.claims import must_claim
from iamsync.core.coverage import Names
from iamsync.core.model import DesiredState
from iamsync.core.plan import Plan
from iamsync.core.snapshot_note import SnapshotNote
from iamsync.core.unnamed import unnamed
from iamsync.snapshot.answers import WHAT_THEN
from iamsync.snapshot.entries import Snapshot


def lacking(snapshot: Snapshot, desired: DesiredState) -> tuple[str, ...]:
    """Why no plan to `desired` can be made, a sentence each; empty if one can. What is not even in the account is not
    lacking.
    """
    owner = desired.settings.owner
    if snapshot.owner != owner and not snapshot.complete:
        words = f"the snapshot is for files of owner {snapshot.owner}, and these are of {owner}"
        return (f"other owner: {words}: {WHAT_THEN}",)
    found = sorted({*_unclaimed(snapshot, desired), *(() if snapshot.complete else _lacking(snapshot, desired))})
    return (f"not in the snapshot, but in the account: {', '.join(found)}: {WHAT_THEN}",) if found else ()


def _lacking(snapshot: Snapshot, desired: DesiredState) -> Iterator[str]:
    names, hidden = Names.of(desired), snapshot.unnamed
    used = filter(None, map(parse_policy_arn, names.used_policies))
    own = {one.name.casefold() for one in used if one.account == snapshot.account}
    new_users = names.users - {name.casefold() for name in snapshot.users}
    for kind, asked, hashes in (
        ("user", names.users, hidden.users),
        ("group", names.groups | names.used_groups, hidden.groups),
        ("policy", names.policies | own, hidden.policies),
        ("mfa", new_users, hidden.mfa_devices),
    ):
        there = {*hashes}
        yield from (f"{kind}/{name}" for name in asked if unnamed(snapshot.of, kind, name) in there)
    for name, group in snapshot.groups.items():
        if group.unnamed_members and name.casefold() in names.groups:
            yield f"members of group/{name}"
    for arn, policy in snapshot.policies.items():
        name = arn.rpartition("/")[2]
        if policy.unnamed_holders and name.casefold() in names.policies:
            yield f"users and groups that have policy/{name}"


def _unclaimed(snapshot: Snapshot, desired: DesiredState) -> Iterator[str]:
    for name, user in snapshot.users.items():
        password = user.credentials.password if user.credentials else None
        if password is not None and password.created is None and must_claim(desired, name):
            yield f"whether {name} has claimed the password"


def note(snapshot: Snapshot, plan: Plan, assumed: Collection[str], now: datetime) -> SnapshotNote:
    """When the snapshot was taken, and what a plan from it cannot say; `assumed` is what planning asked for in vain."""
    return SnapshotNote(
        taken=snapshot.taken.astimezone(UTC).isoformat(timespec="seconds"),
        age=max(0, int((now - snapshot.taken).total_seconds())),
        unknown=(*_unknown(snapshot, plan), *sorted(assumed)),
    )


def _unknown(snapshot: Snapshot, plan: Plan) -> Iterator[str]:
    hidden = snapshot.unnamed
    if hidden.users or hidden.groups or hidden.policies:
        yield "the names of unmanaged users, groups and policies that the files have nothing to do with"
    if hidden.users:
        yield "which of these users are administrators or quarantined by AWS"
    changes_arns = any(isinstance(action.change, to.Rename | to.Move) for action in plan.actions)
    if changes_arns and (hidden.users or hidden.groups or hidden.policies):
        yield "whether their policies name an ARN that this plan changes"
