"""What plan says is what apply does: no option is ignored, no guard is left out, no refusal comes as a surprise."""

import json
from pathlib import Path

import boto3
import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync import live as reading
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
TWINS = f"{SETTINGS}users: {{Reader: {{}}}}\npolicies: {{Reader: {{document: {json.dumps(DOCUMENT)}}}}}\n"
NEWCOMER = SETTINGS + "users: {aiko: {console: true, policies: [aws:IAMUserChangePassword]}}\n"


def owner(iam: IAMClient, name: str) -> list[str]:
    return [tag["Value"] for tag in iam.list_user_tags(UserName=name)["Tags"] if tag["Key"] == "iamsync:owner"]


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")], ids=" ".join)
def test_a_name_to_adopt_that_fits_nothing_is_refused(
    command: tuple[str, ...], iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    iam.create_user(UserName="Reader")
    iam.create_user(UserName="undeclared")
    write(tmp_path, all=SETTINGS + "users: {Reader: {}, newcomer: {}}\n")

    for name in ("reader", "undeclared", "newcomer", "policy/Reader"):
        ended = iamsync(*command, "--adopt", name)

        assert ended.code == 3
        assert f"refused: --adopt {name} fits no user, policy or group that is declared and exists" in ended.err
    assert owner(iam, "Reader") == []


def test_a_name_that_fits_a_user_and_a_policy_asks_which(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="Reader")
    arn = iam.create_policy(PolicyName="Reader", PolicyDocument=json.dumps(DOCUMENT))["Policy"]["Arn"]
    write(tmp_path, all=TWINS)

    both = iamsync("plan", "--adopt", "Reader")
    one = iamsync("apply", "--yes", "--adopt", "policy/Reader")

    assert (both.code, one.code) == (3, 3)
    assert "--adopt Reader fits policy/Reader and user/Reader: say which one, as --adopt policy/Reader" in both.err
    assert "! user/Reader exists, not owned" in one.out
    assert [tag["Value"] for tag in iam.list_policy_tags(PolicyArn=arn)["Tags"]] == ["us"]
    assert owner(iam, "Reader") == []


def test_a_protected_user_is_not_released(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {}, bo: {}}\n")
    assert iamsync("apply", "--yes").code == 0
    write(
        tmp_path, all=SETTINGS.replace("us,", "us, guards: {protected_users: [AIKO]},") + "users: {aiko: {}, bo: {}}\n"
    )

    ended = iamsync("release", "aiko", "bo", "--yes")

    assert ended.code == 3
    assert '! user/aiko held back: is protected by "AIKO"' in ended.out
    assert (owner(iam, "aiko"), owner(iam, "bo")) == (["us"], [])


@pytest.mark.parametrize(
    ("operation", "warned"),
    [
        (
            "ListAccountAliases",
            "iam:ListAccountAliases is denied: the sign-in link of new credentials names the account",
        ),
        ("GetAccountPasswordPolicy", "iam:GetAccountPasswordPolicy is denied: new passwords have 24 characters of all"),
    ],
)
def test_a_read_that_is_denied_is_foretold_and_no_password_waits_for_it(
    operation: str,
    warned: str,
    iamsync: Iamsync,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    iam: IAMClient,
) -> None:
    iam.create_account_alias(AccountAlias="acme")
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match=operation, code="AccessDenied", times=1000)]
    write(tmp_path, all=NEWCOMER)

    planned, applied = iamsync("plan"), iamsync("apply", "--yes", "--csv", "new.csv")

    assert (planned.code, applied.code) == (0, 0)
    assert f"warning: {warned}" in planned.err
    name = "123456789012" if operation == "ListAccountAliases" else "acme"
    assert f",https://{name}.signin.aws.amazon.com/console" in (tmp_path / "new.csv").read_text()


def test_the_boundary_of_the_callers_role_counts_among_its_policies(iam: IAMClient, sandbox: Sandbox) -> None:
    arns = [
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(DOCUMENT))["Policy"]["Arn"]
        for name in ("Fence", "Rights")
    ]
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=arns[0])
    iam.attach_role_policy(RoleName="deployer", PolicyArn=arns[1])
    sandbox.forget_calls()

    assert reading.role_policies(iam, "deployer") == frozenset(arns)
    assert [call.operation for call in sandbox.calls] == ["ListAttachedRolePolicies", "GetRole"]


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def as_deployer(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, iam: IAMClient
) -> str:
    """The ARN of the policy `Read`, which iamsync owns; commands are called with the role `deployer` from now on."""
    write(tmp_path, all=f"{SETTINGS}policies: {{Read: {{document: {json.dumps(DOCUMENT)}}}}}\n")
    assert iamsync("apply", "--yes").code == 0
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    sts = boto3.client("sts", endpoint_url=sandbox.url)
    role = "arn:aws:iam::123456789012:role/deployer"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
    return iam.list_policies(Scope="Local")["Policies"][0]["Arn"]


def marks(iam: IAMClient, policy: str) -> list[str]:
    return [tag["Value"] for tag in iam.list_policy_tags(PolicyArn=policy)["Tags"] if tag["Key"] == "iamsync:owner"]


def test_a_role_releases_what_its_own_permissions_do_not_depend_on(
    as_deployer: str, iamsync: Iamsync, iam: IAMClient
) -> None:
    ended = iamsync("release", "policy/Read", "--yes")

    assert ended.code == 0, ended.err
    assert marks(iam, as_deployer) == []


def test_a_role_does_not_release_what_its_own_permissions_depend_on(
    as_deployer: str, iamsync: Iamsync, iam: IAMClient
) -> None:
    iam.attach_role_policy(RoleName="deployer", PolicyArn=as_deployer)

    ended = iamsync("release", "policy/Read", "--yes")

    assert ended.code == 3
    caller = "arn:aws:sts::123456789012:assumed-role/deployer/ci"
    assert f"the plan changes policy/Read, which grants permissions to the caller {caller}" in ended.err
    assert marks(iam, as_deployer) == ["us"]


@pytest.mark.parametrize("operation", ["ListAttachedRolePolicies", "GetRole"])
def test_a_role_that_may_not_read_itself_gets_one_sentence_from_release(
    operation: str,
    as_deployer: str,
    iamsync: Iamsync,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    iam: IAMClient,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match=operation, code="AccessDenied", times=1000)]

    ended = iamsync("release", "policy/Read", "--yes")

    assert ended.code == 1
    assert f"the credentials may not call {operation}: allow it" in ended.err
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 1
    assert marks(iam, as_deployer) == ["us"]


def test_a_policys_versions_stay_while_somebody_could_not_be_detached(
    iamsync: Iamsync, network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, iam: IAMClient
) -> None:
    write(
        tmp_path,
        all=SETTINGS
        + f"users: {{aiko: {{policies: [Old]}}}}\npolicies: {{Old: {{document: {json.dumps(DOCUMENT)}}}}}\n",
    )
    assert iamsync("apply", "--yes").code == 0
    (old,) = iam.list_policies(Scope="Local")["Policies"]
    iam.create_policy_version(PolicyArn=old["Arn"], PolicyDocument=json.dumps(DOCUMENT))
    write(tmp_path, all=SETTINGS.replace("us,", "us, prune: true,") + "users: {aiko: {}}\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="DetachUserPolicy", code="AccessDenied", times=1000)]

    assert iamsync("apply", "--yes").code == 1

    assert len(iam.list_policy_versions(PolicyArn=old["Arn"])["Versions"]) == 2


def test_a_leavers_devices_are_recorded_so_that_a_killed_run_leaves_none(
    iamsync: Iamsync, network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, iam: IAMClient
) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {}, eve: {}}\n")
    assert iamsync("apply", "--yes").code == 0
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="eves-phone")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="eve", SerialNumber=device, **codes)
    write(tmp_path, all=SETTINGS.replace("us,", "us, prune: true,") + "users: {aiko: {}}\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="DeleteVirtualMFADevice|DeleteUser$", code="AccessDenied", times=1000)]
    assert iamsync("apply", "--yes").code == 1
    assert [one["SerialNumber"] for one in iam.list_virtual_mfa_devices()["VirtualMFADevices"]] == [device]
    network.script = []

    assert iamsync("apply", "--yes").code == 0

    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["aiko"]
