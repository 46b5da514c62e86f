"""Two applies of the same files in the same moment: both end well, and nothing is there twice."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from csv import DictReader
from functools import partial
from pathlib import Path

import pytest
from channels import to_file
from faults import Network, client
from mypy_boto3_iam import IAMClient
from states import DENIES_IAM, READS_S3, S3, arn_of, desired, live, policy, user, version

from iamsync.apply import Patience, apply
from iamsync.core.document import Document
from iamsync.core.model import AccessKeys, Console, Credentials, PolicyVersion
from iamsync.core.plan import Plan
from iamsync.core.report import Report, Status
from iamsync.delivery import Delivery
from iamsync.delivery.credentials_csv import COLUMNS

ARN = arn_of("Guard")
QUICK = Patience(total=2, first=0.05)


def twice(
    plan: Plan,
    network: Network,
    *meeting: str,
    ways: Sequence[Delivery | None] = (None, None),
    patience: Patience = QUICK,
) -> list[Report]:
    """Two runs of one plan, whose first calls of each operation that is `meeting` are sent in the same moment."""

    def met(operation: str) -> None:
        del network.meeting[operation]

    network.meeting = {operation: threading.Barrier(2, partial(met, operation)) for operation in meeting}

    def run(way: Delivery | None) -> Report:
        return apply(plan, client(network), way, patience=patience)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, ways))


def guard(iam: IAMClient, texts: int) -> tuple[PolicyVersion, ...]:
    """The policy Guard with so many versions, the last of which is the default."""
    tags = [{"Key": "iamsync:owner", "Value": "us"}]
    iam.create_policy(PolicyName="Guard", PolicyDocument=READS_S3.render(), Tags=tags)  # type: ignore[arg-type]
    for number in range(2, texts + 1):
        text = READS_S3.render().replace("s3:Get*", f"s3:Get{number}*")
        iam.create_policy_version(PolicyArn=ARN, PolicyDocument=text, SetAsDefault=True)
    return tuple(version(f"v{number}", READS_S3, default=number == texts) for number in range(1, texts + 1))


def versions(iam: IAMClient) -> list[str]:
    return [one["VersionId"] for one in iam.list_policy_versions(PolicyArn=ARN)["Versions"]]


def test_a_user_a_policy_and_attachments_are_made_once(network: Network, iam: IAMClient) -> None:
    wanted = desired(user("aiko", ARN, S3), policy("Guard", DENIES_IAM))

    reports = twice(Plan.between(wanted, live()), network, "CreateUser", "CreatePolicy")

    assert [report.complete for report in reports] == [True, True]
    assert [one.operation for one in network.writes].count("CreateUser") == 1
    assert versions(iam) == ["v1"]
    assert len(iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]) == 2


def test_an_attachment_is_taken_off_once(network: Network, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    iam.attach_user_policy(UserName="aiko", PolicyArn=S3)

    reports = twice(Plan.between(desired(user("aiko")), live(user("aiko", S3))), network, "DetachUserPolicy")

    assert [report.complete for report in reports] == [True, True]


@pytest.mark.parametrize("stored", [1, 4])
def test_a_new_version_is_there_once_though_both_send_it(network: Network, iam: IAMClient, stored: int) -> None:
    """At four, the second one even finds no room."""
    before = guard(iam, stored)
    plan = Plan.between(desired(policy("Guard", DENIES_IAM)), live(policy("Guard", READS_S3), versions={ARN: before}))

    reports = twice(plan, network, "CreatePolicyVersion")

    assert [report.complete for report in reports] == [True, True], [report.outcomes for report in reports]
    stored_now = iam.list_policy_versions(PolicyArn=ARN)["Versions"]
    assert len(stored_now) == stored + 1
    (default,) = [one["VersionId"] for one in stored_now if one["IsDefaultVersion"]]
    text = iam.get_policy_version(PolicyArn=ARN, VersionId=default)["PolicyVersion"]["Document"]
    assert Document.parse(text) == DENIES_IAM


def test_one_password_is_made_and_the_other_run_says_so_and_takes_its_row_back(
    network: Network, tmp_path: Path
) -> None:
    plan = Plan.between(desired(user("aiko", console=Console())), live())
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    with (
        to_file(files[0]) as one,
        to_file(files[1]) as two,
    ):
        reports = twice(plan, network, "CreateLoginProfile", ways=(one, two))

    ends = sorted(report.outcomes[1].status.value for report in reports)
    assert ends == [Status.DONE.value, Status.FAILED.value]
    (file,) = [file for file in files if file.exists()]
    made = [write.params["Password"] for write in network.writes if write.operation == "CreateLoginProfile"]
    assert [row["Password"] for row in DictReader(file.read_text().splitlines())] == made


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("meeting", ["CreateUser", "TagUser"])
def test_one_run_makes_the_access_keys_and_the_other_makes_none(
    network: Network, iam: IAMClient, tmp_path: Path, *, count: int, meeting: str
) -> None:
    """All other orders of the calls are in `interleavings`."""
    is_new = meeting == "CreateUser"
    if not is_new:
        iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    known = live() if is_new else live(user("aiko"), credentials={"aiko": Credentials()})
    plan = Plan.between(desired(user("aiko", access_keys=AccessKeys(count=count))), known)
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    with (
        to_file(files[0]) as one,
        to_file(files[1]) as two,
    ):
        reports = twice(plan, network, meeting, ways=(one, two), patience=Patience(first=0.05))

    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()[1:]]
    delivered = [row["Access key ID"] for row in DictReader(lines, COLUMNS)]
    keys = [one["AccessKeyId"] for one in iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]]
    assert sorted(report.complete for report in reports) == [False, True], [report.outcomes for report in reports]
    assert [one.operation for one in network.writes].count("CreateAccessKey") == count
    assert sorted(delivered) == sorted(keys)
    assert iam.get_user(UserName="aiko")["User"]["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]
