"""Policies that the plan attaches, or sets as a boundary, and that do not exist."""

from collections.abc import Iterable, Iterator

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.arn import Arn, parse_policy_arn, short_name
from iamsync.core.model import Origin
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note


def newly_used(actions: Iterable[Action]) -> Iterator[tuple[Arn, str, Origin | None]]:
    """The policies that actions attach or set as a boundary, with the subject and where it is declared."""
    for action in actions:
        match action.change:
            case to.Attach(_, policy):
                yield policy, action.subject, action.reason
            case to.SetBoundary(new=policy) if policy:
                yield policy, action.subject, action.reason
            case to.CreateUser(user) if user.boundary:
                yield user.boundary, action.subject, action.reason
            case _:
                pass


def missing_policies(actions: Iterable[Action], plan: PlanInput) -> dict[str, Note]:
    """Why subjects are held back that need a policy of this account which is not there, and which nothing creates."""
    listed = list(actions)
    created = {one.change.policy.arn for one in listed if isinstance(one.change, to.CreatePolicy)}
    known = plan.known.policies.keys() | created
    return {
        subject: missing(arn, subject, origin)
        for arn, subject, origin in newly_used(listed)
        if (parts := parse_policy_arn(arn)) and parts.account == plan.known.account.id and arn not in known
    }


def missing(arn: Arn, subject: str, origin: Origin | None) -> Note:
    """Why a subject is held back that needs a policy which does not exist, or cannot be attached."""
    why = f"needs policy {short_name(arn)}, which does not exist or cannot be attached"
    text = f"{why}: correct its name or path, or create it first"
    return Note(subject=subject, text=text, origin=origin, needs=frozenset({arn}))
