"""From policies and a request to a decision, with the statement that made it.

Rules from the IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal

from iamsync.core.access.conditions import holds
from iamsync.core.access.context import Context
from iamsync.core.access.pattern import is_action, is_resource
from iamsync.core.access.truth import Truth, all_of, any_of, negation
from iamsync.core.document import Document, Statement
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.model import Origin

_MANY_PAIRS: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A policy document and what a person calls it. `document` is None if its text is not known: it may then allow
    anything, and deny anything unless `denies_nothing` is assumed. `is_fixed`: it is AWS's own.
    """

    label: str
    document: Document | None
    origin: Origin | None = None
    denies_nothing: bool = False
    is_fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """What a user's requests are judged by: documents (direct, of groups, inline) and the permissions boundary."""

    identity: tuple[Source, ...] = ()
    boundary: Source | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """All of them: a Deny counts wherever it stands."""
        return self.identity if self.boundary is None else (*self.identity, self.boundary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One action on one resource. Who asks is part of the context (`aws:username`, `aws:PrincipalArn`, ...)."""

    action: str
    resource: str
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A statement and where it stands; no statement where the text of the policy is not known."""

    source: Source
    statement: Statement | None


class Verdict(StrEnum):
    """`DENIED`: certainly not allowed, but whether a Deny says so depends on what is not known."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly denied"
    IMPLICITLY_DENIED = "implicitly denied"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and its grounds.

    `by` is the statement that decided: a Deny, or an Allow of an identity policy; None where nothing allows.
    `doubts` are the statements of which it is not known whether they apply. `withheld`: identity policies allow it (or
    may), and only the boundary does not.
    """

    allowed: Truth
    explicitly_denied: Truth
    by: Citation | None = None
    doubts: tuple[Citation, ...] = ()
    withheld: bool = False

    @property
    def verdict(self) -> Verdict:
        """The answer in a word."""
        if self.explicitly_denied:
            return Verdict.EXPLICITLY_DENIED
        if self.allowed is None:
            return Verdict.UNKNOWN
        if self.allowed:
            return Verdict.ALLOWED
        return Verdict.DENIED if self.explicitly_denied is None else Verdict.IMPLICITLY_DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    truth: Truth
    citation: Citation


def decision(policies: Policies, request: Request) -> Decision:
    """What IAM answers.

    An explicit Deny in any policy wins; else the request is allowed only if an identity policy allows it and, where
    there is a boundary, the boundary allows it too; else it is denied implicitly.
    """
    boundary = () if policies.boundary is None else (policies.boundary,)
    denies = list(_findings("Deny", policies.sources, request))
    allows = list(_findings("Allow", policies.identity, request))
    bounds = list(_findings("Allow", boundary, request))
    denied = any_of(finding.truth for finding in denies)
    granted = any_of(finding.truth for finding in allows)
    bounded = any_of(finding.truth for finding in bounds) if boundary else True
    allowed = all_of((negation(denied), granted, bounded))
    decisive = denies if denied else allows if allowed else []
    return Decision(
        allowed=allowed,
        explicitly_denied=denied,
        by=next((finding.citation for finding in decisive if finding.truth), None),
        doubts=tuple(finding.citation for finding in (*denies, *allows, *bounds) if finding.truth is None),
        withheld=granted is not False and bounded is False,
    )


def _findings(effect: Literal["Allow", "Deny"], sources: Iterable[Source], request: Request) -> Iterator[_Finding]:
    for source in sources:
        if source.document is None:
            if effect == "Allow" or not source.denies_nothing:
                yield _Finding(truth=None, citation=Citation(source=source, statement=None))
            continue
        variables = source.document.version != OLD_VERSION
        for statement in source.document.statements:
            if statement.effect == effect:
                truth = applies(statement, request, variables=variables)
                if truth is not False:
                    yield _Finding(truth=truth, citation=Citation(source=source, statement=statement))


def applies(statement: Statement, request: Request, *, variables: bool = True) -> Truth:
    """Whether a statement speaks of `request`: action, resource and all conditions ("Conditions with multiple context
    keys or values": all operators and keys are joined by AND).
    """
    if not names_action(statement, request.action):
        return False
    return all_of(_parts(statement, request, variables=variables))


@lru_cache(maxsize=_MANY_PAIRS)
def names_action(statement: Statement, action: str) -> bool:
    """Action names it, or NotAction does not ("IAM JSON policy elements: NotAction")."""
    found = any(is_action(entry, action) for entry in statement.actions.meaning)
    return found is (statement.action_element == "Action")


def _parts(statement: Statement, request: Request, *, variables: bool) -> Iterator[Truth]:
    yield _names_resource(statement, request, variables=variables)
    for condition in statement.conditions:
        yield holds(condition, request.context, variables=variables)


def _names_resource(statement: Statement, request: Request, *, variables: bool) -> Truth:
    """Resource names it, or NotResource does not ("IAM JSON policy elements: NotResource").

    An entry with a variable that has no value "will not match any resource". Whether a NotResource then speaks of all
    resources or of none can be read either way: unknown.
    """
    is_positive = statement.resource_element == "Resource"
    found = any_of(
        is_resource(
            entry, request.resource, request.context, variables=variables, if_void=False if is_positive else None
        )
        for entry in statement.resources.written
    )
    return found if is_positive else negation(found)
