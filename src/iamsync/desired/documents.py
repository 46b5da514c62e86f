"""Policy documents as they were written, in the YAML or in a JSON file beside it, and what they say in one account."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from iamsync.core import grammar
from iamsync.core.action_names import unknown_actions
from iamsync.core.document import Document, DocumentError
from iamsync.core.document_rules import faults
from iamsync.core.model import Origin, Problem
from iamsync.core.validate import named_character, shown
from iamsync.desired import builtins
from iamsync.desired.document_faults import parsed
from iamsync.desired.files import text_of
from iamsync.desired.hints import PASTED, is_pasted
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.nodes import NULLS, SWITCHES, TRUTHS, Entries, Items, Node, Scalar, compose
from iamsync.desired.places import at_loose_path, node_at, scalars, written
from iamsync.desired.substitute import filled
from iamsync.desired.unreadable import blockers, existing, in_json

MAX_DOCUMENT_BYTES: Final = 131_072
"""Longer ones IAM does not take, however much of it is white space (CreatePolicy)."""

_JSON_PLACE = re.compile(r" at line (\d+), column (\d+)$")

Key = tuple[str, ...]
"""Which document is meant: `("policies", name)` or `("users", name, name of the inline policy)`."""


class Parsed(NamedTuple):
    """What a document says, as far as it can be read, and what is wrong with it."""

    document: Document | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A document before substitution: a tree of YAML, or the text of a JSON file. `path` leads to it."""

    source: Node | str
    file: str
    path: tuple[str, ...]
    origin: Origin

    @property
    def is_template(self) -> bool:
        """Whether it differs between accounts."""
        return (
            "{{" in self.source
            if isinstance(self.source, str)
            else any("{{" in text.text for _, text in scalars(self.source))
        )

    def in_account(self, values: Mapping[str, str]) -> "Parsed":
        """The document with what the names stand for, and all why IAM would not take it."""
        if isinstance(self.source, str) and (unreadable := tuple(islice(blockers(self.source), 1))):
            line, column, message = unreadable[0]
            place = Origin(file=self.file, line=line, column=column)
            return Parsed(None, (Problem(origin=place, path="", message=message),))
        try:
            data = self._value(values)
        except DocumentError as error:
            return Parsed(None, (self._problem(error.path, error.message),))
        document, wrong = parsed(data)
        return Parsed(document, tuple(self._problem(one.path, one.message) for one in wrong))

    def faults(self, values: Mapping[str, str], partition: str) -> Iterator[Problem]:
        """What else IAM would refuse, or takes without effect, in an account of that partition, of a document in
        which `in_account` finds no problem. Of a managed policy an old version is refused, and that is not repeated.
        """
        is_managed = self.path[:1] != ("users",) and self.path[:1] != ("groups",)
        value = self._value(values)
        for path, message, warning in chain(faults(value, partition), unknown_actions(value)):
            if not (is_managed and path in {"", "Version"}):
                yield self._problem(path, message, warning=warning)

    def place_of(self, path: str) -> Origin:
        """Where a path of the document was written, with Statement as a list; or the last thing on the way to it."""
        tree = compose(self.source, self.file)[0] if isinstance(self.source, str) else self.source
        if tree is None:
            return self.origin
        node, rest = at_loose_path(tree, path)
        if rest.startswith("[0]"):  # a lone statement is no list
            node, _ = at_loose_path(node, rest.removeprefix("[0]"))
        return Origin(file=self.file, line=node.line, column=node.column)

    def _value(self, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        if isinstance(self.source, str):
            escaped = {name: json.dumps(value)[1:-1] for name, value in values.items()}
            return grammar.decoded(filled(self.source, escaped))
        return _plain(self.source, values)

    def _problem(self, path: str, message: str, *, warning: bool = False) -> Problem:
        where = ".".join(filter(None, (written(self.path), path)))
        if isinstance(self.source, str):
            if match := _JSON_PLACE.search(message):
                line, column = int(match[1]), int(match[2])
                message = f"{message[: match.start()]}{in_json(self.source, line, column)}"
                line, column = existing(self.source, line, column)
                return Problem(origin=Origin(file=self.file, line=line, column=column), path=where, message=message)
            tree, _ = compose(self.source, self.file)
        else:
            tree = self.source
        node = at_loose_path(tree, path)[0] if tree else None
        if isinstance(node, Scalar) and "\\u" in message and (other := next(filter(_is_foreign, node.text), "")):
            message = f"{message}; it holds {named_character(other)}"
        origin = Origin(file=self.file, line=node.line, column=node.column) if node else self.origin
        return Problem(origin=origin, path=where, message=message, warning=warning)


def _is_foreign(character: str) -> bool:
    return not character.isascii()


def _plain(node: Node, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """The tree as what JSON text would be decoded to. Numbers stay text: IAM compares them as text."""
    match node:
        case Scalar(plain=True) if node.text in NULLS:
            return None
        case Scalar(plain=True) if node.text in TRUTHS:
            return TRUTHS[node.text]
        case Scalar():
            return filled(node.text, values)
        case Items():
            return [_plain(item, values) for item in node.items]
        case _:
            return {key: _plain(entry.value, values) for key, entry in node.entries.items()}


def documents(whole: Merged, root: Path) -> tuple[dict[Key, Written], list[Problem]]:
    """Every document of the folder as it was written, and what keeps one from being read."""
    found: dict[Key, Written] = {}
    read = cache(lambda file: text_of(file, root, MAX_DOCUMENT_BYTES))  # many policies may name one file
    problems: list[Problem] = []
    for policy in whole.policies.values():
        one = _document_of(policy, read)
        if isinstance(one, Written):
            found["policies", policy.name] = one
        else:
            problems += one
    owners: list[Declared[Any]] = [*whole.users.values(), *whole.groups.values()]
    for owner in owners:
        for name in owner.value.inline_policies:
            node = node_at(owner.entry.value, ("inline_policies", name))
            assert node is not None  # noqa: S101 - the model was made from this tree
            one = _in_the_yaml(owner, node, owner.value.inline_policies[name], ("inline_policies", name))
            if isinstance(one, Written):
                found[owner.section, owner.name, name] = one
            else:
                problems += one
    problems += (problem for one in found.values() for problem in _ambiguous(one))
    return found, problems


def _document_of(policy: Declared[Any], read: Callable[[Path], str | Problem]) -> Written | list[Problem]:
    """The document of a policy, or what is wrong with it; nothing is where the schema has reported it."""
    node = node_at(policy.entry.value, ("document",))
    if node is None or isinstance(node, Items) or isinstance(policy.value.document, str) != isinstance(node, Scalar):
        return []
    if not isinstance(node, Scalar):
        return _in_the_yaml(policy, node, policy.value.document, ("document",))
    if is_pasted(node):
        message = f"found a text, expected a document or the name of a .json file; {PASTED}"
        return [policy.problem(message, "document")]
    if not node.text.endswith(".json"):
        return [policy.problem(f"found {shown(node.text)}, expected the name of a .json file", "document")]
    if node.text.startswith(("/", "~")) or "\\" in node.text or "\0" in node.text:
        message = f"found {shown(node.text)}, expected a path from the folder of this file, with / between"
        return [policy.problem(message, "document")]
    file = Path(policy.file).parent / node.text
    text = read(file)
    if isinstance(text, Problem):
        return [policy.problem(f"{file}: {text.message}", "document")]
    return Written(text, str(file), (), Origin(file=str(file), line=1))


def _in_the_yaml(owner: Declared[Any], node: Node, value: object, at: tuple[str, ...]) -> Written | list[Problem]:
    """A document that the YAML holds or, by the name of a built-in one, stands for."""
    if isinstance(node, Entries) and builtins.is_builtin(node):
        if not isinstance(value, builtins.BuiltinEntry):
            return []  # the schema has reported it
        if found := [owner.problem(message, *at, key) for key, message in builtins.faults(node, value)]:
            return found
        node = builtins.tree(node, value)
    return Written(node, owner.file, (owner.section, owner.name, *at), owner.origin_of(*at))


def _ambiguous(one: Written) -> Iterator[Problem]:
    """Plain words that half of all YAML readers take for a boolean; in a document that could mean either."""
    if isinstance(one.source, str):
        return
    for path, node in scalars(one.source, one.path):
        if node.plain and node.text in SWITCHES:
            origin = Origin(file=one.file, line=node.line, column=node.column)
            message = f'found {node.text}; write "{node.text}" for the text, or true or false'
            yield Problem(origin=origin, path=written(path), message=message)
