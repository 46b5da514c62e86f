"""Saved plans: the plan that was reviewed is the plan that is applied, or none."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hostile import ALL, HOSTILE, commands, controls
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.core.inert import inert_json
from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
DOCUMENT = "{{Version: 2012-10-17, Statement: [{{Sid: A, Effect: Allow, Action: ['s3:List*', '{}'], Resource: '*'}}]}}"
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
PLAN = "plan.iamsync"
WHAT_THEN = "refused: nothing was done: make a new plan and have it reviewed\n"


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS]


def reviewed(action: str) -> str:
    return f"{SETTINGS}users: {{aiko: {{inline_policies: {{doc: {DOCUMENT.format(action)}}}}}}}\n"


def test_a_saved_plan_is_applied_without_a_question(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)

    planned = iamsync("plan", "--out", PLAN)
    applied = iamsync("apply", PLAN)
    again = iamsync("apply", PLAN)

    assert (planned.code, planned.err, applied.code) == (0, "", 0)
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert again.code == 3
    assert "changed plan: it would no longer create user (user/aiko)" in again.err


def test_what_has_changed_live_is_said_action_by_action(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}, {"Key": "Team", "Value": "x"}])
    sandbox.forget_calls()

    ended = iamsync("apply", PLAN)

    assert (ended.code, writes(sandbox)) == (3, [])
    assert ended.err == (
        "refused: changed plan: it would now also remove tags Team (user/aiko)\n"
        "refused: changed plan: it would no longer create user (user/aiko)\n"
        "refused: the files are the same as when the plan was made: the account has changed\n" + WHAT_THEN
    )
    assert iamsync("plan", "--out", PLAN).code == 0
    assert iamsync("apply", PLAN).code == 0
    assert iamsync("plan", "--detailed-exitcode").code == 0


def test_another_text_of_the_same_policy_is_said_in_words(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=reviewed("s3:GetObject"))
    assert iamsync("plan", "--out", PLAN).code == 0
    write(tmp_path, all=reviewed("s3:*"))

    ended = iamsync("apply", PLAN)

    assert (ended.code, writes(sandbox)) == (3, [])
    assert (
        'changed plan: it would now do otherwise: inline policy doc (user/aiko): statement "A": action added s3:*; '
        'statement "A": action removed s3:GetObject\n'
    ) in ended.err
    assert "the files have changed since the plan was made (commit unknown then, unknown now)" in ended.err


@pytest.mark.parametrize("digit", [12, 63, 65])
def test_a_part_of_a_digest_is_none(digit: int, iamsync: Iamsync, sandbox: Sandbox) -> None:
    ended = iamsync("apply", "--expect-digest", "a" * digit)

    assert (ended.code, sandbox.calls) == (1, [])
    assert "is no digest of 64 hexadecimal digits: plan --format json" in ended.err


def test_a_team_may_carry_the_digest_only(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    digest = json.loads(iamsync("plan", "--format", "json").out)["digest"]

    refused = iamsync("apply", "--expect-digest", "0" * 64)
    assert (refused.code, writes(sandbox)) == (3, [])
    assert f"refused: changed plan: the plan has digest {digest} now, and not {'0' * 64}: the account or" in refused.err
    assert refused.err.endswith(WHAT_THEN)
    assert iamsync("apply", "--expect-digest", digest).code == 0
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]


def test_a_plan_and_a_digest_must_be_of_one_plan(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    digest = json.loads(Path(PLAN).read_text())["digest"]
    sandbox.forget_calls()

    ended = iamsync("apply", PLAN, "--expect-digest", "0" * 64)

    assert (ended.code, sandbox.calls) == (1, [])
    assert f"{PLAN} has digest {digest}, and --expect-digest wants {'0' * 64}: which was reviewed?" in ended.err
    assert iamsync("apply", PLAN, "--expect-digest", digest.upper()).code == 0


def test_what_a_person_allowed_for_the_plan_is_given_again(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    iam.create_user(UserName="aiko")
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--adopt", "aiko", "--out", PLAN).code == 0
    sandbox.forget_calls()

    refused = iamsync("apply", PLAN)

    assert (refused.code, sandbox.calls) == (3, [])
    assert refused.err == f"refused: other consent: {PLAN} was made with --adopt aiko: give apply the same\n"
    assert iamsync("apply", PLAN, "--adopt", "aiko").code == 0


def test_a_plan_that_is_refused_is_not_saved(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS.replace("owner: us", "owner: us, guards: {required_users: [bo]}") + "users: {a: {}}\n")

    assert iamsync("plan", "--out", PLAN).code == 3
    assert not Path(PLAN).exists()


def test_no_secret_is_in_it_and_it_is_inert(iamsync: Iamsync, tmp_path: Path) -> None:
    write(
        tmp_path,
        all=SETTINGS + "users: {aiko: {console: true, access_keys: 1, policies: [aws:IAMUserChangePassword]}}\n",
    )

    assert iamsync("plan", "--out", PLAN).code == 0
    text = Path(PLAN).read_text()

    assert "create_access_key" in text
    assert '"Password": { "secret": "password" }' in " ".join(text.split())
    assert iamsync("apply", PLAN, "--csv", "new.csv").code == 0
    secrets = Path("new.csv").read_text().splitlines()[1].split(",")
    assert secrets[1]
    assert secrets[1] not in text


# ---- bad files ----


def sealed(content: dict[str, Any]) -> str:
    """A file as somebody could forge it."""
    content.pop("seal", None)
    return json.dumps({**content, "seal": sha256(inert_json(content).encode()).hexdigest()})


Change = Callable[[dict[str, Any]], object]
NOT_SAVED = f"error: {PLAN} is no plan that iamsync saved: make a new plan and have it reviewed (plan --out FILE)\n"
CHANGED = f"error: {PLAN} has been changed since iamsync wrote it: make a new plan and have it reviewed\n"


def moment(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda plan: plan.update(version=0), 1, "has version 0 of saved plans, and this iamsync ("),
        (lambda plan: plan.update(version=2), 1, "has version 2 of saved plans, and this iamsync ("),
        (lambda plan: plan.update(kind="terraform"), 1, NOT_SAVED),
        (lambda plan: plan.pop("calls"), 1, NOT_SAVED),
        (lambda plan: plan.update(more=1), 1, NOT_SAVED),
        (lambda plan: plan.update(calls=[1]), 1, NOT_SAVED),
        (lambda plan: plan.update(created="2026-11-25"), 1, NOT_SAVED),
        (lambda plan: plan.update(created="2026-11-25T10:00:00"), 1, NOT_SAVED),
        (lambda plan: plan.update(digest="0" * 64), 1, CHANGED),
        (lambda plan: plan["calls"].pop(), 1, CHANGED),
        (lambda plan: plan["calls"][0]["call"][1].update(UserName="eve"), 1, CHANGED),
        (lambda plan: plan.update(account="999999999999"), 1, CHANGED),
        (lambda plan: plan.update(created=moment(hours=25)), 3, "longer ago than --max-age allows: make a new plan"),
        (lambda plan: plan.update(created=moment(hours=-1)), 3, "refused: plan from the future: plan.iamsync was made"),
        (
            lambda plan: plan.update(created="1999-01-01T00:00:00+00:00"),
            3,
            "was made at 1999-01-01T00:00:00+00:00, longer",
        ),
    ],
    ids=iter(
        (
            *("older", "newer", "foreign", "partial", "more", "no-call", "no-time", "no-zone", "digest"),
            *("fewer", "other", "account", "old", "future", "ancient"),
        )
    ),
)
def test_a_file_that_is_not_as_it_was_written_is_a_sentence_and_changes_nothing(
    change: Change, code: int, said: str, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    content = json.loads(Path(PLAN).read_text())
    change(content)
    Path(PLAN).write_text(sealed(content))
    sandbox.forget_calls()

    ended = iamsync("apply", PLAN)

    assert (ended.code, ended.out, sandbox.calls) == (code, "", [])
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_one_letter_more_is_a_change(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    Path(PLAN).write_text(Path(PLAN).read_text().replace("create user", "create usex"))
    sandbox.forget_calls()

    ended = iamsync("apply", PLAN)

    assert (ended.code, ended.err, sandbox.calls) == (1, CHANGED, [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", NOT_SAVED),
        (b"{", NOT_SAVED),
        (b"[]", NOT_SAVED),
        (b"\xff\xfe", NOT_SAVED),
        (b"\0" * 1000, NOT_SAVED),
        (b"[" * 100_000, NOT_SAVED),
        (b'{"kind": "iamsync plan", "version": "1"}', NOT_SAVED),
        (None, f"error: the plan {PLAN} cannot be read (No such file or directory)\n"),
    ],
)
def test_what_is_no_plan_is_a_sentence(
    content: bytes | None, said: str, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO)
    if content is not None:
        Path(PLAN).write_bytes(content)

    ended = iamsync("apply", PLAN)

    assert (ended.code, ended.out, ended.err, sandbox.calls) == (1, "", said, [])


def test_a_plan_may_be_as_old_as_somebody_says(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    content = json.loads(Path(PLAN).read_text())
    Path(PLAN).write_text(sealed({**content, "created": moment(hours=30)}))

    assert iamsync("apply", PLAN, "--max-age", "soon").code == 1
    assert iamsync("apply", PLAN, "--max-age", "29h").code == 3
    assert iamsync("apply", PLAN, "--max-age", "31h").code == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            AIKO.replace(', account_id: "123456789012"', ""),
            {"account": "999999999999"},
            "wrong account: the plan is for account 999999999999, and the credentials are for 123456789012: use that",
        ),
        (AIKO, {"owner": "them"}, "wrong owner: the plan is of owner them, and the files are of us: use those files"),
    ],
)
def test_a_plan_of_another_account_or_owner_is_refused(
    before: str, after: dict[str, str], said: str, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=before)
    assert iamsync("plan", "--out", PLAN).code == 0
    content = {**json.loads(Path(PLAN).read_text()), **after}
    whose = [content["partition"], content["account"], content["owner"], [one["call"] for one in content["calls"]]]
    digest = sha256(json.dumps(whose, sort_keys=True).encode()).hexdigest()
    Path(PLAN).write_text(sealed({**content, "digest": digest}))

    ended = iamsync("apply", PLAN)

    assert (ended.code, writes(sandbox)) == (3, [])
    assert f"refused: {said}" in ended.err


def test_where_no_plan_can_be_saved_is_a_sentence(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    ended = iamsync("plan", "--out", "missing/plan")

    assert (ended.code, ended.err) == (
        1,
        "error: the plan cannot be written to missing/plan (No such file or directory)\n",
    )


@pytest.mark.parametrize("text", [*HOSTILE, ALL], ids=lambda text: ascii(text)[:30])
def test_nothing_in_a_forged_file_commands_a_screen(text: str, iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("plan", "--out", PLAN).code == 0
    content = json.loads(Path(PLAN).read_text())
    content["commit"] = content["caller"] = text
    content["calls"] = [{"subject": text, "words": text, "call": [text, {text: text}, text]}]
    whose = [content["partition"], content["account"], content["owner"], [one["call"] for one in content["calls"]]]
    content["digest"] = sha256(json.dumps(whose, sort_keys=True).encode()).hexdigest()
    Path(PLAN).write_text(sealed(content))
    write(tmp_path, all=AIKO + "# changed\n")

    ended = iamsync("apply", PLAN)

    assert ended.code == 3
    assert "it would no longer " in ended.err
    assert (controls(ended.out + ended.err), commands(ended.out), commands(ended.err)) == ([], [], [])


def test_the_journal_names_the_merge_commit_and_the_plan(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "desired"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()

    assert iamsync("plan", "--out", PLAN).code == 0
    assert iamsync("apply", PLAN, "--journal", "journal").code == 0

    saved = json.loads(Path(PLAN).read_text())
    lines = [json.loads(line) for line in Path("journal").read_text().splitlines()]
    assert {(line["commit"], line["plan"]) for line in lines} == {(head, saved["digest"])}
    assert saved["commit"] == head


def test_without_a_place_for_new_credentials_that_is_what_is_said(iamsync: Iamsync, tmp_path: Path) -> None:
    """There is no terminal, so who would get a password is held back, and that alone has changed."""
    console = "users: {aiko: {policies: [aws:IAMUserChangePassword], console: true}}\n"
    write(tmp_path, all=SETTINGS + console)
    assert iamsync("plan", "--out", PLAN).code == 0

    refused = iamsync("apply", PLAN)
    applied = iamsync("apply", PLAN, "--csv", "new.csv")

    assert (refused.code, applied.code) == (3, 0)
    assert "new passwords and access keys need a place" in refused.err
    assert "the account has changed" not in refused.err


def test_a_deny_that_was_removed_by_name_in_the_plan_is_named_to_apply(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    iam.create_user(UserName="eve", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    stop = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="eve", PolicyName="stop", PolicyDocument=json.dumps(stop))
    write(tmp_path, all=SETTINGS + "users: {eve: {}}\n")
    assert iamsync("plan", "--remove-deny", "user/eve:stop", "--out", PLAN).code == 0

    refused = iamsync("apply", PLAN)
    applied = iamsync("apply", PLAN, "--remove-deny", "user/eve:stop")

    flag = "--remove-deny user/eve:stop"
    assert refused.err == f"refused: other consent: {PLAN} was made with {flag}: give apply the same\n"
    assert (refused.code, applied.code) == (3, 0)
    assert iam.list_user_policies(UserName="eve")["PolicyNames"] == []
