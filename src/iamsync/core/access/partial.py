"""A statement specialized to a principal: its conditions on the principal are answered, its variables filled in."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from iamsync.core.access.conditions import holds
from iamsync.core.access.context import Context
from iamsync.core.access.pattern import filled, is_resource
from iamsync.core.arn import Arn
from iamsync.core.document import Condition, Entries, Statement
from iamsync.core.grammar import folded

_MANY: Final = 8192
_VARIABLE: Final = re.compile(r"\$\{(?P<key>[^{}',*?$]+)(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_SPECIAL: Final = re.compile(r"[*?$]")
_ABOUT_WHO_ASKS: Final = ("aws:username", "aws:principalarn", "aws:principaltag/")


def specialized(statement: Statement, context: Context, own: Arn) -> Statement | None:
    """The statement as it applies to the user with the ARN `own`, or None if it can never apply in `context`.

    The user as a resource keeps one name through a rename: a user who may change the own password still may.
    """
    if not depends_on_principal(statement):
        return statement
    truths = [(condition, holds(condition, context, variables=True)) for condition in statement.conditions]
    resources = _resources(statement, context, own)
    if not resources or any(truth is False for _, truth in truths):
        return None
    return replace(
        statement,
        resources=_entries(resources),
        conditions=tuple(_condition(condition, context) for condition, truth in truths if truth is None),
    )


@lru_cache(maxsize=_MANY)
def depends_on_principal(statement: Statement) -> bool:
    """Whether a statement may apply to one user and not to another who has the same policies."""
    texts = [*statement.resources.meaning, *(text for one in statement.conditions for text in one.values.meaning)]
    return (
        any(condition.key.startswith(_ABOUT_WHO_ASKS) for condition in statement.conditions)
        or any("${" in text for text in texts)
        or any(":iam:" in text or ":user/" in text for text in statement.resources.meaning)
    )


def _resources(statement: Statement, context: Context, own: Arn) -> frozenset[str]:
    """The entries as they are now. One that is void names nothing; in a list of exceptions it stays as it is written,
    since what IAM makes of it is not known.
    """
    is_positive = statement.resource_element == "Resource"
    found = set()
    for entry in statement.resources.meaning:
        text = _filled(entry, context)
        if text is None:
            found |= set() if is_positive else {entry}
            continue
        if is_resource(text, own, context, variables=True) is True and text != "*":
            found.add(_the_user(own))
        if not _names_only(text, own):
            found.add(text)
    return frozenset(found) if found or is_positive else statement.resources.meaning


def _the_user(own: Arn) -> str:
    return f"{own.partition(':user/')[0]}:user/${{aws:username}}"


def _names_only(text: str, own: Arn) -> bool:
    """Whether nobody else can be meant: a name is there once in an account, whatever the path."""
    head, found, name = text.rpartition("/")
    return bool(found) and ":user" in head and name == own.rpartition("/")[2]


def _condition(condition: Condition, context: Context) -> Condition:
    """What is left of a condition that depends on something else, too: what the key is now is a part of it."""
    values = context.values(condition.key)
    key = condition.key if values is None else f"{condition.key}={','.join(values)}"
    return replace(
        condition, key=key, values=_entries(_filled(text, context) or text for text in condition.values.meaning)
    )


def _entries(texts: Iterable[str]) -> Entries:
    meaning = frozenset(texts)
    return Entries(meaning=meaning, spelling={text: text for text in sorted(meaning)})


def _filled(text: str, context: Context) -> str | None:
    """`text` with what is known in place of its variables; None if one of them has no value and no default."""
    if "${" not in text:
        return text
    if filled(text, context, variables=True, wildcards=True) is None:
        return None

    def value(match: re.Match[str]) -> str:
        values = context.values(folded(match["key"].strip()))
        if values is None:
            return match[0]
        known = values[0] if len(values) == 1 else match["default"]
        return _SPECIAL.sub(lambda special: f"${{{special[0]}}}", known)

    return _VARIABLE.sub(value, text)
