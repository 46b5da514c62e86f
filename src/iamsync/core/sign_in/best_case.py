"""Policies in the best case for the user: conditions on what is not known, such as an address or a time, are taken to
let the user in. Problems that remain are there in every case.
"""

from collections.abc import Iterator
from dataclasses import replace

from iamsync.core.access import Source, Truth
from iamsync.core.access.conditions import holds
from iamsync.core.access.truth import all_of
from iamsync.core.document import Document, Statement
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.sign_in.contexts import Contexts


def separates(statement: Statement, contexts: Contexts, *, variables: bool) -> bool:
    """Whether a statement makes a difference between requests with MFA and without.

    - A Deny does if its conditions may hold without MFA, and do not hold with MFA.
    - An Allow does if its conditions do not hold in the console without MFA, and may hold with MFA.
    """

    def hold(*, mfa: bool | None) -> Truth:
        return all_of(holds(one, contexts[mfa, True], variables=variables) for one in statement.conditions)

    if statement.effect == "Allow":
        return hold(mfa=False) is False and hold(mfa=True) is not False
    return hold(mfa=True) is False and any(hold(mfa=mfa) is not False for mfa in (False, None))


def best_case(source: Source, contexts: Contexts) -> Source:
    """The policy in the best case for a user with these contexts."""
    document = source.document
    if document is None or not any(statement.conditions for statement in document.statements):
        return source
    statements = tuple(_statements(document, contexts))
    return replace(source, document=replace(document, statements=statements, meaning=frozenset(statements)))


def _statements(document: Document, contexts: Contexts) -> Iterator[Statement]:
    """The statements without the conditions that are unknown both with MFA and without it. In an Allow they are taken
    to hold; a Deny with one of them is taken not to apply, unless it separates.
    """
    variables = document.version != OLD_VERSION
    for statement in document.statements:
        known = tuple(
            condition
            for condition in statement.conditions
            if any(holds(condition, contexts[mfa, True], variables=variables) is not None for mfa in (True, False))
        )
        if known == statement.conditions:
            yield statement
        elif statement.effect == "Allow":
            yield replace(statement, conditions=known)
        elif separates(statement, contexts, variables=variables):
            yield statement
