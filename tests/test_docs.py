"""What a person reads is what the program does."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from shell import STORY, Iamsync
from typer.main import get_command

from iamsync.cli import app, options
from iamsync.core.tags import (
    DELIVERED_TAG,
    DELIVERY_TAG,
    MFA_DEVICES_TAG,
    NEW_ACCESS_KEY_TAG,
    OWN_TAGS,
    OWNER_TAG,
    RETIRED_KEY_TAG,
    SUSPENDED_KEYS_TAG,
    UNCLAIMED_TAG,
)
from iamsync.desired.schema import File

PROJECT = Path(__file__).parent.parent
TAGS = (OWNER_TAG, SUSPENDED_KEYS_TAG, RETIRED_KEY_TAG, MFA_DEVICES_TAG, DELIVERY_TAG, DELIVERED_TAG, UNCLAIMED_TAG)
README = (PROJECT / "README.md").read_text("utf-8")
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text("utf-8")
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), *PROJECT.glob("bench/*.md")])


def block(marker: str) -> str:
    """The fenced block after `<!-- marker -->`."""
    match = re.search(rf"<!-- {re.escape(marker)} -->\n```[a-z]*\n(.*?)```", README, re.DOTALL)
    assert match, f"README has a block marked {marker}"
    return match[1]


def test_the_plan_in_the_readme_is_what_plan_prints(iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)

    assert block("iamsync plan") == iamsync("plan").out


@pytest.mark.parametrize("file", ["users/aiko.yaml", "account.yaml"])
def test_the_yaml_in_the_readme_is_the_example(file: str) -> None:
    text = (STORY / file).read_text("utf-8")

    assert block(f"desired/{file}") == "".join(text.splitlines(keepends=True)[1:]), "all but the editor's first line"


def test_every_command_is_in_the_readme() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}

    assert [name for name in sorted(commands) if f"iamsync {name}" not in README and f"make {name}" not in README] == []


def desired_files(page: str) -> Iterator[str]:
    """The YAML blocks of a page that are files of a desired state, and not of something else."""
    for text in re.findall(r"^```yaml\n(.*?)^```", (PROJECT / page).read_text("utf-8"), re.DOTALL | re.MULTILINE):
        if set(yaml.safe_load(text)) <= set(File.model_fields):
            yield text


@pytest.mark.parametrize("page", ["README.md", "docs/language.md"])
def test_the_desired_state_that_a_page_shows_is_valid(page: str, iamsync: Iamsync, tmp_path: Path) -> None:
    blocks = list(desired_files(page))
    if not blocks:
        pytest.skip("shows single keys only; the tests of the schema look at each")
    shutil.copytree(STORY / "policies", tmp_path / "desired" / "policies")
    for number, text in enumerate(blocks):
        (tmp_path / "desired" / f"{number}.yaml").write_text(text)

    assert iamsync("validate", "--strict").code == 0
    assert iamsync("fmt", "--check").code == 0


COMMANDS: list[tuple[str, Any]] = sorted(vars(get_command(app))["commands"].items())


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_help_explains_each_flag_and_names_its_variable(name: str, command: Any, iamsync: Iamsync) -> None:  # noqa: ANN401 - typer's own
    said = " ".join(iamsync(name, "--help").out.split())
    flags = [one for one in command.params if one.param_type_name == "option"]

    assert command.help
    for flag in flags:
        assert flag.opts[0] in said
        assert flag.help, flag.name
        assert flag.envvar.startswith("IAMSYNC_"), flag.name


def test_the_readme_has_every_exit_code_and_no_other() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}

    assert documented == {
        options.DONE,
        options.ERROR,
        options.CHANGES,
        options.REFUSED,
        options.INTERRUPTED,
    }


def test_the_hooks_for_pre_commit_are_commands_that_exist(iamsync: Iamsync) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]

    assert sorted(hooks) == ["iamsync-fmt", "iamsync-validate"]
    for hook in hooks.values():
        program, command = hook["entry"].split()
        assert program in scripts
        assert iamsync(command, "--help").code == 0
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)


def test_every_hook_is_explained() -> None:
    hooks = [hook["id"] for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))]

    assert [hook for hook in hooks if hook not in OPERATIONS] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_link_leads_to_a_file_that_exists(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_leads_to_every_page() -> None:
    pages = [f"docs/{page.name}" for page in PROJECT.glob("docs/*.md")]

    assert [page for page in pages if f"({page})" not in README] == []


def test_nobody_is_sent_to_an_index_that_has_no_iamsync() -> None:
    install = re.compile(r"pip install (?:-\S+ )*['\"]?iamsync(?! @)")

    assert [page.name for page in PAGES if install.search(page.read_text("utf-8"))] == []


def test_the_statement_in_the_security_policy_denies_each_tag_that_iamsync_writes() -> None:
    fenced = re.search(r"```json\n(.*?)```", (PROJECT / "SECURITY.md").read_text("utf-8"), re.DOTALL)
    assert fenced
    statement = json.loads(fenced[1])["Statement"]

    assert statement["Condition"]["ForAnyValue:StringLike"]["aws:TagKeys"] == [*TAGS, f"{NEW_ACCESS_KEY_TAG}:*"]
    assert sorted(OWN_TAGS) == sorted(TAGS)
    assert {"iam:CreateUser", "iam:TagUser", "iam:UntagUser", "iam:TagPolicy"} <= {*statement["Action"]}
