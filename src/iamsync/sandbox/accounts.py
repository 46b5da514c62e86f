"""The accounts of one sandbox: IAM as moto keeps it, and the few things moto has no room for."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import RLock
from typing import Any, Protocol, TypeVar

from moto.core.base_backend import AccountSpecificBackend
from moto.core.model_instances import reset_model_data
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import (
    AWSManagedPolicy,
    Group,
    IAMBackend,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
    iam_backends,
)
from moto.sts.models import STSBackend, sts_backends

from iamsync.sandbox.wire import Refused


class _Named(Protocol):
    name: str


_Entity = TypeVar("_Entity", bound=_Named)

ACCOUNT_ID = "123456789012"
"""The account that credentials open which nobody issued: moto's default."""

_MOTO = RLock()
"""moto's state is one for the whole process, so only one sandbox at a time may have its accounts in it."""


class Backend(IAMBackend):
    """moto's IAM of one account, with the AWS-managed policies parsed once per process instead of once per account."""

    __module__ = IAMBackend.__module__  # moto finds the URLs of a service by the module its backend is from

    def _init_aws_policies(self) -> list[ManagedPolicy]:
        return [copy(policy) for policy in _aws_managed_policies(self.region_name)]


@cache
def _aws_managed_policies(partition: str) -> list[AWSManagedPolicy]:
    """What AWS manages, as moto ships it. Shared between accounts: only `attachment_count` ever changes, on a copy."""
    policies = json.loads(aws_managed_policies_data).items()
    return [AWSManagedPolicy.from_data(name, "aws", partition, data) for name, data in policies]


iam_backends.backend = Backend


@dataclass(slots=True, kw_only=True)
class ServiceCredential:
    """A user name and password, or an API key, for one AWS service (CodeCommit, Keyspaces, Bedrock)."""

    id: str
    user_id: str
    service: str
    user_name: str
    created: datetime
    expires: datetime | None
    status: str = "Active"


class Account:
    """IAM of one account. Names are looked up without regard to case, as AWS does, and what is missing is refused."""

    def __init__(self, backend: IAMBackend, quotas: Mapping[str, int]) -> None:
        self.backend = backend
        self.quotas = quotas
        self.boundaries: dict[str, str] = {}
        """User id to the ARN of the permissions boundary: moto keeps those of roles only."""
        self.passwords_created: dict[str, datetime] = {}
        """User id to the day the login profile was made."""
        self.service_credentials: dict[str, ServiceCredential] = {}

    @property
    def id(self) -> str:
        """The twelve digits."""
        return self.backend.account_id

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, ..."""
        return self.backend.partition

    def find_user(self, name: str) -> User | None:
        """The user of that name in any case, or None."""
        return self.backend.users.get(name) or _without_case(self.backend.users.values(), name)

    def find_group(self, name: str) -> Group | None:
        """The group of that name in any case, or None."""
        return self.backend.groups.get(name) or _without_case(self.backend.groups.values(), name)

    def find_role(self, name: str) -> Role | None:
        """The role of that name in any case, or None."""
        return _without_case(self.backend.roles.values(), name)

    def find_own_policy(self, name: str) -> ManagedPolicy | None:
        """The customer-managed policy of that name in any case, under any path, or None."""
        return _without_case(self.own_policies(), name)

    def user(self, name: str) -> User:
        """The user of that name."""
        return _found(self.find_user(name), f"The user with name {name} cannot be found.")

    def group(self, name: str) -> Group:
        """The group of that name."""
        return _found(self.find_group(name), f"The group with name {name} cannot be found.")

    def role(self, name: str) -> Role:
        """The role of that name."""
        return _found(self.find_role(name), f"The role with name {name} cannot be found.")

    def policy(self, arn: str) -> ManagedPolicy:
        """The managed policy, customer's or AWS's, with that ARN."""
        return _found(self.backend.managed_policies.get(arn), f"Policy {arn} was not found.")

    def own_policies(self) -> list[ManagedPolicy]:
        """The customer-managed policies."""
        return [policy for policy in self.backend.managed_policies.values() if not is_aws_managed(policy)]

    def groups_of(self, user: User) -> list[Group]:
        """The groups the user is in."""
        return [group for group in self.backend.groups.values() if user in group.users]

    def tags_of(self, user: User) -> dict[str, str | None]:
        """The user's tags, to read or to change."""
        return self.backend.tagger.tags.setdefault(user.arn, {})

    def boundary_uses(self) -> Counter[str]:
        """How many users and roles each policy bounds, by its ARN."""
        of_roles = (role.permissions_boundary_arn for role in self.backend.roles.values())
        return Counter([*self.boundaries.values(), *(arn for arn in of_roles if arn)])


class Accounts:
    """All accounts of one sandbox, made when they are first asked for."""

    def __init__(self, quotas: Mapping[str, int]) -> None:
        self._quotas = quotas
        self._iam: dict[str, AccountSpecificBackend[IAMBackend]] = {}
        self._sts: dict[str, AccountSpecificBackend[STSBackend]] = {}
        self._accounts: dict[tuple[str, str], Account] = {}
        self.forget()

    @contextmanager
    def in_moto(self) -> Iterator[None]:
        """Have these accounts, and no others, in moto's global state; one caller at a time."""
        with _MOTO:
            iam_backends.update(self._iam)
            sts_backends.update(self._sts)
            try:
                yield
            finally:
                self._iam, self._sts = dict(iam_backends), dict(sts_backends)
                iam_backends.clear()
                sts_backends.clear()

    def account(self, account_id: str, partition: str) -> Account:
        """IAM of that account; only inside `in_moto`."""
        key = account_id, partition
        if key not in self._accounts:
            self._accounts[key] = Account(iam_backends[account_id][partition], self._quotas)
        return self._accounts[key]

    def known(self) -> dict[tuple[str, str], Account]:
        """The accounts that were asked for, by id and partition."""
        return dict(self._accounts)

    def account_id_of(self, access_key_id: str, partition: str) -> str:
        """The account an access key belongs to; a key that nobody issued opens moto's default account."""
        for account_id, backends in iam_backends.items():
            if partition in backends.keys() and access_key_id in backends[partition].access_keys:  # noqa: SIM118 - moto's `in` is true for what it could make
                return account_id
        return ACCOUNT_ID

    def revise_aws_policy(self, name: str, document: Mapping[str, Any]) -> None:
        """Give a policy that AWS manages a new default version, in the default account."""
        with self.in_moto():
            account = self.account(ACCOUNT_ID, "aws")
            policy = copy(account.policy(f"arn:aws:iam::aws:policy/{name}"))
            policy.default_version_id = f"v{policy.next_version_num}"
            policy.versions = [PolicyVersion(policy.arn, json.dumps(document), True, policy.default_version_id)]
            account.backend.managed_policies[policy.arn] = policy

    @contextmanager
    def first(self) -> Iterator[Account]:
        """The account that credentials open which nobody issued, to change it as no call of IAM can."""
        with self.in_moto():
            yield self.account(ACCOUNT_ID, "aws")

    def forget(self) -> None:
        """Start again with empty accounts."""
        with _MOTO:
            self._iam, self._sts, self._accounts = {}, {}, {}
            reset_model_data()  # of all sandboxes: lists for moto's dashboard, which keep whatever was made in memory


def is_aws_managed(policy: ManagedPolicy) -> bool:
    """Whether AWS, and not the customer, writes the policy."""
    return isinstance(policy, AWSManagedPolicy)


def _without_case(entities: Iterable[_Entity], name: str) -> _Entity | None:
    wanted = name.lower()
    return next((entity for entity in entities if entity.name.lower() == wanted), None)


def _found(entity: _Entity | None, message: str) -> _Entity:
    if entity is None:
        raise Refused("NoSuchEntity", message)
    return entity
