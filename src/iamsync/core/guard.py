"""Guards refuse the whole run, for the few reasons that touch all of it. A refusal says which rule, why, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from iamsync.core.arn import Account, Arn
from iamsync.core.model import (
    DesiredState,
    LiveState,
    Settings,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.plan import Plan

NOTHING_DECLARED = "the files declare no user, group or policy: is this the right folder, and the whole of it?"
"""Why files that could only take things away are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing is done."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who carries the plan out, and which policies its permissions come from (empty if it is not a user or role)."""

    arn: Arn
    policies: frozenset[Arn] = frozenset()

    @property
    def user_name(self) -> str | None:
        """The name, if the caller is an IAM user."""
        kind, _, rest = self.arn.split(":", 5)[-1].partition("/")
        return rest.rsplit("/", 1)[-1] if kind == "user" else None


def changed_account(began_in: Account | None, account: Account) -> Refusal | None:
    """Whether the credentials have become those of another account than the loop began in."""
    if began_in is None or began_in.id == account.id:
        return None
    return Refusal(
        rule="changed account",
        why=f"the loop began in account {began_in.id}, and the credentials are for {account.id} now: give it those of"
        f" {began_in.id}, or start it again to work in {account.id}",
    )


def wrong_account(settings: Settings, account: Account) -> Refusal | None:
    """A refusal if the credentials lead to another account than the files are for."""
    if settings.account_id in {None, account.id}:
        return None
    return Refusal(
        rule="wrong account",
        why=f"the files are for account {settings.account_id}, the credentials are for {account.id}: "
        "use that account's credentials, or correct settings.account_id",
    )


def snapshot_of_another(settings: Settings, account: Account) -> Refusal | None:
    """A refusal if a snapshot is of another account than the files are for."""
    if settings.account_id in {None, account.id}:
        return None
    return Refusal(
        rule="wrong account",
        why=f"the files are for account {settings.account_id}, the snapshot is of {account.id}: take one of that "
        "account, or correct settings.account_id",
    )


def refusals(plan: Plan, desired: DesiredState, live: LiveState, caller: Caller) -> tuple[Refusal, ...]:
    """Every reason not to carry out `plan` at all; empty if there is none. Whatever concerns a part only is held back
    instead (`hold`).
    """
    return (
        *_empty(desired),
        *_required(desired),
        *lockouts(plan, live, caller),
    )


def declares_nothing(desired: DesiredState) -> bool:
    """Whether there is no user, group or policy."""
    return not desired.users and not desired.policies and not desired.groups


def _empty(desired: DesiredState) -> Iterator[Refusal]:
    if declares_nothing(desired):
        yield Refusal(rule="empty desired state", why=NOTHING_DECLARED)


def _required(desired: DesiredState) -> Iterator[Refusal]:
    for name in desired.settings.guards.required_users:
        if name not in desired.users:
            why = f"{name} is not declared, but settings.guards.required_users wants the user to be"
            yield Refusal(rule="required user", why=why)


def _carried_by(user: User | None, live: LiveState) -> set[str]:
    """The customer-managed policies and the groups that a user's permissions come from."""
    if user is None:
        return set()
    groups = [live.groups[name] for name in user.groups or () if name in live.groups]
    arns = {one.policy for one in user.attachments} | ({user.boundary} if user.boundary else set())
    arns |= {one.policy for group in groups for one in group.attachments}
    policies = {policy_subject(live.policies[arn].name) for arn in arns if arn in live.policies}
    return policies | {group_subject(group.name) for group in groups}


def lockouts(plan: Plan, live: LiveState, caller: Caller) -> tuple[Refusal, ...]:
    """The caller must not change what its own permissions depend on."""
    return tuple(_lockouts(plan, live, caller))


def _lockouts(plan: Plan, live: LiveState, caller: Caller) -> Iterator[Refusal]:
    own = {policy_subject(live.policies[arn].name) for arn in caller.policies if arn in live.policies}
    if caller.user_name is not None:
        own |= {user_subject(caller.user_name)} | _carried_by(live.users.get(caller.user_name), live)
    for subject in sorted(own & {action.subject for action in plan.actions}):
        yield Refusal(
            rule="self-lockout",
            why=f"the plan changes {subject}, which grants permissions to the caller {caller.arn}: apply it with other "
            "credentials, or take it out of the files",
        )
