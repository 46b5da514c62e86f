"""What a suspension makes of a user: no password, no active key, and everything denied, also to sessions that began
before.

The Deny is an inline policy of iamsync's own. Where other texts leave no room for it, AWS's managed policy that denies
everything becomes the permissions boundary instead: nobody can block a suspension by filling a quota. A boundary is
always as declared, so this one is known as iamsync's own when the suspension ends; attached, it could be a responder's.
"""

from dataclasses import replace

from iamsync.core.action import Action
from iamsync.core.arn import aws_policy_arn
from iamsync.core.change import DeleteInline, PutInline, SetBoundary
from iamsync.core.deny import DENY_ALL, MANAGED_DENY, SUSPENDED_POLICY
from iamsync.core.iam_limits import USER_INLINE_SIZE
from iamsync.core.model import Console, User
from iamsync.core.plan_input import PlanInput


def as_suspended(desired: User, live: User | None, plan: PlanInput) -> User:
    """The user as declared; if suspended, without a password and denied everything."""
    if not desired.suspended:
        return desired
    without_password = replace(desired, console=Console(enabled=False))
    if live is not None and not _has_room(desired, live):
        return replace(without_password, boundary=aws_policy_arn(plan.desired.account.partition, "AWSDenyAll"))
    return replace(without_password, inline={**desired.inline, SUSPENDED_POLICY: DENY_ALL})


def begins_suspension(action: Action) -> bool:
    """Whether an action puts the Deny of a suspension into force."""
    match action.change:
        case SetBoundary(new=policy) if policy:
            return policy.endswith(MANAGED_DENY)
        case PutInline(name=name):
            return name == SUSPENDED_POLICY
        case _:
            return False


def ends_suspension(action: Action) -> bool:
    """Whether an action takes the Deny of a suspension off a user who stays."""
    match action.change:
        case SetBoundary(old=policy) if policy:
            return policy.endswith(MANAGED_DENY)
        case DeleteInline(name=name):
            return name == SUSPENDED_POLICY
        case _:
            return False


def _has_room(desired: User, live: User) -> bool:
    """Whether the Deny fits beside the texts that stay, as they are now and as they will be."""
    if SUSPENDED_POLICY in live.inline:
        return True
    sizes = (
        max((text.size for text in (live.inline.get(name), desired.inline[name]) if text is not None), default=0)
        for name in desired.inline
    )
    return sum(sizes) + DENY_ALL.size <= USER_INLINE_SIZE
