"""Whether a plan can succeed within the account's quotas, before its first write."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from iamsync.core.change import (
    Attach,
    Change,
    CreateGroup,
    CreatePolicy,
    CreateUser,
    Delete,
    Detach,
    Join,
    Kind,
    Leave,
)
from iamsync.core.diff.owners import subject_of
from iamsync.core.guard import Refusal
from iamsync.core.model import Group, LiveState, User
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
    changes = [(action.subject, action.change) for action in plan.actions]
    created = Counter(type(change) for _, change in changes)
    deleted = Counter(change.entity.kind for _, change in changes if isinstance(change, Delete))
    owners: list[User | Group] = [*live.users.values(), *live.groups.values()]
    attached = {subject_of(one): len(one.attachments) for one in owners}
    joined = {subject_of(one): len(one.groups or ()) for one in live.users.values()}
    return {
        "UsersQuota": len(live.users) + created[CreateUser] - deleted[Kind.USER],
        "GroupsQuota": len(live.groups) + created[CreateGroup] - deleted[Kind.GROUP],
        "PoliciesQuota": len(live.policies) + created[CreatePolicy] - deleted[Kind.POLICY],
        "AttachedPoliciesPerUserQuota": _most(_balances(changes, Attach, Detach, Kind.USER), attached),
        "AttachedPoliciesPerGroupQuota": _most(_balances(changes, Attach, Detach, Kind.GROUP), attached),
        "GroupsPerUserQuota": _most(_balances(changes, Join, Leave, Kind.USER), joined),
    }


def _balances(changes: Iterable[tuple[str, Change]], gain: type, loss: type, kind: Kind) -> dict[str, int]:
    """How many more each subject of a kind has after the plan."""
    found: dict[str, int] = {}
    for subject, change in changes:
        if isinstance(change, gain | loss) and subject.startswith(f"{kind}/"):
            found[subject] = found.get(subject, 0) + (1 if isinstance(change, gain) else -1)
    return found


def _most(balances: Mapping[str, int], now: Mapping[str, int]) -> int:
    """The most that any subject of the plan has in the end; who is not in the plan keeps what AWS has accepted."""
    return max((now.get(subject, 0) + balance for subject, balance in balances.items()), default=0)
