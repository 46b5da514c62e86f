"""The example for GitLab: the script of each job is executed, in a Git repository, against the sandbox."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from github import PROJECT
from gitlab import PROJECT_ID, TOKEN, US, Api
from mypy_boto3_iam import IAMClient
from repository import AIKO, BO, Repository, in_shell, writes

from iamsync.sandbox import Sandbox

EXAMPLE = PROJECT / "examples" / "gitlab"
JOBS: dict[str, Any] = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text("utf-8"))
PLAN_FILE = "plan.iamsync"


@pytest.fixture
def gitlab() -> Iterator[Api]:
    gitlab = Api()
    yield gitlab
    gitlab.close()


class Project:
    """A repository with the example, and the jobs that run in it."""

    def __init__(self, repository: Repository, gitlab: Api, sandbox: Sandbox, secure: Path) -> None:
        self._repository, self._gitlab, self._sandbox, self._secure = repository, gitlab, sandbox, secure
        shutil.copytree(EXAMPLE / "ci", repository.folder / "ci")
        self.folder = repository.folder

    def job(self, name: str) -> "subprocess.CompletedProcess[str]":
        """Run the scripts of a job, with the artifacts that lie there."""
        script = "\n".join(JOBS[name]["script"]).replace("/passwords", str(self._secure))
        return in_shell(
            script,
            self.folder,
            self._sandbox,
            GITLAB_CI="true",
            CI_API_V4_URL=self._gitlab.url,
            CI_PROJECT_ID=str(PROJECT_ID),
            CI_MERGE_REQUEST_IID="7",
            CI_DEFAULT_BRANCH="main",
            CI_COMMIT_SHA=self._repository.git("rev-parse", "HEAD"),
            IAMSYNC_GITLAB_TOKEN=TOKEN,
            IAMSYNC_DESIRED="desired",
        )

    def push(self, users: str) -> str:
        """Push to the merge request; its pipeline plans. Returns the commit."""
        head = self._repository.commit(users)
        for name in ("validate", "plan", "note"):
            ended = self.job(name)
            assert ended.returncode == 0, ended.stderr
        plan = self.folder / PLAN_FILE
        self._gitlab.keep(plan)
        for artifact in JOBS["plan"]["artifacts"]["paths"]:
            (self.folder / artifact).unlink()
        return head


@pytest.fixture
def project(repository: Repository, gitlab: Api, sandbox: Sandbox, tmp_path: Path) -> Project:
    repository.commit("  {}\n")
    return Project(repository, gitlab, sandbox, tmp_path)


def test_from_merge_request_to_merge(
    project: Project, gitlab: Api, repository: Repository, sandbox: Sandbox, iam: IAMClient
) -> None:
    repository.git("checkout", "-q", "-b", "aiko")
    project.push(AIKO)
    assert "attach aws:AmazonS3ReadOnlyAccess" in gitlab.notes[0]["body"]
    head = project.push(AIKO + BO)
    assert gitlab.writes == ["POST", "PUT"], "the note is created once and then updated"
    assert "attach aws:AmazonEC2ReadOnlyAccess" in gitlab.notes[0]["body"]

    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "aiko")
    merge = repository.git("rev-parse", "HEAD")
    gitlab.merge(merge, head)
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    sandbox.forget_calls()
    stale = project.job("apply")
    assert stale.returncode == 3
    assert "changed plan: it would no longer create user (user/bo)" in stale.stderr
    assert writes(sandbox) == []

    assert project.job("plan").returncode == 0
    assert project.job("apply by hand").returncode == 0
    assert sorted(writes(sandbox)) == ["AttachUserPolicy", "AttachUserPolicy", "CreateUser"]
    journal = [json.loads(line) for line in (project.folder / "journal.jsonl").read_text().splitlines()]
    assert {line["commit"] for line in journal} == {merge}
    assert [line["result"] for line in journal if line["event"] == "run"] == ["refused", "applied"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["merge commit", "squash", "fast-forward"])
def test_the_reviewed_plan_is_applied_after_the_merge(
    how: str, project: Project, gitlab: Api, repository: Repository, sandbox: Sandbox
) -> None:
    head = project.push(AIKO)
    if how == "fast-forward":
        gitlab.merge(head, head)
    else:
        repository.git("commit", "-q", "--allow-empty", "-m", "merge")
        commit = repository.git("rev-parse", "HEAD")
        more = {"merge_commit_sha": None, "squash_commit_sha": commit} if how == "squash" else {}
        gitlab.merge(commit, head, **more)

    ended = project.job("apply")

    assert ended.returncode == 0, ended.stderr
    assert writes(sandbox) == ["CreateUser", "AttachUserPolicy"]
    assert all((project.folder / file).exists() for file in JOBS["apply"]["artifacts"]["paths"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", ["no merge request", "not merged", "other branch", "other commit", "of a fork", "no plan", "plan of a fork"]
)
def test_without_a_reviewed_plan_nothing_is_applied(what: str, project: Project, gitlab: Api, sandbox: Sandbox) -> None:
    head = project.push(AIKO)
    other: dict[str, dict[str, object]] = {
        "not merged": {"state": "opened"},
        "other branch": {"target_branch": "release"},
        "other commit": {"merge_commit_sha": "c0ffee"},
        "of a fork": {"source_project_id": PROJECT_ID + 1},
    }
    if what != "no merge request":
        gitlab.merge(head, head, **other.get(what, {}))
    if what == "no plan":
        gitlab.kept.clear()
    if what == "plan of a fork":
        gitlab.pipelines[0]["project_id"] += 1

    ended = project.job("apply")

    assert ended.returncode == 3
    assert "No reviewed plan was found for this commit: nothing is applied." in ended.stdout
    assert writes(sandbox) == []


def test_the_plan_of_an_older_pipeline_is_not_the_reviewed_one(project: Project, gitlab: Api) -> None:
    head = project.push(AIKO)
    gitlab.keep(project.folder / "absent")
    gitlab.merge(head, head)

    assert project.job("apply").returncode == 3


@pytest.mark.slow
def test_a_note_of_somebody_else_is_never_taken_for_ours(project: Project, gitlab: Api) -> None:
    project.push(AIKO)
    marker = gitlab.notes[0]["body"].splitlines()[0]
    gitlab.notes.clear()
    for number in range(150):
        gitlab.add_note(US + 1, f"{marker}\n{number}")

    project.push(AIKO + BO)
    project.push(AIKO)

    assert [one["author"]["id"] for one in gitlab.notes].count(US) == 1
    assert all(one["body"] == f"{marker}\n{number}" for number, one in enumerate(gitlab.notes[:150]))


def test_what_is_held_back_is_shown_and_fails_its_job(
    project: Project, gitlab: Api, repository: Repository, iam: IAMClient
) -> None:
    iam.create_user(UserName="aiko")
    repository.commit(AIKO + BO)

    assert (project.job("plan").returncode, project.job("note").returncode) == (3, 0)

    assert "### Held back: 1" in gitlab.notes[0]["body"]
    assert JOBS["note"]["rules"][0]["when"] == "always"


def test_without_a_plan_there_is_no_note(project: Project, gitlab: Api, repository: Repository) -> None:
    repository.commit("  aiko: {polices: []}\n")

    assert (project.job("validate").returncode, project.job("plan").returncode) == (1, 1)
    assert project.job("note").returncode == 0

    assert gitlab.notes == []
    (problem,) = json.loads((project.folder / "gl-code-quality-report.json").read_text())
    assert problem["location"] == {"path": "desired/all.yaml", "lines": {"begin": 4}}


def test_each_job_runs_where_it_is_meant_to() -> None:
    assert JOBS["validate"]["artifacts"]["reports"] == {"codequality": "gl-code-quality-report.json"}
    assert JOBS["apply"]["resource_group"] == "iamsync"
    assert JOBS["apply by hand"]["rules"][0]["when"] == "manual"
    assert all(
        "$CI_DEFAULT_BRANCH" in rule["if"] for name in ("apply", "apply by hand") for rule in JOBS[name]["rules"]
    )
    assert {JOBS[name]["extends"] for name in ("plan", "apply")} == {".aws"}


def test_the_token_of_the_job_goes_to_the_file_that_boto3_reads(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "token"

    ended = in_shell(
        "\n".join(JOBS[".aws"]["before_script"]),
        tmp_path,
        sandbox,
        AWS_TOKEN="a%sb",
        AWS_WEB_IDENTITY_TOKEN_FILE=str(file),
    )

    assert (ended.returncode, file.read_text()) == (0, "a%sb")
    assert JOBS[".aws"]["variables"]["AWS_WEB_IDENTITY_TOKEN_FILE"]
    assert "AWS_TOKEN" in JOBS[".aws"]["id_tokens"]
