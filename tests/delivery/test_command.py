"""A program that delivers: what it gets, what it does not get, and what its answer means."""

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from channels import access_key, password
from mypy_boto3_iam import IAMClient
from states import ACCOUNT, desired, live, user

from iamsync.core.model import Console
from iamsync.core.plan import Plan
from iamsync.delivery import Destinations, Program, RunContext, prepared, unready
from iamsync.errors import DeliveryError

KEEPS = """#!/bin/sh
cat >> "$HOME/stdin"; echo >> "$HOME/stdin"
env > "$HOME/environment"
printf '%s\\n' "$0" "$@" > "$HOME/argv"
cp /proc/$$/cmdline "$HOME/cmdline" 2>/dev/null
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the key of the administrator")
    monkeypatch.setenv("VAULT_TOKEN", "the token of the vault")
    return tmp_path


def program(home: Path, text: str, **more: Any) -> Program:  # noqa: ANN401 - fields of Program
    file = home / "deliver"
    file.write_text(text)
    file.chmod(0o755)
    return Program(name=str(file), **more)


PLAN = Plan.between(desired(user("aiko", console=Console(channel="command"))), live())


def a_run(iam: IAMClient, one: Program | None) -> RunContext:
    return RunContext(account=ACCOUNT, iam=iam, destinations=Destinations(csv=None, command=one))


def given(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "stdin").read_text().splitlines() if line]


def test_it_gets_one_json_object_for_each_delivery(iam: IAMClient, home: Path) -> None:
    with prepared(PLAN, a_run(iam, program(home, KEEPS))) as delivery:
        first = delivery.by("command").put(password("aiko", "the password"))
        second = delivery.by("command").put(access_key("aiko", "AKIA1", "the secret"))
        delivery.by("command").withdraw(first)

    check, one, two, three = given(home)
    common = {"version": 1, "account": "123456789012", "partition": "aws"}
    link = "https://123456789012.signin.aws.amazon.com/console"
    about = {"user": "aiko", "sign_in_link": link}
    assert check == {**common, "verb": "check"}
    assert one == {
        **(common | about), "verb": "put", "kind": "password", "secret": "the password", "access_key_id": None,
        "delivery": one["delivery"],
    }  # fmt: skip
    assert two == {
        **(common | about), "verb": "put", "kind": "access_key", "secret": "the secret", "access_key_id": "AKIA1",
        "delivery": two["delivery"],
    }  # fmt: skip
    assert three == {key: value for key, value in one.items() if key != "secret"} | {"verb": "withdraw"}
    assert one["delivery"] != two["delivery"]
    assert (second.place, delivery.receipts) == (str((home / "deliver").resolve()), (second,))


def test_nothing_is_in_its_arguments_and_no_credentials_are_in_its_environment(iam: IAMClient, home: Path) -> None:
    with prepared(PLAN, a_run(iam, program(home, KEEPS, environment=("VAULT_TOKEN",)))) as delivery:
        delivery.by("command").put(password("aiko", "the password"))

    environment = (home / "environment").read_text()
    assert (home / "argv").read_text() == f"{(home / 'deliver').resolve()}\n"
    assert "the password" not in (home / "cmdline").read_text() + environment
    assert "AWS_" not in environment
    assert "VAULT_TOKEN=the token of the vault\n" in environment
    assert "PATH=" in environment


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "ended with exit code 3 when it was asked to check; what it prints is not shown"),
        ("#!/bin/sh\nkill -9 $$\n", "was ended by signal 9"),
        ("#!/does/not/exist\n", "cannot be started"),
    ],
)
def test_a_program_that_could_not_deliver_is_found_before_anything_is_made(
    iam: IAMClient, home: Path, text: str, why: str
) -> None:
    reasons = unready(PLAN, a_run(iam, program(home, text)))

    assert list(reasons) == ["command"]
    assert why in reasons["command"]


def test_a_program_that_is_not_there_or_not_named_is_found_too(iam: IAMClient, home: Path) -> None:
    (home / "text").write_text("no program")

    assert unready(PLAN, a_run(iam, None)) == {"command": "no program is named: name one with --delivery-command"}
    for name in (str(home / "nothing"), str(home / "text"), "no-such-program-anywhere"):
        assert "is no program that can be started" in unready(PLAN, a_run(iam, Program(name=name)))["command"]
    unset = program(home, KEEPS, environment=("VAULT_TOKEN", "NOT_SET_ANYWHERE"))
    assert unready(PLAN, a_run(iam, unset)) == {"command": "--delivery-env names NOT_SET_ANYWHERE, which is not set"}


ON_PUT = '#!/bin/sh\nread asked\necho "$asked" >> "$HOME/stdin"\ncase "$asked" in *\'"verb": "put"\'*) %s;; esac\n'


def test_its_exit_code_is_the_answer_and_its_output_is_not_shown(
    iam: IAMClient, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = ON_PUT % 'echo "$asked"; echo "$asked" >&2; exit 7'
    with prepared(PLAN, a_run(iam, program(home, text))) as delivery:
        with pytest.raises(DeliveryError, match="exit code 7 when it was asked to put") as failed:
            delivery.by("command").put(password("aiko", "the password"))

        assert delivery.receipts == ()

    assert "the password" not in str(failed.value)
    assert capfd.readouterr() == ("", "")
    assert [one["verb"] for one in given(home)] == ["check", "put"]


@pytest.fixture
def _time_is_up_when_it_has_begun(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a clock: what is asked to put has its time until it has made the file `pid`."""
    communicate = subprocess.Popen.communicate

    def until_begun(process: "subprocess.Popen[bytes]", text: bytes, timeout: float) -> tuple[bytes, bytes]:
        while b'"verb": "put"' in text and not (home / "pid").exists():
            with suppress(subprocess.TimeoutExpired):
                return communicate(process, text, timeout=0.02)
        if b'"verb": "put"' in text:
            raise subprocess.TimeoutExpired("deliver", timeout)
        return communicate(process, text, timeout=None)

    monkeypatch.setattr(subprocess.Popen, "communicate", until_begun)


@pytest.mark.usefixtures("_time_is_up_when_it_has_begun")
def test_a_program_that_takes_too_long_is_killed_with_all_that_it_started_and_asked_to_withdraw(
    iam: IAMClient, home: Path
) -> None:
    text = ON_PUT % '(echo $$ > "$HOME/pid.part"; mv "$HOME/pid.part" "$HOME/pid"; exec sleep 1000) & wait'
    with (
        prepared(PLAN, a_run(iam, program(home, text, seconds=30))) as delivery,
        pytest.raises(DeliveryError, match="did not end within 30 seconds"),
    ):
        delivery.by("command").put(password("aiko", "the password"))

    group = int((home / "pid").read_text())
    for _ in range(500):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("something that it started is still there")
    assert [one["verb"] for one in given(home)] == ["check", "put", "withdraw"]
    assert len({one.get("delivery") for one in given(home)[1:]}) == 1


def test_what_cannot_be_withdrawn_is_reported(iam: IAMClient, home: Path) -> None:
    text = (ON_PUT % ":").replace('"put"', '"withdraw"').replace(":;;", "exit 1;;")
    with prepared(PLAN, a_run(iam, program(home, text))) as delivery:
        receipt = delivery.by("command").put(password("aiko", "the password"))
        with pytest.raises(DeliveryError, match="when it was asked to withdraw"):
            delivery.by("command").withdraw(receipt)

        assert delivery.receipts == (receipt,)


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("gpg") and shutil.which("jq")), reason="there is no gpg, or no jq")
def test_the_program_of_the_page_seals_with_gpg_and_refuses_a_key_that_has_been_revoked(
    iam: IAMClient, home: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "credentials.md").read_text("utf-8")
    (text,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", page, re.DOTALL)
    (home / "handover").mkdir()
    (home / ".gnupg").mkdir(mode=0o700)
    deliver = program(home, text.replace("/srv/handover", str(home / "handover")))

    def gpg(*arguments: str, given: str = "") -> str:
        command = ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *arguments]
        return subprocess.run(command, input=given, check=True, capture_output=True, text=True, timeout=300).stdout

    gpg("--quick-gen-key", "aiko@example.com", "future-default", "default", "never")
    with prepared(PLAN, a_run(iam, deliver)) as delivery:
        receipt = delivery.by("command").put(password("aiko", "the password"))
        (file,) = (home / "handover").iterdir()
        opened = json.loads(gpg("-d", str(file)))
        delivery.by("command").withdraw(receipt)
        assert list((home / "handover").iterdir()) == []

        (revocation,) = (home / ".gnupg" / "openpgp-revocs.d").iterdir()
        gpg("--import", given=revocation.read_text().replace(":-----BEGIN", "-----BEGIN"))
        with pytest.raises(DeliveryError, match="exit code 2 when it was asked to put"):
            delivery.by("command").put(password("aiko", "another password"))

    assert (opened["user"], opened["secret"]) == ("aiko", "the password")
    assert list((home / "handover").iterdir()) == []
    end_agent = ["gpgconf", "--kill", "gpg-agent"]
    subprocess.run(end_agent, check=False, timeout=60)
