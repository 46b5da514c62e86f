"""Groups over HTTP: adopted wherever they are, used without being owned, released to where they were."""

import json
from pathlib import Path

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
OPS = SETTINGS + "groups: {ops: {policies: [aws:SecurityAudit]}}\nusers: {aiko: {groups: [ops]}}\n"
HELPDESK = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": "arn:aws:iam::123456789012:group/teams/ops"}
    ],
}


def arn(iam: IAMClient, name: str) -> str:
    return iam.get_group(GroupName=name)["Group"]["Arn"].partition(":group")[2]


def members(iam: IAMClient, name: str) -> list[str]:
    return sorted(user["UserName"] for user in iam.get_group(GroupName=name)["Users"])


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))]


def test_a_group_is_adopted_by_consent_and_released_to_where_it_was(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient, sandbox: Sandbox
) -> None:
    iam.create_group(GroupName="ops", Path="/teams/")
    iam.create_policy(PolicyName="Helpdesk", PolicyDocument=json.dumps(HELPDESK))
    write(tmp_path, all=OPS)

    without = iamsync("plan")
    planned = iamsync("plan", "--adopt", "group/ops")
    applied = iamsync("apply", "--yes", "--adopt", "group/ops")

    assert without.code == 3
    assert "exists as /teams/ops, not owned: left alone. To adopt it, which moves it to" in without.out
    assert "adopt: move this existing group, path /teams/ -> /iamsync/us/teams/" in planned.out
    old = "arn:aws:iam::123456789012:group/teams/ops"
    assert f"the ARN changes: {old} -> arn:aws:iam::123456789012:group/iamsync/us/teams/ops" in planned.out
    assert "policy/Helpdesk names the old ARN (group/teams/ops): it no longer means this group" in planned.out
    assert applied.code == 0, applied.err
    assert arn(iam, "ops") == "/iamsync/us/teams/ops"
    assert members(iam, "ops") == ["aiko"]
    assert "Nothing to do" in iamsync("plan").out

    sandbox.forget_calls()
    released = iamsync("release", "group/OPS", "--yes")

    assert released.code == 0, released.err
    assert "release: move the group back, keep everything else, path /iamsync/us/teams/ -> /teams/" in released.out
    assert writes(sandbox) == ["UpdateGroup"]
    assert arn(iam, "ops") == "/teams/ops"
    assert members(iam, "ops") == ["aiko"]


def test_a_group_that_could_not_be_moved_is_not_changed_and_gives_nothing(
    iamsync: Iamsync, network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, iam: IAMClient
) -> None:
    iam.create_group(GroupName="ops")
    write(tmp_path, all=OPS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="UpdateGroup", code="AccessDenied", times=1000)]

    ended = iamsync("apply", "--yes", "--adopt", "ops")

    assert ended.code == 1
    assert iam.list_attached_group_policies(GroupName="ops")["AttachedPolicies"] == []
    assert members(iam, "ops") == []
    assert iam.get_user(UserName="aiko")["User"]["UserName"] == "aiko", "what does not need the group is done"


def test_a_group_that_is_not_owned_is_used_in_any_case(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_group(GroupName="Auditors")
    iam.create_group(GroupName="Legacy")
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.add_user_to_group(UserName="aiko", GroupName="Legacy")
    write(tmp_path, all=SETTINGS + "users: {aiko: {groups: {add: [auditors]}}}\n")

    assert iamsync("apply", "--yes").code == 0

    assert (members(iam, "Auditors"), members(iam, "Legacy")) == (["aiko"], ["aiko"])
    assert "Nothing to do" in iamsync("plan").out


def test_a_name_that_fits_a_user_and_a_group_asks_which(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_group(GroupName="ops")
    iam.create_user(UserName="ops")
    write(tmp_path, all=SETTINGS + "groups: {ops: {}}\nusers: {ops: {}}\n")

    ended = iamsync("plan", "--adopt", "ops")

    assert ended.code == 3
    assert "--adopt ops fits group/ops and user/ops: say which one, as --adopt group/ops" in ended.err


def test_strangers_are_removed_and_protected_users_stay(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    settings = SETTINGS.replace("us,", "us, guards: {max_removals: 0, protected_users: [break-*]},")
    write(tmp_path, all=settings + "groups: {ops: {strangers: remove}}\nusers: {aiko: {groups: [ops]}}\n")
    assert iamsync("apply", "--yes").code == 0
    for name in ("eve", "break-glass"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(UserName=name, GroupName="ops")

    planned = iamsync("plan")
    applied = iamsync("apply", "--yes")

    assert planned.code == 0
    assert "the user is not declared, and group/ops has `strangers: remove`" in planned.out
    assert "leaves members alone who are declared, required or protected: break-glass" in planned.out
    assert applied.code == 0, applied.err
    assert members(iam, "ops") == ["aiko", "break-glass"]
    assert "Nothing to do" in iamsync("plan").out


def test_room_is_counted_for_a_group_in_another_case(iamsync: Iamsync, iam: IAMClient, tmp_path: Path) -> None:
    """What a responder has put on Readers takes room from what the files declare for readers."""
    stop = {"Sid": "S" * 4500, "Effect": "Deny", "Action": "*", "Resource": "*"}
    iam.create_group(GroupName="Readers", Path="/iamsync/us/")
    iam.put_group_policy(
        GroupName="Readers",
        PolicyName="stop",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [stop]}),
    )
    own = f"{{Sid: {'A' * 600}, Effect: Allow, Action: 's3:*', Resource: '*'}}"
    inline = f"{{own: {{Version: 2012-10-17, Statement: [{own}]}}}}"
    write(tmp_path, all=SETTINGS + f"groups: {{readers: {{inline_policies: {inline}}}}}\n")

    planned = iamsync("plan")

    assert planned.code == 3
    assert "characters of inline policies, AWS allows 5120" in planned.out
    assert "--remove-deny group/Readers:stop" in planned.out
