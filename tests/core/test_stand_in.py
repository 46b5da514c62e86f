"""What is found under names that stand in holds for every user, with the user's own names in their place."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from states import arn_of, desired, live, policy, user

from iamsync.core.document import Document
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.order.concern import planned
from iamsync.core.order.moments import Judge, Moment
from iamsync.core.permissions import (
    EffectivePermissions,
    Ends,
    Principal,
    Violation,
    is_same_for_all,
    text_for,
    violations,
    with_names,
)
from iamsync.core.permissions.stand_in import NEW_NAME, OLD_NAME
from iamsync.core.plan import Plan

ACCOUNT = live().account
USERS = f"arn:aws:iam::{ACCOUNT.id}:user/"
HOME = "arn:aws:s3:::home/${aws:username}/*"
ENTRIES = (
    HOME,
    "arn:aws:s3:::home/${aws:username}",
    "arn:aws:s3:::home/${aws:username}*",
    "arn:aws:s3:::home/${aws:username}/a*",
    "arn:aws:s3:::home/team/${aws:username}/*",
    "arn:aws:s3:::other/${aws:username}/*",
    "arn:aws:s3:::home-${aws:username}/*",
    "arn:aws:s3:::home/aiko/*",
    "arn:aws:s3:::home/aiko.sato",
    "arn:aws:s3:::home/a*",
    "arn:aws:s3:::home/*/a",
    "arn:aws:s3:::*/aiko/*",
    "arn:aws:s3:::home/*",
    "arn:aws:s3:::home/?iko/*",
    "arn:aws:s3:::other/b",
    "arn:aws:s3:::*",
    "*",
    "arn:aws:iam::*:user/${aws:username}",
    f"{USERS}aiko",
    "arn:aws:iam:*o",
    "arn:aws:s3/${aws:username}",
    "arn:aws:s3:::${aws:PrincipalTag/Team}/${aws:username}/*",
)
CONDITIONS: Sequence[dict[str, dict[str, str]]] = (
    {},
    {},
    {},
    {"StringLike": {"aws:username": "a*"}},
    {"StringEquals": {"aws:PrincipalArn": f"{USERS}aiko"}},
    {"StringEquals": {"s3:prefix": "${aws:username}"}},
    {"StringEquals": {"aws:PrincipalTag/Team": "ops"}},
)
NAMES = (("aiko", "aiko.sato"), ("aiko.sato", "aiko"), ("bo", "aiko"), ("bo", "chen"), ("team", "a"))

statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        "Action": st.sampled_from(["s3:Get*", "s3:GetObject", "s3:*", "*", "iam:*"]),
        "Resource": st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=2),
        "Condition": st.sampled_from(CONDITIONS),
    }
)
documents = st.lists(statements, min_size=1, max_size=3).map(
    lambda listed: Document.parse({"Version": "2012-10-17", "Statement": listed})
)
moments = st.tuples(st.lists(documents, max_size=3), st.booleans())
"""Texts, and whether the user has the old name."""


def found_under(old: str, new: str, sides: Sequence[tuple[list[Document], bool]]) -> list[EffectivePermissions]:
    tags = {"Team": "ops"}
    people = {True: Principal.of(ACCOUNT, old, "/", tags), False: Principal.of(ACCOUNT, new, "/", tags)}
    return [EffectivePermissions([text_for(one, people[is_old]) for one in texts]) for texts, is_old in sides]


def violated(now: EffectivePermissions, then: EffectivePermissions, *ends: EffectivePermissions) -> set[Violation]:
    return set(violations(now, then, Ends(*ends)))


def reads(*resources: str, action: str = "s3:Get*") -> Document:
    listed = [{"Effect": "Allow", "Action": action, "Resource": list(resources)}]
    return Document.parse({"Version": "2012-10-17", "Statement": listed})


@given(now=moments, then=moments, old=st.lists(documents, max_size=2), new=st.lists(documents, max_size=2))
@example(now=([reads(HOME)], True), then=([reads(HOME)], False), old=[reads(HOME)], new=[reads("*")])
@example(now=([reads(HOME)], True), then=([reads(HOME)], False), old=[reads(HOME)], new=[reads(ENTRIES[7])])
@example(now=([reads(HOME)], True), then=([reads(ENTRIES[2])], False), old=[reads(HOME)], new=[])
def test_what_is_found_under_stand_ins_is_found_under_any_names(
    now: tuple[list[Document], bool], then: tuple[list[Document], bool], old: list[Document], new: list[Document]
) -> None:
    sides = (now, then, (old, True), (new, False))
    stand_ins = found_under(OLD_NAME, NEW_NAME, sides)
    parts = frozenset(part for one in stand_ins for part in one.parts)
    if not all(one.take_stand_in for one in stand_ins) or not is_same_for_all(parts, USERS):
        return

    for before, after in NAMES:
        renamed = {one._replace(permission=with_names(one.permission, before, after)) for one in violated(*stand_ins)}
        assert renamed == violated(*found_under(before, after, sides))


@pytest.mark.parametrize("entry", [HOME, "arn:aws:s3:::home/${aws:username}", "arn:aws:s3:::home/*", "*"])
def test_a_name_that_is_a_segment_of_its_own_may_be_any(entry: str) -> None:
    (one,) = found_under(OLD_NAME, NEW_NAME, [([reads(HOME, entry)], True)])

    assert one.take_stand_in
    assert is_same_for_all(frozenset(one.parts), USERS)


@pytest.mark.parametrize("entry", ["arn:aws:s3:::home/aiko/*", "arn:aws:s3:::home/a*", "arn:aws:s3:::*/aiko/*"])
def test_a_name_that_another_resource_may_mean_may_not(entry: str) -> None:
    (one,) = found_under(OLD_NAME, NEW_NAME, [([reads(HOME, entry)], True)])

    assert not is_same_for_all(frozenset(one.parts), USERS)


def renamed(users: int) -> tuple[DesiredState, LiveState]:
    """Everybody gets another name while the text of a home directory changes."""
    old, new = (reads(HOME, action=action) for action in ("s3:Get*", "s3:Put*"))
    names = [f"u{number}" for number in range(users)]
    return (
        desired(policy("A", new), *(user(f"new-{name}", arn_of("A"), previous_names=(name,)) for name in names)),
        live(policy("A", old), *(user(name, arn_of("A")) for name in names)),
    )


def test_a_window_says_the_names_of_the_user() -> None:
    plan = Plan.between(*renamed(2))
    told = {
        (name, resource)
        for one in plan.actions
        if one.window
        for name, violation in one.window.violations
        for resource in violation.permission.resources.patterns
    }

    assert told
    assert {resource.removeprefix("arn:aws:s3:::home/") for _, resource in told} <= {
        "u0/*",
        "u1/*",
        "new-u0/*",
        "new-u1/*",
    }
    assert all(name.removeprefix("new-") in resource for name, resource in told)


def test_users_who_differ_by_name_alone_are_judged_once() -> None:
    plan = Plan.between(*renamed(20))
    actions = planned(plan.actions, plan.before)
    judge, now = Judge(plan.before, actions), Moment(plan.before)
    violations.cache_clear()
    for one in actions:
        for name in one.users:
            judge.violations(now, one, now.after(one.action), name)

    assert 0 < violations.cache_info().misses <= 2
