"""The shell script of a plan makes the calls of the plan: judged by what it hands to `aws`, and by what the real AWS
CLI makes of that against the sandbox.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casebook.case import TODAY, case
from channels import InMemory
from hypothesis import given
from hypothesis import strategies as st
from laws.seeding import seed
from mypy_boto3_iam import IAMClient
from states import desired, live, user
from surroundings import bare

from formats.told import STATES, TESTS, in_format, shown
from iamsync import live as reading
from iamsync.apply import apply
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.guard import Refusal
from iamsync.core.model import Credentials, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.delivery import Delivery
from iamsync.delivery.password import AWS_DEFAULT
from iamsync.render.shown import Shown
from iamsync.sandbox import Sandbox

RECORDER = """#!/bin/sh
if [ "$1" = sts ]; then echo 123456789012; else printf '%s\\0' "$#" "$@" >> "$CALLS"; fi
"""
"""Stands for `aws`, and writes down what it is given."""


def variables(script: str, folder: Path) -> dict[str, str]:
    """Something for each secret that the script asks for."""
    names = set(re.findall(r"\$\{((?:PASSWORD|ACCESS_KEY)_\d+):\?", script))
    return {name: str(folder / name) if name.startswith("ACCESS") else "correct horse Battery 9" for name in names}


def ran(script: str, path: Path | str, **more: str) -> "subprocess.CompletedProcess[str]":
    here = bare(**more) | {"PATH": f"{path}:{os.environ['PATH']}"}
    return subprocess.run(["sh"], input=script, env=here, capture_output=True, encoding="utf-8", check=False)  # noqa: S607


def recorded(script: str, folder: Path) -> list[list[str]]:
    """What the script hands to `aws`, call by call."""
    (folder / "bin").mkdir(exist_ok=True)
    calls = folder / "calls"
    calls.write_text("")
    (folder / "bin" / "aws").write_text(RECORDER)
    (folder / "bin" / "aws").chmod(0o700)
    ended = ran(script, folder / "bin", **variables(script, folder), CALLS=str(calls))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    return list(_calls(calls.read_bytes().decode().split("\0")[:-1]))


def _calls(words: list[str]) -> Iterator[list[str]]:
    """Each call, which follows the number of its arguments."""
    while words:
        number, *words = words
        yield words[: int(number)]
        words = words[int(number) :]


def params(arguments: list[str]) -> dict[str, Any]:
    """The options of a call by the names that the AWS CLI knows them by."""
    found: dict[str, Any] = {}
    rest = iter(arguments)
    for option in rest:
        name = option.removeprefix("--")
        if name in {"set-as-default", "password-reset-required"}:
            found[name] = True
        elif name.startswith("no-"):
            found[name.removeprefix("no-")] = False
        elif name == "cli-input-json":
            found |= {spelled(key): value for key, value in json.loads(next(rest)).items()}
        else:
            value = next(rest)
            found[name] = json.loads(value) if name in {"tags", "tag-keys"} else value
    return found


def spelled(name: str) -> str:
    """`SSHPublicKeyId` -> `ssh-public-key-id`."""
    return re.sub(r"(?<!^)(?<!SS)(?=[A-Z])", "-", name.replace("SSH", "Ssh")).lower()


def expected(action: Action, run: str) -> tuple[str, dict[str, Any]]:
    sent = action.in_run(run).params.items()
    values = {spelled(key): "correct horse Battery 9" if value is Secret.PASSWORD else value for key, value in sent}
    return action.operation.replace("_", "-"), values


@pytest.mark.parametrize("state", STATES, ids=lambda folder: folder.name)
def test_the_script_hands_over_the_calls_of_the_plan(state: Path, tmp_path: Path) -> None:
    what = shown(state)
    script = in_format("sh", what)
    if what.refusals:
        ended = ran(script, tmp_path)
        assert (ended.returncode, ended.stderr) == (3, "this plan is refused: nothing is done\n")
        return

    calls = recorded(script, tmp_path)

    assert [call[0] for call in calls] == ["iam"] * len(what.plan.actions)
    assert [(call[1], params(call[2:])) for call in calls] == [
        expected(action, what.plan.digest[:8]) for action in what.plan.actions
    ]


AWKWARD = st.text() | st.sampled_from(
    [
        "'; touch /tmp/owned; '",
        "$(reboot)",
        "`reboot`",
        '"$HOME"',
        "\\",
        "a\nb",
        "--no-sign-request",
        "-x",
        "file:///etc/passwd",
        "https://evil.example/x",
        "##[error]a",
        "::error::b",
        "#!",
        "\x1b[2J",
        "%s%n",
        "é",
        "*",
        "~",
        "!!",
        "",
    ]
)


@given(name=AWKWARD, key=AWKWARD, value=AWKWARD)
def test_no_text_is_anything_but_a_value(
    tmp_path_factory: pytest.TempPathFactory, name: str, key: str, value: str
) -> None:
    texts = [text.replace("\0", "").encode("utf-8", "replace").decode() for text in (name, key, value)]
    stranger = replace(user(texts[0], tags={texts[1]: texts[2]}), path=texts[2])
    plan = Plan.between(desired(stranger), live())

    calls = recorded(in_format("sh", Shown(plan=plan)), tmp_path_factory.mktemp("run"))

    assert [(call[1], params(call[2:])) for call in calls] == [expected(one, plan.digest[:8]) for one in plan.actions]


def test_without_its_secrets_the_script_ends_before_the_first_call(tmp_path: Path, sandbox: Sandbox) -> None:
    script = in_format("sh", shown(EVERYTHING))

    ended = ran(script, Path(sys.executable).parent, **sandbox.environment, HOME=str(tmp_path))

    assert ended.returncode != 0
    assert "set it to the new password of this user" in ended.stderr
    assert sandbox.calls == []


def test_in_another_account_the_script_ends_before_the_first_call(tmp_path: Path, sandbox: Sandbox) -> None:
    plan = Plan.between(desired(user("aiko")), live())
    script = in_format("sh", Shown(plan=plan)).replace("123456789012", "999999999999")

    ended = ran(script, Path(sys.executable).parent, **sandbox.environment, HOME=str(tmp_path))

    assert (ended.returncode, ended.stderr) == (1, "these calls are for account 999999999999\n")
    assert [call.operation for call in sandbox.calls] == ["GetCallerIdentity"]


def test_a_refused_plan_is_no_script(tmp_path: Path) -> None:
    plan = Plan.between(desired(user("aiko")), live())
    script = in_format("sh", Shown(plan=plan, refusals=(Refusal(rule="a\nrm -rf /", why="b\n"),)))

    assert [line for line in script.splitlines() if not line.startswith("#")] == [
        "echo 'this plan is refused: nothing is done' >&2; exit 3"
    ]
    assert ran(script, tmp_path).returncode == 3


# ---- the real AWS CLI ----


def read(iam: IAMClient, wanted: DesiredState) -> LiveState:
    found = reading.read(iam, wanted, at_once=2, now=TODAY)
    counts = {
        name: Credentials(mfa_devices=(str(len(one.mfa_devices)), str([key.active for key in one.access_keys])))
        for name, one in found.credentials.items()
    }
    users = {name: replace(user, tags=_without_ids(user.tags)) for name, user in found.users.items()}
    return replace(found, credentials=counts, users=users)


def _without_ids(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags without the ids of access keys, which each account draws by chance."""
    return {key: re.sub(r"AKIA\w+", "AKIA", value) for key, value in tags.items()}


def the_script_ends_where_apply_does(folder: Path, sandbox: Sandbox, iam: IAMClient, tmp_path: Path) -> None:
    with chdir(folder):
        told = case(Path())
    if told.refusals:
        return
    wanted = told.desired
    seed(told.live, iam)
    plan = Plan.between(wanted, reading.read(iam, wanted, at_once=2, now=TODAY))
    assert apply(plan, iam, Delivery(dict.fromkeys(("", "csv"), InMemory()), AWS_DEFAULT)).complete
    by_apply = read(iam, wanted)
    sandbox.reset()
    seed(told.live, iam)
    plan = Plan.between(wanted, reading.read(iam, wanted, at_once=2, now=TODAY))
    script = in_format("sh", Shown(plan=plan))

    here = {**sandbox.environment, **variables(script, tmp_path), "HOME": str(tmp_path)}
    ended = ran(script, Path(sys.executable).parent, **here)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "SecretAccessKey" not in ended.stdout
    assert read(iam, wanted) == by_apply


EVERYTHING = TESTS / "cases" / "a-new-user-has-everything-there-is"
UNMAKEABLE = (
    "a-sixth-version-pushes-out-the-oldest-that-is-not-the-default",
    "a-user-of-a-cloudformation-stack-is-left-alone",
    "an-inline-text-that-is-no-policy-is-replaced",
)
"""What AWS holds in these cases cannot be made by calls: it is of AWS itself, or older than a rule of IAM."""
KEY = TESTS / "cases" / "a-new-user-gets-an-access-key-last-of-all"


def test_the_real_aws_cli_ends_in_the_same_state(sandbox: Sandbox, iam: IAMClient, tmp_path: Path) -> None:
    the_script_ends_where_apply_does(EVERYTHING, sandbox, iam, tmp_path)


MAKEABLE = [folder for folder in (*STATES, KEY) if folder.name not in UNMAKEABLE]


@pytest.mark.slow
@pytest.mark.parametrize(
    "state", [one for one in (*STATES, KEY) if one.name not in UNMAKEABLE], ids=lambda folder: folder.name
)
def test_the_real_aws_cli_ends_in_the_same_state_everywhere(
    state: Path, sandbox: Sandbox, iam: IAMClient, tmp_path: Path
) -> None:
    the_script_ends_where_apply_does(state, sandbox, iam, tmp_path)
