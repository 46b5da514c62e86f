"""The language for editors (JSON Schema) and for people (the reference page), both from the classes in `schema`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from iamsync.core.arn import QUARANTINE
from iamsync.desired.schema import File

SCHEMA_ID: Final = "http://json-schema.org/draft-07/schema#"
"""The draft that VS Code's YAML server supports in full."""

Json = dict[str, Any]

_INTRODUCTION: Final = """\
# The desired-state language

<!-- Generated from src/iamsync/desired/schema.py by `make docs`; a test keeps it equal. -->

iamsync reads every `*.yaml` and `*.yml` file below the folder. Together they are one desired state, so a name may be
declared only once, in any of the files. Files and folders whose names begin with `.` or `#`, or end with `~`, are
skipped. Each file is one YAML document in UTF-8, of at most 1 MB, without YAML tags and merge keys.

Where a key takes text, YAML's guesses do not apply: `012345678901`, `no` and `1e3` are text and need no quotes. Write
numbers and booleans without quotes: `true`, not `"true"` and not `yes`.

iamsync replaces `{{ account.id }}`, `{{ account.name }}`, `{{ partition }}` and `{{ vars.x }}` in paths, descriptions,
tags, names of policies and groups, and policy documents. `vars` come from `vars` at the top of a file, and
from those of the account in `accounts`, which take precedence. The name of an account comes from `accounts`.
`${...}` is IAM's own syntax and stays as it is.

A date means 00:00 UTC on that day. A time needs an offset.
"""

_DENIES: Final = f"""\
## Undeclared Denies

A policy that is attached to a user or group, or an inline policy, is an *undeclared Deny* if three things are true:

- no file declares it for this user or group;
- each of its statements denies;
- it does not have the ownership tag of this folder's owner.

Somebody who responds to an incident, or another team, may have put it there. So it stays, and every plan reports it
with the option that removes it in one run: `--remove-deny user/eve:stop`. The name after the colon is that of an inline
policy, or of a managed policy as files write it (`Stop`, `aws:AWSDenyAll`), or an ARN.

`settings.undeclared_denies: remove` removes all undeclared Denies like any other drift, except AWS's quarantine
policies (`{QUARANTINE}...`). Only `--remove-deny` removes those.

- **Credentials.** A user who has one gets no new password and no new access key. All else goes on. A suspension, too,
  begins and ends as usual: iamsync recognizes its own Deny. An undeclared Deny on a group does not hold back the
  credentials of its members.
- **Deletion.** A user or group that is pruned loses it last, just before it is deleted. If the deletion is held back,
  it stays.
- **Quotas.** It counts towards IAM's quotas. If it leaves no room for a declared policy, that policy is held back, and
  the plan gives the reason.
- **What is still drift.** A policy that is owned, whose text iamsync does not know, or that allows anything is removed.
  Permissions boundaries and memberships in groups are always as declared.
- **After a change of the files.** If the files no longer declare a Deny, what happens depends on its kind. A policy
  under `policies` is owned, so iamsync detaches it. An inline policy, or a policy of AWS or of another owner, now
  looks like one that a person attached by hand. It stays and is reported, and `apply --remove-deny` removes it. To have
  the files alone decide over a guard rail, declare it under `policies`.
"""

_SECTIONS: Final = {
    "File": "The file",
    "SettingsEntry": "`settings`",
    "GuardsEntry": "`settings.guards`",
    "QuotasEntry": "`settings.quotas`",
    "DeliveryEntry": "`settings.delivery`",
    "DefaultsEntry": "`settings.defaults`",
    "UserDefaults": "`settings.defaults.user`",
    "PolicyEntry": "`policies.<name>`",
    "BuiltinEntry": "A built-in document",
    "SetEntry": "`policy_sets.<name>`",
    "UserEntry": "`users.<name>`",
    "GroupsEntry": "`users.<name>.groups`",
    "ConsoleEntry": "`users.<name>.console`",
    "AccessKeysEntry": "`users.<name>.access_keys`",
    "Grant": "A grant with a beginning or an end",
    "GroupEntry": "`groups.<name>`",
    "AccountEntry": "`accounts.<name>`",
}


class _AsDeclared(GenerateJsonSchema):
    """Keys in the order of the classes, which is the order in which a person thinks of them."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        del parent_key
        return value


_TYPES: Final = {
    "array": "a list",
    "object": "a mapping",
    "boolean": "`true` or `false`",
    "integer": "a whole number",
    "null": "`null`",
}


def json_schema() -> Json:
    """The JSON Schema of one file, for editors."""
    schema = File.model_json_schema(by_alias=True, schema_generator=_AsDeclared)
    definitions = schema.pop("$defs")
    whole = {
        "$schema": SCHEMA_ID,
        "title": "iamsync desired state",
        **{key: value for key, value in schema.items() if key != "title"},
        "type": ["object", "null"],  # a file with nothing but comments is none that is wrong
        "definitions": definitions,
    }
    recovered = _restored(whole)
    assert isinstance(recovered, dict)  # noqa: S101 - it was one
    return recovered


def _restored(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """The schema as draft 7 has it: nothing stands beside a `$ref`. Without defaults that nobody can write."""
    if isinstance(schema, list):
        return [_restored(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _restored(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    if schema.get("title") == "iamsync desired state":
        kept = {"$schema": kept.pop("$schema"), "title": schema["title"], **kept}
    if kept.get("default", ...) in ("", None) and {"type": "null"} not in kept.get("anyOf", []):
        del kept["default"]
    if isinstance(reference := kept.get("$ref"), str):
        reference = reference.replace("#/$defs/", "#/definitions/")
        kept["$ref"] = reference
        if len(kept) > 1:
            del kept["$ref"]
            kept = {"allOf": [{"$ref": reference}], **kept}
    return kept


def reference_page() -> str:
    """The page that describes every key, in Markdown."""
    schema = json_schema()
    parts = [_INTRODUCTION]
    for name, heading in _SECTIONS.items():
        model = schema if name == "File" else schema["definitions"][name]
        parts.append(f"## {heading}\n\n{model['description']}\n\n{''.join(_rows(model))}")
    return "\n".join([*parts, _DENIES])


def _rows(model: Json) -> Iterator[str]:
    required = model.get("required", [])
    for key, field in model["properties"].items():
        needed = "; required" if key in required else _default(field)
        end = "" if field["description"].endswith("?") else "."
        yield f"- **`{key}`**: {_takes(field)}{needed}. {field['description']}{end}\n"
        for example in field.get("examples", []):
            yield f"  `{_in_yaml({key: example})}`\n"


def _default(field: Json) -> str:
    return f"; default `{_in_yaml(field['default'])}`" if "default" in field else ""


def _takes(field: Mapping[str, Any]) -> str:
    """What a key takes, in words."""
    options = field.get("anyOf") or field.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(map(_takes, options)))
    if "allOf" in field or "$ref" in field:
        return "a mapping"
    if "enum" in field or "const" in field:
        return " or ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    return _TYPES.get(str(field.get("type")), "text")


def _in_yaml(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    text = text.removesuffix("\n").removesuffix("\n...")
    return text[1:-1] if text.startswith("{") and text != "{}" and isinstance(value, dict) else text


def schema_text() -> str:
    """The JSON Schema as the file that is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
