"""Hostile names, documents, tags, messages and answers of AWS through every command and format: nothing that is printed
commands a terminal or a runner of CI.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from faults import Fault, Network
from hostile import ALL, HOSTILE, UNDECODABLE, answered, commands, controls, in_xml, in_yaml, on_disk
from mypy_boto3_iam import IAMClient
from mypy_boto3_iam.type_defs import TagTypeDef
from shell import Ended, Iamsync, write
from surroundings import bare

from iamsync.core.inert import visible
from iamsync.sandbox import Sandbox

SETTINGS = {"owner": "us", "account_id": "123456789012", "prune": True}
ANNOTATIONS = ("::error ", "::warning ", "::notice ")


def is_inert(output: str) -> bool:
    return (controls(output), commands(output)) == ([], [])


def assert_inert(ended: Ended) -> None:
    assert controls(ended.out + ended.err) == []
    assert commands(ended.out) == []
    assert commands(ended.err) == []
    assert "Traceback" not in ended.err


def assert_only_annotations(output: str) -> None:
    """Each command is one of ours, and whole: nothing in it ends it or begins another."""
    assert controls(output) == []
    assert [line for line in commands(output) if not line.startswith(ANNOTATIONS)] == []
    assert "##[" not in output
    assert "##vso[" not in output


# --- hostile files ---


def wrong_everywhere(text: str) -> str:
    """A file that has the text wherever a file can have one; JSON is YAML."""
    document = {"Version": text, "Statement": [{"Sid": text, "Effect": text, "Action": text, text: text}]}
    return in_yaml(
        {
            "version": 1,
            "settings": {**SETTINGS, "owner": text, text: text},
            text: {},
            "policies": {text: {"path": text, "description": text, "tags": {text: text}, "document": document}},
            "policy_sets": {text: {"policies": [text], "includes": [text], "attach": text}},
            "groups": {text: {"policies": [text], "path": text}},
            "users": {
                text: {"path": text, text: text},
                "aiko": {
                    "policies": [text],
                    "policy_sets": [text, {"name": text, "until": text}],
                    "groups": [text],
                    "tags": {text: text},
                    "previous_names": [text],
                    "permissions_boundary": text,
                    "console": {"deliver": text},
                    "access_keys": {"count": 1, "rotate_after": text},
                    "expires": text,
                    "inline_policies": {text: document},
                },
            },
            "accounts": {text: {"id": text, "role": text, "vars": {text: "{{ " + text + " }}"}}},
        }
    )


@pytest.mark.parametrize("text", [*HOSTILE, ALL], ids=lambda text: ascii(text)[:30])
def test_files(text: str, iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=wrong_everywhere(text))

    for command in (
        ("validate",),
        ("validate", "--format", "json"),
        ("plan",),
        ("plan", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("plan", "--format", "sh"),
        ("apply", "--yes"),
        ("release", "aiko", "--yes"),
        ("reset-password", "aiko", "--yes"),
        ("fmt", "--check"),
        ("fmt",),
    ):
        ended = iamsync(*command)
        assert ended.code == 1
        assert_inert(ended)
    annotated, planned = iamsync("validate", "--format", "github"), iamsync("plan", "--annotations", "github")
    problems = json.loads(iamsync("validate", "--format", "json").out)["problems"]
    assert len(commands(annotated.out)) == len(commands(planned.err)) == len(problems) > 10
    assert_only_annotations(annotated.out)
    assert_only_annotations(planned.err)


VALID = [
    "::add-mask::Team",
    "  ::stop-commands::x",
    "line\u2028para\u2029",
    "a\u3000b\u00a0c",
]
"""Tag values that IAM takes: any letter, number and separator, and `_.:/=+-@`."""


@pytest.mark.parametrize("value", VALID, ids=ascii)
def test_files_that_are_valid(value: str, iamsync: Iamsync, tmp_path: Path) -> None:
    resource = in_yaml("arn:aws:s3:::\x9b31m\n::add-mask::b\r##[error]c##vso[d]e\x85")  # what IAM stores
    document = (
        f"{{Version: 2012-10-17, Statement: [{{Sid: A, Effect: Allow, Action: 's3:Get*', Resource: {resource}}}]}}"
    )
    users = "".join(f"  u{number}: {{tags: {{Team: {in_yaml(value)}}}}}\n" for number in range(6))
    policies = f"policies: {{P: {{document: {document}}}}}\n"
    write(tmp_path, all=f"version: 1\nsettings: {{owner: us}}\n{policies}users:\n{users}")

    forms = [iamsync("plan", "--format", form) for form in ("markdown", "sh", "json")]
    shown = iamsync("plan"), iamsync("plan", "--verbose"), *forms
    applied = iamsync("apply", "--yes", "--journal", "/dev/stdout")

    for ended in (*shown, applied):
        assert ended.code == 0, ended.err
        assert_inert(ended)
    created = [one["change"] for one in json.loads(shown[-1].out)["actions"] if one["operation"] == "create_user"]
    assert {one["tags"]["Team"] for one in created} == {value}, "JSON says what it is"


@pytest.mark.parametrize("name", [*HOSTILE, UNDECODABLE], ids=lambda text: ascii(text)[:30])
def test_names_of_files(name: str, iamsync: Iamsync, tmp_path: Path) -> None:
    file = tmp_path / "desired" / on_disk(f"{name.replace('/', '').replace(chr(0), '')}.yaml")
    file.parent.mkdir()
    file.write_text("users: [")

    for command in (("validate",), ("validate", "--format", "json"), ("plan",), ("fmt", "--check")):
        ended = iamsync(*command)
        assert ended.code == 1
        assert_inert(ended)
    assert_only_annotations(iamsync("validate", "--format", "github").out)
    assert_only_annotations(iamsync("plan", "--annotations", "github").err)


def test_a_file_with_a_visible_hostile_name_is_read_and_formatted(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, **{"::add-mask::a": "users: {bo: {}}\n", "a ##[error]b": "version: 1\nsettings: {owner: us}\n"})

    listed, written = iamsync("fmt", "--check"), iamsync("fmt")

    assert (listed.code, written.code, iamsync("validate").code) == (1, 0, 0)
    assert_inert(listed)
    assert_inert(written)


@pytest.mark.parametrize("text", [*HOSTILE, ALL], ids=lambda text: ascii(text)[:30])
def test_arguments(text: str, iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all="version: 1\nsettings: {owner: us}\nusers: {aiko: {}}\n")
    text = text.replace("\0", "")

    for arguments in (
        (text,),
        ("plan", text),
        ("plan", f"--{text}"),
        ("plan", "--format", text),
        ("plan", "--annotations", text),
        ("plan", "--desired", text),
        ("plan", "-o", f"{text}/{text}"),
        ("plan", "-o", text, "-o", text),
        ("validate", "--desired", text),
        ("fmt", "--desired", text),
        ("run", "--every", text),
        ("run", "--csv", text),
        ("apply", "--journal", f"{text}/{text}"),
        ("apply", "--csv", f"{text}/{text}"),
        ("release", text, "--yes"),
        ("reset-password", text, "--yes"),
        ("sandbox", "--host", text),
        ("sandbox", "--port", text),
        ("--log-level", text, "schema"),
    ):
        assert_inert(iamsync(*arguments))


# --- hostile answers of AWS ---


MARK = "HOSTILE"


@pytest.fixture
def hostile_aws(
    network: Network,
    iam: IAMClient,
    iamsync: Iamsync,  # noqa: ARG001 - first: it sets what is set again below
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Network:
    """An account in which each name begins with what AWS would never answer, and files that touch all of it."""
    owned: list[TagTypeDef] = [{"Key": "iamsync:owner", "Value": "us"}]
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{ALL}"}],
    }
    policy = iam.create_policy(PolicyName=f"{MARK}-policy", PolicyDocument=json.dumps(document), Tags=owned)
    arn = policy["Policy"]["Arn"]
    for name in ("aiko", f"{MARK}-user"):
        iam.create_user(UserName=name, Path=f"/{MARK}-path/", Tags=[*owned, {"Key": f"{MARK}-key", "Value": MARK}])
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
        iam.put_user_policy(UserName=name, PolicyName=f"{MARK}-inline", PolicyDocument=json.dumps(document))
        iam.create_login_profile(UserName=name, Password="Correct-horse-9")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"{MARK}-{name}")["VirtualMFADevice"]
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        iam.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"], **codes)
    iam.put_user_policy(UserName="aiko", PolicyName="doc", PolicyDocument=json.dumps(document))
    stop = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="aiko", PolicyName=f"{MARK}-stop", PolicyDocument=json.dumps(stop))
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": f"{MARK}-owner"}])
    iam.create_group(GroupName=f"{MARK}-group", Path="/iamsync/us/")
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)  # what `iamsync` had set to the sandbox
    new = "{Version: 2012-10-17, Statement: [{Effect: Deny, Action: 'iam:*', Resource: '*'}]}"
    users = f"users: {{aiko: {{inline_policies: {{doc: {new}}}, suspended: true}}, bo: {{}}, chi: {{}}}}\n"
    write(tmp_path, all=f"version: 1\nsettings: {json.dumps(SETTINGS)}\n{users}")
    return network


def hostile(text: str, network: Network) -> None:
    """From now on, AWS's answers hold the text, and AWS knows it when it is asked for what is called so."""
    network.rewrite = lambda answer: answer.replace(MARK.encode(), in_xml(text))
    network.rewrite_request = lambda body: urlencode(
        [(key, value.replace(answered(text), MARK)) for key, value in parse_qsl(body.decode(), keep_blank_values=True)]
    ).encode()


REMOVALS = ("--allow-removals", "99")
SAVED = ("--format", "markdown", "-o", "plan.m", "--format", "sh", "-o", "plan.s", "--format", "json", "-o", "plan.j")


@pytest.mark.parametrize(
    "text", [ALL, "::error::a", "  ::add-mask::b", "##[command]c", "\n::error::d", "\u202e"], ids=ascii
)
def test_names_in_the_account(text: str, hostile_aws: Network, iamsync: Iamsync) -> None:
    assert_inert(iamsync("plan", *REMOVALS))
    hostile(text, hostile_aws)

    forms = [iamsync("plan", *REMOVALS, "--format", form) for form in ("markdown", "sh", "json")]
    saved = iamsync("plan", *REMOVALS, *SAVED, "--out", "plan.saved")
    planned = [iamsync("plan", *REMOVALS), iamsync("plan"), *forms]
    annotated = iamsync("plan", *REMOVALS, "--annotations", "github")
    named = iamsync("plan", "--remove-deny", f"user/aiko:{text}".replace("\0", ""))
    released = iamsync("release", f"{text}-user".replace("\0", ""), "bo", "--yes")
    applied = iamsync("apply", *REMOVALS, "--yes")

    for ended in (*planned, named, released, applied):
        assert_inert(ended)
    assert named.err.startswith("refused: ")
    assert "-stop" in planned[0].out
    assert "-stop" in named.err
    assert [ended.code for ended in planned] == [3, 3, 3, 3, 3], "bo is of another owner"
    assert (saved.code, saved.out) == (3, "")
    assert_inert(saved)
    assert is_inert(Path("plan.saved").read_text("utf-8"))
    for form, ended in zip(("m", "s", "j"), forms, strict=True):
        assert Path(f"plan.{form}").read_text("utf-8") == ended.out
    assert f"- user/{visible(answered(text))}-user" in planned[0].out
    assert len(json.loads(planned[-1].out)["actions"]) > 15
    assert (commands(annotated.out), len(commands(annotated.err))) == ([], 2), "of bo, and of the Deny of aiko"
    assert_only_annotations(annotated.err)


@pytest.mark.parametrize("text", [ALL, "::error::a", "##[command]c", "\n::error::d"], ids=ascii)
@pytest.mark.parametrize("call", ["GetCallerIdentity", "GetAccountAuthorizationDetails", "DetachUserPolicy|CreateUser"])
def test_messages(text: str, call: str, hostile_aws: Network, iamsync: Iamsync) -> None:
    hostile_aws.script = [Fault(match=call, code="AccessDenied", message=answered(text), times=99)]

    plans = (("plan",), ("plan", "--format", "json"), ("apply", "--yes", *REMOVALS), ("release", "aiko", "--yes"))
    shown = [iamsync(*command) for command in plans]

    end_of_it = visible(answered(text))[-10:]  # sentences fold the lines of a message
    assert end_of_it in "".join(ended.out + ended.err for ended in shown)
    for ended in shown:
        assert_inert(ended)
    assert_only_annotations(iamsync("plan", "--annotations", "github").err)


def test_who_calls(hostile_aws: Network, iamsync: Iamsync) -> None:
    hostile_aws.rewrite = lambda answer: answer.replace(b":user/", b":user/" + in_xml(ALL))

    for command in (("plan",), ("plan", "--format", "json"), ("apply", "--yes", *REMOVALS)):
        assert_inert(iamsync(*command))


# --- processes: the loop, and what nobody foresaw ---


@pytest.fixture
def loop(hostile_aws: Network, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    hostile(ALL, hostile_aws)
    here = bare(AWS_EC2_METADATA_DISABLED="true", **hostile_aws.environment)
    command = [sys.executable, "-m", "iamsync", "run", "--every", "1h"]
    with subprocess.Popen(command, cwd=tmp_path, env=here, stderr=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def test_the_line_of_a_cycle(loop: "subprocess.Popen[str]") -> None:
    assert loop.stderr is not None
    line = next(line for line in loop.stderr if json.loads(line)["event"] != "action")
    loop.send_signal(signal.SIGTERM)

    assert json.loads(line)["event"] == "cycle"
    assert is_inert(line)


UNFORESEEN = """
import sys
from iamsync import __main__, cli, reconcile

def fails(*_, **__):
    {what}

cli.account.propose = fails
sys.argv = ["iamsync", "plan"]
__main__.run()
"""


@pytest.mark.parametrize(
    "what",
    [
        "raise RuntimeError(text)",
        "import warnings; warnings.warn(text)",
        "import logging; logging.getLogger('other').warning(text)",
        "import logging; logging.getLogger('iamsync.a').error('%s', text, extra={'fields': {'a': text, 'b': [text]}})",
        "import threading; one = threading.Thread(target=lambda: 1 / 0, name=text); one.start(); one.join()",
        "print(text)",
        "print('#', end=''); print('#[error]', flush=True, end=''); print('::x'); print(' :', end=''); print(':y::z')",
        "sys.stderr.write(text); sys.stderr.flush()",
        "sys.exit(text)",
    ],
)
def test_what_nobody_foresaw(what: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """Exceptions, warnings and other loggers may hold anything, and write past the commands."""
    code = UNFORESEEN.format(what=f"text = {ALL!r}; {what}")

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=bare(**sandbox.environment), capture_output=True, check=False
    )

    output = (ended.stdout + ended.stderr).decode(errors="surrogateescape")
    assert output
    assert is_inert(output)


def test_the_loop_on_a_terminal_is_for_people(hostile_aws: Network, tmp_path: Path) -> None:
    hostile(ALL, hostile_aws)
    here = bare(AWS_EC2_METADATA_DISABLED="true", NO_COLOR="1", TERM="xterm", **hostile_aws.environment)
    command = [sys.executable, "-m", "iamsync", "run", "--every", "1h"]
    primary, secondary = os.openpty()
    with subprocess.Popen(command, cwd=tmp_path, env=here, stderr=secondary) as running:
        os.close(secondary)
        shown = b""
        while b"result=" not in shown:
            shown += os.read(primary, 100_000)
        running.send_signal(signal.SIGTERM)
    os.close(primary)

    lines = shown.decode().replace("\r\n", "\n")
    assert lines.startswith("Applying desired now and then every 1h")
    assert "cycle" in lines
    assert is_inert(lines.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", ""))
