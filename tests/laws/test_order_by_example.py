"""The law of order, by example: the calls as they come, each moment judged."""

import json
from dataclasses import replace
from pathlib import Path

from states import OURS, S3, allow, arn_of, attached, deny, desired, group, policy, user

from iamsync.core.deny import DENY_ALL, SUSPENDED_POLICY
from iamsync.core.document import Document
from iamsync.core.model import Console, DesiredState
from iamsync.core.tags import OWNER_TAG
from iamsync.render.actions import summary
from laws.moments import wrongs
from laws.playing import planned
from laws.sharing import account

A, B, C = arn_of("A"), arn_of("B"), arn_of("C")
SQS, SNS = "sqs:*", "sns:*"


def under(document: Document, operator: str, key: str, *values: str) -> Document:
    """A document whose statements all have this condition."""
    condition = {operator: {key: list(values)}}
    listed = [{**one.as_json(), "Condition": condition} for one in document.statements]
    return Document.parse({"Version": "2012-10-17", "Statement": listed})


def on(resource: str, *actions: str) -> Document:
    """A document that allows actions on one resource."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Document.parse({"Version": "2012-10-17", "Statement": statement})


def text(*statements: Document) -> Document:
    """One document with the statements of several."""
    listed = [one.as_json() for document in statements for one in document.statements]
    return Document.parse({"Version": "2012-10-17", "Statement": listed})


def played(old: DesiredState, new: DesiredState) -> list[str]:
    """The plan between two states, call by call, which must be lawful. What opens a window ends with `(window)`."""
    before = account(old)
    plan, refused = planned(before, new)
    assert refused == ()
    assert list(wrongs(before, plan.actions)) == []
    return [f"{one.subject}: {summary(one)}{' (window)' if one.window else ''}" for one in plan.actions]


def test_a_policy_changes_from_allowing_to_denying() -> None:
    old = desired(user("aiko", A, B), policy("A", allow(SQS)), policy("B", allow(SNS)))
    new = desired(user("aiko", A, B), policy("A", deny("s3:*")), policy("B", allow(SNS, SQS, "s3:*")))

    assert played(old, new) == [
        "policy/A: new default version, step 1 of 2",
        "policy/B: new default version",
        "policy/A: new default version, step 2 of 2",
    ]


def test_a_deny_moves_from_one_policy_to_another() -> None:
    old = desired(user("aiko", A, B, C), policy("A", deny(SQS)), policy("B", allow(SNS)), policy("C", allow(SQS)))
    new = desired(
        user("aiko", A, B, C),
        policy("A", allow(SNS)),
        policy("B", text(allow(SNS), deny(SQS))),
        policy("C", allow(SQS)),
    )

    assert played(old, new) == ["policy/B: new default version", "policy/A: new default version"]


def test_two_policies_swap_what_they_allow() -> None:
    old = desired(user("aiko", A, B), user("bo", B), policy("A", allow(SQS)), policy("B", allow(SNS)))
    new = desired(user("aiko", A, B), user("bo", B), policy("A", allow(SNS)), policy("B", allow(SQS)))

    assert played(old, new) == [
        "policy/A: new default version, step 1 of 2",
        "policy/B: new default version, step 1 of 2",
        "policy/A: new default version, step 2 of 2",
        "policy/B: new default version, step 2 of 2",
    ]


def test_texts_that_have_nothing_to_do_with_each_other_change_in_one_call() -> None:
    old = desired(user("aiko", A, B), policy("A", allow("s3:GetObject")), policy("B", allow("sqs:SendMessage")))
    new = desired(user("aiko", A, B), policy("A", allow("s3:PutObject")), policy("B", allow("sqs:ReceiveMessage")))

    assert played(old, new) == ["policy/A: new default version", "policy/B: new default version"]


def test_two_inline_policies_swap_what_they_allow() -> None:
    old = desired(user("aiko", inline={"x": allow(SQS), "y": allow(SNS)}))
    new = desired(user("aiko", inline={"x": allow(SNS), "y": allow(SQS)}))

    assert played(old, new) == [
        "user/aiko: inline policy x, step 1 of 2",
        "user/aiko: inline policy y, step 1 of 2",
        "user/aiko: inline policy x, step 2 of 2",
        "user/aiko: inline policy y, step 2 of 2",
    ]


def test_who_gets_a_policy_that_loses_something_gets_it_afterwards() -> None:
    old = desired(user("bo", A), user("chen", A), policy("A", allow(SQS, SNS)), policy("B", allow(SNS)))
    new = desired(user("aiko", A), user("bo", A, B), user("chen", A), policy("A", allow(SQS)), policy("B", allow(SNS)))

    assert played(old, new) == [
        "user/aiko: create user",
        "user/bo: attach B",
        "policy/A: new default version",
        "user/aiko: attach A",
    ]


def test_who_leaves_a_policy_that_gains_something_leaves_before() -> None:
    old = desired(user("aiko", A), user("bo", A), policy("A", allow(SQS)))
    new = desired(user("aiko"), user("bo", A), policy("A", allow(SQS, SNS)))

    assert played(old, new) == ["user/aiko: detach A", "policy/A: new default version"]


def test_a_set_moves_from_direct_to_group() -> None:
    rights = (policy("A", allow(SQS)), policy("B", deny("s3:*")))
    old = desired(user("aiko", A, B), user("bo", A, B), *rights)
    new = desired(user("aiko", added_groups=["set"]), user("bo", added_groups=["set"]), group("set", A, B), *rights)

    assert played(old, new) == [
        "group/set: create group",
        "group/set: attach B",
        "user/aiko: add to group set",
        "user/bo: add to group set",
        "group/set: attach A",
        "user/aiko: detach A",
        "user/bo: detach A",
        "user/aiko: detach B",
        "user/bo: detach B",
    ]


def test_a_user_is_renamed_and_restricted() -> None:
    rights = (policy("A", allow(SQS, SNS)), policy("B", deny(SQS)))

    order = played(desired(user("aiko", A), *rights), desired(user("dara", B, S3, previous_names=("aiko",)), *rights))

    assert order == [
        "user/dara: rename aiko -> dara",
        "user/dara: attach B",
        "user/dara: attach aws:AmazonS3ReadOnlyAccess",
        "user/dara: detach A",
    ]


def test_a_boundary_is_set_swapped_and_lifted() -> None:
    rights = (policy("A", allow(SQS)), policy("B", allow(SNS)), policy("C", allow(SQS, SNS)))

    assert played(desired(user("aiko", A), *rights), desired(user("aiko", A, C, boundary=B), *rights)) == [
        "user/aiko: boundary B",
        "user/aiko: attach C",
    ]
    assert played(desired(user("aiko", A, boundary=B), *rights), desired(user("aiko", B), *rights)) == [
        "user/aiko: attach B",
        "user/aiko: detach A",
        "user/aiko: remove boundary B",
    ]
    assert played(desired(user("aiko", A, boundary=A), *rights), desired(user("aiko", C, boundary=B), *rights)) == [
        "user/aiko: attach C",
        "user/aiko: detach A",
        "user/aiko: boundary A -> B",
    ]
    assert played(desired(user("aiko", C, boundary=A), *rights), desired(user("aiko", A, boundary=B), *rights)) == [
        "user/aiko: attach A",
        "user/aiko: detach C",
        "user/aiko: boundary A -> B",
    ]


def test_a_boundary_swapped_while_rights_come_and_go_opens_a_window_that_is_named() -> None:
    rights = (policy("A", allow(SNS, "s3:*")), policy("B", allow(SQS, "s3:*")))
    old, new = desired(user("aiko", A, boundary=B), *rights), desired(user("aiko", B, boundary=A), *rights)

    assert played(old, new) == [
        "user/aiko: attach B (window)",
        "user/aiko: detach A",
        "user/aiko: boundary B -> A",
    ]


def test_the_text_of_a_boundary_narrows_first_and_widens_last() -> None:
    old = desired(user("aiko", B, boundary=A), policy("A", allow(SQS, SNS)), policy("B", allow(SQS)))
    new = desired(user("aiko", C, boundary=A), policy("A", allow(SQS)), policy("C", allow(SNS, SQS)), prune=True)

    assert played(old, new)[:4] == [
        "policy/C: create policy",
        "policy/A: new default version",
        "user/aiko: attach C",
        "user/aiko: detach B",
    ]
    assert played(new, old)[-2:] == ["user/aiko: detach C", "policy/A: new default version"]


def test_two_policies_are_renamed_at_the_limit() -> None:
    names = [f"P{number}" for number in range(10)]
    rights = [policy(name, allow(f"s3:Get{name}")) for name in (*names, "P10", "P11")]
    same = [policy("P10", allow("s3:GetP0")), policy("P11", allow("s3:GetP1"))]
    old = desired(user("aiko", *map(arn_of, names)), *rights[:10])
    new = desired(user("aiko", *map(arn_of, [*names[2:], "P10", "P11"])), *rights[2:10], *same, prune=True)

    assert played(old, new)[2:] == [
        "user/aiko: detach P0 (window)",
        "user/aiko: detach P1 (window)",
        "user/aiko: attach P10",
        "user/aiko: attach P11",
        "policy/P0: delete policy",
        "policy/P1: delete policy",
    ]


def test_a_user_is_suspended_and_the_suspension_is_lifted() -> None:
    rights = (policy("A", allow(SQS)), policy("B", deny(SQS)))
    active, suspended = user("aiko", A, console=Console()), user("aiko", A, suspended=True)

    assert (
        played(desired(active, *rights), desired(suspended, *rights))[0] == "user/aiko: inline policy iamsync-suspended"
    )
    blocked = replace(active, inline={SUSPENDED_POLICY: DENY_ALL}, console=Console(enabled=False))
    lifted = replace(active, attachments=attached(A, B))
    assert played(desired(blocked, *rights), desired(lifted, *rights)) == [
        "user/aiko: attach B",
        "user/aiko: create console password",
        "user/aiko: delete inline policy iamsync-suspended",
    ]


def test_who_is_renamed_and_suspended_loses_access_by_the_old_name() -> None:
    rights = (policy("A", under(allow(SQS), "StringLike", "aws:username", "d*")), policy("B", allow(SQS)))
    old = desired(user("bo", A), *rights)

    assert played(old, desired(user("dara", A, previous_names=("bo",), suspended=True), *rights)) == [
        "user/dara: inline policy iamsync-suspended",
        "user/dara: rename bo -> dara",
    ]
    assert played(old, desired(user("dara", B, previous_names=("bo",), suspended=True), *rights)) == [
        "user/dara: inline policy iamsync-suspended",
        "user/dara: rename bo -> dara",
        "user/dara: attach B",
        "user/dara: detach A",
    ]


def test_who_is_taken_over_and_suspended_may_have_a_window_that_is_named() -> None:
    owned = f"aws:PrincipalTag/{OWNER_TAG}"
    rights = (policy("A", under(allow(SQS), "StringEquals", owned, "us")), policy("B", allow(SQS)))
    new = desired(user("aiko", A, suspended=True), user("bo", B, suspended=True), *rights, adopt=True)

    assert played(desired(user("aiko", A, tags={}), user("bo", B, tags={}), *rights), new) == [
        "user/aiko: adopt: set the ownership tag on this existing user (window)",
        "user/aiko: inline policy iamsync-suspended",
        "user/bo: adopt: set the ownership tag on this existing user",
        "user/bo: inline policy iamsync-suspended",
    ]
    wider = desired(user("aiko", B, suspended=True), *rights, adopt=True)
    assert played(desired(user("aiko", A, tags={}), *rights), wider) == [
        "user/aiko: adopt: set the ownership tag on this existing user (window)",
        "user/aiko: inline policy iamsync-suspended",
        "user/aiko: attach B",
        "user/aiko: detach A",
    ], "what comes with B is denied as well, and makes up for nothing"


def test_a_user_comes_and_a_user_goes_and_a_group_with_them() -> None:
    rights = (policy("A", allow(SQS)), policy("B", text(deny("iam:*"), allow("s3:*"))))
    old = desired(user("bo", B, groups=["old"]), group("old", A), *rights)
    new = desired(user("aiko", B, groups=["new"], console=Console()), group("new", A), *rights, prune=True)

    assert played(old, new) == [
        "group/new: create group",
        "user/aiko: create user",
        "user/aiko: attach B",
        "group/new: attach A",
        "user/aiko: add to group new",
        "group/old: detach A",
        "user/bo: remove from group old",
        "user/bo: detach B",
        "user/bo: delete user",
        "group/old: delete group",
        "user/aiko: create console password",
    ]


def test_what_guards_most_comes_first_of_what_allows_and_denies() -> None:
    rights = (policy("A", text(allow(SQS), deny("s3:*"))), policy("B", text(allow(SNS), deny(SQS))))
    old, new = desired(user("aiko"), *rights), desired(user("aiko", A, B), *rights)

    assert played(old, new) == ["user/aiko: attach B", "user/aiko: attach A"]


def test_two_policies_that_guard_each_other_open_a_window_that_is_named() -> None:
    rights = (policy("A", text(allow(SQS), deny(SNS))), policy("B", text(allow(SNS), deny(SQS))))
    old, new = desired(user("aiko"), *rights), desired(user("aiko", A, B), *rights)

    assert played(old, new) == ["user/aiko: attach A (window)", "user/aiko: attach B"]


TEAM = "aws:PrincipalTag/Team"


def test_a_tag_by_which_something_is_allowed_goes_when_what_replaces_it_has_come() -> None:
    rights = (policy("A", under(allow(SQS), "StringEquals", TEAM, "ops")), policy("B", allow(SQS)))
    old = desired(user("aiko", A, tags={**OURS, "Team": "ops"}), *rights)

    assert played(old, desired(user("aiko", A, B), *rights)) == ["user/aiko: attach B", "user/aiko: remove tags Team"]
    assert played(old, desired(user("aiko", A, B, tags={**OURS, "Team": "data"}), *rights)) == [
        "user/aiko: attach B",
        "user/aiko: set tags",
    ]


def test_a_tag_by_which_something_is_allowed_comes_before_what_it_replaces_goes() -> None:
    rights = (policy("A", under(allow(SQS), "StringEquals", TEAM, "ops")), policy("B", allow(SQS)))
    new = desired(user("aiko", A, tags={**OURS, "Team": "ops"}), *rights)

    assert played(desired(user("aiko", A, B), *rights), new) == ["user/aiko: set tags", "user/aiko: detach B"]


def test_a_quarantine_by_tag_ends_when_all_it_held_down_is_gone() -> None:
    quarantine = policy("A", under(deny("*"), "Null", "aws:PrincipalTag/quarantine", "false"))
    rights = (quarantine, policy("B", allow("*")), policy("C", allow(SQS)))
    old = desired(user("aiko", A, B, tags={**OURS, "quarantine": "yes"}), *rights)

    assert played(old, desired(user("aiko", A, C), *rights)) == [
        "user/aiko: attach C",
        "user/aiko: detach B",
        "user/aiko: remove tags quarantine",
    ]
    assert played(desired(user("aiko", A, C), *rights), old)[0] == "user/aiko: set tags"


def test_who_would_get_more_by_a_policy_that_goes_loses_it_before_the_tag_comes() -> None:
    rights = (policy("A", under(allow(SQS), "StringEquals", TEAM, "ops")), policy("B", allow(SNS)))
    old, new = desired(user("aiko", A), *rights), desired(user("aiko", B, tags={**OURS, "Team": "ops"}), *rights)

    assert played(old, new) == ["user/aiko: attach B", "user/aiko: detach A", "user/aiko: set tags"]


def test_a_tag_gets_another_key_and_the_policy_that_asks_for_it_with_it() -> None:
    asked = [under(allow(SQS), "StringEquals", f"aws:PrincipalTag/{key}", "ops") for key in ("Team", "Department")]
    old = desired(user("aiko", A, tags={**OURS, "Team": "ops"}), policy("A", asked[0]))
    new = desired(user("aiko", A, tags={**OURS, "Department": "ops"}), policy("A", asked[1]))

    assert played(old, new) == [
        "user/aiko: set tags",
        "policy/A: new default version",
        "user/aiko: remove tags Team",
    ]


def test_a_tag_that_is_written_in_another_case_is_missing_for_a_moment_which_is_announced() -> None:
    asked = policy("A", under(allow(SQS), "StringEquals", TEAM, "ops"))
    old = desired(user("aiko", A, tags={**OURS, "team": "ops"}), asked)
    new = desired(user("aiko", A, tags={**OURS, "Team": "ops"}), asked)

    assert played(old, new) == ["user/aiko: remove tags team (window)", "user/aiko: set tags"]


def test_a_tag_for_which_nothing_asks_waits_for_nothing() -> None:
    rights = (policy("A", under(allow(SQS), "StringEquals", TEAM, "ops")), policy("B", allow(SQS)))
    old = desired(user("aiko", A, tags={**OURS, "Cost": "1", "Team": "ops"}), *rights)
    new = desired(user("aiko", A, B, tags={**OURS, "Cost": "2", "Team": "ops"}), *rights)

    assert played(old, new) == ["user/aiko: set tags", "user/aiko: attach B"]


PEOPLE = ("aws:PrincipalArn", "arn:aws:iam::*:user/people/*")


def test_a_policy_that_is_met_on_the_way_only_counts_as_well() -> None:
    by_tag, by_path = under(allow(SQS), "StringEquals", TEAM, "ops"), under(allow("ec2:*"), "ArnLike", *PEOPLE)
    old = desired(user("aiko", B), policy("B", by_path), policy("C", by_tag))
    new = desired(
        user("aiko", B, C, path="/people/", tags={**OURS, "Team": "ops"}), policy("B", by_path), policy("C", allow(SNS))
    )

    assert played(old, new) == [
        "user/aiko: path / -> /people/",
        "user/aiko: set tags",
        "policy/C: new default version",
        "user/aiko: attach C",
    ]
    assert played(new, old) == [
        "user/aiko: path /people/ -> /",
        "user/aiko: remove tags Team",
        "policy/C: new default version",
        "user/aiko: detach C",
    ]


def test_a_group_is_left_before_it_gains_what_another_tag_would_open() -> None:
    rights = (
        policy("A", under(allow(SQS), "StringLike", TEAM, "d*")),
        policy("B", under(allow("ec2:*"), "ArnLike", *PEOPLE)),
    )
    old = desired(user("aiko", B, groups=["ops"]), user("bo", groups=["ops"]), group("ops"), *rights)
    aiko = user("aiko", B, path="/people/", tags={**OURS, "Team": "data"})

    assert played(old, desired(aiko, user("bo", groups=["ops"]), group("ops", A), *rights)) == [
        "user/aiko: path / -> /people/",
        "user/aiko: set tags",
        "user/aiko: remove from group ops",
        "group/ops: attach A",
    ]


def test_a_tag_that_is_no_matter_after_another_path_does_not_come_before_it() -> None:
    but_their_own = {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/${aws:PrincipalTag/Team}/*"}
    told = under(Document.parse({"Version": "2012-10-17", "Statement": but_their_own}), "ArnLike", *PEOPLE)
    old = desired(user("bo", C, path="/people/", tags={**OURS, "Team": "data"}), policy("C", told))
    new = desired(user("bo", tags={**OURS, "Team": "ops"}), policy("C", told))

    assert played(old, new) == ["user/bo: path /people/ -> /", "user/bo: set tags", "user/bo: detach C"]


SELF = on("arn:aws:iam::*:user/${aws:username}", "iam:*")
HOME = on("arn:aws:s3:::home/${aws:username}/*", "s3:*")


def test_what_looks_like_a_variable_under_the_old_version_stands_for_nobody() -> None:
    old_fashioned = Document.parse({**json.loads(SELF.render()), "Version": "2008-10-17"})
    aiko, same = user("aiko", A, B, C), policy("C", old_fashioned)
    old = desired(aiko, policy("A", SELF), policy("B", allow(SNS)), same)
    new = desired(aiko, policy("A", allow(SNS)), policy("B", SELF), same)

    assert played(old, new) == [
        "policy/A: new default version, step 1 of 2",
        "policy/B: new default version, step 1 of 2",
        "policy/A: new default version, step 2 of 2",
        "policy/B: new default version, step 2 of 2",
    ]


def test_a_renamed_user_who_has_what_everybody_has_is_not_worth_a_warning() -> None:
    manage_mfa = Document.parse(Path("desired/policies/IAMSelfManageMFADevice.json").read_text())
    rights = (policy("A", text(SELF, HOME)), policy("B", manage_mfa), policy("C", deny(SQS)))
    old = desired(user("aiko", A, B, S3), *rights)

    assert played(old, desired(user("dara", A, B, C, previous_names=("aiko",)), *rights)) == [
        "user/dara: rename aiko -> dara",
        "user/dara: attach C",
        "user/dara: detach aws:AmazonS3ReadOnlyAccess",
    ]
    assert played(desired(user("aiko", B), *rights), desired(user("dara", previous_names=("aiko",)), *rights)) == [
        "user/dara: rename aiko -> dara",
        "user/dara: detach B",
    ]


def test_who_is_renamed_and_loses_what_goes_by_the_name_opens_a_window_that_is_named() -> None:
    rights = (policy("A", HOME), policy("B", SELF))
    old, new = desired(user("aiko", A, B), *rights), desired(user("dara", previous_names=("aiko",)), *rights)

    assert played(old, new) == [
        "user/dara: rename aiko -> dara (window)",
        "user/dara: detach A",
        "user/dara: detach B",
    ]
    only_itself = desired(user("aiko", B), *rights)
    assert played(only_itself, new) == ["user/dara: rename aiko -> dara", "user/dara: detach B"]


def test_a_path_that_takes_rights_away_changes_when_what_replaces_them_has_come() -> None:
    people = under(allow(SQS), "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/people/*")
    rights = (policy("A", people), policy("B", allow(SQS)))
    old, new = desired(user("aiko", A, path="/people/"), *rights), desired(user("aiko", A, B), *rights)

    assert played(old, new) == ["user/aiko: attach B", "user/aiko: path /people/ -> /"]


def test_a_boundary_that_asks_for_a_tag_is_no_reason_to_be_without_rights() -> None:
    bounds = under(allow(SQS), "StringEquals", TEAM, "ops")
    rights = (policy("A", bounds), policy("B", allow("*")), policy("C", allow(SQS)))
    old = desired(user("aiko", B, boundary=A, tags={**OURS, "Team": "ops"}), *rights)
    new = desired(user("aiko", B, boundary=C, tags={**OURS, "Team": "data"}), *rights)

    assert played(old, new) == ["user/aiko: boundary A -> C", "user/aiko: set tags"]
