"""The action for GitHub and the examples: every `run:` block is executed, in a Git repository, against the sandbox."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from github import ACTION, APPLY, BOT, PLAN, PROJECT, Api, Job
from mypy_boto3_iam import IAMClient
from surroundings import bare

from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

EXAMPLES = PROJECT / "examples"
FULL_HASH = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
FILES = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\nusers:\n'
AIKO = "  aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}\n"
BO = "  bo: {policies: [aws:AmazonEC2ReadOnlyAccess]}\n"


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


class Repository:
    """A Git repository with a desired state, and the jobs that run in it."""

    def __init__(self, folder: Path, api: Api, sandbox: Sandbox) -> None:
        self.folder, self._api, self._environment = folder / "iam", api, sandbox.environment
        self._temp = (folder / f"job{number}" for number in count())
        (self.folder / "desired").mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(self.folder)]
        return subprocess.run([*git, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, users: str) -> str:
        (self.folder / "desired" / "all.yaml").write_text(FILES + users)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "users")
        return self.git("rev-parse", "HEAD")

    def job(self, **inputs: str) -> Job:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return Job(
            folder=self.folder,
            temp=next(self._temp),
            api=self._api,
            environment=self._environment,
            sha=self.git("rev-parse", "HEAD"),
            inputs=given,
        )


@pytest.fixture
def repository(tmp_path: Path, api: Api, sandbox: Sandbox) -> Repository:
    return Repository(tmp_path, api, sandbox)


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS]


def test_from_branch_to_merge(repository: Repository, api: Api, sandbox: Sandbox, iam: IAMClient) -> None:
    repository.commit("  {}\n")
    repository.git("checkout", "-q", "-b", "aiko")
    repository.commit(AIKO)
    first = repository.job()
    assert (first.run(*PLAN), first.outputs["changes"]) == (0, "true")
    assert [(one["user"]["login"], "attach aws:AmazonS3ReadOnlyAccess" in one["body"]) for one in api.comments] == [
        (BOT, True)
    ]

    head = repository.commit(AIKO + BO)
    second = repository.job()
    assert second.run(*PLAN) == 0
    assert api.writes == ["POST", "PATCH"], "the comment is created once and then updated"
    assert "attach aws:AmazonEC2ReadOnlyAccess" in api.comments[0]["body"]
    api.keep(head, second.temp / "plan.iamsync")

    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "aiko")
    merge = repository.git("rev-parse", "HEAD")
    api.pulls[merge] = [{"merge_commit_sha": merge, "merged_at": "x", "head": {"sha": head}}]
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    sandbox.forget_calls()
    stale = repository.job(command="apply")
    assert stale.run(*APPLY) == 3
    assert writes(sandbox) == []
    assert "changed plan: it would no longer create user (user/bo)" in stale.log
    assert "the files are the same as when the plan was made: the account has changed" in stale.log
    assert "make a new plan and have it reviewed" in stale.log

    again = repository.job()
    assert again.run("Validate", "Plan", "Result") == 0
    digest = again.outputs["digest"]
    assert digest in (again.temp / "summary").read_text()
    journal = repository.folder / "journal"
    applied = repository.job(command="apply", expect_digest=digest, journal=str(journal))
    assert applied.run("Validate", "Apply", "Result") == 0, applied.log
    made = sorted(writes(sandbox))  # the calls of two users have no order
    assert made == ["AttachUserPolicy", "AttachUserPolicy", "CreateUser"]
    assert {json.loads(line)["commit"] for line in journal.read_text().splitlines()} == {merge}
    assert "Applied: 3 done" in (applied.temp / "summary").read_text()


def test_the_reviewed_plan_is_applied_after_the_merge(repository: Repository, api: Api, sandbox: Sandbox) -> None:
    head = repository.commit(AIKO)
    planned = repository.job()
    assert planned.run(*PLAN) == 0
    api.keep(head, planned.temp / "plan.iamsync", fork=True, at="2026-11-25T12:00:00Z")
    api.keep(head, planned.temp / "plan.iamsync")
    api.pulls[head] = [{"merge_commit_sha": head, "merged_at": "x", "head": {"sha": head}}]

    assert repository.job(command="apply").run(*APPLY) == 0
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]


@pytest.mark.parametrize("what", ["no pull request", "not merged", "no plan", "of a fork", "expired"])
def test_without_a_reviewed_plan_nothing_is_applied(
    what: str, repository: Repository, api: Api, sandbox: Sandbox
) -> None:
    head = repository.commit(AIKO)
    planned = repository.job(comment="false")
    assert planned.run("Plan") == 0
    merged_at = None if what == "not merged" else "x"
    if what != "no pull request":
        api.pulls[head] = [{"merge_commit_sha": head, "merged_at": merged_at, "head": {"sha": head}}]
    if what != "no plan":
        api.keep(head, planned.temp / "plan.iamsync", fork=what == "of a fork")
        api.artifacts[0]["expired"] = what == "expired"

    job = repository.job(command="apply")

    assert job.run(*APPLY) == 3
    assert "No reviewed plan was found for this commit: nothing is applied." in job.log
    assert writes(sandbox) == []


def test_a_comment_of_somebody_else_is_never_taken_for_ours(repository: Repository, api: Api) -> None:
    repository.commit(AIKO)
    assert repository.job().run(*PLAN) == 0
    marker = api.comments[0]["body"].splitlines()[0]
    api.comments.clear()
    for number in range(150):
        api.add_comment("mallory", f"{marker}\n{number}")

    assert repository.job().run(*PLAN) == 0
    assert repository.job().run(*PLAN) == 0

    assert [one["user"]["login"] for one in api.comments].count(BOT) == 1
    assert all(one["body"].startswith(f"{marker}\n{number}") for number, one in enumerate(api.comments[:150]))


def test_what_is_held_back_fails_the_job_after_the_comment(repository: Repository, api: Api, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    repository.commit(AIKO + BO)

    job = repository.job()

    assert job.run(*PLAN) == 3
    assert "### Held back: 1" in api.comments[0]["body"]
    assert "held back or not as it was reviewed" in job.log


def test_bad_files_end_the_job_with_annotations_and_without_a_comment(repository: Repository, api: Api) -> None:
    repository.commit("  aiko: {polices: []}\n")

    job = repository.job()

    assert job.run(*PLAN) == 1
    assert "::error file=desired/all.yaml,line=4" in job.log
    assert api.comments == []


def test_a_part_of_the_plan(repository: Repository, sandbox: Sandbox) -> None:
    repository.commit(AIKO + BO)
    job = repository.job(only="user/bo user/none*", comment="false")
    assert job.run("Plan", "Result") == 3, "user/none* fits nothing"

    planned = repository.job(only="user/bo", comment="false")
    assert planned.run("Plan", "Result") == 0
    applied = repository.job(command="apply", plan=str(planned.temp / "plan.iamsync"))
    assert applied.run("Apply", "Result") == 0
    assert [call.params["UserName"] for call in sandbox.calls if call.operation == "CreateUser"] == ["bo"]


# ---- the texts of the action and of the examples ----


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

    assert len(uses) == 2
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
    gitlab = yaml.safe_load((EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text("utf-8"))
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


def test_gitlab_plans_and_applies(repository: Repository, sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = yaml.safe_load((EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text("utf-8"))
    repository.commit(AIKO)

    for name in ("validate", "plan", "apply"):
        script = "\n".join(jobs[name]["script"]).replace("/passwords", str(tmp_path))
        assert in_shell(script, repository.folder, sandbox, GITLAB_CI="true").returncode == 0

    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert (jobs["apply"]["resource_group"], jobs["apply"]["rules"][0]["when"]) == ("iamsync", "manual")
    for file in (*jobs["plan"]["artifacts"]["paths"], *jobs["apply"]["artifacts"]["paths"]):
        assert (repository.folder / file).exists()


def test_a_plain_shell_plans_and_applies(repository: Repository, sandbox: Sandbox) -> None:
    repository.commit(AIKO)

    planned = in_shell(str(EXAMPLES / "shell" / "plan.sh"), repository.folder, sandbox)
    applied = in_shell(str(EXAMPLES / "shell" / "apply.sh"), repository.folder, sandbox)
    again = in_shell(str(EXAMPLES / "shell" / "apply.sh"), repository.folder, sandbox)

    assert (planned.returncode, applied.returncode, again.returncode) == (0, 0, 3)
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]


def in_shell(script: str, folder: Path, sandbox: Sandbox, **more: str) -> "subprocess.CompletedProcess[str]":
    here = bare(**sandbox.environment, **more)
    here["PATH"] = f"{Path(sys.executable).parent}:{here['PATH']}"
    command = ["bash", "-ec", script]
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, encoding="utf-8", check=False)
