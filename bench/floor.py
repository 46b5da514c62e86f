"""The floor: a straight-line boto3 script that makes the calls that iamsync makes, in 8 threads, and decides nothing.

It knows what it will find, checks no answer, orders no more than IAM demands, and survives nothing.
"""
# ruff: noqa: INP001 - a script, not a package

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
import company
from botocore.config import Config

THREADS = 8
FEW = 10
"""So many policies are asked one by one."""
CONFIG = Config(max_pool_connections=THREADS)


class Floor:
    """A company of `number` users, call by call."""

    def __init__(self, number: int) -> None:
        self.iam = boto3.client("iam", config=CONFIG)
        self.number = number
        self.users = company.users(number)
        self.pool = ThreadPoolExecutor(THREADS)

    def start(self) -> None:
        """Look at an empty account."""
        self.read()

    def create(self) -> None:
        """Everything, in an empty account."""
        self.read()
        self.each(
            lambda name: self.iam.create_policy(
                PolicyName=name, PolicyDocument=company.document(name), Tags=_tags({"iamsync:owner": company.OWNER})
            ),
            company.policies(self.number),
        )
        self.each(lambda name: self.iam.create_group(GroupName=name, Path=company.GROUP_PATH), company.GROUPS)
        self.iam.create_user(UserName=company.KEEPER, Tags=_tags({"iamsync:owner": company.OWNER}))
        self.each(
            lambda one: self.iam.create_user(UserName=self.users[one], Tags=_tags(company.tags_of(one))),
            range(self.number),
        )
        self.each(self.grant, range(self.number))

    def grant(self, one: int) -> None:
        """What one user gets."""
        self.iam.add_user_to_group(GroupName=company.group_of(one), UserName=self.users[one])
        for arn in self.arns_of(one):
            self.iam.attach_user_policy(UserName=self.users[one], PolicyArn=arn)

    def noop(self) -> None:
        """Look at everything; the tags of many policies are read from AWS's index."""
        self.read()
        if len(self.own_arns()) > FEW:
            self.index()
        else:
            self.each(self.policy_tags, self.own_arns())

    def drift(self) -> None:
        """Look at everything, and attach what is missing."""
        details = self.read()
        self.each(self.policy_tags, self.own_arns())
        held = {
            user["UserName"]: {one["PolicyArn"] for one in user["AttachedManagedPolicies"]}
            for page in details
            for user in page["UserDetailList"]
        }
        missing = [
            (name, arn) for one, name in enumerate(self.users) for arn in self.arns_of(one) if arn not in held[name]
        ]
        self.each(lambda pair: self.iam.attach_user_policy(UserName=pair[0], PolicyArn=pair[1]), missing)

    def delete(self) -> None:
        """Look at everybody closely, then delete all but the keeper."""
        self.read()
        self.each(self.policy_tags, self.own_arns())
        self.each(self.look_closely, self.users)
        self.each(lambda arn: self.iam.list_entities_for_policy(PolicyArn=arn), self.own_arns())
        self.iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")
        self.each(self.strip, range(self.number))
        self.each(lambda name: self.iam.delete_user(UserName=name), self.users)
        self.each(lambda name: self.iam.delete_group(GroupName=name), company.GROUPS)
        self.each(lambda arn: self.iam.delete_policy(PolicyArn=arn), self.own_arns())

    def strip(self, one: int) -> None:
        """Take from one user what stands in the way of DeleteUser."""
        for arn in self.arns_of(one):
            self.iam.detach_user_policy(UserName=self.users[one], PolicyArn=arn)
        self.iam.remove_user_from_group(GroupName=company.group_of(one), UserName=self.users[one])

    def look_closely(self, name: str) -> None:
        """What no bulk answer tells of a user who goes."""
        with suppress(self.iam.exceptions.NoSuchEntityException):
            self.iam.get_login_profile(UserName=name)
        self.iam.list_access_keys(UserName=name)
        self.iam.list_mfa_devices(UserName=name)
        self.iam.list_ssh_public_keys(UserName=name)
        self.iam.list_signing_certificates(UserName=name)
        self.iam.list_service_specific_credentials(UserName=name)

    def read(self) -> list[Any]:
        """Who we are, and the bulk read."""
        boto3.client("sts", config=CONFIG).get_caller_identity()
        pages = self.iam.get_paginator("get_account_authorization_details").paginate(
            Filter=["User", "Group", "LocalManagedPolicy"], PaginationConfig={"PageSize": 1000}
        )
        return list(pages)

    def index(self) -> None:
        """Which policies are ours, by the index."""
        pages = boto3.client("resourcegroupstaggingapi", config=CONFIG).get_paginator("get_resources")
        filters = [{"Key": "iamsync:owner", "Values": [company.OWNER]}]
        list(pages.paginate(TagFilters=filters, ResourceTypeFilters=["iam:policy"]))

    def policy_tags(self, arn: str) -> None:
        """Whose a policy is."""
        self.iam.list_policy_tags(PolicyArn=arn)

    def own_arns(self) -> list[str]:
        """The policies of our own."""
        return [_own(name) for name in company.policies(self.number)]

    def arns_of(self, one: int) -> list[str]:
        """The policies of one user."""
        own = _own(company.policy_of(one, self.number))
        return [own, *(f"arn:aws:iam::aws:policy/{name}" for name in company.AWS_POLICIES)]

    def each(self, call: Callable[[Any], Any], things: Iterable[Any]) -> None:
        """One call for each, so many at once."""
        list(self.pool.map(call, things))


def _own(name: str) -> str:
    return f"arn:aws:iam::{company.ACCOUNT_ID}:policy/{name}"


def _tags(tags: dict[str, str]) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


if __name__ == "__main__":
    getattr(Floor(int(sys.argv[2])), sys.argv[1])()
