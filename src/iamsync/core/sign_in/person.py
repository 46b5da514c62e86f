"""Somebody with a password, the policies that judge what is done with it, and the answers to what must be asked.

Where policies depend on what is not known, such as an address or a time, the person is taken to come from the right
place at the right time: what is left is what goes wrong anyway.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core.access import (
    Context,
    Decision,
    Policies,
    Request,
    Source,
    Truth,
    context_of,
    decision,
    on_the_user,
    policies_of,
    user_arn,
)
from iamsync.core.access.conditions import holds
from iamsync.core.access.truth import all_of
from iamsync.core.arn import Account, Arn
from iamsync.core.document import Document, Statement
from iamsync.core.grammar import OLD_VERSION, folded
from iamsync.core.model import Console, DesiredState, State, User

REGION: Final = folded("aws:RequestedRegion")
Contexts = Mapping[tuple[bool | None, bool], Context]
"""What is known of a request, by aws:MultiFactorAuthPresent (None: absent) and whether its resource is the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user who has a password. `has_all_groups`: there can be none beside those in `policies`."""

    user: User
    console: Console
    account: Account
    contexts: Contexts
    policies: Policies
    has_all_groups: bool

    @property
    def arn(self) -> Arn:
        """The user's own ARN."""
        return user_arn(self.account, self.user)

    @property
    def arn_without_path(self) -> Arn:
        """The ARN of a user of that name who has no path."""
        return user_arn(self.account, replace(self.user, path="/"))

    def device(self, name: str) -> Arn:
        """The ARN of a virtual MFA device."""
        return Arn(f"arn:{self.account.partition}:iam::{self.account.id}:mfa/{name}")

    def asks(self, action: str, resource: Arn, *, mfa: bool | None = False) -> Decision:
        """The answer to a request, in the console with or without MFA, or (None) with an access key."""
        context = self._context(resource, mfa=mfa)
        return decision(self.policies, Request(action=action, resource=resource, context=context))

    def is_bounded(self, action: str, resource: Arn) -> bool:
        """Whether the permissions boundary keeps an action from the person without MFA, whatever the policies allow."""
        boundary = self.policies.boundary
        request = Request(action=action, resource=resource, context=self._context(resource, mfa=False))
        return boundary is not None and decision(Policies(identity=(boundary,)), request).allowed is False

    def _context(self, resource: Arn, *, mfa: bool | None) -> Context:
        return self.contexts[mfa, ":user/" in resource]


def people(desired: DesiredState, live: State | None) -> Iterator[Person]:
    """Everybody whom the desired state gives a password. Who is in which groups is left alone where it is not declared,
    and not known if nobody looked: the user may be there already.
    """
    for user in desired.users.values():
        if user.console is not None and user.console.enabled and not user.suspended:
            contexts = _contexts(user, desired.account)
            yield Person(
                user=user,
                console=user.console,
                account=desired.account,
                contexts=contexts,
                policies=_at_best(policies_of(user, desired, live), contexts),
                has_all_groups=user.groups is not None or live is not None,
            )


def _contexts(user: User, account: Account) -> Contexts:
    found = {}
    for mfa in (True, False, None):
        context = _in_the_region_of_iam(context_of(user, account, mfa=mfa), account)
        found[mfa, False], found[mfa, True] = context, on_the_user(context, user)
    return found


def _in_the_region_of_iam(context: Context, account: Account) -> Context:
    """All that is asked here is asked of IAM, which has "a single endpoint that is physically located in the us-east-1
    Region" ("Denies access to AWS based on the requested Region"). What holds in other partitions is not documented.
    """
    if account.partition != "aws":
        return context
    return replace(context, known={**context.known, REGION: ("us-east-1",)})


def separates(statement: Statement, contexts: Contexts, *, variables: bool) -> bool:
    """Whether it is for people with MFA: a Deny whose conditions may hold without and do not with it, or an Allow whose
    conditions do not hold in the console without and may with it.
    """

    def hold(*, mfa: bool | None) -> Truth:
        return all_of(holds(one, contexts[mfa, True], variables=variables) for one in statement.conditions)

    if statement.effect == "Allow":
        return hold(mfa=False) is False and hold(mfa=True) is not False
    return hold(mfa=True) is False and any(hold(mfa=mfa) is not False for mfa in (False, None))


def _at_best(policies: Policies, contexts: Contexts) -> Policies:
    boundary = policies.boundary
    return Policies(
        identity=tuple(_source_at_best(source, contexts) for source in policies.identity),
        boundary=None if boundary is None else _source_at_best(boundary, contexts),
    )


def _source_at_best(source: Source, contexts: Contexts) -> Source:
    document = source.document
    if document is None or not any(statement.conditions for statement in document.statements):
        return source
    statements = tuple(_statements_at_best(document, contexts))
    return replace(source, document=replace(document, statements=statements, meaning=frozenset(statements)))


def _statements_at_best(document: Document, contexts: Contexts) -> Iterator[Statement]:
    """The statements without conditions that are unknown whatever is with MFA: in an Allow they are taken to hold, in
    a Deny not to.
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
