import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import ACCOUNT, DENIES_IAM, EC2, READS_S3, S3, allow, arn_of, deny, desired, live, policy, user

from iamsync.core.action import Action, OldArnNote, Premise
from iamsync.core.arn import Account
from iamsync.core.change import CreateUser, DeleteAccessKey, Entity, Kind, SetTags
from iamsync.core.model import AccessKey, AccessKeys, Console, Credentials, DesiredState, Origin
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Report, Status

NEWCOMER = desired(
    user("aiko", S3, arn_of("Guard"), arn_of("Reads"), console=Console()),
    user("bo", EC2),
    policy("Guard", DENIES_IAM),
    policy("Reads", READS_S3),
)


def operations(plan: Plan) -> list[str]:
    return [action.operation for action in plan.actions]


def first(plan: Plan, operation: str, name: str = "") -> int:
    return next(
        number
        for number, action in enumerate(plan.actions)
        if action.operation == operation and name in str(action.params.get("PolicyArn", name))
    )


def test_a_newcomer_can_sign_in_only_when_everything_else_is_done() -> None:
    plan = Plan.between(NEWCOMER, live())

    assert operations(plan) == [
        "create_policy",
        "create_policy",
        "create_user",
        "create_user",
        "attach_user_policy",
        "attach_user_policy",
        "attach_user_policy",
        "attach_user_policy",
        "create_login_profile",
    ]


def test_what_denies_is_attached_before_what_allows() -> None:
    plan = Plan.between(NEWCOMER, live())

    assert first(plan, "attach_user_policy", "Guard") < first(plan, "attach_user_policy", "AmazonS3ReadOnlyAccess")
    assert first(plan, "attach_user_policy", "Guard") < first(plan, "attach_user_policy", "Reads")


def test_what_allows_is_detached_before_what_denies_and_after_everything_is_attached() -> None:
    guard, reads = policy("Guard", DENIES_IAM), policy("Reads", READS_S3)
    wanted = desired(user("aiko", EC2), guard, reads)
    found = live(user("aiko", S3, arn_of("Guard"), arn_of("Reads")), guard, reads)

    plan = Plan.between(wanted, found)

    assert operations(plan) == ["attach_user_policy", *["detach_user_policy"] * 3]
    assert plan.actions[-1].params["PolicyArn"] == arn_of("Guard")


@given(st.randoms())
def test_the_plan_does_not_depend_on_the_order_of_files_or_answers(randomness: random.Random) -> None:
    users = list(NEWCOMER.users.items())
    policies = list(NEWCOMER.policies.items())
    randomness.shuffle(users)
    randomness.shuffle(policies)

    shuffled = Plan.between(replace(NEWCOMER, users=dict(users), policies=dict(policies)), live())

    assert shuffled == Plan.between(NEWCOMER, live())
    assert shuffled.digest == Plan.between(NEWCOMER, live()).digest


def test_the_digest_is_of_the_calls_not_of_the_words() -> None:
    plan = Plan.between(NEWCOMER, live())
    elsewhere, note = Origin(file="elsewhere", line=1), OldArnNote(subject="policy/P", old="user/aiko")
    moved = replace(plan, actions=tuple(replace(action, reason=elsewhere, notes=(note,)) for action in plan.actions))

    assert moved.digest == plan.digest


@pytest.mark.parametrize(
    "other",
    [
        Plan.between(desired(user("aiko", EC2)), live()),
        Plan.between(desired(user("aiko")), live()),
        replace(Plan.between(desired(user("aiko", S3)), live()), account=Account(id="000000000000", partition="aws")),
        replace(Plan.between(desired(user("aiko", S3)), live()), account=Account(id=ACCOUNT.id, partition="aws-cn")),
        replace(Plan.between(desired(user("aiko", S3)), live()), owner="them"),
    ],
    ids=["another policy", "a call less", "another account", "another partition", "another owner"],
)
def test_other_calls_have_another_digest(other: Plan) -> None:
    assert other.digest != Plan.between(desired(user("aiko", S3)), live()).digest


def test_a_premise_is_part_of_the_digest() -> None:
    def digest(*keys: str) -> str:
        deletion = DeleteAccessKey("aiko", "AKIA1")
        action = Action(change=deletion, subject="user/aiko", premise=Premise(keys=frozenset(keys)))
        return replace(Plan.between(NEWCOMER, live()), actions=(action,)).digest

    assert digest("AKIA1", "AKIA2") == digest("AKIA2", "AKIA1") != digest("AKIA1")


def test_where_a_secret_goes_is_part_of_the_digest_and_no_drift() -> None:
    def newcomer(channel: str) -> DesiredState:
        return desired(user("aiko", console=Console(channel=channel), access_keys=AccessKeys(count=1, channel=channel)))

    there = user("aiko", console=Console())
    keys = {"aiko": Credentials(access_keys=(AccessKey(id="AKIA", active=True),))}

    assert Plan.between(newcomer("csv"), live()).digest != Plan.between(newcomer("pigeon"), live()).digest
    assert Plan.between(newcomer("pigeon"), live(there, credentials=keys)).actions == ()


def test_the_digest_refuses_what_is_neither_data_nor_a_secrets_name() -> None:
    odd = Action(change=SetTags(Entity(Kind.USER, "x"), {"x": object()}), subject="user/x")  # type: ignore[dict-item]

    with pytest.raises(TypeError, match="a call holds only"):
        _ = replace(Plan.between(NEWCOMER, live()), actions=(odd,)).digest


def test_a_report_is_complete_when_everything_was_done() -> None:
    action = Action(change=CreateUser(user("aiko")), subject="user/aiko")

    def report(*statuses: Status) -> Report:
        return Report(outcomes=tuple(Outcome(action=action, status=status) for status in statuses))

    assert report(Status.DONE, Status.DONE).complete
    assert report().complete
    assert not report(Status.DONE, Status.SKIPPED).complete
    assert not report(Status.FAILED).complete


def test_a_text_that_only_loses_rights_changes_after_what_is_attached_instead() -> None:
    wanted = desired(user("aiko", S3, arn_of("Reads")), policy("Reads", allow("s3:Get*")))
    found = live(user("aiko", arn_of("Reads")), policy("Reads", allow("s3:Get*", "s3:List*")))

    assert operations(Plan.between(wanted, found)) == ["attach_user_policy", "create_policy_version"]


def test_but_before_it_is_attached_itself() -> None:
    wanted = desired(user("aiko", arn_of("Reads")), policy("Reads", allow("s3:Get*")))
    found = live(user("aiko"), policy("Reads", allow("s3:Get*", "s3:Put*")))

    assert operations(Plan.between(wanted, found)) == ["create_policy_version", "attach_user_policy"]


def test_a_text_that_only_gains_denies_changes_before_anything_is_attached() -> None:
    wanted = desired(user("aiko", S3, arn_of("No")), policy("No", deny("s3:*", "iam:*")))
    found = live(user("aiko", arn_of("No")), policy("No", deny("iam:*")))

    assert operations(Plan.between(wanted, found)) == ["create_policy_version", "attach_user_policy"]


def test_a_leaver_loses_all_access_before_anything_else_happens() -> None:
    goes = user("bo", S3, console=Console())
    wanted = desired(user("aiko", S3), prune=True)

    assert operations(Plan.between(wanted, live(goes))) == [
        "delete_login_profile",
        "create_user",
        "attach_user_policy",
        "detach_user_policy",
        "delete_user",
    ]
