"""The JSON Schema for editors and the reference page, kept equal to the classes and to what the loader does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from iamsync.desired.nodes import NULLS, Entries, Items, Node, Scalar, compose
from iamsync.desired.reference import json_schema, reference_page, schema_text
from iamsync.desired.schema import File

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests" / "bad_desired"
BEYOND = (BAD / "beyond-the-schema.txt").read_text("utf-8").splitlines()
"""The wrong files that no schema can catch: references, sums, what IAM ignores the case of, what files say together."""


def as_an_editor_reads(node: Node | None) -> Any:  # noqa: ANN401 - JSON
    """The tree with the types of YAML 1.2, as VS Code's YAML server has it."""
    match node:
        case None:
            return None
        case Scalar(plain=False):
            return node.text
        case Scalar():
            return typed(node.text)
        case Items():
            return [as_an_editor_reads(item) for item in node.items]
        case Entries():
            return {key: as_an_editor_reads(entry.value) for key, entry in node.entries.items()}


def typed(text: str) -> object:
    if text in NULLS:
        return None
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def complaints(file: Path) -> list[str]:
    tree, _ = compose(file.read_text("utf-8"), str(file))
    validator = jsonschema.Draft7Validator(json_schema())
    return [error.message for error in validator.iter_errors(as_an_editor_reads(tree))] if tree else []


def test_the_schema_is_one_of_draft_7() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


def test_the_committed_schema_is_that_of_the_classes() -> None:
    assert (ROOT / "iamsync.schema.json").read_text("utf-8") == schema_text()


def test_the_committed_reference_is_that_of_the_classes() -> None:
    assert (ROOT / "docs" / "language.md").read_text("utf-8") == reference_page()


@pytest.mark.parametrize("file", sorted((ROOT / "desired").rglob("*.yaml")), ids=lambda path: path.stem)
def test_an_editor_accepts_the_example(file: Path) -> None:
    assert complaints(file) == []


def test_an_editor_learns_of_each_wrong_file_that_a_schema_can_catch() -> None:
    files = [path for path in BAD.glob("*.yaml") if path.stem != "base"]
    files = [path for path in files if compose(path.read_text("utf-8"), "")[1] == ()]
    passed = sorted(path.stem for path in files if not complaints(path))
    assert passed == BEYOND


def fields(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    models = {"File": schema, **schema["definitions"]}
    return [(f"{name}.{key}", field) for name, model in models.items() for key, field in model["properties"].items()]


def test_each_key_has_a_description_and_an_example_that_is_valid() -> None:
    schema = json_schema()
    for name, field in fields(schema):
        assert field["description"], name
        assert field["examples"], name
        for example in field["examples"]:
            jsonschema.Draft7Validator({**field, "definitions": schema["definitions"]}).validate(example)


def test_the_reference_has_every_key() -> None:
    page = reference_page()
    assert [name for name, _ in fields(json_schema()) if f"**`{name.partition('.')[2]}`**" not in page] == []


def test_the_defaults_that_editors_show_are_those_of_the_classes() -> None:
    defaults = {
        key: field.get("default") for key, field in json_schema()["definitions"]["SettingsEntry"]["properties"].items()
    }
    settings = File().settings
    assert defaults["ignore_tags"] == settings.ignore_tags
    assert (defaults["adopt"], defaults["prune"]) == (settings.adopt, settings.prune)
    assert File().settings.guards.max_removals == (25, True)
    assert json.loads(schema_text())["definitions"]["GuardsEntry"]["properties"]["max_removals"]["default"] == "25%"
