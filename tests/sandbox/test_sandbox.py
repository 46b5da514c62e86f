"""The sandbox as a server."""

import socket
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_iam import IAMClient
from mypy_boto3_sts import STSClient
from small_account import Refuses

from iamsync.errors import IamsyncError
from iamsync.sandbox import Call, Sandbox, SandboxError


def client(sandbox: Sandbox, key: str = "sandbox", token: str | None = None) -> IAMClient:
    return boto3.client(
        "iam",
        endpoint_url=sandbox.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="sandbox",
        aws_session_token=token,
    )


def sts(sandbox: Sandbox, region: str = "us-east-1", key: str = "sandbox") -> STSClient:
    return boto3.client(
        "sts",
        endpoint_url=sandbox.url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="sandbox",
    )


def test_the_environment_leads_boto3_to_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    boto3.client("iam").create_user(UserName="alice")
    assert [user["UserName"] for user in client(sandbox).list_users()["Users"]] == ["alice"]


def test_the_account_is_motos_default(sandbox: Sandbox) -> None:
    assert sts(sandbox).get_caller_identity()["Account"] == "123456789012"


def test_an_access_key_made_here_is_its_users(sandbox: Sandbox, iam: IAMClient, alice: str) -> None:
    key = iam.create_access_key(UserName=alice)["AccessKey"]["AccessKeyId"]
    assert sts(sandbox, key=key).get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/alice"


def test_a_role_in_another_account_leads_to_another_iam(sandbox: Sandbox, iam: IAMClient, alice: str) -> None:
    assumed = sts(sandbox).assume_role(RoleArn="arn:aws:iam::111111111111:role/iamsync", RoleSessionName="iamsync")
    keys = assumed["Credentials"]
    other = client(sandbox, keys["AccessKeyId"], keys["SessionToken"])
    arn = other.create_user(UserName=alice)["User"]["Arn"]
    assert arn == "arn:aws:iam::111111111111:user/alice"
    assert iam.get_user(UserName=alice)["User"]["Arn"] == "arn:aws:iam::123456789012:user/alice"


def test_a_region_of_another_partition_leads_to_that_partition(sandbox: Sandbox) -> None:
    assert sts(sandbox, region="cn-north-1").get_caller_identity()["Arn"].startswith("arn:aws-cn:")


def test_aws_managed_policies_are_there(iam: IAMClient) -> None:
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 1000})
    assert sum(len(page["Policies"]) for page in pages) > 1000


def test_calls_are_recorded_as_they_arrive(sandbox: Sandbox, iam: IAMClient) -> None:
    iam.create_user(UserName="alice", Tags=[{"Key": "Team", "Value": "data"}])
    iam.list_users()
    assert sandbox.calls == [
        Call(
            service="iam",
            operation="CreateUser",
            params={"UserName": "alice", "Tags": [{"Key": "Team", "Value": "data"}]},
        ),
        Call(service="iam", operation="ListUsers", params={}),
    ]


def test_passwords_are_not_recorded(sandbox: Sandbox, iam: IAMClient, alice: str) -> None:
    iam.create_login_profile(UserName=alice, Password="correct horse Battery 9")
    assert sandbox.calls[-1].params == {"UserName": alice, "Password": "***"}


def test_calls_can_be_forgotten(sandbox: Sandbox, alice: str) -> None:
    assert [call.params["UserName"] for call in sandbox.calls] == [alice]
    sandbox.forget_calls()
    assert sandbox.calls == []


@pytest.mark.usefixtures("policy")
def test_a_reset_empties_the_account(sandbox: Sandbox, iam: IAMClient, alice: str) -> None:
    iam.attach_user_policy(UserName=alice, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    sandbox.reset()
    assert sandbox.calls == []
    details = iam.get_account_authorization_details()
    assert (details["UserDetailList"], details["Policies"]) == ([], [])


def test_sandboxes_do_not_see_each_other(iam: IAMClient, alice: str) -> None:
    with Sandbox() as other:
        assert client(other).list_users()["Users"] == []
        client(other).create_user(UserName="bob")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == [alice]


def test_many_clients_may_write_at_once(iam: IAMClient) -> None:
    names = [f"user-{number}" for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: iam.create_user(UserName=name), names))
    assert sorted(user["UserName"] for user in iam.list_users()["Users"]) == sorted(names)


def test_an_operation_that_nobody_implements_is_refused(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("InvalidAction", "Neither the sandbox nor moto implements ChangePassword."):
        iam.change_password(OldPassword="old", NewPassword="new")


def test_one_connection_serves_many_calls(sandbox: Sandbox) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    body = b"Action=ListUsers&Version=2010-05-08"
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Credential=x/20260101/us-east-1/iam/aws4_request\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for _ in range(2):
            connection.sendall(head.encode() + body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_stopped_sandbox_answers_nobody() -> None:
    with Sandbox() as stopped:
        iam = client(stopped)
        iam.list_users()
    with pytest.raises(EndpointConnectionError):
        iam.list_users()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.org", "::"])  # noqa: S104 - refused
def test_only_a_loopback_address_is_listened_on(host: str) -> None:
    with pytest.raises(SandboxError, match="not a loopback address"):
        Sandbox(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_any_loopback_address_will_do(host: str) -> None:
    with Sandbox(host=host) as sandbox:
        assert client(sandbox).list_users()["Users"] == []


def test_a_port_in_use_is_said_to_be(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(SandboxError, match=f"port {port}: Address already in use"), Sandbox(port):
        pass


def test_an_unknown_quota_is_refused_with_the_nearest() -> None:
    with pytest.raises(SandboxError, match="did you mean AttachedPoliciesPerUserQuota"):
        Sandbox(quotas={"AttachedPoliciesPerUser": 20})


def test_what_goes_wrong_is_an_error_of_iamsync() -> None:
    assert issubclass(SandboxError, IamsyncError)
