"""Policies specialized to the users of one account, once for all users to whom a policy says the same.

Two users with equal values of the condition keys that a policy reads get the same truth from each of its conditions:
`holds` looks at nothing but the values of `keys_read`, and all other keys have the same value for every user of the
account. So whatever depends on conditions alone is found for one of the users: the statements in the best case, what
demands MFA, and which statements may apply to a request.

The resource of a request is different for each user, but it begins with the ARN of the account, or is "*". A Resource
entry that begins otherwise names none of them. Only the statements that remain are compared with each user's resource.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, NamedTuple

from iamsync.core.access import Source, is_about_the_user, names_action
from iamsync.core.access.conditions import holds, keys_read
from iamsync.core.access.pattern import is_action
from iamsync.core.access.truth import all_of
from iamsync.core.arn import Account
from iamsync.core.document import Document, Statement
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.sign_in.best_case import best_case
from iamsync.core.sign_in.contexts import Contexts
from iamsync.core.sign_in.demand import Demand, demands_of

_MOST_KEPT: Final = 1024
_WILDCARD_OR_VARIABLE: Final = re.compile(r"[*?$]")
_ENROLMENT: Final = ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice")


class RequestKind(NamedTuple):
    """A request without its resource. `mfa` is None for a request with an access key; `is_on_the_user`: the resource is
    a user.
    """

    action: str
    mfa: bool | None
    is_on_the_user: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecializedPolicy:
    """A policy in the best case for all users for whom its conditions have the same truth; `contexts` is one user's."""

    source: Source
    contexts: Contexts
    account: Account
    _relevant: dict[RequestKind, Source] = field(default_factory=dict)

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """The demands for MFA in the policy."""
        return tuple(demands_of(self.source, self.contexts))

    @cached_property
    def may_give_access(self) -> bool:
        """Whether it may allow something without MFA, beside what people do with their own credentials."""
        return self.source.document is None or any(
            _is_about_more_than_credentials(one) and self._may_hold(one, mfa=False) for one in self._allows
        )

    @cached_property
    def names_enrolment(self) -> bool:
        """Whether an Allow names the actions by which people set up MFA."""
        entries = [entry for one in self._allows if one.action_element == "Action" for entry in one.actions.meaning]
        return any("mfa" in entry and is_action(entry, action) for entry in entries for action in _ENROLMENT)

    @property
    def _allows(self) -> Iterator[Statement]:
        return (
            one for one in (self.source.document.statements if self.source.document else ()) if one.effect == "Allow"
        )

    @cached_property
    def device_names(self) -> tuple[str, ...]:
        """The names of MFA devices in its resources, with wildcards and variables, each once."""
        document = self.source.document
        entries = (entry for one in (document.statements if document else ()) for entry in one.resources.written)
        parts = (entry.partition(":mfa/") for entry in entries)
        return tuple(dict.fromkeys(name for _, is_device, name in parts if is_device))

    @cached_property
    def has_variables(self) -> bool:
        """Whether its version has policy variables."""
        return self.source.document is not None and self.source.document.version != OLD_VERSION

    def relevant_to(self, kind: RequestKind) -> Source:
        """The policy without the statements that cannot apply to requests of this kind.

        A statement is left out if it does not name the action, if none of its resources can be in this account, or if
        its conditions are certainly false. Example: for iam:ChangePassword without MFA, both an Allow of s3:* and a
        Deny on condition that MFA is present are left out. `decision` answers the same as with the whole policy, but
        faster, for every user to whom this policy is specialized. A policy whose text is unknown is returned as it is.
        """
        if kind not in self._relevant:
            document = self.source.document
            self._relevant[kind] = self.source if document is None else self._reduced(document, kind)
        return self._relevant[kind]

    def _reduced(self, document: Document, kind: RequestKind) -> Source:
        statements = tuple(one for one in document.statements if self._may_apply(one, kind))
        return replace(self.source, document=replace(document, statements=statements, meaning=frozenset(statements)))

    def _may_apply(self, statement: Statement, kind: RequestKind) -> bool:
        context = self.contexts[kind.mfa, kind.is_on_the_user]
        return (
            names_action(statement, kind.action)
            and (statement.resource_element == "NotResource" or any(map(self._is_here, statement.resources.meaning)))
            and all_of(holds(one, context, variables=self.has_variables) for one in statement.conditions) is not False
        )

    def _may_hold(self, statement: Statement, *, mfa: bool) -> bool:
        context = self.contexts[mfa, False]
        return all_of(holds(one, context, variables=self.has_variables) for one in statement.conditions) is not False

    def _is_here(self, entry: str) -> bool:
        """Whether an entry may name a resource that begins with the ARN of the account, or "*"."""
        here = f"arn:{self.account.partition}:iam::{self.account.id}:"
        beginning = _WILDCARD_OR_VARIABLE.split(entry, maxsplit=1)[0]
        return beginning.startswith(here) or here.startswith(beginning)


@dataclass(frozen=True, kw_only=True)
class SpecializedPolicies:
    """The policies of one account, specialized when they are first asked for. Lives as long as one round of questions;
    `_MOST_KEPT` bounds its size where each user has other values.
    """

    account: Account
    _keys: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[tuple[Source, int, tuple[object, ...]], SpecializedPolicy] = field(default_factory=dict)

    def of(self, source: Source, contexts: Contexts) -> SpecializedPolicy:
        """The policy for a user with these contexts.

        Documents are compared by identity: equal ones may have their statements in another order, and problems cite the
        first statement that applies.
        """
        values = map(contexts[False, True].values, self._keys_about_the_user(source.document))
        key = (source, id(source.document), tuple(values))
        if key not in self._found:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[key] = SpecializedPolicy(
                source=best_case(source, contexts), contexts=contexts, account=self.account
            )
        return self._found[key]

    def _keys_about_the_user(self, document: Document | None) -> tuple[str, ...]:
        if id(document) not in self._keys:
            self._keys[id(document)] = tuple(sorted(set(filter(is_about_the_user, _keys_read(document)))))
        return self._keys[id(document)]


def _is_about_more_than_credentials(statement: Statement) -> bool:
    return statement.action_element == "NotAction" or any(
        entry == "iam:*" or not entry.startswith(("iam:", "sts:")) for entry in statement.actions.meaning
    )


def _keys_read(document: Document | None) -> Iterator[str]:
    for statement in document.statements if document else ():
        for condition in statement.conditions:
            yield from keys_read(condition)
