"""The order of keys: sections and fields as in the language's definition, names of entries by the alphabet."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from iamsync.desired.reference import json_schema
from iamsync.fmt.tree import Node

_SECTIONS: Final = ("version", "settings", "vars", "policies", "policy_sets", "groups", "users", "accounts")
_BY_NAME: Final = {"policies", "policy_sets", "groups", "users"}

Schema = Mapping[str, Any]


def bring_into_order(root: Node) -> None:
    """Sort the entries of all mappings that have an order. Lists, tags and accounts keep theirs."""
    schema = _whole()
    root.entries.sort(key=lambda one: _rank(one.name, _SECTIONS))
    for section in root.entries:
        inner = schema["properties"].get(section.name, {})
        if section.name in _BY_NAME:
            is_spaced = any(one.after_blank for one in section.value.entries[1:])
            section.value.entries.sort(key=lambda one: (one.name.casefold(), one.name))
            for one in section.value.entries:
                one.after_blank = is_spaced
        _order(section.value, inner)


@cache
def _whole() -> Schema:
    return json_schema()


def _order(node: Node, schema: Schema) -> None:
    for branch in _branches(schema):
        if node.is_list and "items" in branch:
            for item in node.entries:
                _order(item.value, branch["items"])
            return
        if not node.is_list and "properties" in branch:
            keys = tuple(branch["properties"])
            node.entries.sort(key=lambda one: _rank(one.name, keys))
            for entry in node.entries:
                _order(entry.value, branch["properties"].get(entry.name, {}))
            return
        if not node.is_list and isinstance(branch.get("additionalProperties"), dict):
            for entry in node.entries:
                _order(entry.value, branch["additionalProperties"])
            return


def _branches(schema: Schema) -> list[Schema]:
    """The schema itself, or what it chooses from, with references followed."""
    if reference := schema.get("$ref"):
        return _branches(_whole()["definitions"][reference.rpartition("/")[2]])
    inner = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    if "properties" in schema or not inner:
        return [schema]
    return [branch for one in inner for branch in _branches(one)]


def _rank(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)
