"""The policy document: one door (`Document.parse`) and one equality (`==`).

Two documents are equal if IAM decides the same by both and a person would call them the same. AWS advises against
comparing policies as strings (IAM User Guide, "Policy restructuring"). So `parse` brings every document into one form.
It keeps the author's spelling and order in separate fields, which are not compared.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from iamsync.core import grammar
from iamsync.core.grammar import DocumentError

__all__ = ["Condition", "Document", "DocumentError", "Entries", "Statement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Strings whose order and repetition mean nothing: a set that remembers how its author wrote it.

    `spelling` says what each meaning was first written as, in the author's order.
    """

    meaning: frozenset[str]
    spelling: Mapping[str, str] = field(compare=False)

    @property
    def written(self) -> tuple[str, ...]:
        """The entries as a person wrote them, without repetitions."""
        return tuple(self.spelling.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition key under one operator. The key's name is compared without regard to case."""

    operator: str
    key: str
    values: Entries
    written_key: str = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `action_element` and `resource_element` say whether a list names what is meant or all but that.

    `sid` is empty where there is none; `conditions` are sorted by operator and key.
    """

    sid: str
    effect: Literal["Allow", "Deny"]
    action_element: Literal["Action", "NotAction"]
    actions: Entries
    resource_element: Literal["Resource", "NotResource"]
    resources: Entries
    conditions: tuple[Condition, ...]

    def as_json(self) -> dict[str, Any]:
        """The statement as IAM is sent it: every value a string, or a list where there is not just one."""
        conditions: dict[str, dict[str, str | list[str]]] = {}
        for condition in self.conditions:
            conditions.setdefault(condition.operator, {})[condition.written_key] = _one_or_list(condition.values)
        return {
            **({"Sid": self.sid} if self.sid else {}),
            "Effect": self.effect,
            self.action_element: _one_or_list(self.actions),
            self.resource_element: _one_or_list(self.resources),
            **({"Condition": conditions} if conditions else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An identity policy; made by `parse` only, equal and hashed by version and `meaning`.

    `statements` are in the author's order, without repetitions.
    """

    version: str
    meaning: frozenset[Statement]
    statements: tuple[Statement, ...] = field(compare=False)

    @classmethod
    def parse(cls, source: str | Mapping[str, Any]) -> Self:
        """The document in `source`: JSON text, URL-encoded or not, or what such text was decoded to.

        Raises DocumentError if it is not an identity policy that IAM would take.
        """
        value = grammar.decoded(source) if isinstance(source, str) else source
        elements = grammar.members(value, "", grammar.DOCUMENT_ELEMENTS)
        statements = tuple(dict.fromkeys(_statements(elements)))
        return cls(
            version=grammar.version(elements.get("Version", grammar.OLD_VERSION), "Version"),
            meaning=frozenset(statements),
            statements=statements,
        )

    def render(self) -> str:
        """The document as it is sent to IAM: minified, Version first and Statement a list (IAM's old parser trips over
        other orders), in ASCII (IAM stores nothing beyond U+00FF but as an escape).
        """
        return json.dumps(self.as_json(), separators=(",", ":"))

    def as_json(self) -> dict[str, Any]:
        """The document as a JSON object."""
        return {"Version": self.version, "Statement": [statement.as_json() for statement in self.statements]}

    @property
    def size(self) -> int:
        """Characters as IAM counts them against a policy size quota ("IAM and AWS STS quotas"): white space between
        tokens is free. Inside strings it is counted, and escapes in full: AWS does not say, and too much is safe.
        """
        return len(self.render())

    @property
    def texts(self) -> Iterator[str]:
        """What its resources and the values of its conditions are written as."""
        for statement in self.statements:
            for entries in (statement.resources, *(one.values for one in statement.conditions)):
                yield from entries.written

    @property
    def denies(self) -> bool:
        """Whether any statement is a Deny."""
        return any(statement.effect == "Deny" for statement in self.statements)

    @property
    def only_denies(self) -> bool:
        """Whether every statement is a Deny."""
        return all(statement.effect == "Deny" for statement in self.statements)


def _statements(elements: Mapping[str, object]) -> Iterator[Statement]:
    if "Statement" not in elements:
        grammar.refuse("Statement", "missing, expected at least one statement")
    places: dict[str, str] = {}
    for place, item in grammar.items(elements["Statement"], "Statement"):
        statement = _statement(item, place)
        if statement.sid in places:
            grammar.refuse(f"{place}.Sid", f'found "{statement.sid}" as in {places[statement.sid]}, expected another')
        if statement.sid:
            places[statement.sid] = place
        yield statement


def _statement(value: object, path: str) -> Statement:
    elements = grammar.members(value, path, grammar.STATEMENT_ELEMENTS)
    _require_one_of(elements, "Action", path)
    _require_one_of(elements, "Resource", path)
    if "Effect" not in elements:
        grammar.refuse(f"{path}.Effect", 'missing, expected "Allow" or "Deny"')
    action_element: Literal["Action", "NotAction"] = "Action" if "Action" in elements else "NotAction"
    resource_element: Literal["Resource", "NotResource"] = "Resource" if "Resource" in elements else "NotResource"
    actions = grammar.items(elements[action_element], f"{path}.{action_element}")
    resources = grammar.items(elements[resource_element], f"{path}.{resource_element}")
    return Statement(
        sid=grammar.sid(elements.get("Sid", ""), f"{path}.Sid"),
        effect=grammar.effect(elements["Effect"], f"{path}.Effect"),
        action_element=action_element,
        actions=_entries((grammar.action(item, place) for place, item in actions), grammar.folded),
        resource_element=resource_element,
        resources=_entries((grammar.resource(item, place) for place, item in resources), str),
        conditions=_conditions(elements.get("Condition", {}), f"{path}.Condition"),
    )


def _require_one_of(elements: Mapping[str, object], name: str, path: str) -> None:
    found = [element for element in (name, f"Not{name}") if element in elements]
    if len(found) != 1:
        grammar.refuse(path, f"found {' and '.join(found) or 'neither'}, expected either {name} or Not{name}")


def _conditions(value: object, path: str) -> tuple[Condition, ...]:
    found: dict[tuple[str, str], Condition] = {}
    for name, block in grammar.members(value, path).items():
        place = grammar.step(path, name)
        keys = grammar.members(block, place)
        # an operator without keys is absent, whatever it is called: AWS takes it
        operator = grammar.operator(name, place) if keys else ""
        for key, values in keys.items():
            condition = _condition(operator, key, values, grammar.step(place, key))
            if (operator, condition.key) in found:
                grammar.refuse(
                    grammar.step(place, key), "there twice, expected once: the case of its letters is no matter"
                )
            found[operator, condition.key] = condition
    return tuple(condition for _, condition in sorted(found.items()))


def _condition(operator: str, key: str, values: object, path: str) -> Condition:
    listed = grammar.items(values, path, may_be_empty=True)
    return Condition(
        operator=operator,
        key=grammar.folded(grammar.text(key, path)) or grammar.refuse(path, "found no name, expected a condition key"),
        values=_entries(
            (grammar.condition_value(item, place) for place, item in listed),
            grammar.meaning_of(operator),
        ),
        written_key=key,
    )


def _entries(written: Iterator[str], meaning_of: Callable[[str], str]) -> Entries:
    spelling: dict[str, str] = {}
    for text in written:
        spelling.setdefault(meaning_of(text), text)
    return Entries(meaning=frozenset(spelling), spelling=spelling)


def _one_or_list(entries: Entries) -> str | list[str]:
    return entries.written[0] if len(entries.written) == 1 else list(entries.written)
