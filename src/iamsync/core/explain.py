"""How two policy documents differ, in sentences for whoever reviews the plan.

Statements are distinguished by Sid; those without one are matched by what they have in common. Inside a statement the
comparison is deepdiff's, on sets instead of lists. Text from a policy is shown in ASCII: a line break or a
bidirectional mark in a resource must not be able to forge or to twist a line of the plan.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from iamsync.core.document import Condition, Document, Entries, Statement

NOT_READABLE_TEXT = "the live text cannot be read as a policy document; it is replaced as a whole"
"""What is said instead of a difference to a text that is no document."""

_FIRST_FEW = 2


def differences(old: Document, new: Document) -> tuple[str, ...]:
    """What `new` changes, a sentence each: in statements that match, then statements removed, then statements added.

    Empty if, and only if, `old == new`.
    """
    removed = [statement for statement in old.statements if statement not in new.meaning]
    added = [statement for statement in new.statements if statement not in old.meaning]
    matches = tuple(_taken_matches(removed, added))
    return (
        *([f"version {old.version} -> {new.version}"] if old.version != new.version else []),
        *(sentence for before, after in matches for sentence in _changes(before, after)),
        *(f"{_title(statement)} removed: {_content(statement)}" for statement in removed),
        *(f"{_title(statement)} added: {_content(statement)}" for statement in added),
    )


def contents(document: Document) -> tuple[str, ...]:
    """What a document says, a sentence a statement: for whoever reviews a policy that does not exist yet."""
    return tuple(f"{_title(statement)}: {_content(statement)}" for statement in document.statements)


def removals(document: Document | None) -> tuple[str, ...]:
    """What ends with a document, a sentence a statement; None is a text that cannot be read."""
    if document is None:
        return ("the text cannot be read as a policy document",)
    return tuple(f"{_title(statement)} removed: {_content(statement)}" for statement in document.statements)


def _taken_matches(removed: list[Statement], added: list[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """What belongs together, taken out of both lists: the same Sid, the same but for the Sid, and of statements without
    Sid those that have most in common.
    """
    for likeness in (_same_sid, _same_content, _nameless_likeness):
        for before in tuple(removed):
            likenesses = [likeness(before, after) for after in added]
            if any(likenesses):
                removed.remove(before)
                yield before, added.pop(likenesses.index(max(likenesses)))


def _same_sid(before: Statement, after: Statement) -> int:
    return bool(before.sid) and before.sid == after.sid


def _same_content(before: Statement, after: Statement) -> int:
    return before == replace(after, sid=before.sid)


def _nameless_likeness(before: Statement, after: Statement) -> int:
    common = (
        before.effect == after.effect,
        (before.action_element, before.actions) == (after.action_element, after.actions),
        (before.resource_element, before.resources) == (after.resource_element, after.resources),
        before.conditions == after.conditions,
    )
    return sum(common) if sum(common) >= len(common) / 2 and not (before.sid or after.sid) else 0


def _changes(before: Statement, after: Statement) -> list[str]:
    name = _title(before) if before.sid else f"{_title(before)} {_content(before, at_most=_FIRST_FEW)}"
    if before.sid != after.sid:
        return [f'{name} renamed "{after.sid}"' if after.sid else f"{name} has lost its Sid"]
    from deepdiff import DeepDiff  # noqa: PLC0415 - most runs find no text changed, and it is slow to import

    tree = DeepDiff(
        _parts(before, spelled_as=after),
        _parts(after, spelled_as=after),
        view="tree",
        threshold_to_diff_deeper=0,  # part by part, even where all parts changed
    )
    found = [(kind, level.path(output_format="list")[0], level) for kind, levels in tree.items() for level in levels]
    return sorted(f"{name}: {_change(kind, part, level.t1, level.t2)}" for kind, part, level in found)


def _parts(statement: Statement, spelled_as: Statement) -> dict[str, str | set[str]]:
    """The parts of a statement by the words for them. What both sides have is spelled as on one of them."""
    values = {(condition.operator, condition.key): condition for condition in spelled_as.conditions}
    parts: dict[str, str | set[str]] = {
        "effect": statement.effect,
        statement.action_element: _set(statement.actions, spelled_as.actions),
        statement.resource_element: _set(statement.resources, spelled_as.resources),
    }
    for condition in statement.conditions:
        spelled = values.get((condition.operator, condition.key), condition)
        parts[f"condition {condition.operator} {_shown(spelled.written_key)}"] = {
            f'"{text}"' for text in _set(condition.values, spelled.values)
        }
    return parts


def _set(entries: Entries, spelled_as: Entries) -> set[str]:
    return {_shown(spelled_as.spelling.get(meaning, text)) for meaning, text in entries.spelling.items()}


def _change(kind: str, part: str, was: object, now: object) -> str:
    if kind == "values_changed":
        return f"{part} {was} -> {now}"
    verb, what = ("added", now) if kind.endswith("added") else ("removed", was)
    word = {"Action": "action", "Resource": "resource"}.get(part, part)
    if not isinstance(what, set):
        return f"{word}: value {verb} {what}" if part.startswith("condition") else f"{word} {verb} {what}"
    return f"{word} {verb}: {', '.join(sorted(what)) or 'no value'}"


def _title(statement: Statement) -> str:
    return f'statement "{statement.sid}"' if statement.sid else "statement"


def _content(statement: Statement, at_most: int | None = None) -> str:
    """The statement as a clause: `Deny all but iam:GetUser on * if Bool aws:MultiFactorAuthPresent "false"`."""
    actions = _listed([_shown(text) for text in statement.actions.written], at_most)
    resources = _listed([_shown(text) for text in statement.resources.written], at_most)
    conditions = " and ".join(_clause(condition, at_most) for condition in statement.conditions)
    return (
        f"{statement.effect} {'all but ' if statement.action_element == 'NotAction' else ''}{actions}"
        f" on {'all but ' if statement.resource_element == 'NotResource' else ''}{resources}"
        f"{' if ' if conditions else ''}{conditions}"
    )


def _clause(condition: Condition, at_most: int | None) -> str:
    values = [f'"{_shown(text)}"' for text in condition.values.written]
    return f"{condition.operator} {_shown(condition.written_key)} {_listed(values, at_most)}"


def _listed(texts: list[str], at_most: int | None) -> str:
    more = len(texts) - len(texts[:at_most])
    return ", ".join(texts[:at_most]) + (f" and {more} more" if more else "") if texts else "no value"


def _shown(text: str) -> str:
    return json.dumps(text)[1:-1]
