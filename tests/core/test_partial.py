"""What is left of a statement when it is known who asks."""

from collections.abc import Mapping
from typing import Any

import pytest

from iamsync.core.access import Context
from iamsync.core.access.partial import specialized
from iamsync.core.arn import Arn
from iamsync.core.document import Document, Statement

ARN = Arn("arn:aws:iam::123456789012:user/people/aiko")
AIKO = Context.of(
    {"aws:username": "aiko", "aws:PrincipalArn": ARN, "aws:PrincipalTag/Team": "data"}, closed=["aws:PrincipalTag/"]
)


def statement(
    resource: str | list[str] = "*", condition: Mapping[str, Any] | None = None, element: str = "Resource"
) -> Statement:
    written = {"Effect": "Allow", "Action": "s3:*", element: resource, "Condition": condition or {}}
    return Document.parse({"Version": "2012-10-17", "Statement": written}).statements[0]


def seen(written: Statement) -> Statement | None:
    return specialized(written, AIKO, ARN)


@pytest.mark.parametrize(
    ("resource", "left"),
    [
        ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/aiko/*"),
        ("arn:aws:s3:::${aws:PrincipalTag/Cost, 'none'}/*", "arn:aws:s3:::none/*"),
        ("arn:aws:s3:::${aws:SourceVpc}/${aws:username}", "arn:aws:s3:::${aws:SourceVpc}/aiko"),
        ("arn:aws:iam::*:user/*/${aws:username}", "arn:aws:iam::123456789012:user/${aws:username}"),
        ("arn:aws:iam::123456789012:user/people/aiko", "arn:aws:iam::123456789012:user/${aws:username}"),
    ],
)
def test_variables_that_are_known_are_filled_in_and_the_user_is_called_the_same(resource: str, left: str) -> None:
    assert seen(statement(resource)) == statement(left)


@pytest.mark.parametrize("resource", ["arn:aws:s3:::${aws:PrincipalTag/Cost}/*", "arn:aws:iam::*:user/${aws:username}"])
def test_a_resource_that_cannot_be_is_none_but_stays_written_as_an_exception(resource: str) -> None:
    assert seen(statement(resource)) is None
    assert seen(statement(resource, element="NotResource")) == statement(resource, element="NotResource")


def test_who_is_one_of_many_is_named_beside_them() -> None:
    left = seen(statement("arn:aws:iam::*:user/people/*"))

    assert left == statement(["arn:aws:iam::*:user/people/*", "arn:aws:iam::123456789012:user/${aws:username}"])


def test_conditions_are_answered_where_they_can_be() -> None:
    assert seen(statement(condition={"StringEquals": {"aws:PrincipalTag/team": ["data", "ops"]}})) == statement()
    assert seen(statement(condition={"Null": {"aws:PrincipalTag/Team": "true"}})) is None
    assert seen(statement(condition={"StringLike": {"s3:prefix": "${aws:username}/*"}})) == statement(
        condition={"StringLike": {"s3:prefix": "aiko/*"}}
    )


def test_a_condition_that_depends_on_something_else_too_says_what_the_key_is_now() -> None:
    both = statement(condition={"StringEquals": {"aws:PrincipalTag/Team": "${aws:RequestTag/Team}"}})
    ops = Context.of({"aws:PrincipalTag/Team": "ops"}, closed=["aws:PrincipalTag/"])

    assert specialized(both, AIKO, ARN) != specialized(both, ops, ARN)
