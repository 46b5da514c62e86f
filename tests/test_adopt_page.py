"""docs/adopt.md: each command of the walkthrough does what the page shows, on the example company."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from shell import Iamsync

from iamsync.sandbox import Sandbox

PAGE = (Path(__file__).parent.parent / "docs" / "adopt.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SHELL = {"iamsync sandbox --example company", 'eval "$(iamsync sandbox --export)"'}
"""What the fixtures of the test do."""


@pytest.mark.usefixtures("company")
def test_the_walkthrough_of_the_page(iamsync: Iamsync, tmp_path: Path) -> None:
    said, commands = "", 0
    for kind, text in BLOCKS:
        if kind == "text":
            assert [line for line in text.splitlines() if line not in said.splitlines()] == []
            continue
        said = ""
        for command in text.splitlines():
            commands += 1
            if command.startswith("iamsync ") and command not in SHELL:
                ended = iamsync(*shlex.split(command)[1:])
                assert ended.code == 0, (command, ended)
                said += ended.out + ended.err
            elif command not in SHELL:
                said += subprocess.run(
                    ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
                ).stdout

    assert commands <= 15


def test_globs_adopt_what_they_fit_and_one_that_fits_nothing_is_refused(iamsync: Iamsync, company: Sandbox) -> None:
    assert iamsync("import", "--path", "/people/", "--owner", "us").code == 0
    company.forget_calls()

    some = iamsync("plan", "--adopt", "policy/*", "--adopt", "user/*.s*")
    none = iamsync("plan", "--adopt", "user/zz*")

    assert "adoption changes nothing else: 3 users, 6 policies" in some.out
    assert "left alone; to adopt it: --adopt bo.lind" in some.out
    assert none.code == 3
    assert "refused: --adopt user/zz* fits no user, policy or group that is declared and exists" in none.err


@pytest.mark.usefixtures("company")
def test_a_plan_groups_what_it_adopts_by_what_adoption_changes(iamsync: Iamsync, tmp_path: Path) -> None:
    assert iamsync("import", "--all", "--owner", "us").code == 0
    file = tmp_path / "desired/users/support.yaml"
    text = file.read_text()
    text = text.replace("  ana.lopez:\n    policy_sets: [support]\n", "  ana.lopez:\n")
    text = text.replace(
        "zoe.martin:\n    policy_sets: [support]\n    tags: {Company: Example, Team: support}",
        "zoe.martin:\n    policy_sets: [support]\n    tags: {Team: support}",
    )
    file.write_text(text)

    said = iamsync("plan", "--adopt-all").out

    assert "adoption changes nothing else: 36 users, 5 groups, 6 policies" in said
    assert "adoption also changes tags: user/zoe.martin" in said
    assert (
        "adoption also changes permissions:\n"
        "  user/ana.lopez: detach CompanyBaseline; detach aws:AWSSupportAccess; detach aws:CloudWatchReadOnlyAccess\n"
    ) in said


@pytest.mark.usefixtures("company")
def test_a_plan_that_adopts_all_is_applied_only_with_the_same_consent(iamsync: Iamsync) -> None:
    assert iamsync("import", "--user", "aiko.sato", "--owner", "us").code == 0
    assert iamsync("plan", "--adopt-all", "--out", "p.iamsync").code == 0

    assert "was made with --adopt-all: give apply the same" in iamsync("apply", "p.iamsync").err
    assert iamsync("apply", "p.iamsync", "--adopt-all").code == 0
    assert "\nNothing to do: account 123456789012" in iamsync("plan", "--adopt-all").out
