"""The statements that demand MFA, and how much they keep from whoever has none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core.access import Citation, Request, applies
from iamsync.core.document import Statement
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.sign_in.person import Person, separates

_ANYTHING: Final = Request(action="any-service:AnyAction", resource="*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A statement that demands MFA: for nearly all that there is, or only for some actions or resources."""

    citation: Citation
    is_for_all: bool

    @property
    def loss(self) -> str:
        """What becomes of somebody without MFA."""
        return "nothing else is allowed either" if self.is_for_all else "what it denies without MFA stays denied"


def demand(person: Person) -> Demand | None:
    """What demands the most of this person, if anything demands MFA."""
    found = [Demand(citation=one, is_for_all=_is_for_all(one.statement)) for one in _demands(person) if one.statement]
    return max(found, key=lambda one: one.is_for_all, default=None)


def _demands(person: Person) -> Iterator[Citation]:
    """The statements that deny, without MFA, what has to do with more than MFA devices."""
    for source in person.policies.sources:
        if source.document is not None:
            variables = source.document.version != OLD_VERSION
            for statement in source.document.statements:
                if _is_about_more(statement) and separates(statement, person.contexts, variables=variables):
                    yield Citation(source=source, statement=statement)


def _is_about_more(statement: Statement) -> bool:
    return statement.effect == "Deny" and (
        statement.action_element == "NotAction" or any("mfadevice" not in one for one in statement.actions.meaning)
    )


def _is_for_all(statement: Statement) -> bool:
    """Whether it speaks of actions that it cannot have had in mind, on no resource in particular."""
    return applies(replace(statement, conditions=()), _ANYTHING) is not False
