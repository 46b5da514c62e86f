"""IAM ARNs: every one iamsync needs can be computed from partition, account, path and name.

Source of the format: IAM User Guide, "IAM identifiers" (reference_identifiers).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NewType

Arn = NewType("Arn", str)
"""An ARN as AWS writes it. A plain string with a type of its own, so that a name is never taken for one."""

QUARANTINE: Final = "AWSCompromisedKeyQuarantine"
"""How the names of the policies begin that AWS attaches to a user whose access key has leaked."""

_POLICY = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account>\d{12}|aws):policy(?P<path>/(?:[!-~]+/)*)(?P<name>[\w+=,.@-]+)",
    re.ASCII,
)
_CALLER = re.compile(r"arn:(?P<partition>[a-z-]+):(?:iam|sts)::(?P<account>\d{12}):.+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One AWS account: its 12-digit id and the partition it lives in (`aws`, `aws-cn`, `aws-us-gov`, ...)."""

    id: str
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyArn:
    """The parts of a managed policy's ARN; `account` is `aws` for the policies that AWS manages."""

    partition: str
    account: str
    path: str
    name: str


def policy_arn(account: Account, path: str, name: str) -> Arn:
    """The ARN of a customer-managed policy."""
    return Arn(f"arn:{account.partition}:iam::{account.id}:policy{path}{name}")


def aws_policy_arn(partition: str, path_and_name: str) -> Arn:
    """The ARN of an AWS-managed policy, from what follows `aws:` in a reference (`job-function/Billing`)."""
    return Arn(f"arn:{partition}:iam::aws:policy/{path_and_name}")


@lru_cache(maxsize=4096)
def parse_policy_arn(text: str) -> PolicyArn | None:
    """The parts of a managed policy's ARN, or None if `text` is not one."""
    match = _POLICY.fullmatch(text)
    return PolicyArn(**match.groupdict()) if match else None


def is_aws_managed(arn: Arn) -> bool:
    """Whether a policy is AWS's own."""
    parts = parse_policy_arn(arn)
    return parts is not None and parts.account == "aws"


def is_quarantine(arn: Arn) -> bool:
    """Whether a policy is one that AWS attaches because a key has leaked."""
    parts = parse_policy_arn(arn)
    return parts is not None and parts.account == "aws" and parts.name.startswith(QUARANTINE)


def account_of(caller: Arn) -> Account | None:
    """The account and partition of whoever GetCallerIdentity names, or None if the ARN cannot be read."""
    match = _CALLER.fullmatch(caller)
    return Account(id=match["account"], partition=match["partition"]) if match else None


def short_name(arn: Arn) -> str:
    """The policy as a person writes it: `aws:job-function/Billing`, or the name of one of this account's own."""
    parts = parse_policy_arn(arn)
    if parts is None:
        return arn
    return f"aws:{parts.path[1:]}{parts.name}" if parts.account == "aws" else parts.name
