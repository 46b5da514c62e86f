"""What a person reads is what the program does."""

import re
from pathlib import Path

import pytest
from shell import STORY, Iamsync

from iamsync.cli import app

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()


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
    text = (STORY / file).read_text()

    assert block(f"desired/{file}") == "".join(text.splitlines(keepends=True)[1:]), "all but the editor's first line"


def test_every_command_is_in_the_readme() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}

    assert [name for name in sorted(commands) if f"iamsync {name}" not in README and f"make {name}" not in README] == []
