"""The action for GitHub: every `run:` block is executed, in a Git repository, against the sandbox."""

import json
import stat
from pathlib import Path

import pytest
from github import ACTION, APPLY, BOT, PLAN, Api
from mypy_boto3_iam import IAMClient
from openers import age_pair
from repository import AIKO, BO, FILES, Repository, writes

from iamsync.sandbox import Sandbox


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


def test_the_sealed_files_of_a_job_are_kept_for_their_person_to_open(repository: Repository, api: Api) -> None:
    aiko = age_pair()
    head = repository.commit(f"  aiko: {{access_keys: 1, deliver: age, recipients: [{aiko.public}]}}\n")
    planned, applied = repository.job(), repository.job(command="apply")
    assert planned.run(*PLAN) == 0
    api.keep(head, planned.temp / "plan.iamsync")
    api.pulls[head] = [{"merge_commit_sha": head, "merged_at": "x", "head": {"sha": head}}]

    assert applied.run(*APPLY) == 0, applied.log

    (keep,) = [step["with"] for step in ACTION["runs"]["steps"] if step["name"] == "Keep the sealed files"]
    (sealed,) = Path(keep["path"].replace("${{ runner.temp }}", str(applied.temp))).iterdir()
    assert [row["User name"] for row in aiko.rows(sealed)] == ["aiko"]


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


def test_what_a_person_adopts_is_given_to_plan_and_apply(repository: Repository, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    iam.create_user(UserName="bo")
    repository.commit(AIKO + BO)

    planned = repository.job(adopt="aiko bo", comment="false")
    assert planned.run("Plan", "Result") == 0
    plan = str(planned.temp / "plan.iamsync")

    other = repository.job(command="apply", plan=plan, adopt="aiko")
    assert other.run("Apply", "Result") == 3
    assert "other consent" in other.log
    assert repository.job(command="apply", plan=plan, adopt="aiko bo").run("Apply", "Result") == 0
    assert {tag["Value"] for name in ("aiko", "bo") for tag in iam.list_user_tags(UserName=name)["Tags"]} == {"us"}


def test_how_many_removals_a_person_allows_is_given_to_plan_and_apply(
    repository: Repository, sandbox: Sandbox, iam: IAMClient
) -> None:
    for name in ("cy", "dan"):
        iam.create_user(UserName=name, Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    repository.commit(AIKO, FILES.replace("owner: us,", "owner: us, prune: true, guards: {max_removals: 0},"))
    assert repository.job(comment="false").run("Plan", "Result") == 3

    planned = repository.job(allow_removals="2", comment="false")
    assert planned.run("Plan", "Result") == 0
    plan = str(planned.temp / "plan.iamsync")

    assert repository.job(command="apply", plan=plan).run("Apply", "Result") == 3
    assert repository.job(command="apply", plan=plan, allow_removals="2").run("Apply", "Result") == 0
    assert writes(sandbox).count("DeleteUser") == 2


ANN = "  ann: {policies: [aws:IAMUserChangePassword], console: {deliver: csv}}\n"


def test_new_passwords_go_outside_of_the_checkout_and_must_be_handed_over(
    repository: Repository,
) -> None:
    repository.commit(ANN)
    planned = repository.job(comment="false")
    assert planned.run("Plan") == 0

    applied = repository.job(command="apply", plan=str(planned.temp / "plan.iamsync"))

    assert applied.run("Apply", "Result") == 0, applied.log
    folder = Path(applied.outputs["csv"])
    (file,) = folder.iterdir()
    assert folder == applied.temp / "iamsync-credentials"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert file.read_text().splitlines()[1].startswith("ann,")
    assert repository.git("status", "--porcelain", "--ignored") == ""
    assert "::warning title=iamsync::New passwords or access keys are in" in applied.log


def test_where_a_job_names_a_place_new_passwords_go_there(repository: Repository, tmp_path: Path) -> None:
    repository.commit(ANN)
    planned = repository.job(comment="false")
    assert planned.run("Plan") == 0
    file = tmp_path / "new.csv"

    applied = repository.job(command="apply", plan=str(planned.temp / "plan.iamsync"), csv=str(file))

    assert applied.run("Apply", "Result") == 0, applied.log
    assert file.exists()
    assert "csv" not in applied.outputs
    assert not (applied.temp / "iamsync-credentials").exists()


def test_where_nobody_gets_a_password_no_place_is_left(repository: Repository) -> None:
    repository.commit(AIKO)
    planned = repository.job(comment="false")
    assert planned.run("Plan") == 0

    applied = repository.job(command="apply", plan=str(planned.temp / "plan.iamsync"))

    assert applied.run("Apply", "Result") == 0
    assert "csv" not in applied.outputs
    assert not (applied.temp / "iamsync-credentials").exists()
    assert "::warning" not in applied.log
