"""Pairs of an account and a desired state that chance seldom brings: a law always takes them as examples."""

from collections.abc import Mapping
from dataclasses import replace

from states import allow, arn_of, deny, desired, group, policy, user

from iamsync.core.arn import aws_policy_arn
from iamsync.core.keys import NO_KEY, note_tag
from iamsync.core.model import AccessKeys
from iamsync.core.tags import RETIRED_KEY_TAG
from laws.pairs import Pair
from laws.sharing import OURS, account

A, B = arn_of("A"), arn_of("B")


def two_policies_swap_what_they_allow() -> Pair:
    """Each changes in two steps."""
    users = (user("aiko", A, B), user("bo", B))
    old = desired(*users, policy("A", allow("sqs:*")), policy("B", allow("sns:*")))
    return account(old), desired(*users, policy("A", allow("sns:*")), policy("B", allow("sqs:*")))


def a_boundary_is_swapped_with_a_policy() -> Pair:
    """A window that no order avoids."""
    texts = (policy("A", allow("sns:*", "s3:*")), policy("B", allow("sqs:*", "s3:*")))
    return account(desired(user("aiko", A, boundary=B), *texts)), desired(user("aiko", B, boundary=A), *texts)


def a_renamed_user_gets_another_policy_at_the_limit() -> Pair:
    """Ten policies are the limit."""
    texts = [policy(f"P{number}", allow(f"s3:Get{number}*")) for number in range(11)]
    arns = [one.arn for one in texts]
    old, new = user("aiko", *arns[:10]), user("dara", *arns[1:], previous_names=("aiko",))
    return account(desired(old, *texts)), desired(new, *texts)


def a_group_is_adopted_that_carries_a_deny_of_somebody_else() -> Pair:
    """A responder's, who attached one and wrote the other."""
    denying = aws_policy_arn("aws", "AWSDenyAll")
    old = group("ops", denying, path="/teams/", inline={"stop": deny("s3:*"), "own": allow("s3:*")})
    declared = desired(user("aiko", groups=["ops"]), group("ops", path="/iamsync/us/teams/"))
    adopting = replace(declared, settings=replace(declared.settings, adopt=True))
    return account(desired(user("aiko", groups=["ops"]), old)), adopting


def a_group_in_another_case_has_an_owned_policy_that_only_denies() -> Pair:
    """Owned, so it is detached; its tags are read though the files spell the group in another way."""
    guard = policy("Guard", deny("s3:*"))
    old = desired(user("aiko"), group("Readers", guard.arn, path="/iamsync/us/"), guard)
    return account(old), desired(user("aiko"), group("readers", path="/iamsync/us/"))


SELDOM = (
    two_policies_swap_what_they_allow(),
    a_boundary_is_swapped_with_a_policy(),
    a_renamed_user_gets_another_policy_at_the_limit(),
    a_group_is_adopted_that_carries_a_deny_of_somebody_else(),
    a_group_in_another_case_has_an_owned_policy_that_only_denies(),
)


def keys_in_rotation(tags: Mapping[str, str], **keys: tuple[str, int, int | None]) -> Pair:
    """Somebody with these keys: of each the status, the age, and the days since it was used."""
    iam = account(desired(user("aiko", tags={**OURS, **tags})))
    aiko = iam.users["aiko"]
    for name, (status, age, used) in keys.items():
        key = name * 16
        aiko.access_keys[key] = status
        aiko.key_ages[key] = age
        if used is not None:
            aiko.key_uses[key] = used
    return iam, desired(user("aiko", access_keys=AccessKeys(count=1, rotate_after_days=90)))


LEFT_OVER = {note_tag("0a1b2c3d"): NO_KEY}

SELDOM_KEYS = {
    "off for long, and perhaps undelivered": keys_in_rotation(LEFT_OVER, a=("Inactive", 20, None), b=("Active", 10, 0)),
    "made long ago, and perhaps undelivered": keys_in_rotation(LEFT_OVER, a=("Active", 20, None), b=("Active", 10, 0)),
    "the only one, and perhaps undelivered": keys_in_rotation(LEFT_OVER, a=("Active", 20, None)),
    "perhaps undelivered, beside one that rests": keys_in_rotation(
        {**LEFT_OVER, RETIRED_KEY_TAG: "gone 2026-11-20"}, a=("Active", 20, None), b=("Inactive", 30, 3)
    ),
    "too old, and noted is one that is gone": keys_in_rotation(
        {RETIRED_KEY_TAG: "gone 2026-11-20"}, a=("Active", 100, 20), b=("Active", 5, 0)
    ),
}
"""Access keys between two steps of a rotation."""
