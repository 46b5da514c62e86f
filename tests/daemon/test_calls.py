"""Each try of a call to AWS is counted, by service, operation and how it ended."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from faults import After, Fault, Network
from shell import write

from iamsync.aws.calls import OUTCOMES, Calls, outcome
from iamsync.daemon.cycle import Cycles
from iamsync.source import Folder

AIKO = (
    'version: 1\nsettings: {owner: us, account_id: "123456789012"}\nusers: {aiko: {policies: [aws:ReadOnlyAccess]}}\n'
)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, "", "ok"),
        (400, "Throttling", "throttled"),
        (403, "AccessDenied", "denied"),
        (404, "NoSuchEntity", "not_found"),
        (409, "EntityAlreadyExists", "refused"),
        (500, "ServiceFailure", "server_error"),
        (503, "", "server_error"),
    ],
)
def test_a_try_ends_in_one_of_few_ways(status: int, code: str, expected: str) -> None:
    parsed: dict[str, Any] = {
        "ResponseMetadata": {"HTTPStatusCode": status},
        **({"Error": {"Code": code}} if code else {}),
    }

    assert outcome(parsed, None) == expected
    assert expected in OUTCOMES


def test_no_answer_is_one_of_them() -> None:
    assert outcome(None, ConnectionError()) == "no_answer"


def test_a_cycle_counts_what_it_calls_also_with_renewed_credentials(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    calls = Calls()
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path, on_session=calls.watch)
    network.script = [Fault(match="^GetCallerIdentity", code="ExpiredToken")]
    cycles.next()
    network.script = [
        Fault(match="^GetAccountAuthorizationDetails", code="Throttling"),
        Fault(match="^AttachUserPolicy", after=After.RESET),
    ]
    cycles.next()

    counts = dict(calls.counts)
    assert counts["sts", "GetCallerIdentity", "refused"] == 1
    assert counts["sts", "GetCallerIdentity", "ok"] == 1
    assert counts["iam", "GetAccountAuthorizationDetails", "throttled"] == 1
    assert counts["iam", "GetAccountAuthorizationDetails", "ok"] == 1
    assert counts["iam", "AttachUserPolicy", "no_answer"] == 1
    assert counts["iam", "AttachUserPolicy", "ok"] >= 1
