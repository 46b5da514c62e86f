"""`iamsync undo`: the account is as it was before the run, and what a journal claims is checked against the account."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012", prune: true, guards: {max_removals: 100%}}\n'


def text(*actions: str, effect: str = "Allow") -> str:
    listed = ", ".join(f"'{action}'" for action in actions)
    return f"{{Version: 2012-10-17, Statement: [{{Effect: {effect}, Action: [{listed}], Resource: '*'}}]}}"


BEFORE = (
    f"{SETTINGS}policies:\n"
    f"  Changed: {{document: {text('s3:Get*')}, tags: {{A: b}}}}\n"
    f"  Ended: {{path: /p/, description: An old one, tags: {{A: b}}, document: {text('sqs:*')}}}\n"
    "policy_sets:\n"
    "  kept: {attach: group, policies: [aws:ReadOnlyAccess]}\n"
    "groups:\n"
    f"  ops: {{policies: [aws:SecurityAudit], inline_policies: {{queue: {text('sqs:Get*')}}}}}\n"
    f"  old: {{policies: [Ended], inline_policies: {{queue: {text('sqs:Get*')}}}}}\n"
    "users:\n"
    "  attached:\n"
    "    policies: [aws:ReadOnlyAccess, Changed]\n"
    f"    inline_policies: {{a: {text('s3:*')}, b: {text('ec2:*')}}}\n"
    "  bounded: {permissions_boundary: aws:PowerUserAccess}\n"
    "  unbounded: {}\n"
    "  member: {groups: [ops, old], policy_sets: [kept]}\n"
    "  moved: {path: /a/, tags: {Team: data, Gone: x}}\n"
    "  old.name: {policies: [aws:ReadOnlyAccess]}\n"
    "  leaver:\n"
    "    path: /l/\n"
    "    policies: [Changed]\n"
    "    groups: [ops]\n"
    "    tags: {Team: data}\n"
    "    permissions_boundary: aws:PowerUserAccess\n"
    f"  suspended: {{inline_policies: {{a: {text('s3:*')}}}}}\n"
)
AFTER = (
    f"{SETTINGS}policies:\n"
    f"  Changed: {{document: {text('s3:Put*')}, tags: {{A: c, New: x}}}}\n"
    f"  Begun: {{document: {text('sns:*')}}}\n"
    "policy_sets:\n"
    "  kept: {attach: group, policies: [aws:ReadOnlyAccess, aws:SecurityAudit]}\n"
    "groups:\n"
    f"  ops: {{policies: [aws:job-function/Billing], inline_policies: {{queue: {text('sqs:Put*')}}}}}\n"
    "  new: {policies: [Begun]}\n"
    "users:\n"
    "  attached:\n"
    "    policies: [Begun, Changed]\n"
    f"    inline_policies: {{a: {text('s3:Get*')}, c: {text('kms:*', effect='Deny')}}}\n"
    "  bounded: {}\n"
    "  unbounded: {permissions_boundary: Changed}\n"
    "  member: {groups: [new]}\n"
    "  moved: {path: /b/, tags: {Team: web, New: y}}\n"
    "  new.name: {previous_names: [old.name], policies: [aws:SecurityAudit]}\n"
    "  newcomer: {policies: [Begun], groups: [ops]}\n"
    f"  suspended: {{suspended: true, inline_policies: {{a: {text('s3:*')}}}}}\n"
)
Shown = dict[str, Any]


def account(iam: IAMClient) -> Shown:
    """All of the account, but for ids, dates and the ids of versions."""
    whole = iam.get_account_authorization_details(Filter=["User", "Group", "LocalManagedPolicy"])
    found: Shown = {}
    for user in whole["UserDetailList"]:
        found[f"user/{user['UserName']}"] = {
            "path": user["Path"],
            "tags": {tag["Key"]: tag["Value"] for tag in user.get("Tags", [])},
            "boundary": user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "attached": sorted(one["PolicyArn"] for one in user["AttachedManagedPolicies"]),
            "inline": {one["PolicyName"]: one["PolicyDocument"] for one in user.get("UserPolicyList", [])},
            "groups": sorted(user["GroupList"]),
        }
    for group in whole["GroupDetailList"]:
        found[f"group/{group['GroupName']}"] = {
            "path": group["Path"],
            "attached": sorted(one["PolicyArn"] for one in group["AttachedManagedPolicies"]),
            "inline": {one["PolicyName"]: one["PolicyDocument"] for one in group["GroupPolicyList"]},
        }
    for policy in whole["Policies"]:
        default = next(one for one in policy["PolicyVersionList"] if one["IsDefaultVersion"])
        found[f"policy/{policy['PolicyName']}"] = {
            "path": policy["Path"],
            "text": default["Document"],
            "tags": {tag["Key"]: tag["Value"] for tag in iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"]},
            "description": iam.get_policy(PolicyArn=policy["Arn"])["Policy"].get("Description"),
        }
    return found


Applied = Callable[[str], None]


@pytest.fixture
def applied(iamsync: Iamsync, tmp_path: Path) -> Applied:
    """Applies these files, with a journal."""

    def apply(files: str) -> None:
        write(tmp_path, all=files)
        ended = iamsync("apply", "--yes", "--journal", "j.jsonl")
        assert ended.code == 0, ended.out + ended.err

    return apply


def test_all_that_a_run_did_is_taken_back(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    applied(BEFORE)
    key = iam.create_access_key(UserName="suspended")["AccessKey"]["AccessKeyId"]
    before = account(iam)
    applied(AFTER)
    after = account(iam)
    sandbox.forget_calls()
    planned = iamsync("undo", "--journal", "j.jsonl", "--plan")
    assert planned.code == 0
    assert re.search(r"\n\+ user/leaver\n  \+ create user +run [0-9a-f]{8}\n", planned.out)
    assert [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS] == []
    assert account(iam) == after != before

    ended = iamsync("undo", "--journal", "j.jsonl", "--yes")

    assert ended.code == 0, ended.out + ended.err
    assert account(iam) == before
    (status,) = iam.list_access_keys(UserName="suspended")["AccessKeyMetadata"]
    assert (status["AccessKeyId"], status["Status"]) == (key, "Active")
    assert "user/leaver comes back without password, access keys, MFA devices" in ended.out
    assert "not undone: " not in ended.out
    again = iamsync("plan", "--detailed-exitcode")
    assert again.code == 2, "the files still want it"
    write(tmp_path, all=BEFORE)
    assert "Nothing to do" in iamsync("plan").out


@pytest.mark.slow
def test_an_undo_is_a_run_of_the_journal_and_can_be_undone(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path
) -> None:
    applied(BEFORE)
    applied(AFTER)
    after = account(iam)
    assert iamsync("undo", "--journal", "j.jsonl", "--yes").code == 0

    assert iamsync("undo", "--journal", "j.jsonl", "--yes").code == 0

    assert account(iam) == after
    write(tmp_path, all=AFTER)
    assert "Nothing to do" in iamsync("plan").out


ONE = SETTINGS + "users: {aiko: {policies: [aws:ReadOnlyAccess]}, bo: {}}\n"
TWO = SETTINGS + "users: {aiko: {policies: [aws:SecurityAudit]}, bo: {tags: {A: b}}}\n"
THREE = SETTINGS + "users: {aiko: {policies: [aws:SecurityAudit]}, bo: {tags: {A: c}}}\n"


def runs(folder: Path) -> list[str]:
    lines = [json.loads(line) for line in (folder / "j.jsonl").read_text().splitlines()]
    return [line["run"] for line in lines if line["event"] == "run"]


def test_an_earlier_run_is_named_and_what_was_changed_since_stays(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path
) -> None:
    for files in (ONE, TWO, THREE):
        applied(files)

    ended = iamsync("undo", "--journal", "j.jsonl", "--run", runs(tmp_path)[1], "--yes")

    assert ended.code == 0
    assert "user/bo not undone: tag user: the tag A has been changed since" in ended.out
    now = account(iam)
    assert now["user/aiko"]["attached"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert now["user/bo"]["tags"]["A"] == "c"


def test_the_commit_is_named_and_that_the_files_want_it_again(
    iamsync: Iamsync, applied: Applied, tmp_path: Path
) -> None:
    applied(ONE)
    lines = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text().splitlines()]
    (tmp_path / "j.jsonl").write_text("".join(json.dumps({**line, "commit": "c0ffee-dirty"}) + "\n" for line in lines))

    ended = iamsync("undo", "--journal", "j.jsonl", "--plan")

    assert "The next apply does the same again, unless the files are reverted first" in ended.err
    assert "They were at commit c0ffee: git revert c0ffee" in ended.err


Claim = tuple[str, Mapping[str, object], Mapping[str, object]]
"""An operation, its parameters and what else the line says."""


def forged(folder: Path, *claims: Claim) -> None:
    """A run that nobody made, in a journal of its own."""
    run = {"time": "2026-11-17T10:00:00+00:00", "event": "call", "run": "forged", "account": "123456789012"}
    lines = [
        {**run, "call": number, "subject": "x", "operation": operation, "params": params, "result": "done", **more}
        for number, (operation, params, more) in enumerate(claims)
    ]
    (folder / "forged.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


AIKO = {"UserName": "aiko"}
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
FORGED: dict[str, tuple[str, Mapping[str, object], Mapping[str, object], str]] = {
    "never attached": ("attach_user_policy", {**AIKO, "PolicyArn": f"{READ}2"}, {}, "not attached any more"),
    "attached now": ("detach_user_policy", {**AIKO, "PolicyArn": READ}, {}, "is attached again"),
    "a policy of another account": (
        "detach_user_policy",
        {**AIKO, "PolicyArn": "arn:aws:iam::210987654321:policy/X"},
        {},
        "no policy of this account or of AWS",
    ),
    "a policy that is gone": (
        "detach_user_policy",
        {**AIKO, "PolicyArn": "arn:aws:iam::123456789012:policy/X"},
        {},
        "X does not exist any more",
    ),
    "a user who is there": ("delete_user", AIKO, {}, "there is a user of that name again"),
    "a stranger": ("attach_user_policy", {"UserName": "eve", "PolicyArn": READ}, {}, "no owned user has that name now"),
    "another inline text": (
        "put_user_policy",
        {**AIKO, "PolicyName": "p", "PolicyDocument": DOCUMENT},
        {},
        "has been changed since",
    ),
    "a text that is none": ("delete_user_policy", {**AIKO, "PolicyName": "p"}, {"removed": "x"}, "that IAM would take"),
    "another boundary": (
        "put_user_permissions_boundary",
        {**AIKO, "PermissionsBoundary": READ},
        {},
        "has been changed",
    ),
    "a group that is gone": ("remove_user_from_group", {**AIKO, "GroupName": "x"}, {}, "does not exist any more"),
    "not in the group": ("add_user_to_group", {**AIKO, "GroupName": "x"}, {}, "is not in group x any more"),
    "the mark of ownership": (
        "tag_user",
        {**AIKO, "Tags": [{"Key": "iamsync:owner", "Value": "us"}]},
        {},
        "undo that with `iamsync release`",
    ),
    "another path": ("update_user", {**AIKO, "NewPath": "/x/"}, {"old": {"path": "/y/"}}, "has been changed since"),
    "another name": ("update_user", {"UserName": "x", "NewUserName": "y"}, {}, "no owned user is named y now"),
    "a name in use": ("update_user", {"UserName": "eve", "NewUserName": "aiko"}, {}, "there is another user eve now"),
    "no operation": ("launch_rockets", AIKO, {}, "iamsync makes no such call"),
    "no parameters": ("attach_user_policy", {}, {}, "the journal has no UserName"),
    "numbers": ("attach_user_policy", {"UserName": 7, "PolicyArn": ["x"]}, {}, "the journal has no UserName"),
    "a bad name": ("delete_user", {"UserName": "x\x1b y"}, {}, "IAM would refuse it"),
    "a policy elsewhere": (
        "delete_policy",
        {"PolicyArn": "arn:aws:iam::210987654321:policy/X"},
        {"removed": DOCUMENT},
        "no policy of this account",
    ),
    "a lost password": ("delete_login_profile", AIKO, {}, "the password cannot come back"),
    "a key": ("update_access_key", {**AIKO, "AccessKeyId": "AKIA1", "Status": "Inactive"}, {}, "set it by hand"),
}


def test_what_a_journal_claims_and_the_account_does_not_show_is_not_undone(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path
) -> None:
    applied(ONE)
    iam.create_user(UserName="eve")
    iam.attach_user_policy(UserName="eve", PolicyArn=READ)
    before = account(iam)
    forged(tmp_path, *(claim for *claim, _ in FORGED.values()))  # type: ignore[arg-type]

    ended = iamsync("undo", "--journal", "forged.jsonl", "--yes")

    assert ended.code == 0, ended.err
    assert [claim for claim, (*_, why) in FORGED.items() if why not in ended.out] == []
    assert "Nothing to do" in ended.out
    assert "\x1b" not in ended.out + ended.err
    assert account(iam) == before


def test_who_has_the_name_of_a_created_user_and_was_created_before_is_not_deleted(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path
) -> None:
    applied(ONE)
    before = account(iam)
    forged(tmp_path, ("create_user", AIKO, {}), ("attach_user_policy", {**AIKO, "PolicyArn": READ}, {}))

    ended = iamsync("undo", "--journal", "forged.jsonl", "--yes")

    assert "user/aiko not undone: what has this name now was created at " in ended.out
    assert account(iam) == before


def test_an_administrator_that_a_journal_asks_for_is_marked(iamsync: Iamsync, applied: Applied, tmp_path: Path) -> None:
    """The account cannot disprove it, so a person must see it."""
    applied(ONE)
    forged(tmp_path, ("detach_user_policy", {**AIKO, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, {}))

    assert "user/aiko becomes an administrator" in iamsync("undo", "--journal", "forged.jsonl", "--plan").out


REFUSED: list[tuple[Mapping[str, object], tuple[str, ...], str, int]] = [
    ({"account": "210987654321"}, (), "was in 210987654321, the credentials are for 123456789012", 3),
    ({"account": None}, (), "was in an unknown account", 3),
    ({}, ("--run", "other"), "the journal has no run other that made a call; the last ones that did: forged", 1),
    ({"result": "failed"}, (), "the journal has no run that made a call", 1),
]


def test_a_run_that_cannot_be_undone_is_refused(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=ONE)
    for more, arguments, words, code in REFUSED:
        forged(tmp_path, ("attach_user_policy", {**AIKO, "PolicyArn": READ}, more))

        ended = iamsync("undo", "--journal", "forged.jsonl", "--yes", *arguments)

        assert (ended.code, words in ended.err) == (code, True), ended.err


def test_guards_hold_for_an_undo(iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path) -> None:
    applied(SETTINGS + "users: {aiko: {}, bo: {}}\n")
    guards = SETTINGS.replace("max_removals: 100%", "max_removals: 1, protected_users: [bo]")
    write(tmp_path, all=guards + "users: {aiko: {}, bo: {}}\n")

    ended = iamsync("undo", "--journal", "j.jsonl", "--yes")

    assert ended.code == 3
    assert set(account(iam)) >= {"user/bo"}
    assert "protected" in ended.out


def test_a_call_of_unknown_outcome_is_undone_if_it_had_its_effect(
    iamsync: Iamsync, applied: Applied, iam: IAMClient, tmp_path: Path
) -> None:
    applied(ONE)
    forged(tmp_path, ("attach_user_policy", {**AIKO, "PolicyArn": READ}, {"event": "sent"}))

    assert iamsync("undo", "--journal", "forged.jsonl", "--yes").code == 0

    assert account(iam)["user/aiko"]["attached"] == []
