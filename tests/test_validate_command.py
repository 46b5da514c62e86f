"""`iamsync validate` in each of its formats, and `iamsync schema`."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from shell import STORY, Iamsync, write

from iamsync.core.model import Origin, Problem
from iamsync.render.annotations import of_problems
from iamsync.render.code_quality import code_quality

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
WRONG = SETTINGS + "users: {bob: {polices: []}, ann: {path: a}}\n"
DOUBTFUL = SETTINGS + "groups: {auditors: {}}\nusers: {bob: {groups: [auditor]}}\n"
DOUBT = 'no group "auditor" is declared; did you mean "auditors"?'


def test_json_has_every_problem_with_its_place_and_the_counts(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG)

    ended = iamsync("validate", "--format", "json")
    found = json.loads(ended.out)

    assert (ended.code, ended.err) == (1, "")
    assert (found["errors"], found["warnings"]) == (2, 0)
    assert [(one["file"], one["line"], one["column"], one["path"], one["severity"]) for one in found["problems"]] == [
        ("desired/all.yaml", 3, 15, "users.bob.polices", "error"),
        ("desired/all.yaml", 3, 41, "users.ann.path", "error"),
    ]
    assert found["problems"][0]["message"].startswith('unknown key "polices"; did you mean "policies"?')


def test_json_of_a_valid_folder_has_no_problems(iamsync: Iamsync) -> None:
    ended = iamsync("validate", "--format", "json", "--desired", str(STORY))

    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == {"problems": [], "errors": 0, "warnings": 0}


def test_github_gets_a_command_for_each_problem(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG)

    ended = iamsync("validate", "--format", "github")
    first, second = ended.out.splitlines()

    assert ended.code == 1
    assert first.startswith(
        '::error file=desired/all.yaml,line=3,col=15,title=users.bob.polices::unknown key "polices"'
    )
    assert second.startswith("::error file=desired/all.yaml,line=3,col=41,title=users.ann.path::")
    assert "2 problems" in ended.err


def test_github_gets_a_warning_for_what_is_only_probable(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=DOUBTFUL)

    ended = iamsync("validate", "--format", "github")

    assert ended.code == 0
    assert ended.out == f"::warning file=desired/all.yaml,line=4,col=24,title=users.bob.groups[0]::{DOUBT}\n"


GITLAB_REPORT = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}
"""GitLab Docs, "Code Quality report format"."""


def test_gitlab_gets_a_code_quality_report(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG)

    ended = iamsync("validate", "--format", "gitlab")
    report = json.loads(ended.out)

    jsonschema.validate(report, GITLAB_REPORT)
    assert ended.code == 1
    assert "2 problems" in ended.err
    assert report[0]["description"].startswith('users.bob.polices: unknown key "polices"')
    assert report[0]["location"] == {"path": "desired/all.yaml", "lines": {"begin": 3}}


def test_gitlab_gets_an_empty_report_and_a_minor_problem_for_a_warning(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=DOUBTFUL)

    lax, strict = iamsync("validate", "--format", "gitlab"), iamsync("validate", "--format", "gitlab", "--strict")
    none = iamsync("validate", "--format", "gitlab", "--desired", str(STORY))

    assert [(one["severity"], one["description"]) for one in json.loads(lax.out)] == [
        ("minor", f"users.bob.groups[0]: {DOUBT}")
    ]
    assert [one["severity"] for one in json.loads(strict.out)] == ["critical"]
    assert (lax.code, strict.code, none.code, json.loads(none.out)) == (0, 1, 0, [])


def test_gitlab_finds_a_problem_again_on_another_line_and_tells_two_apart() -> None:
    def problem(line: int) -> Problem:
        return Problem(origin=Origin(file="a", line=line, column=1), path="users.x", message="wrong")

    first, second = (one["fingerprint"] for one in code_quality([problem(3), problem(9)]))

    assert first != second
    assert [one["fingerprint"] for one in code_quality([problem(5), problem(12)])] == [first, second]
    (whole,) = code_quality([replace(problem(0), path="")])
    assert (whole["description"], whole["location"]) == ("wrong", {"path": "a", "lines": {"begin": 1}})


@pytest.mark.parametrize(
    ("text", "in_properties", "in_the_message"),
    [
        ("100%", "100%25", "100%25"),
        ("a\nb\rc", "a%0Ab%0Dc", "a%0Ab%0Dc"),
        ("a: b, c", "a%3A b%2C c", "a: b, c"),
        ("::error::x", "%3A%3Aerror%3A%3Ax", "::error::x"),
        ("a\x1b[31m", "a\\x1b[31m", "a\\x1b[31m"),
    ],
)
def test_what_github_would_take_for_its_own_is_escaped(text: str, in_properties: str, in_the_message: str) -> None:
    problem = Problem(origin=Origin(file=text, line=1, column=2), path=text, message=text)

    (annotation,) = of_problems([problem])

    assert annotation.command == f"::error file={in_properties},line=1,col=2,title={in_properties}::{in_the_message}"


def test_a_problem_without_a_path_has_the_title_of_the_program() -> None:
    problem = Problem(origin=Origin(file="a", line=1, column=1), path="", message="x", warning=True)

    (annotation,) = of_problems([problem])

    assert annotation.command == "::warning file=a,line=1,col=1,title=iamsync::x"


def test_strict_takes_a_warning_for_an_error(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=DOUBTFUL)

    lax, strict = iamsync("validate"), iamsync("validate", "--strict")

    assert (lax.code, strict.code) == (0, 1)
    assert f"users.bob.groups[0]: warning: {DOUBT}" in lax.err
    assert "is valid" in lax.out
    assert f"users.bob.groups[0]: {DOUBT}\n1 problem\n" in strict.err
    assert strict.out == ""
    assert json.loads(iamsync("validate", "--strict", "--format", "json").out)["errors"] == 1


def test_its_flags_are_also_variables(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, all=DOUBTFUL)
    monkeypatch.setenv("IAMSYNC_STRICT", "1")
    monkeypatch.setenv("IAMSYNC_FORMAT", "json")

    ended = iamsync("validate")

    assert (ended.code, json.loads(ended.out)["errors"]) == (1, 1)


def test_every_account_is_looked_at_and_what_is_wrong_in_all_is_reported_once(iamsync: Iamsync, tmp_path: Path) -> None:
    accounts = 'accounts: {a: {id: "111111111111", vars: {p: /a/}}, b: {id: "222222222222", vars: {p: b}}}\n'
    write(
        tmp_path,
        all="version: 1\nsettings: {owner: us}\n"
        + accounts
        + 'users: {bob: {path: "{{ vars.p }}"}, ann: {path: "{{ vars.p }}x y"}}\n',
    )

    found = json.loads(iamsync("validate", "--format", "json").out)["problems"]

    assert {one["path"] for one in found} == {"users.bob.path", "users.ann.path", "accounts.a", "accounts.b"}
    assert len({tuple(one.items()) for one in found}) == len(found)


def test_schema_prints_the_committed_schema(iamsync: Iamsync) -> None:
    ended = iamsync("schema")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (STORY.parent / "iamsync.schema.json").read_text()


def test_policies_of_two_accounts_are_in_no_account(iamsync: Iamsync, tmp_path: Path) -> None:
    arns = ", ".join(f'"arn:aws:iam::{digit * 12}:policy/P"' for digit in "12")
    write(tmp_path, all=f"version: 1\nsettings: {{owner: us}}\nusers: {{bob: {{policies: [{arns}]}}}}\n")

    ended = iamsync("validate")

    assert ended.code == 1
    assert (
        "arn:aws:iam::222222222222:policy/P is a policy of account 222222222222, and others are of 111111111111"
        in ended.err
    )


@pytest.mark.parametrize(("section", "most"), [("groups", 500), ("users", 5000)])
def test_more_than_an_account_holds_is_wrong(section: str, most: int, iamsync: Iamsync, tmp_path: Path) -> None:
    names = [f"n{number}: {{}}" for number in range(most + 1)]
    write(tmp_path, all=f"{SETTINGS}{section}: {{{', '.join(names)}}}\n")
    wrong = iamsync("validate")
    write(tmp_path, all=f"{SETTINGS}{section}: {{{', '.join(names[1:])}}}\n")

    assert f"{most + 1:,} {section}, an account holds at most {most:,}" in wrong.err
    assert iamsync("validate").code == 0
