"""IAM of one account: what it holds, and the one door through which it changes."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from iamsync.aws_data import managed_policies
from iamsync.core.arn import Account
from laws.model.calls import OPERATIONS, Call, Refused, well_formed
from laws.model.records import GroupRecord, PolicyRecord, RoleRecord, UserRecord

_Record = TypeVar("_Record")

QUOTAS: Mapping[str, int] = {
    "users": 5000,
    "groups": 300,
    "policies": 1500,
    "policies_per_user": 10,
    "policies_per_group": 10,
    "groups_per_user": 10,
    "versions_per_policy": 5,
    "access_keys_per_user": 2,
    "policy_size": 6144,
    "user_inline_size": 2048,
    "group_inline_size": 5120,
    "tags": 50,
}
"""IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas)."""


@dataclass(slots=True, kw_only=True)
class Iam:
    """An account. `call` changes it or refuses; `log` holds every call that was carried out."""

    account: Account = field(default_factory=lambda: Account(id="123456789012", partition="aws"))
    users: dict[str, UserRecord] = field(default_factory=dict)
    groups: dict[str, GroupRecord] = field(default_factory=dict)
    roles: dict[str, RoleRecord] = field(default_factory=dict)
    policies: dict[str, PolicyRecord] = field(default_factory=dict)
    free_mfa_devices: set[str] = field(default_factory=set)
    quotas: dict[str, int] = field(default_factory=lambda: dict(QUOTAS))
    log: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    serial: int = 0
    now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def call(self, operation: str, params: Mapping[str, Any]) -> None:
        """Carry out one call as boto3 would send it. Raises Refused, with nothing changed."""
        well_formed(operation, params)
        OPERATIONS[operation](Call(iam=self, operation=operation, params=params))
        self.log.append((operation, params))

    def copy(self) -> "Iam":
        """The same account, to be changed on its own."""
        return deepcopy(self)

    def new_id(self, prefix: str) -> str:
        """An id that no other entity has or had."""
        self.serial += 1
        return f"{prefix}{self.serial:020d}"

    def user(self, name: str) -> UserRecord:
        """The user of exactly that name."""
        return _found(self.users.get(name), f"The user with name {name} cannot be found.")

    def group(self, name: str) -> GroupRecord:
        """The group of exactly that name."""
        return _found(self.groups.get(name), f"The group with name {name} cannot be found.")

    def policy(self, arn: str) -> PolicyRecord:
        """The customer-managed policy with that ARN; AWS's own cannot be changed."""
        if ":iam::aws:" in arn:
            raise Refused("AccessDenied", f"{arn} is managed by AWS")
        return _found(self.policies.get(arn), f"Policy {arn} was not found.")

    def exists(self, policy: str) -> bool:
        """Whether there is a managed policy with that ARN, the customer's or AWS's."""
        ours, _, name = policy.partition(f"arn:{self.account.partition}:iam::aws:policy/")
        return policy in self.policies or (not ours and name in _aws_managed())

    def uses(self, policy: str) -> list[str]:
        """Who has the policy attached or as a boundary."""
        users = [name for name, one in self.users.items() if policy in {*one.attached, one.boundary}]
        roles = [name for name, one in self.roles.items() if policy in {*one.attached, one.boundary}]
        return [*users, *roles, *(name for name, one in self.groups.items() if policy in one.attached)]


def _found(record: _Record | None, message: str) -> _Record:
    if record is None:
        raise Refused("NoSuchEntity", message)
    return record


@cache
def _aws_managed() -> frozenset[str]:
    return frozenset(managed_policies.index().paths.values())
