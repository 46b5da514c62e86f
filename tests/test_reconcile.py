"""The whole pass: what a plan and an apply cost, counted at the wire, and where secrets are not."""

import json
import logging
from collections import Counter
from pathlib import Path

import pytest
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write

from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
WRITES_OF_A_NEWCOMER = 5


def _newcomers(number: int) -> str:
    one = "policy_sets: [viewer], console: true"
    users = "\n".join(f"  user{each}: {{{one}}}" for each in range(number))
    document = "{Version: 2012-10-17, Statement: [{Effect: Deny, Action: 's3:Delete*', Resource: '*'}]}"
    return (
        f"{SETTINGS}policies: {{Guard: {{document: {document}}}}}\n"
        "policy_sets: {viewer: {policies: [aws:AmazonS3ReadOnlyAccess, aws:IAMUserChangePassword, Guard]}}\n"
        f"users:\n{users}\n"
    )


def test_creating_users_costs_the_writes_of_the_plan_and_a_handful_of_reads(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    write(tmp_path, all=_newcomers(20))

    assert iamsync("apply", "--yes", "--csv", ".").code == 0

    made = Counter(call.operation for call in sandbox.calls)
    writes = {name: times for name, times in made.items() if not name.startswith(("Get", "List"))}
    assert writes == {"CreatePolicy": 1, "CreateUser": 20, "AttachUserPolicy": 60, "CreateLoginProfile": 20}
    assert made.total() - sum(writes.values()) <= 6 + 1


def test_planning_the_same_twice_and_applying_twice_writes_nothing_the_second_time(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    write(tmp_path, all=_newcomers(3))
    assert iamsync("apply", "--yes", "--csv", ".").code == 0
    sandbox.forget_calls()

    assert iamsync("apply", "--yes", "--csv", ".").code == 0

    assert {call.operation for call in sandbox.calls} == {
        "GetCallerIdentity",
        "GetAccountAuthorizationDetails",
        "ListPolicyTags",
        "GetLoginProfile",
    }


def test_the_next_apply_finishes_what_was_held_back(iamsync: Iamsync, iam: IAMClient, tmp_path: Path) -> None:
    user = "{permissions_boundary: arn:aws:iam::123456789012:policy/Late, policies: [aws:ReadOnlyAccess]}"
    write(tmp_path, all=f"{SETTINGS}users: {{aiko: {user}, bo: {{}}}}\n")
    assert iamsync("apply", "--yes", "--csv", ".").code == 3
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
    iam.create_policy(PolicyName="Late", PolicyDocument=json.dumps(document))

    assert iamsync("apply", "--yes", "--csv", ".").code == 0

    assert "Nothing to do" in iamsync("plan").out


def test_the_password_is_nowhere_but_in_the_csv_even_at_debug_level(
    iamsync: Iamsync, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for library in ("botocore", "urllib3", "boto3"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    story = ("--desired", str(STORY))

    ended = [
        iamsync("--log-level", "debug", "plan", *story),
        iamsync("--log-level", "debug", "apply", "--yes", "--csv", "new.csv", *story),
        iamsync("--log-level", "debug", "plan", *story),
    ]

    password = (tmp_path / "new.csv").read_text().splitlines()[1].split(",")[1]
    assert len(password) >= 24
    said = "".join(one.out + one.err for one in ended) + caplog.text
    assert "create_login_profile" in said, "the debug log is being looked at"
    assert password not in said
    elsewhere = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "new.csv"]
    assert all(password not in path.read_text() for path in elsewhere)
