"""Whatever keeps credentials away is one sentence, without a traceback and without what a helper program printed."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shell import Iamsync, write

from iamsync.apply import executor
from iamsync.core.action import Action
from iamsync.sandbox import Sandbox

SECRET = "hunter2-from-the-helper"
USERS = "version: 1\nsettings: {owner: us}\nusers: {bob: {}}\n"
PROFILES = {
    "a helper that prints no JSON": f"credential_process = echo {SECRET}",
    "a helper that prints half of JSON": f"credential_process = echo {{{SECRET}",
    "a helper that prints a list": "credential_process = echo []",
    "a helper that prints another version": f'credential_process = echo \'{{"Version": "{SECRET}"}}\'',
    "a helper that is missing": "credential_process = /no/such/helper",
    "a helper that fails": f"credential_process = sh -c 'echo {SECRET}; echo {SECRET} >&2; exit 3'",
    "a token file that is missing": "role_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = /no/file",
    "a role that needs a code": (
        "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/bob"
    ),
    "a source that is missing": "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = nobody",
    "a cache that is missing": "sso_start_url = https://x.example\nsso_region = us-east-1\nsso_account_id = 1\n"
    "sso_role_name = r",
}


def ended(folder: Path, sandbox: Sandbox, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    known |= {"HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": sandbox.url}
    return subprocess.run(
        [sys.executable, "-m", "iamsync", *arguments],
        cwd=folder,
        env=known | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_credentials_that_cannot_be_had_are_one_sentence(profile: str, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=USERS)
    config = tmp_path / "config"
    base = "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n"
    config.write_text(f"{base}[profile it]\nregion = us-east-1\n{PROFILES[profile]}\n")
    done = ended(tmp_path, sandbox, "plan", AWS_CONFIG_FILE=str(config), AWS_PROFILE="it")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_broken_cache_is_one_sentence(tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=USERS)
    (tmp_path / "config").write_text(f"[profile it]\nregion = us-east-1\n{PROFILES['a cache that is missing']}\n")
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    (cache / "38b8e4a06bc5cb1bb1a5a5d7fc8d25a4b1a9d0d0.json").write_text(SECRET)
    done = ended(tmp_path, sandbox, "plan", AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_PROFILE="it")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607 - as a person does


def test_credentials_do_not_land_in_a_checkout(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=USERS.replace("bob: {}", "bob: {access_keys: 1}"))
    git(tmp_path, "init")
    held = iamsync("apply", "--yes", "--csv", "new.csv")
    assert held.code == 3
    assert "new.csv is in a Git work tree that does not ignore it: name a file elsewhere with --csv" in held.out
    assert not list(tmp_path.glob("*.csv"))

    (tmp_path / ".gitignore").write_text("*.csv\n")
    assert iamsync("apply", "--yes", "--csv", "new.csv").code == 0
    assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o600


def test_without_a_terminal_no_secret_is_made_unless_its_file_is_named(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=USERS.replace("bob: {}", "bob: {access_keys: 1}, ann: {}"))
    held = iamsync("apply", "--yes")
    assert held.code == 3
    assert "no file is named, and nobody is at a terminal: name a file or a folder with --csv" in held.out
    assert not list(tmp_path.glob("*.csv"))
    assert iamsync("apply", "--yes", "--csv", ".").code == 0
    assert len(list(tmp_path.glob("*.csv"))) == 1


def test_no_core_is_dumped() -> None:
    program = (
        "import ctypes, resource; from iamsync import dumps; dumps.disable();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    is_linux = sys.platform == "linux"
    assert done.stdout.split(") ")[0] == "(0, 0"
    assert not is_linux or done.stdout.endswith(") 0\n")
    assert resource.RLIM_INFINITY != 0


@pytest.mark.parametrize("bug", [OSError(5, "Input/output error"), MemoryError()])
def test_what_was_done_and_where_secrets_are_is_said_whatever_breaks(
    bug: Exception,
    iamsync: Iamsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path, all=USERS.replace("bob: {}", "ann: {access_keys: 1}, zoe: {access_keys: 1}"))
    whole = vars(executor)["new_access_key"]
    made: list[object] = []

    def broken(action: Action, *others: Any) -> str:  # noqa: ANN401 - passed on
        if made:
            raise bug
        made.append(action)
        return str(whole(action, *others))

    monkeypatch.setattr(executor, "new_access_key", broken)
    with pytest.raises(type(bug)):
        iamsync("apply", "--yes", "--csv", "new.csv", "--parallel", "1")
    said = capsys.readouterr()
    assert f"iamsync itself failed ({type(bug).__name__})" in said.out
    assert "new passwords and access keys are in new.csv" in said.err
    assert "AKIA" in (tmp_path / "new.csv").read_text()
