"""Actions that do not exist: IAM takes whatever has the form of an action, and it then allows or denies nothing.

What exists is what iamsync ships (`aws_data.actions`); AWS has new actions every day, so all of this is only probable.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from iamsync.aws_data.actions import actions_of, index
from iamsync.core import grammar
from iamsync.core.access.pattern import is_action
from iamsync.core.document_rules import Fault

_MANY: Final = 8192


def unknown_actions(document: Mapping[str, object]) -> Iterator[Fault]:
    """A warning for each entry of Action or NotAction that names nothing, in a document that `Document.parse` takes."""
    for path, statement in grammar.items(document["Statement"], "Statement"):
        elements = grammar.members(statement, path)
        for element in ("Action", "NotAction"):
            if element in elements:
                for place, entry in grammar.items(elements[element], grammar.step(path, element)):
                    if (message := _unknown(str(entry))) is not None:
                        yield Fault(place, message, warning=True)


@lru_cache(maxsize=_MANY)
def _unknown(entry: str) -> str | None:
    """Why an entry names no action that is known; None if it names one."""
    service, _, name = entry.partition(":")
    if service == "*":
        return None
    if (known := grammar.folded(service)) not in index().services:
        hint = grammar.suggestion(service, index().services, "the entry names nothing")
        return f"found {grammar.quoted(entry)}, no service of AWS that this version knows; {hint}"
    actions = actions_of(known)
    if any(is_action(grammar.folded(name), one) for one in actions):
        return None
    hint = grammar.suggestion(entry, [f"{service}:{one}" for one in actions], "the entry names nothing")
    if {"*", "?"} & set(name):
        return f"found {grammar.quoted(entry)}, a pattern that fits no action of AWS that this version knows; {hint}"
    return f"found {grammar.quoted(entry)}, no action of AWS that this version knows; {hint}"
