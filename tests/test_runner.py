"""What runners of CI get: stdout is the result and nothing else; summaries, outputs and folding go where they look."""

import json
from pathlib import Path

import pytest
from faults import Fault, Network
from formats.test_markdown import Page
from hostile import commands, controls
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.render.runner import folding

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, iamsync: Iamsync, tmp_path: Path) -> Iamsync:
    """Iamsync in a step of GitHub Actions."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    return iamsync


def outputs(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "outputs").read_text().splitlines())


def test_a_plan_is_the_summary_of_its_step_and_its_digest_an_output(github: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    ended = github("plan", "--format", "json")
    data = json.loads(ended.out)

    assert (ended.code, ended.err) == (0, "")
    assert outputs(tmp_path) == {"digest": data["digest"], "changes": "true", "held-back": "false", "refused": "false"}
    assert (tmp_path / "summary").read_text() == github("plan", "--format", "markdown").out


def test_an_apply_adds_what_became_of_it(
    github: Iamsync, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="AttachUserPolicy", code="AccessDenied")]

    assert github("apply").code == 1
    page = Page((tmp_path / "summary").read_text())

    assert "iamsync plan for account 123456789012" in page.text
    assert "FAILED  user/aiko  attach aws:AmazonS3ReadOnlyAccess" in page.text
    assert "Applied: 1 done, 1 failed, 0 skipped." in page.text


def test_nothing_to_do_is_an_output_too(github: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert github("apply").code == 0
    (tmp_path / "outputs").unlink()

    assert github("plan").code == 0
    assert outputs(tmp_path)["changes"] == "false"


def test_elsewhere_no_file_is_written(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    write(tmp_path, all=AIKO)

    assert iamsync("plan").err == ""
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desired"]


def test_a_summary_that_cannot_be_written_is_a_warning(
    github: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "missing" / "summary"))
    write(tmp_path, all=AIKO)

    ended = github("plan")

    assert ended.code == 0
    assert "warning: nothing could be added to " in ended.err


GITLAB = "\x1b[0Ksection_{}:{}:iamsync_plan{}\r\x1b[0K{}"


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")])
def test_the_plan_is_folded_but_for_its_last_line(command: tuple[str, ...], github: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    ended = github(*command)

    assert ended.err == "::group::iamsync: the whole plan\n::endgroup::\n"
    assert commands(ended.out) == []
    assert "\nPlan for account 123456789012: 2 to create" in ended.out


@pytest.mark.parametrize("form", ["json", "markdown", "sh"])
def test_what_is_for_programs_is_not_folded(form: str, github: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    assert github("plan", "--format", form).err == ""


def test_gitlab_folds_in_its_own_way(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    write(tmp_path, all=AIKO)

    ended = iamsync("plan")
    begin, end = ended.err.splitlines(keepends=False)[0:1], ended.err.split("\n")[-2]

    assert begin[0].startswith("\x1b[0Ksection_start:")
    assert end.startswith("\x1b[0Ksection_end:")
    assert controls(ended.out) == []


def test_the_commands_that_fold() -> None:
    github, gitlab = folding({"GITHUB_ACTIONS": "true"}, 7), folding({"GITLAB_CI": "true"}, 7)

    assert github is not None
    assert gitlab is not None
    assert (github.begin, github.end) == ("::group::iamsync: the whole plan", "::endgroup::")
    assert gitlab.begin == GITLAB.format("start", 7, "[collapsed=true]", "iamsync: the whole plan")
    assert gitlab.end == GITLAB.format("end", 7, "", "")
    assert folding({}, 7) is None


def test_nothing_from_the_account_commands_the_runner(github: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "::error::x"}])
    write(tmp_path, all=AIKO.replace("users: {", "users: {bo: {}, "))

    ended = github("plan")

    assert ended.code == 3
    assert [line.split("::")[1].split(" ")[0] for line in commands(ended.err)] == ["group", "endgroup", "warning"]
    assert commands((tmp_path / "summary").read_text() + (tmp_path / "outputs").read_text()) == []


# ---- validate and plan agree ----


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            'users: {aiko: {}}\naccounts: {prod: {id: "123456789012", role: iamsync}}\n',
            "accounts.prod: not supported yet: iamsync assumes no roles",
        ),
        ("users: {}\n", "the files declare no user, group or policy: is this the right folder, and the whole of it?"),
    ],
)
def test_validate_refuses_what_plan_refuses(more: str, said: str, iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS + more)

    validated, planned, formatted = iamsync("validate"), iamsync("plan"), iamsync("fmt")

    assert (validated.code, validated.out, planned.code > 0) == (1, "", True)
    assert said in validated.err
    assert said in planned.err
    assert formatted.code == 0, "their form is another matter"
