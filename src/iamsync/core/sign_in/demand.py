"""The statements that demand MFA, and how much they keep from whoever has none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core.access import Citation, Request, Source, applies
from iamsync.core.document import Statement
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.sign_in.best_case import separates
from iamsync.core.sign_in.contexts import Contexts

_ANYTHING: Final = Request(action="any-service:AnyAction", resource="*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A statement that demands MFA, by a Deny without it or an Allow with it: for nearly all that there is, or only for
    some actions or resources. That others do not allow the same without MFA is not known of an Allow.
    """

    citation: Citation
    is_for_all: bool
    is_deny: bool

    @property
    def loss(self) -> str:
        """What becomes of somebody without MFA."""
        if self.is_for_all:
            return "nothing else is allowed either"
        return "what it denies without MFA stays denied" if self.is_deny else "what it allows is never to be had by it"


def greatest(demands: Iterable[Demand | None]) -> Demand | None:
    """What demands the most, and is the first to; None if nothing demands MFA."""
    return max(filter(None, demands), key=lambda one: (one.is_for_all, one.is_deny), default=None)


def demands_of(source: Source, contexts: Contexts) -> Iterator[Demand]:
    """The demands of one policy, by each statement that depends on MFA and has to do with more than MFA devices."""
    if source.document is None:
        return
    variables = source.document.version != OLD_VERSION
    for statement in source.document.statements:
        if _is_about_more(statement) and separates(statement, contexts, variables=variables):
            is_deny = statement.effect == "Deny"
            yield Demand(
                citation=Citation(source=source, statement=statement),
                is_for_all=is_deny and _is_for_all(statement),
                is_deny=is_deny,
            )


def _is_about_more(statement: Statement) -> bool:
    return statement.action_element == "NotAction" or any("mfadevice" not in one for one in statement.actions.meaning)


def _is_for_all(statement: Statement) -> bool:
    """Whether it speaks of actions that it cannot have had in mind, on no resource in particular."""
    return applies(replace(statement, conditions=()), _ANYTHING) is not False
