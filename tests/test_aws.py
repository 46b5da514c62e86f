"""Sessions and clients: the gate, and what is said when AWS cannot be asked."""

import socket
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.errorfactory import ClientExceptionsFactory
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient

from iamsync import aws
from iamsync.aws import tries
from iamsync.aws.parser import WaryParserFactory
from iamsync.aws.said import in_words
from iamsync.core.operations import READS, WRITES
from iamsync.errors import AccountError, LiveStateError, OperationRefused
from iamsync.sandbox import Sandbox

_IAM = botocore.session.get_session().get_service_model("iam")
_NOT_READS = [name for name in _IAM.operation_names if ("iam", name) not in READS]
_NEVER_SENT = [name for name in _NOT_READS if ("iam", name) not in WRITES]


@pytest.fixture
def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    sandbox.forget_calls()
    return boto3.Session()


@pytest.fixture
def reader(session: boto3.Session) -> IAMClient:
    return aws.reader(session)


def test_a_client_for_reading_refuses_every_other_operation_before_it_leaves_the_process(
    reader: IAMClient, sandbox: Sandbox
) -> None:
    for operation in _NOT_READS:
        with pytest.raises(OperationRefused, match=operation):
            getattr(reader, botocore.xform_name(operation))()

    assert sandbox.calls == []
    assert {"CreateUser", "CreateLoginProfile", "DeleteUser", "AttachUserPolicy"} <= set(_NOT_READS)


def test_no_write_of_the_iam_model_is_taken_for_a_read() -> None:
    """IAM's own names tell: whatever is not Get or List changes something, or generates a report that costs."""
    assert all(name.startswith(("Get", "List")) for _, name in READS.keys() - {("accessanalyzer", "ValidatePolicy")})
    assert {name for service, name in READS if service == "iam"} <= set(_IAM.operation_names)


def test_a_read_of_one_service_is_none_of_another(session: boto3.Session, sandbox: Sandbox) -> None:
    """The gate knows operations by their service: a service of the future may write what is called GetUser."""
    client = aws.reader(session)
    refused = [("sts", "GetUser"), ("iam", "GetCallerIdentity"), ("sso", "GetUser")]

    for service, name in refused:
        model = SimpleNamespace(name=name, service_model=SimpleNamespace(service_name=service))
        with pytest.raises(OperationRefused, match=f"{service}:{name}"):
            client.meta.events.emit(f"provide-client-params.{service}.{name}", model=model, params={})

    assert sandbox.calls == []


def test_a_client_for_writing_refuses_what_iamsync_never_writes(session: boto3.Session, sandbox: Sandbox) -> None:
    writer = aws.writer(session)
    for operation in _NEVER_SENT:
        with pytest.raises(OperationRefused, match=operation):
            getattr(writer, botocore.xform_name(operation))()

    assert sandbox.calls == []
    assert {"CreateRole", "PutRolePolicy", "UpdateAccountPasswordPolicy", "ListUsers"} <= set(_NEVER_SENT)


@pytest.mark.parametrize("make", [aws.reader, aws.writer, aws.checker, lambda session: aws.tagging(session, "aws")])
def test_the_exceptions_of_a_client_are_made_before_threads_share_it(
    make: Callable[[boto3.Session], BaseClient], session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Botocore makes them at the first refusal, without a lock. Of two first refusals at once, one was of a class that
    nobody catches, and a user without a password ended the whole read.
    """
    client = make(session)
    monkeypatch.delattr(ClientExceptionsFactory, "create_client_exceptions")

    assert client.exceptions.ClientError is ClientError


def test_a_client_for_reading_reads(reader: IAMClient) -> None:
    assert reader.list_account_aliases()["AccountAliases"] == []


def test_who_we_are_comes_from_get_caller_identity(session: boto3.Session, sandbox: Sandbox) -> None:
    caller = aws.caller(session)

    assert (caller.account.id, caller.account.partition) == ("123456789012", "aws")
    assert [call.operation for call in sandbox.calls] == ["GetCallerIdentity"]


def test_an_unreachable_endpoint_is_one_sentence(monkeypatch: pytest.MonkeyPatch, session: boto3.Session) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(AccountError, match=r"cannot be reached.*check the network and AWS_ENDPOINT_URL"):
        aws.caller(session)


def test_missing_credentials_are_one_sentence(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)

    with pytest.raises(AccountError, match="AWS_PROFILE"):
        aws.caller(boto3.Session())


def test_a_profile_that_does_not_exist_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    with pytest.raises(AccountError, match="no-such-profile"):
        aws.open_session()


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("ExpiredToken", AccountError, "expired"),
        ("InvalidClientTokenId", AccountError, "does not accept the credentials"),
        ("AccessDenied", LiveStateError, "may not call GetAccountAuthorizationDetails"),
        ("ServiceFailure", LiveStateError, "part of a picture"),
    ],
)
def test_what_aws_answers_while_we_look_becomes_a_sentence(code: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words), in_words():
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetAccountAuthorizationDetails")


def test_retries_and_timeouts_do_not_depend_on_the_version_of_botocore(session: boto3.Session) -> None:
    for client in (aws.reader(session), aws.writer(session)):
        given = vars(client.meta.config)["_user_provided_options"]
        assert given["retries"] == {"mode": "standard", "total_max_attempts": 1}, "calls are repeated by us"
        assert (given["connect_timeout"], given["read_timeout"]) == (5, 60)


def test_an_endpoint_that_is_silent_is_given_up_sooner_than_one_that_throttles(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("iamsync.aws.time", SimpleNamespace(sleep=pauses.append))
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    with pytest.raises(AccountError, match="AWS cannot be reached"):
        aws.caller(session)

    assert len(pauses) == 4


def read(status: int, body: bytes) -> dict[str, Any]:
    """An answer as botocore gets it from our parser."""
    response = {"status_code": status, "headers": {"Content-Type": "text/html"}, "body": body}
    parser = WaryParserFactory(datetime.fromisoformat).create_parser("query")
    nothing: Any = None  # the shape of an answer that tells nothing
    parsed: dict[str, Any] = parser.parse(response, nothing)
    return parsed


PAGE = b"<!DOCTYPE html>\n<html><body>Access denied by the proxy</body></html>"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"hello"),
        (200, b"<html><body>Sign in</body></html>"),
        (200, b"<CreateUserResponse><CreateUserResult><User><UserNa"),
        (302, b""),
        (400, b""),
        (400, b"<ErrorResponse><Error></Error></ErrorResponse>"),
        (400, b"<ErrorResponse><Error/></ErrorResponse>"),
        (403, PAGE),
        (502, PAGE),
        (502, b"bad gateway"),
    ],
)
def test_what_is_no_answer_is_neither_success_nor_shown(status: int, body: bytes) -> None:
    parsed = read(status, body)

    assert parsed["Error"] == {
        "Code": "UnreadableAnswer",
        "Message": f"what came is no answer of AWS (HTTP {status}, text/html, {len(body)} bytes)",
    }
    assert tries.Ended.of((None, parsed), None).lost


@pytest.mark.parametrize(
    "body",
    [
        b'<AttachUserPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"></AttachUserPolicyResponse>',
        b'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteUserResponse></DeleteUserResponse>',
    ],
)
def test_an_answer_that_says_nothing_but_yes_is_one(body: bytes) -> None:
    assert "Error" not in read(200, body)
