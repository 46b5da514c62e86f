"""The commands, their exit codes and what they say, against the sandbox."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import STORY, Ended, Iamsync, write
from surroundings import bare

from iamsync import __version__
from iamsync.aws_data import actions, managed_policies
from iamsync.core.operations import READS
from iamsync.render import screen
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
DOCUMENT = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}"
TWO = f"{SETTINGS}users: {{aiko: {{policies: [Read]}}}}\npolicies: {{Read: {{document: {DOCUMENT}}}}}\n"


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS]


def test_the_story_plan_apply_plan(iamsync: Iamsync, sandbox: Sandbox) -> None:
    story = ("--desired", str(STORY))

    assert iamsync("plan", *story).code == 0
    assert iamsync("plan", "--detailed-exitcode", *story).code == 2
    assert writes(sandbox) == []
    assert iamsync("apply", "--yes", "--csv", "new.csv", *story).code == 0
    assert len(writes(sandbox)) == 11
    sandbox.forget_calls()
    assert "Nothing to do" in iamsync("plan", *story).out
    assert iamsync("plan", "--detailed-exitcode", *story).code == 0
    assert iamsync("apply", "--yes", *story).code == 0
    assert writes(sandbox) == []


def test_a_plan_is_grouped_by_subject_with_signs_reasons_and_a_summary(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    assert iamsync("plan").out.splitlines() == [
        "+ user/aiko",
        "  + create user                                             desired/all.yaml:3",
        "      path /",
        "      tag iamsync:owner=us",
        "  + attach aws:AmazonS3ReadOnlyAccess                       desired/all.yaml:3",
        "",
        (
            "Plan for account 123456789012: 2 to create, 0 to change, 0 to remove; 0 unmanaged users left alone. "
            "Digest 71f5bf2d905e."
        ),
    ]


def test_no_colour_off_a_terminal(iamsync: Iamsync) -> None:
    ended = iamsync("plan", "--desired", str(STORY))

    assert "\x1b" not in ended.out + ended.err


def test_a_changed_document_is_shown_in_words(iamsync: Iamsync, tmp_path: Path) -> None:
    def document(action: str) -> str:
        return (
            SETTINGS + "policies: {P: {document: {Version: 2012-10-17, Statement: "
            f"[{{Sid: Reads, Effect: Allow, Action: [s3:ListBucket, {action}], Resource: '*'}}]}}}}}}\n"
        )

    write(tmp_path, all=document("s3:GetObject"))
    assert iamsync("apply", "--yes").code == 0
    write(tmp_path, all=document("s3:PutObject"))

    ended = iamsync("plan")

    assert 'statement "Reads": action added s3:PutObject' in ended.out
    assert 'statement "Reads": action removed s3:GetObject' in ended.out


def test_what_exists_without_our_mark_is_left_alone_and_apply_says_so(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient, sandbox: Sandbox
) -> None:
    iam.create_user(UserName="aiko")
    write(tmp_path, all=AIKO)
    sandbox.forget_calls()

    planned, applied = iamsync("plan"), iamsync("apply", "--yes")

    assert "! user/aiko exists, not owned" in planned.out
    assert (planned.code, applied.code) == (3, 3)
    assert writes(sandbox) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "allow it, for nothing is planned on part of a picture (AccessDenied: not you)"),
        (
            "NoSuchEntity",
            "somebody else changes the account at this moment: run the command again (NoSuchEntity: not you)",
        ),
    ],
)
def test_what_aws_says_to_a_read_is_reported_in_its_own_words(
    code: str, said: str, iamsync: Iamsync, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="GetAccountAuthorizationDetails", code=code, message="not you")]

    ended = iamsync("plan")

    assert ended.code == 1
    assert said in ended.err
    assert "retries" not in ended.err


def test_a_failure_ends_with_1_and_names_what_failed(
    iamsync: Iamsync, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="CreateUser", code="AccessDenied")]

    ended = iamsync("apply", "--yes")

    assert ended.code == 1
    assert "FAILED  user/aiko  create user: AccessDenied" in ended.out
    assert "Applied: 0 done, 1 failed, 1 skipped." in ended.out


@pytest.mark.parametrize("policy", ["arn:aws:iam::123456789012:policy/Gone", "aws:NoSuchPolicyAtAll"])
def test_a_policy_that_is_not_there_holds_back_who_is_to_have_it_and_nobody_else(
    policy: str, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO.replace("aws:AmazonS3ReadOnlyAccess", policy).replace("users: {", "users: {bo: {}, "))

    planned, applied = iamsync("plan"), iamsync("apply", "--yes")

    assert (planned.code, applied.code) == (3, 3)
    assert "held back: needs policy " in planned.out
    assert "which does not exist or cannot be attached" in planned.out
    assert writes(sandbox) == ["CreateUser"], "of bo"


def test_on_a_terminal_passwords_go_to_a_new_file_in_the_current_folder_if_nobody_says_otherwise(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.render.screen.can_ask", lambda: True)
    ended = iamsync("apply", "--yes", "--desired", str(STORY))

    (file,) = tmp_path.glob("iamsync-credentials-*.csv")
    assert file.name in ended.err


def test_validate_needs_no_credentials_and_no_network(iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    ended = iamsync("validate", "--desired", str(STORY))

    assert (ended.code, ended.err) == (0, "")
    assert "is valid: 2 users, 2 policies." in ended.out


BAD_FOLDERS = {
    "a missing folder": ({}, "desired"),
    "an empty folder": ({"": ""}, "desired"),
    "invalid YAML": ({"all": SETTINGS + "users: {aiko: [\n"}, "desired/all.yaml:"),
    "an unknown key": ({"all": SETTINGS + "users: {aiko: {polices: []}}\n"}, 'did you mean "policies"'),
    "an unknown set": ({"all": SETTINGS + "users: {aiko: {policy_sets: [viewer]}}\n"}, "viewer"),
}


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("apply", "--yes")], ids=lambda words: words[0])
@pytest.mark.parametrize(("files", "words"), BAD_FOLDERS.values(), ids=BAD_FOLDERS.keys())
def test_bad_files_get_a_sentence_and_change_nothing(
    command: tuple[str, ...], files: dict[str, str], words: str, iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    if files:
        write(tmp_path, **{name: text for name, text in files.items() if name})

    ended = iamsync(*command)

    assert ended.code == 1
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert sandbox.calls == []


def test_an_unreachable_endpoint_is_a_sentence(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    ended = iamsync("apply", "--yes")

    assert ended.code == 1
    assert "AWS cannot be reached" in ended.err


def test_the_wrong_account_is_refused_before_anything_is_read(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO.replace("123456789012", "999999999999"))

    for command in (("plan",), ("apply", "--yes")):
        ended = iamsync(*command)
        assert ended.code == 3
        assert "999999999999" in ended.err
        assert "123456789012" in ended.err
    assert {call.operation for call in sandbox.calls} == {"GetCallerIdentity"}


def test_files_that_declare_nothing_are_refused(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=SETTINGS)

    ended = iamsync("apply", "--yes")

    assert ended.code == 3
    assert "empty desired state" in ended.err
    assert writes(sandbox) == []


def test_a_protected_user_is_held_back(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO.replace("owner: us", "owner: us, guards: {protected_users: [AIKO]}"))

    planned, applied = iamsync("plan"), iamsync("apply", "--yes")

    assert (planned.code, applied.code) == (3, 3)
    assert 'held back: is protected by "AIKO" and left as it is' in planned.out
    assert writes(sandbox) == []


@pytest.mark.parametrize("where", ["there.csv", "no/folder/new.csv"])
def test_where_no_secret_can_be_delivered_only_who_would_get_one_waits(
    where: str, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=f"{SETTINGS}users: {{eve: {{}}, bo: {{}}}}\n")
    assert iamsync("apply", "--yes").code == 0
    (tmp_path / "there.csv").write_text("kept")
    users = "users: {eve: {suspended: true}, bo: {access_keys: 1}, cy: {access_keys: 1}}\n"
    write(tmp_path, all=SETTINGS + users)
    sandbox.forget_calls()

    ended = iamsync("apply", "--yes", "--csv", where)

    assert ended.code == 3
    for user in ("bo", "cy"):
        assert f"! user/{user} held back: nothing can be delivered: " in ended.out
    assert "--csv" in ended.out
    assert writes(sandbox) == ["PutUserPolicy"]
    assert iam.list_user_policies(UserName="eve")["PolicyNames"] == ["iamsync-suspended"]
    assert (tmp_path / "there.csv").read_text() == "kept"


@pytest.mark.parametrize(
    "arguments",
    [("plan", "--no-such-flag"), ("no-such-command",), (), ("run", "--every", "often"), ("plan", "extra")],
    ids=" ".join,
)
def test_bad_usage_ends_with_1_because_2_means_changes(arguments: tuple[str, ...], iamsync: Iamsync) -> None:
    ended = iamsync(*arguments)

    assert ended.code == 1
    assert "iamsync" in ended.err
    assert ended.out == ""


def test_every_flag_is_also_a_variable(iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IAMSYNC_DESIRED", str(STORY))
    monkeypatch.setenv("IAMSYNC_DETAILED_EXITCODE", "1")

    assert iamsync("plan").code == 2


def test_the_version_is_printed(iamsync: Iamsync) -> None:
    first, second = iamsync("--version").out.splitlines()
    assert first == f"iamsync {__version__}"
    known, names = managed_policies.index(), actions.index()
    assert second.startswith(f"AWS-managed policies: {len(known.paths):,} as of {known.date} ({known.source}); ")
    assert second.endswith(f"; actions of {len(names.services)} services as of {names.date} ({names.source})")


def test_on_a_terminal_apply_asks_and_no_changes_nothing(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    primary, secondary = os.openpty()
    os.write(primary, b"n\n")
    with os.fdopen(secondary, "r") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        ended = iamsync("apply")
    os.close(primary)

    assert ended.code == 1
    assert "Apply this plan?" in ended.err
    assert "Nothing was changed." in ended.err
    assert writes(sandbox) == []


Answered = Callable[..., Ended]


@pytest.fixture
def answered(iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch) -> Answered:
    """One command at a terminal, where a person says yes; before that, `meanwhile` happens."""

    def called(*arguments: str, meanwhile: Callable[[], object]) -> Ended:
        ask = screen.ask

        def asked(question: str) -> bool:
            meanwhile()
            return ask(question)

        monkeypatch.setattr("iamsync.render.screen.ask", asked)
        primary, secondary = os.openpty()
        os.write(primary, b"y\n")
        with os.fdopen(secondary, "r") as terminal:
            monkeypatch.setattr("sys.stdin", terminal)
            ended = iamsync(*arguments)
        os.close(primary)
        return ended

    return called


def test_after_the_question_the_plan_is_made_again_and_done_if_it_is_the_same(
    answered: Answered, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO)

    ended = answered("apply", meanwhile=lambda: None)

    assert ended.code == 0
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert [call.operation for call in sandbox.calls].count("GetAccountAuthorizationDetails") == 2


def test_what_has_changed_while_the_question_was_open_is_refused(
    answered: Answered, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=AIKO)

    def meanwhile() -> None:
        iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}, {"Key": "Team", "Value": "x"}])
        sandbox.forget_calls()

    ended = answered("apply", meanwhile=meanwhile)

    assert ended.code == 3
    assert "refused: changed plan: it would now also remove tags Team (user/aiko)\n" in ended.err
    assert "refused: changed plan: it would no longer create user (user/aiko)\n" in ended.err
    assert "nothing was done, apply again to see the plan" in ended.err
    assert writes(sandbox) == []


def test_a_user_released_while_the_question_was_open_is_not_deleted(
    answered: Answered, iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("apply", "--yes").code == 0
    write(tmp_path, all=SETTINGS.replace("owner: us", "owner: us, prune: true") + "users: {bo: {}}\n")

    def meanwhile() -> None:
        iam.untag_user(UserName="aiko", TagKeys=["iamsync:owner"])
        sandbox.forget_calls()

    assert answered("apply", meanwhile=meanwhile).code == 3
    assert writes(sandbox) == []


def test_without_an_account_id_plan_warns_and_validate_does_not(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all="version: 1\nsettings: {owner: us}\nusers: {aiko: {}}\n")

    planned = iamsync("plan")

    assert planned.code == 0
    assert planned.err.startswith("desired/all.yaml:2:")
    assert (
        "warning: account_id is not set: the files are applied to whatever account the credentials are for"
        in planned.err
    )
    assert iamsync("validate", "--strict").code == 0


def test_releasing_takes_the_mark_off_and_leaves_the_rest(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=AIKO)
    iamsync("apply", "--yes")
    sandbox.forget_calls()

    assert iamsync("release", "aiko", "--yes").code == 0

    assert writes(sandbox) == ["UntagUser"]
    assert iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]
    assert "exists, not owned" in iamsync("plan").out


def test_nobody_elses_is_released(iamsync: Iamsync, tmp_path: Path, iam: IAMClient, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "them"}])
    sandbox.forget_calls()

    ended = iamsync("release", "bo", "--yes")

    assert ended.code == 3
    assert "bo is no user, policy or group that us owns" in ended.err
    assert writes(sandbox) == []


def test_a_release_of_which_a_part_failed_is_finished_by_the_same_command(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=TWO)
    assert iamsync("apply", "--yes").code == 0
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "them"}])
    command = ("release", "aiko", "policy/Read", "bo", "--yes")
    with Network(sandbox, [Fault(match="UntagUser", code="AccessDenied")]) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        assert iamsync(*command).code == 1
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
    sandbox.forget_calls()

    again = iamsync(*command)

    assert again.code == 0, again.err
    assert writes(sandbox) == ["UntagUser"]
    assert '! policy/Read exists, not owned by "us": left alone' in again.out
    assert '! user/bo exists, not owned by "us": left alone' in again.out
    assert iam.list_user_tags(UserName="bo")["Tags"] == [{"Key": "iamsync:owner", "Value": "them"}]
    assert iamsync(*command).code == 3, "none of them is ours"


def test_a_name_that_stands_for_nothing_is_refused_and_nothing_released(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=TWO)
    assert iamsync("apply", "--yes").code == 0
    sandbox.forget_calls()

    ended = iamsync("release", "aiko", "policy/Raed", "--yes")

    assert ended.code == 3
    assert ended.err.count("refused: ") == 1
    assert "policy/Raed is no user, policy or group that us owns" in ended.err
    assert writes(sandbox) == []


def test_adopting_by_flag(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--adopt", "aiko").code == 0

    assert "Nothing to do" in iamsync("plan").out


STOP = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
"""What a responder attaches to a user."""


def test_a_deny_that_a_responder_attaches_to_a_user_stays_until_it_is_named(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient, sandbox: Sandbox
) -> None:
    write(tmp_path, all=f"{AIKO}groups: {{ops: {{}}}}\n")
    assert iamsync("apply", "--yes").code == 0
    arn = iam.create_policy(PolicyName="Stop", PolicyDocument=STOP)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="aiko", PolicyArn=arn)
    iam.put_user_policy(UserName="aiko", PolicyName="case-4711", PolicyDocument=STOP)
    iam.put_group_policy(GroupName="ops", PolicyName="case-4711", PolicyDocument=STOP)
    sandbox.forget_calls()

    planned, applied = iamsync("plan", "--detailed-exitcode"), iamsync("apply", "--yes")
    wrong = iamsync("apply", "--yes", "--remove-deny", "user/aiko:case-4712")

    assert (planned.code, applied.code, wrong.code) == (0, 0, 3)
    for option in ("user/aiko:Stop --remove-deny user/aiko:case-4711", "group/ops:case-4711"):
        assert f"--remove-deny {option}" in planned.out
    assert "user/aiko:case-4712 fits no undeclared Deny; those on user/aiko: --remove-deny user/aiko:Stop" in wrong.err
    assert writes(sandbox) == []

    named = iamsync("apply", "--yes", "--remove-deny", f"user/aiko:{arn}", "--remove-deny", "group/ops:case-4711")

    assert named.code == 0
    assert sorted(writes(sandbox)) == ["DeleteGroupPolicy", "DetachUserPolicy"]
    assert iam.list_user_policies(UserName="aiko")["PolicyNames"] == ["case-4711"]


def test_a_user_with_a_deny_of_a_responder_gets_no_password_and_a_setting_makes_it_drift(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    iam.create_user(UserName="eve", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.put_user_policy(UserName="eve", PolicyName="case-4711", PolicyDocument=STOP)
    settings = 'version: 1\nsettings: {owner: us, account_id: "123456789012"%s}\nusers: {eve: {console: %s}}\n'
    console = "{password_reset_required: false}"
    write(tmp_path, all=settings % ("", console))

    planned, applied = iamsync("plan"), iamsync("apply", "--yes", "--csv", "new.csv")
    write(tmp_path, all=settings % (", undeclared_denies: remove", console))
    drift = iamsync("apply", "--yes", "--csv", "new.csv")

    assert (planned.code, applied.code, drift.code) == (3, 3, 0)
    assert "waits: create console password" in planned.out
    assert "--remove-deny user/eve:case-4711" in planned.out
    assert iam.list_user_policies(UserName="eve")["PolicyNames"] == []
    assert iam.get_login_profile(UserName="eve")["LoginProfile"]["UserName"] == "eve"


def test_pruning_is_bounded_and_one_run_may_do_more(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    settings = 'version: 1\nsettings: {owner: us, account_id: "123456789012", prune: true}\n'
    write(tmp_path, all=settings + "users: {aiko: {}, bo: {}, chi: {}}\n")
    iamsync("apply", "--yes")
    write(tmp_path, all=settings + "users: {aiko: {}}\n")

    bounded = iamsync("apply", "--yes")
    allowed = iamsync("apply", "--yes", "--allow-removals", "2")

    assert bounded.code == 3
    assert "2 removals (user/bo, user/chi), more than settings.guards.max_removals" in bounded.out
    assert allowed.code == 0
    assert [one["UserName"] for one in iam.list_users()["Users"]] == ["aiko"]


@pytest.mark.parametrize("asked", [("--annotations", "github"), ()])
def test_a_plan_shows_problems_in_a_pull_request_as_validate_does(
    asked: tuple[str, ...], iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, and on stderr: stdout is the plan's. GitHub Actions need not ask."""
    write(tmp_path, all=AIKO.replace("policies:", "polices:"))
    if not asked:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")

    planned, validated = iamsync("plan", *asked), iamsync("validate", "--format", "github")

    assert (planned.code, planned.out) == (1, "")
    assert planned.err == f"{validated.out}1 problem\n"
    assert planned.err.startswith("::error file=desired/all.yaml,line=3,")


def test_without_annotations_problems_are_text(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO.replace("policies:", "polices:"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert iamsync("plan", "--annotations", "none").err.startswith("desired/all.yaml:3:16: users.aiko.polices: ")


def test_annotations_show_notes_and_refusals_beside_the_plan(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    required = SETTINGS.replace("owner: us", "owner: us, guards: {required_users: [cy]}")
    write(tmp_path, all=f"{required}users: {{aiko: {{}}, bo: {{}}}}\n")

    ended = iamsync("plan", "--annotations", "github")

    assert ended.code == 3
    refused, held_back = ended.err.splitlines()
    assert refused.startswith("::error title=refused::required user: ")
    place = "file=desired/all.yaml,line=3,col=9"
    assert held_back.startswith(f"::warning {place},title=held back::user/aiko exists, not owned")
    assert "! user/aiko exists, not owned" in ended.out
    assert "::" not in ended.out


def test_a_refusal_before_the_plan_is_an_annotation_too(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO.replace("123456789012", "999999999999"))

    ended = iamsync("plan", "--annotations", "github")

    assert ended.code == 3
    assert ended.err.startswith("::error title=refused::wrong account: ")


def test_json_is_the_plan_and_nothing_else_is_on_stdout(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO.replace("owner: us", "owner: us, guards: {required_users: [cy]}"))

    ended = iamsync("plan", "--format", "json")
    found = json.loads(ended.out)

    assert ended.code == 3
    assert [action["operation"] for action in found["actions"]] == ["create_user", "attach_user_policy"]
    assert [refusal["rule"] for refusal in found["refusals"]] == ["required user"]
    assert ended.err.startswith("refused: required user: ")


BO = "  bo: {policies: [aws:AmazonEC2ReadOnlyAccess]}\n"
THREE = SETTINGS + "users:\n  aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}\n" + BO


def test_a_part_only_and_what_it_leaves_out(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=THREE)
    only = ("--only", "user/a*")

    planned, saved = iamsync("plan", *only), iamsync("plan", *only, "--format", "json", "--out", "plan.iamsync")
    markdown, script = iamsync("plan", *only, "--format", "markdown"), iamsync("plan", *only, "--format", "sh")

    assert "! left out by --only user/a*: user/bo (2 actions)\n" in planned.out
    assert json.loads(saved.out)["left_out"] == [{"subject": "user/bo", "actions": 2}]
    assert "### Left out by --only: 1" in markdown.out
    assert "# left out by --only user/a*: user/bo (2 actions)" in script.out
    assert "bo" not in "".join(line for line in planned.out.splitlines() if "left out" not in line)
    other = iamsync("apply", "plan.iamsync", "--only", "user/bo")
    assert (other.code, writes(sandbox)) == (3, [])
    assert "other part: plan.iamsync was made with --only user/a*: leave --only out, or make another plan" in other.err
    assert iamsync("apply", "plan.iamsync").code == 0
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert iamsync("apply", *only).out.startswith("! left out by --only user/a*: user/bo (2 actions)")
    assert iamsync("apply").code == 0
    assert len(writes(sandbox)) == 4


def test_only_what_fits_nothing_is_refused(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=THREE)

    for command in (("plan",), ("apply", "--yes")):
        ended = iamsync(*command, "--only", "user/aiko", "--only", "aiko")
        assert (ended.code, ended.out) == (3, "")
        assert ended.err.startswith(
            "refused: --only aiko fits no user, group or policy that is declared or owned: write"
        )
    assert writes(sandbox) == []


def test_guards_judge_the_whole_also_where_a_part_is_meant(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=THREE.replace("owner: us", "owner: us, guards: {required_users: [zoe]}"))

    ended = iamsync("apply", "--yes", "--only", "user/aiko")

    assert (ended.code, writes(sandbox)) == (3, [])
    assert "refused: required user: zoe is not declared" in ended.err


def test_several_formats_go_each_to_its_file(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    forms = ("json", "markdown", "sh", "text")
    printed = {form: iamsync("plan", "--format", form).out for form in forms}

    ended = iamsync("plan", *(word for form in forms[:3] for word in ("--format", form, "-o", f"plan.{form}")))
    mixed = iamsync("plan", "--format", "json", "-o", "again", "-o", "-", "--format", "text")

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert {form: (tmp_path / f"plan.{form}").read_text("utf-8") for form in forms[:3]} == {
        form: printed[form] for form in forms[:3]
    }
    assert mixed.out == printed["text"]
    assert (tmp_path / "again").read_text("utf-8") == printed["json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--format", "json", "--format", "sh", "-o", "a"),
            "2 --format and 1 -o: give each --format its -o",
        ),
        (("--format", "json", "--format", "sh"), "2 --format and 1 -o: give each --format its -o"),
        (("-o", "a", "-o", "b"), "1 --format and 2 -o: give each --format its -o"),
        (("--format", "json", "-o", "a", "--format", "sh", "-o", "a"), "a is the -o of two formats"),
        (("-o", "missing/plan"), "the result cannot be written to missing/plan (No such file or directory)"),
        (("-o", "/dev/full"), "the result cannot be written to /dev/full (No space left on device)"),
    ],
)
def test_outputs_that_do_not_fit_or_cannot_be_written_are_a_sentence(
    arguments: tuple[str, ...], said: str, iamsync: Iamsync, tmp_path: Path
) -> None:
    write(tmp_path, all=AIKO)

    ended = iamsync("plan", *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_json_names_what_is_held_back_and_the_actions_that_wait(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO.replace("owner: us", "owner: us, guards: {protected_users: [aiko]}"))

    ended = iamsync("plan", "--format", "json")
    found = json.loads(ended.out)

    assert (ended.code, found["actions"], found["refusals"]) == (3, [], [])
    (held,) = found["held_back"]
    assert (held["subject"], held["declared_at"]["line"]) == ("user/aiko", 3)
    assert held["text"].startswith('is protected by "aiko" and left as it is')
    assert [action["change"]["kind"] for action in held["actions"]] == ["create_user", "attach_policy"]


def test_a_format_that_a_plan_does_not_have_is_named_with_those_that_it_has(iamsync: Iamsync) -> None:
    ended = iamsync("plan", "--format", "github")

    assert ended.code == 1
    assert (
        'a plan has no format "github": use text, json, markdown or sh; annotations on a pull request are' in ended.err
    )
    assert ended.err.endswith("Try: iamsync plan --help\n")


def test_many_accounts_are_refused_and_not_ignored(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO + 'accounts: {prod: {id: "123456789012", role: iamsync}}\n')

    ended = iamsync("plan")

    assert ended.code == 1
    assert "desired/all.yaml:4" in ended.err
    assert "not supported yet" in ended.err
    assert sandbox.calls == []


def test_a_required_user_who_is_missing_is_refused_by_a_guard_and_reported_by_validate(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=AIKO.replace("owner: us", "owner: us, guards: {required_users: [root.admin]}"))

    assert iamsync("validate").code == 1
    planned, applied = iamsync("plan"), iamsync("apply", "--yes")

    assert (planned.code, applied.code) == (3, 3)
    assert "refused: required user: root.admin is not declared" in planned.err
    assert writes(sandbox) == []


@pytest.mark.parametrize(
    ("stdout", "code", "said"),
    [("/dev/full", 1, "error: the result cannot be written to stdout"), ("&-", 0, "")],
)
def test_a_result_that_nobody_can_read_is_no_traceback(stdout: str, code: int, said: str) -> None:
    command = f'exec "$0" -m iamsync schema >{stdout}'
    shell = ["/bin/sh", "-c", command, sys.executable]
    ended = subprocess.run(shell, capture_output=True, text=True, check=False)

    assert ended.returncode == code
    assert ended.stderr.startswith(said)
    assert "Traceback" not in ended.stderr


def test_a_terminal_that_knows_ascii_only_shows_what_it_can(tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {tags: {Team: Größe}}}\n")
    command = [sys.executable, "-m", "iamsync", "plan"]
    here = bare(**sandbox.environment, PYTHONIOENCODING="ascii")

    ended = subprocess.run(command, cwd=tmp_path, env=here, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "tag Team=Gr\\xf6\\xdfe" in ended.stdout


SIGNALLED_WHILE_IT_LOADS = """
import os, runpy, sys

class Look:
    def find_spec(self, name, path=None, target=None):
        if name == loaded:
            os.kill(os.getpid(), number)

loaded, number = sys.argv[1], int(sys.argv[2])
sys.meta_path.insert(0, Look())
sys.argv = ["iamsync", "run"]
runpy.run_module("iamsync", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("loaded", ["typer", "iamsync.core.model", "botocore.session"])
def test_a_signal_while_it_still_starts_ends_it_with_a_word(
    tmp_path: Path, number: signal.Signals, loaded: str
) -> None:
    command = [sys.executable, "-c", SIGNALLED_WHILE_IT_LOADS, loaded, str(int(number))]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "Interrupted; nothing was changed.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_it_still_looks_ends_it_with_a_word(tmp_path: Path, number: signal.Signals) -> None:
    write(tmp_path, all=AIKO)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        here = bare(AWS_ENDPOINT_URL=address, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
        command = [sys.executable, "-m", "iamsync", "apply"]
        with subprocess.Popen(command, cwd=tmp_path, env=here, stderr=subprocess.PIPE, text=True) as looking:
            connection, _ = silent.accept()
            with connection:
                looking.send_signal(number)
                _, said = looking.communicate(timeout=600)

    assert (looking.returncode, said) == (130, "Interrupted; nothing was changed.\n")
