"""`iamsync import` at the edge: the example company through boto3, files, `validate` and `plan`."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from mypy_boto3_iam import IAMClient
from shell import Iamsync

from iamsync.core.operations import WRITES
from iamsync.sandbox import Sandbox

CALLED_BY_IMPORT = {"GetCallerIdentity", "GetAccountAuthorizationDetails", "ListPolicyTags"}


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


def attachment_lines(folder: Path) -> tuple[int, int]:
    """Names of policies and sets that the files hold for users; and how many policies these users have."""
    sets: dict[str, list[str]] = {}
    users: dict[str, dict[str, list[str]]] = {}
    for file in folder.rglob("*.yaml"):
        found = yaml.safe_load(file.read_text())
        sets |= {name: one["policies"] for name, one in found.get("policy_sets", {}).items()}
        users |= found.get("users", {})
    written = sum(map(len, sets.values()))
    attached = 0
    for one in users.values():
        written += len(one.get("policy_sets", [])) + len(one.get("policies", []))
        attached += len(one.get("policies", [])) + sum(len(sets[name]) for name in one.get("policy_sets", []))
    return written, attached


def test_the_company_is_imported_validated_and_planned_and_no_call_is_a_write(
    company: Sandbox, iamsync: Iamsync, tmp_path: Path
) -> None:
    ended = iamsync("import", "--all", "--owner", "platform-team", "-o", "desired")
    calls = Counter(call.operation for call in company.calls)

    assert ended.code == 0, ended.err
    assert calls == {"GetCallerIdentity": 1, "GetAccountAuthorizationDetails": 1, "ListPolicyTags": 8}
    assert not {("iam", name) for name in calls} & WRITES.keys()
    assert "user/stack-worker" in ended.err
    assert "Next: iamsync validate; iamsync plan --adopt-all" in ended.err
    assert iamsync("validate").code == 0
    assert iamsync("fmt", "--check").code == 0
    plan = iamsync("plan")
    assert "left alone; to adopt it" in plan.out, "nothing is adopted that nobody asks for"
    written, attached = attachment_lines(tmp_path / "desired")
    assert written <= attached * 2 / 3


def test_the_files_are_what_people_would_have_written(company: Sandbox, iamsync: Iamsync, tmp_path: Path) -> None:
    assert company.calls == []
    assert iamsync("import", "--all", "--owner", "platform-team").code == 0

    files = contents(tmp_path / "desired")
    assert [name for name in files if name.startswith("users/")] == [
        "users/data.yaml",
        "users/finance-controlling.yaml",
        "users/others.yaml",
        "users/platform.yaml",
        "users/support.yaml",
    ]
    assert files["users/support.yaml"] == SUPPORT
    assert 'settings:\n  owner: platform-team\n  account_id: "123456789012"\n' in files["iamsync.yaml"]
    assert not re.search(r"AKIA|AIDA|Correct-horse", "".join(files.values())), "no secret and no id"


SUPPORT = """\
users:
  ana.lopez:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
  bela.kis:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
  wanda.lis:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
  xavier.roy:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
  yuki.mori:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
  zoe.martin:
    policy_sets: [support]
    tags: {Company: Example, Team: support}
"""


def test_a_second_import_writes_only_what_is_new(
    company: Sandbox, iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    assert iamsync("import", "--user", "*.*", "--owner", "us").code == 0
    before = contents(tmp_path / "desired")
    company.forget_calls()

    again = iamsync("import", "--user", "*.*")
    assert (again.code, again.out) == (1, "")
    assert "Everything that is selected is in desired already; nothing was written." in again.err
    assert contents(tmp_path / "desired") == before
    assert {call.operation for call in company.calls} <= CALLED_BY_IMPORT

    iam.create_user(UserName="new.comer", Tags=[{"Key": "Team", "Value": "support"}])
    assert iamsync("import", "--user", "*.*").out.split() == ["desired/users/support.yaml"]
    after = contents(tmp_path / "desired")
    assert {name for name in after if after[name] != before.get(name)} == {"users/support.yaml"}
    assert iamsync("validate").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name what to import: --user, --path, --group, or --all"),
        (("--all",), "desired has no files yet: name the owner of the new ones"),
        (("--all", "--owner", "a/b"), "like platform-team (1 to 64 letters"),
        (("--all", "--owner", "us", "--by", "mood"), 'no such division "mood"'),
        (("--user", "nemo", "--owner", "us"), "No user or group of this account is selected"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], words: str, iamsync: Iamsync, tmp_path: Path
) -> None:
    ended = iamsync("import", *arguments)

    assert ended.code == 1
    assert words in ended.err
    assert contents(tmp_path) == {}


def test_a_folder_of_another_account_is_refused(company: Sandbox, iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "desired").mkdir()
    text = 'version: 1\nsettings: {owner: us, account_id: "210987654321"}\nusers: {x: {}}\n'
    (tmp_path / "desired/iamsync.yaml").write_text(text)

    assert iamsync("import", "--all").code == 3
    assert contents(tmp_path / "desired") == {"iamsync.yaml": text}
    assert {call.operation for call in company.calls} == {"GetCallerIdentity"}


def test_a_file_that_is_there_and_is_no_yaml_of_ours_is_never_replaced(
    company: Sandbox, iamsync: Iamsync, tmp_path: Path
) -> None:
    (tmp_path / "desired/policies").mkdir(parents=True)
    (tmp_path / "desired/policies/Deploy.json").write_text("mine\n")
    (tmp_path / "desired/users").mkdir()
    (tmp_path / "desired/users/data.yaml").symlink_to("/nonexistent/elsewhere")
    assert company.calls == []

    assert iamsync("import", "--user", "jan.*", "--user", "aiko.*", "--owner", "us").code == 1
    (tmp_path / "desired/users/data.yaml").unlink()
    assert iamsync("import", "--user", "jan.*", "--user", "aiko.*", "--owner", "us").code == 0

    files = contents(tmp_path / "desired")
    assert files["policies/Deploy.json"] == "mine\n"
    assert "document: policies/Deploy-2.json" in files["policies.yaml"]
    assert iamsync("validate").code == 0
