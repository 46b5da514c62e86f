"""Policies that deny everything are warned of, wherever they stand."""

from typing import Any

import pytest
from document_pairs import allow, deny, document
from states import ACCOUNT, attached

from iamsync.aws_data import managed_policies
from iamsync.core.arn import Arn, aws_policy_arn, policy_arn
from iamsync.core.denials import denials, denies_everything
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Group, Policy, Settings, User

DENY_ALL = aws_policy_arn("aws", "AWSDenyAll")


def found(**parts: Any) -> list[str]:  # noqa: ANN401 - whatever a state holds
    problems = list(denials(DesiredState(account=ACCOUNT, settings=Settings(owner="us"), **parts)))
    assert all(problem.warning for problem in problems)
    return [f"{problem.path}: {problem.message.partition(': ')[0]}" for problem in problems]


def policy(statement: dict[str, Any]) -> dict[Arn, Policy]:
    arn = policy_arn(ACCOUNT, "/", "P")
    return {arn: Policy(arn=arn, name="P", path="/", document=Document.parse(document(statement)))}


@pytest.mark.parametrize("action", ["*", "*:*"])
def test_a_declared_policy_that_denies_everything_is_warned_of(action: str) -> None:
    assert found(policies=policy(deny(action))) == ["policies.P: the policy denies everything"]


@pytest.mark.parametrize(
    "statement",
    [
        deny("iam:*"),
        deny("*", "arn:aws:s3:::x"),
        deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        {"Effect": "Deny", "NotAction": "*", "Resource": "*"},
        allow("*"),
    ],
)
def test_one_that_denies_less_is_not(statement: dict[str, Any]) -> None:
    assert found(policies=policy(statement)) == []


def test_awss_own_is_named_where_it_is_attached() -> None:
    aiko = User(name="aiko", attachments=attached(DENY_ALL), boundary=DENY_ALL)
    team = Group(name="team", path="/", attachments=attached(DENY_ALL, aws_policy_arn("aws", "ReadOnlyAccess")))
    assert found(users={"aiko": aiko}, groups={"team": team}) == [
        "users.aiko.policies: aws:AWSDenyAll denies everything",
        "users.aiko.permissions_boundary: aws:AWSDenyAll denies everything",
        "groups.team.policies: aws:AWSDenyAll denies everything",
    ]


def test_it_is_the_only_one_of_aws_that_denies_everything() -> None:
    known = {path: managed_policies.managed_policy(path) for path in managed_policies.index().paths.values()}
    denying = [path for path, one in known.items() if one and denies_everything(Document.parse(one.document))]
    assert denying == ["AWSDenyAll"]


def test_an_inline_policy_that_denies_everything_is_warned_of() -> None:
    text = Document.parse(document(deny("*")))
    assert found(users={"aiko": User(name="aiko", inline={"stop": text})}) == [
        "users.aiko.inline_policies.stop: the inline policy stop denies everything"
    ]
