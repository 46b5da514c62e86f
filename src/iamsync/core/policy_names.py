"""ARNs of policies that cannot all be meant, because no account has them all: IAM takes the name of a policy once, over
all paths and cases, and attaches no policy of another account.

Source: IAM User Guide, "IAM and AWS STS quotas", "IAM name requirements".
"""

from collections.abc import Iterator

from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.model import DesiredState, Group, Origin, Problem, User
from iamsync.core.validate import UNKNOWN_ACCOUNT, problem, step


def misplaced_policies(desired: DesiredState) -> Iterator[Problem]:
    """Each use of an ARN that fits no account, or not what is declared."""
    yield from _beside_declared(desired)
    if desired.account.id == UNKNOWN_ACCOUNT:
        yield from _of_two_accounts(desired)


def _of_two_accounts(desired: DesiredState) -> Iterator[Problem]:
    """The first ARN that is of another account than the first of all, if nobody has said which account it is."""
    first = None
    owners: list[User | Group] = [*desired.users.values(), *desired.groups.values()]
    for owner in owners:
        for arn, origin, path in sorted(_used(owner), key=lambda one: one[0]):
            parts = parse_policy_arn(arn)
            if parts is None or parts.account == "aws":
                continue
            first = first or parts.account
            if parts.account != first:
                message = (
                    f"{arn} is a policy of account {parts.account}, and others are of {first}: no account has both"
                )
                yield problem(origin or owner.origin, path, message)
                return


def _beside_declared(desired: DesiredState) -> Iterator[Problem]:
    """Each use of an ARN whose name a declared policy has, with another path or case."""
    declared = {policy.name.lower(): policy for policy in desired.policies.values()}
    owners: list[User | Group] = [*desired.users.values(), *desired.groups.values()] if declared else []
    for owner in owners:
        for arn, origin, path in _used(owner):
            parts = parse_policy_arn(arn)
            other = declared.get(parts.name.lower()) if parts and parts.account != "aws" else None
            if parts and other and (parts.path, parts.name) != (other.path, other.name):
                where = f"cannot exist beside the policy {other.path}{other.name}, declared at {other.origin}"
                message = f"{arn} {where}: IAM takes a name once, over all paths and cases; write {other.name}"
                yield problem(origin or owner.origin, path, message)


def _used(owner: User | Group) -> Iterator[tuple[Arn, Origin | None, str]]:
    """The policies of a user or group, each with its place, or with the path to it."""
    at = f"{'users' if isinstance(owner, User) else 'groups'}.{step(owner.name)}"
    for one in owner.attachments:
        yield one.policy, one.origin, "" if one.origin else f"{at}.policies"
    if isinstance(owner, User) and owner.boundary is not None:
        yield owner.boundary, None, f"{at}.permissions_boundary"
