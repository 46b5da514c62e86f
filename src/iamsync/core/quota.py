"""Whether a plan can succeed within the account's quotas, before its first write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iamsync.core.guard import Refusal
from iamsync.core.model import LiveState
from iamsync.core.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One row of GetAccountSummary's SummaryMap: its name, the least that AWS gives, and what it counts."""

    name: str
    least: int
    what: str


_QUOTAS = (
    Quota(name="UsersQuota", least=5000, what="users in the account"),
    Quota(name="GroupsQuota", least=300, what="groups in the account"),
    Quota(name="PoliciesQuota", least=1500, what="customer-managed policies in the account"),
    Quota(name="AttachedPoliciesPerUserQuota", least=10, what="policies attached to one user"),
    Quota(name="AttachedPoliciesPerGroupQuota", least=10, what="policies attached to one group"),
    Quota(name="GroupsPerUserQuota", least=10, what="groups of one user"),
)
"""IAM User Guide, "IAM and AWS STS quotas": the defaults, which AWS raises but never lowers."""


def is_near(plan: Plan, live: LiveState) -> bool:
    """Whether the plan goes beyond a default quota, so that the account's own are worth a call."""
    return any(_afterwards(plan, live)[quota.name] > quota.least for quota in _QUOTAS)


def refusals(plan: Plan, live: LiveState, summary: Mapping[str, int]) -> Iterator[Refusal]:
    """What would exceed the account's quotas as GetAccountSummary gives them, with the numbers."""
    after = _afterwards(plan, live)
    for quota in _QUOTAS:
        allowed = summary.get(quota.name, quota.least)
        if after[quota.name] > allowed:
            yield Refusal(
                rule="quota",
                why=f"the plan ends with {after[quota.name]} {quota.what}, AWS allows {allowed} ({quota.name}): "
                "have AWS raise it (Service Quotas), or declare less",
            )


def _afterwards(plan: Plan, live: LiveState) -> dict[str, int]:
    return {
        "UsersQuota": len(live.users) + _balance(plan, "create_user", "delete_user"),
        "GroupsQuota": len(live.groups) + _balance(plan, "create_group", "delete_group"),
        "PoliciesQuota": len(live.policies) + _balance(plan, "create_policy", "delete_policy"),
        "AttachedPoliciesPerUserQuota": _most(
            plan,
            {f"user/{user.name}": len(user.attachments) for user in live.users.values()},
            "attach_user_policy",
            "detach_user_policy",
        ),
        "AttachedPoliciesPerGroupQuota": _most(
            plan,
            {f"group/{group.name}": len(group.attachments) for group in live.groups.values()},
            "attach_group_policy",
            "detach_group_policy",
        ),
        "GroupsPerUserQuota": _most(
            plan,
            {f"user/{user.name}": len(user.groups or ()) for user in live.users.values()},
            "add_user_to_group",
            "remove_user_from_group",
        ),
    }


def _balance(plan: Plan, gain: str, loss: str) -> int:
    operations = [action.operation for action in plan.actions]
    return operations.count(gain) - operations.count(loss)


def _most(plan: Plan, now: Mapping[str, int], gain: str, loss: str) -> int:
    """The most that any subject of the plan has in the end; who is not in the plan keeps what AWS has accepted."""
    after: dict[str, int] = {}
    for action in plan.actions:
        if action.operation in {gain, loss}:
            step = 1 if action.operation == gain else -1
            after[action.subject] = after.get(action.subject, now.get(action.subject, 0)) + step
    return max(after.values(), default=0)
