"""What a suspension makes of a user: no password, no active key, and everything denied, also to sessions that began
before.

The Deny is an inline policy of iamsync's own. Where other texts leave no room for it, AWS's managed policy that denies
everything is attached instead: nobody can block a suspension by filling a quota.
"""

from dataclasses import replace

from iamsync.core.action import Action
from iamsync.core.arn import aws_policy_arn
from iamsync.core.change import Attach, DeleteInline, PutInline
from iamsync.core.deny import DENY_ALL, MANAGED_DENY, SUSPENDED_POLICY
from iamsync.core.iam_limits import USER_INLINE_SIZE
from iamsync.core.model import Attachment, Console, User
from iamsync.core.plan_input import PlanInput


def as_suspended(desired: User, live: User | None, plan: PlanInput) -> User:
    """The user as declared; if suspended, without a password and denied everything."""
    if not desired.suspended:
        return desired
    without_password = replace(desired, console=Console(enabled=False))
    managed = Attachment(policy=aws_policy_arn(plan.desired.account.partition, "AWSDenyAll"))
    if live is not None and not _has_room(desired, live):
        return _with_managed_deny(without_password, managed, plan)
    return replace(without_password, inline={**desired.inline, SUSPENDED_POLICY: DENY_ALL})


def begins_suspension(action: Action) -> bool:
    """Whether an action puts the Deny of a suspension into force."""
    match action.change:
        case Attach(_, policy):
            return policy.endswith(MANAGED_DENY)
        case PutInline(name=name):
            return name == SUSPENDED_POLICY
        case _:
            return False


def ends_suspension(action: Action) -> bool:
    """Whether an action takes the Deny of a suspension off a user who stays."""
    return isinstance(action.change, DeleteInline) and action.change.name == SUSPENDED_POLICY


def _has_room(desired: User, live: User) -> bool:
    """Whether the Deny fits beside the texts that stay, as they are now and as they will be."""
    if SUSPENDED_POLICY in live.inline:
        return True
    sizes = (
        max((text.size for text in (live.inline.get(name), desired.inline[name]) if text is not None), default=0)
        for name in desired.inline
    )
    return sum(sizes) + DENY_ALL.size <= USER_INLINE_SIZE


def _with_managed_deny(desired: User, managed: Attachment, plan: PlanInput) -> User:
    """The user with the managed Deny; at the limit of attached policies one that is declared gives way to it."""
    limit = plan.desired.settings.quotas.policies_per_user
    others = sorted(desired.attachments - {managed}, key=lambda one: (plan.text_after(one.policy).denies, one.policy))
    surplus = max(0, len(others) + 1 - limit)
    return replace(desired, attachments=frozenset({managed, *others[surplus:]}))
