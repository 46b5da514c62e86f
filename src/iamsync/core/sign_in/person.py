"""Somebody with a password, the policies that judge what is done with it, and the answers to what must be asked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from iamsync.core.access import Decision, Policies, Request, decision, policies_of, user_arn
from iamsync.core.arn import Account, Arn
from iamsync.core.model import Console, DesiredState, State, User
from iamsync.core.sign_in.contexts import Contexts, contexts_of
from iamsync.core.sign_in.demand import Demand, greatest
from iamsync.core.sign_in.specialized import RequestKind, SpecializedPolicies, SpecializedPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user who has a password. `has_all_groups`: there can be no policies beside those in `identity`."""

    user: User
    console: Console
    account: Account
    contexts: Contexts
    identity: tuple[SpecializedPolicy, ...]
    boundary: SpecializedPolicy | None
    has_all_groups: bool

    @property
    def arn(self) -> Arn:
        """The user's own ARN."""
        return user_arn(self.account, self.user)

    @property
    def arn_without_path(self) -> Arn:
        """The ARN of a user of that name who has no path."""
        return user_arn(self.account, replace(self.user, path="/"))

    @property
    def policies(self) -> tuple[SpecializedPolicy, ...]:
        """All of them: a Deny counts wherever it stands."""
        return self.identity if self.boundary is None else (*self.identity, self.boundary)

    @property
    def demand(self) -> Demand | None:
        """What demands the most of this person, if anything demands MFA."""
        return greatest(one for policy in self.policies for one in policy.demands)

    @property
    def has_access_with_mfa_only(self) -> bool:
        """Whether all that is allowed, but what people do with their own credentials, is allowed with MFA only."""
        limits = [self.identity, *([] if self.boundary is None else [(self.boundary,)])]
        gives = all(any(policy.may_give_access for policy in policies) for policies in limits)
        return self.has_all_groups and not gives and any(not one.is_deny for p in self.policies for one in p.demands)

    @property
    def is_meant_to_enrol(self) -> bool:
        """Whether a policy lets people set up MFA themselves, or tries to."""
        return any(policy.names_enrolment for policy in self.identity)

    def device(self, name: str) -> Arn:
        """The ARN of a virtual MFA device."""
        return Arn(f"arn:{self.account.partition}:iam::{self.account.id}:mfa/{name}")

    def asks(self, action: str, resource: Arn, *, mfa: bool | None = False) -> Decision:
        """The answer to a request, in the console with or without MFA, or (None) with an access key."""
        kind = RequestKind(action=action, mfa=mfa, is_on_the_user=":user/" in resource)
        sources = (policy.relevant_to(kind) for policy in self.identity)
        policies = Policies(
            identity=tuple(source for source in sources if source.document is None or source.document.statements),
            boundary=None if self.boundary is None else self.boundary.relevant_to(kind),
        )
        return self._decision(policies, kind, resource)

    def is_bounded(self, action: str, resource: Arn) -> bool:
        """Whether the permissions boundary keeps an action from the person without MFA, whatever the policies allow."""
        if self.boundary is None:
            return False
        kind = RequestKind(action=action, mfa=False, is_on_the_user=":user/" in resource)
        limits = Policies(identity=(self.boundary.relevant_to(kind),))
        return self._decision(limits, kind, resource).allowed is False

    def _decision(self, policies: Policies, kind: RequestKind, resource: Arn) -> Decision:
        context = self.contexts[kind.mfa, kind.is_on_the_user]
        return decision(policies, Request(action=kind.action, resource=resource, context=context))


def people(desired: DesiredState, live: State | None) -> Iterator[Person]:
    """Everybody whom the desired state gives a password. Who is in which groups is left alone where it is not declared,
    and not known if nobody looked: the user may be there already.
    """
    specialized = SpecializedPolicies(account=desired.account)
    for user in desired.users.values():
        if user.console is not None and user.console.enabled and not user.suspended:
            contexts = contexts_of(user, desired.account)
            policies = policies_of(user, desired, live)
            boundary = policies.boundary
            yield Person(
                user=user,
                console=user.console,
                account=desired.account,
                contexts=contexts,
                identity=tuple(specialized.of(source, contexts) for source in policies.identity),
                boundary=None if boundary is None else specialized.of(boundary, contexts),
                has_all_groups=user.groups is not None or live is not None,
            )
