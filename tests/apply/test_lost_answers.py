"""Writes whose answer is lost: each ends in one object, and a delivered password is true."""

import csv as csv_files
from pathlib import Path

import pytest
from channels import InMemory, by
from faults import After, Fault, Network
from mypy_boto3_iam import IAMClient
from states import DENIES_IAM, READS_S3, S3, arn_of, desired, live, policy, user, version

from iamsync.apply import Patience, apply
from iamsync.aws.tries import MOST
from iamsync.core.model import Console
from iamsync.core.plan import Plan
from iamsync.core.report import Report, Status
from iamsync.delivery import Delivery

ARN = arn_of("Guard")
QUICK = Patience(total=2, first=0.05)
LOSSES = [After.RESET, After.SERVER_ERROR]
NEW_PASSWORD = Plan.between(
    desired(user("aiko", console=Console())), live(user("aiko", console=Console(enabled=False)))
)


def new_version_plan() -> Plan:
    """Another text for a policy that exists."""
    return Plan.between(desired(policy("Guard", DENIES_IAM)), live(policy("Guard", READS_S3)))


@pytest.fixture
def guard(iam: IAMClient) -> None:
    """The policy Guard, as it was before."""
    tags = [{"Key": "iamsync:owner", "Value": "us"}]
    iam.create_policy(PolicyName="Guard", PolicyDocument=READS_S3.render(), Tags=tags)  # type: ignore[arg-type]


def versions(iam: IAMClient) -> list[tuple[str, bool]]:
    return sorted(
        (one["VersionId"], one["IsDefaultVersion"]) for one in iam.list_policy_versions(PolicyArn=ARN)["Versions"]
    )


def password_in(csv: Path) -> str:
    rows = csv_files.DictReader(csv.read_text().splitlines())
    (row,) = [row for row in rows if row["User name"] == "aiko"]
    return row["Password"]


def live_password(network: Network) -> str:
    """The last password that AWS took."""
    return next(write.params["Password"] for write in reversed(network.writes) if "Password" in write.params)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("number", range(4))
def test_whichever_answer_of_a_plan_is_lost_the_plan_is_done(
    network: Network, hasty: IAMClient, loss: After, number: int
) -> None:
    network.script = [Fault(match="^(Create|Attach)", after=loss, skip=number)]
    wanted = desired(user("aiko", ARN, S3), policy("Guard", DENIES_IAM))

    report = apply(Plan.between(wanted, live()), hasty, None, parallel=1)

    assert report.complete, [one.why for one in report.outcomes]
    assert len(hasty.list_users()["Users"]) == 1
    assert len(hasty.list_policies(Scope="Local")["Policies"]) == 1
    assert len(hasty.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]) == 2


def test_silence_is_a_lost_answer_too(network: Network, hasty: IAMClient) -> None:
    network.script = [Fault(match="^CreateUser", after=After.SILENCE)]

    (outcome,) = apply(Plan.between(desired(user("aiko")), live()), hasty, None).outcomes

    assert (outcome.status, outcome.attempts) == (Status.DONE, 2)
    assert outcome.why == "exists as asked for: an earlier try, or another run, has made it"


def test_an_invisible_user_whose_creation_was_lost_is_recognised_when_it_is_seen(
    network: Network, hasty: IAMClient
) -> None:
    network.invisible_calls = 3
    network.script = [Fault(match="^CreateUser", after=After.RESET)]

    assert apply(Plan.between(desired(user("aiko")), live()), hasty, None, patience=QUICK).complete


@pytest.mark.parametrize("difference", [{"Path": "/other/"}, {"Tags": [{"Key": "iamsync:owner", "Value": "them"}]}])
def test_a_user_of_that_name_who_is_not_what_was_asked_for_is_not_ours(
    iam: IAMClient, hasty: IAMClient, difference: dict[str, object]
) -> None:
    iam.create_user(**{"UserName": "aiko", "Tags": [{"Key": "iamsync:owner", "Value": "us"}], **difference})  # type: ignore[arg-type]

    (outcome,) = apply(Plan.between(desired(user("aiko")), live()), hasty, None).outcomes

    assert (outcome.status, outcome.error_code) == (Status.FAILED, "EntityAlreadyExists")
    assert "it is not what this plan asked for; plan again" in outcome.why


@pytest.mark.usefixtures("guard")
def test_a_policy_of_that_name_that_says_something_else_is_not_ours(hasty: IAMClient) -> None:
    (outcome,) = apply(Plan.between(desired(policy("Guard", DENIES_IAM)), live()), hasty, None).outcomes

    assert outcome.status is Status.FAILED


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("loss", [*LOSSES, After.SILENCE])
def test_a_new_version_whose_answer_was_lost_is_made_once(
    network: Network, iam: IAMClient, hasty: IAMClient, loss: After
) -> None:
    network.script = [Fault(match="^CreatePolicyVersion", after=loss)]

    report = apply(new_version_plan(), hasty, None, patience=QUICK)

    assert report.complete
    assert network.sent.count("CreatePolicyVersion") == 1
    assert versions(iam) == [("v1", False), ("v2", True)]


@pytest.mark.usefixtures("guard")
def test_a_new_version_that_failed_without_effect_is_sent_again(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    network.script = [Fault(match="^CreatePolicyVersion", code="ServiceFailure", times=2)]

    report = apply(new_version_plan(), hasty, None, patience=QUICK)

    assert report.complete
    assert report.outcomes[0].attempts == 3
    assert versions(iam) == [("v1", False), ("v2", True)]


@pytest.mark.usefixtures("guard")
def test_a_version_that_is_the_default_already_is_not_made_again(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    iam.create_policy_version(PolicyArn=ARN, PolicyDocument=DENIES_IAM.render(), SetAsDefault=True)

    assert apply(new_version_plan(), hasty, None).complete
    assert network.writes == []


@pytest.mark.usefixtures("guard")
def test_a_version_that_was_evicted_already_is_no_failure(iam: IAMClient, hasty: IAMClient) -> None:
    for number in range(4):
        text = READS_S3.render().replace("s3:Get*", f"s3:Get{number}*")
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=text, SetAsDefault=True)
    stored = tuple(version(f"v{number}", READS_S3, default=number == 5) for number in range(1, 6))
    plan = Plan.between(desired(policy("Guard", DENIES_IAM)), live(policy("Guard", READS_S3), versions={ARN: stored}))
    evicted = next(one for one in plan.actions if one.operation == "delete_policy_version")
    iam.delete_policy_version(PolicyArn=ARN, VersionId=str(evicted.params["VersionId"]))

    report = apply(plan, hasty, None)

    assert report.complete
    assert [one.why for one in report.outcomes if one.action is evicted] == ["was so already"]


@pytest.mark.parametrize("loss", [*LOSSES, After.SILENCE])
def test_a_delivered_password_is_true_though_the_answer_was_lost(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, loss: After
) -> None:
    network.script = [Fault(match="^CreateLoginProfile", after=loss)]

    report = apply(Plan.between(desired(user("aiko", console=Console())), live()), hasty, delivery, patience=QUICK)

    assert report.complete
    assert report.outcomes[1].why == "the answer was lost; the delivered password was set once more"
    assert live_password(network) == password_in(csv)
    assert [one.operation for one in network.writes][1:] == ["CreateLoginProfile", "UpdateLoginProfile"]
    assert hasty.get_login_profile(UserName="aiko")["LoginProfile"]["PasswordResetRequired"] is True


def test_all_answers_lost_and_the_password_is_still_true(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.0)
    network.script = [
        Fault(match="^CreateLoginProfile", after=After.SERVER_ERROR),
        Fault(match="^CreateLoginProfile", code="ServiceFailure", times=9, skip=1),
    ]

    report = apply(Plan.between(desired(user("aiko", console=Console())), live()), hasty, delivery)

    assert report.complete
    assert live_password(network) == password_in(csv)


def test_nobody_elses_password_is_touched_and_the_row_is_taken_back(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    plan = Plan.between(desired(user("aiko", console=Console())), live())
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.create_login_profile(UserName="aiko", Password="Somebody-elses-1")

    report: Report = apply(plan, hasty, delivery)

    assert (report.outcomes[1].status, report.outcomes[1].error_code) == (Status.FAILED, "EntityAlreadyExists")
    assert "aiko" not in csv.read_text()
    assert [one.operation for one in network.writes] == []


def test_a_refused_password_that_cannot_be_withdrawn_is_reported_and_keeps_its_receipt(
    network: Network, hasty: IAMClient
) -> None:
    network.script = [Fault(match="^CreateLoginProfile", code="AccessDenied")]

    (outcome,) = (report := apply(NEW_PASSWORD, hasty, by(InMemory(withdraws=False)))).outcomes

    assert (outcome.status, outcome.error_code) == (Status.FAILED, "AccessDenied")
    assert outcome.why == (
        "AccessDenied: injected; the memory cannot be cleared, so the password stays where it was delivered, "
        "and will never work"
    )
    assert [one.user for one in report.receipts] == ["aiko"]


def test_a_password_that_may_be_live_is_never_taken_back(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    network.script = [
        Fault(match="^CreateLoginProfile", code="ServiceFailure"),
        Fault(match="^CreateLoginProfile", code="AccessDenied"),
    ]

    report = apply(Plan.between(desired(user("aiko", console=Console())), live()), hasty, delivery)

    assert report.outcomes[1].status is Status.FAILED
    assert "the delivered password stays where it is" in report.outcomes[1].why
    assert password_in(csv)


def test_a_call_for_which_there_is_no_connection_was_not_done(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.0)
    network.close()

    (outcome,) = apply(NEW_PASSWORD, hasty, delivery).outcomes

    assert (outcome.status, outcome.attempts) == (Status.FAILED, MOST)
    assert outcome.why.endswith("; it was not sent, so it was not done")
    assert "aiko" not in csv.read_text(), "the password will never work"


@pytest.mark.usefixtures("guard")
def test_a_version_that_was_made_before_the_connection_went_is_not_reported_as_not_made(
    network: Network, hasty: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.0)
    network.after_write = lambda _: network.close()
    network.script = [Fault(match="^ListPolicyVersions", after=After.RESET, skip=1)]

    (outcome,) = apply(new_version_plan(), hasty, None).outcomes

    assert outcome.why.startswith("Could not connect")
    assert outcome.why.endswith("; whether it was done is not known")
    assert network.writes[0].operation == "CreatePolicyVersion"


def test_an_answer_that_was_lost_before_the_connection_was_is_still_in_doubt(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.0)
    hasty.create_user(UserName="aiko")
    network.script = [Fault(match="^CreateLoginProfile", after=After.RESET)]
    network.after_write = lambda _: network.close()

    (outcome,) = apply(NEW_PASSWORD, hasty, delivery).outcomes

    assert outcome.status is Status.FAILED
    assert outcome.why.startswith("Could not connect")
    assert "whether it was done is not known" in outcome.why
    assert password_in(csv) == live_password(network)


@pytest.mark.parametrize("loss", [*LOSSES, After.SILENCE])
def test_a_new_name_whose_answer_was_lost_is_there(
    network: Network, iam: IAMClient, hasty: IAMClient, loss: After
) -> None:
    iam.create_user(UserName="aiko.suzuki")
    network.script = [Fault(match="^UpdateUser", after=loss)]
    plan = Plan.between(desired(user("aiko.sato", previous_names=("aiko.suzuki",))), live(user("aiko.suzuki")))

    (outcome,) = apply(plan, hasty, None, patience=QUICK).outcomes

    assert (outcome.status, outcome.why) == (Status.DONE, "the answer was lost, the new name is there")
    assert [one["UserName"] for one in iam.list_users()["Users"]] == ["aiko.sato"]


def test_a_new_name_that_is_taken_by_our_own_first_try_is_there(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    iam.create_user(UserName="aiko.suzuki")
    lost, taken = Fault(match="Update", after=After.RESET), Fault(match="Update", code="EntityAlreadyExists", skip=1)
    network.script = [lost, taken]
    plan = Plan.between(desired(user("aiko.sato", previous_names=("aiko.suzuki",))), live(user("aiko.suzuki")))

    (outcome,) = apply(plan, hasty, None, patience=QUICK).outcomes

    assert (outcome.status, outcome.why) == (Status.DONE, "the answer was lost, the new name is there")


def test_a_new_name_that_is_a_strangers_is_not_taken_for_ours(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    for name in ("aiko.suzuki", "aiko.sato"):
        iam.create_user(UserName=name)
    network.script = [Fault(match="^UpdateUser", code="ServiceFailure")]
    plan = Plan.between(desired(user("aiko.sato", previous_names=("aiko.suzuki",))), live(user("aiko.suzuki")))

    (outcome,) = apply(plan, hasty, None, patience=QUICK).outcomes

    assert (outcome.status, outcome.error_code) == (Status.FAILED, "EntityAlreadyExists")


def test_a_user_who_went_before_the_new_name_came_is_not_waited_for(hasty: IAMClient) -> None:
    plan = Plan.between(desired(user("aiko.sato", previous_names=("aiko.suzuki",))), live(user("aiko.suzuki")))

    (outcome,) = apply(plan, hasty, None).outcomes

    assert (outcome.status, outcome.error_code, outcome.attempts) == (Status.FAILED, "NoSuchEntity", 1)


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("older", [0, 3])
def test_a_version_whose_answer_was_lost_is_not_doubled_though_it_cannot_be_seen_yet(
    network: Network, iam: IAMClient, hasty: IAMClient, older: int
) -> None:
    """With three older ones there is room for one only, and the second try meets five."""
    for _ in range(older):
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=READS_S3.render())
    before = versions(iam)
    network.stale_reads = 4
    network.script = [Fault(match="^CreatePolicyVersion", after=After.RESET)]

    report = apply(new_version_plan(), hasty, None, patience=Patience(total=20, first=0.05))

    assert report.complete, [one.why for one in report.outcomes]
    added = [version for version in versions(iam) if version[0] not in dict(before)]
    assert len(added) == 1
    assert added[0][1], "it is the default"


@pytest.mark.usefixtures("guard")
def test_where_somebody_else_made_the_fifth_version_that_is_reported_in_a_while(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    for _ in range(4):
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=READS_S3.render())

    (outcome,) = apply(new_version_plan(), hasty, None, patience=QUICK).outcomes

    assert (outcome.status, outcome.error_code) == (Status.FAILED, "LimitExceeded")
    assert network.sent.count("CreatePolicyVersion") == 1


def test_a_password_that_is_there_and_not_visible_yet_is_waited_for(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    network.script = [
        Fault(match="^CreateLoginProfile", after=After.RESET),
        Fault(match="^GetLoginProfile", code="NoSuchEntity", times=3),
    ]

    report = apply(Plan.between(desired(user("aiko", console=Console())), live()), hasty, delivery, patience=QUICK)

    assert report.complete, [one.why for one in report.outcomes]
    assert live_password(network) == password_in(csv)
