"""The JSON of a plan, by its committed schema; every name in it is in the schema, and every kind of change."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from shell import Iamsync, write

from formats.told import STATES, TESTS, in_format, shown
from iamsync.core import change as to
from iamsync.core.change import Change
from iamsync.render.change_schema import CHANGES

SCHEMA = json.loads((TESTS.parent / "iamsync.plan.schema.json").read_text("utf-8"))
CASES = sorted(folder for folder in (TESTS / "cases").iterdir() if (folder / "live.yaml").exists())


def closed(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """The schema, which allows names that come later, without that."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema else {}
    return {key: closed(value) for key, value in schema.items()} | more


STRICT = Draft202012Validator(closed(SCHEMA))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_json_of_a_plan_is_valid(folder: Path) -> None:
    data = json.loads(in_format("json", shown(folder)))

    assert [error.message for error in STRICT.iter_errors(data)] == []


def test_a_name_that_is_not_in_the_schema_would_be_found() -> None:
    data = json.loads(in_format("json", shown(STATES[0])))

    assert list(STRICT.iter_errors({**data, "new": 1})) != []
    assert list(Draft202012Validator(SCHEMA).iter_errors({**data, "new": 1})) == [], "programs must expect new names"


def test_each_kind_of_change_is_in_the_schema() -> None:
    credentials = len(to.CredentialKind)

    assert len(CHANGES) == len(get_args(Change)) - 1 + credentials


def test_schema_prints_the_committed_schema(iamsync: Iamsync) -> None:
    ended = iamsync("schema", "--plan")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (TESTS.parent / "iamsync.plan.schema.json").read_text("utf-8")
    Draft202012Validator.check_schema(json.loads(ended.out))


def test_json_says_who_asked_from_which_files_and_what_is_doubtful(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all="version: 1\nsettings: {owner: us}\nusers: {aiko: {policies: [aws:AdministratorAccess]}}\n")

    data = json.loads(iamsync("plan", "--format", "json").out)

    assert data["caller"].startswith("arn:aws:")
    assert (data["tool"]["name"], data["commit"], data["refusals"]) == ("iamsync", None, [])
    assert [(one["path"], one["severity"]) for one in data["problems"]] == [("settings", "warning")]
    assert data["new_administrators"] == ["aiko"]
    assert [one["risks"] for one in data["actions"]] == [[], ["administrator"]]
    assert [error.message for error in STRICT.iter_errors(data)] == []
