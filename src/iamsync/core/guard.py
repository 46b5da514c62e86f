"""Guards read the finished plan and refuse the run. A refusal says which rule, why, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iamsync.core.arn import Account
from iamsync.core.model import DesiredState, LiveState, Settings, policy_subject, user_subject
from iamsync.core.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing is done."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


def wrong_account(settings: Settings, account: Account) -> Refusal | None:
    """A refusal if the credentials lead to another account than the files are for."""
    if settings.account_id in {None, account.id}:
        return None
    return Refusal(
        rule="wrong account",
        why=f"the files are for account {settings.account_id}, the credentials are for {account.id}: "
        "use that account's credentials, or mend settings.account_id",
    )


def refusals(plan: Plan, desired: DesiredState, live: LiveState) -> tuple[Refusal, ...]:
    """Every reason not to carry out `plan`; empty if there is none."""
    return (*_empty(desired), *_protected(plan, desired, live))


def _empty(desired: DesiredState) -> Iterator[Refusal]:
    if not desired.users and not desired.policies and not desired.groups:
        yield Refusal(
            rule="empty desired state",
            why="the files declare no user, group or policy: is this the right folder, and the whole of it?",
        )


def _protected(plan: Plan, desired: DesiredState, live: LiveState) -> Iterator[Refusal]:
    """Protected users are never changed: neither themselves nor through a policy that they carry."""
    subjects = {action.subject for action in plan.actions}
    for name in sorted({*live.users, *desired.users}):
        pattern = _protecting(name, desired.settings.guards.protected_users)
        if pattern is None:
            continue
        if user_subject(name) in subjects:
            yield Refusal(
                rule="protected user",
                why=f'the plan changes {name}, who is protected by "{pattern}": take the user out of the files, '
                "or out of settings.guards.protected_users",
            )
        for policy in sorted(_policies_of(name, live) & subjects):
            yield Refusal(
                rule="protected user",
                why=f'the plan changes {policy}, which is attached to {name}, who is protected by "{pattern}": '
                "detach it from the user by hand, or leave the policy as it is",
            )


def _protecting(name: str, patterns: tuple[str, ...]) -> str | None:
    """The pattern that protects a user. IAM takes names that differ only in case for one."""
    return next((pattern for pattern in patterns if fnmatchcase(name.casefold(), pattern.casefold())), None)


def _policies_of(name: str, live: LiveState) -> set[str]:
    user = live.users.get(name)
    if user is None:
        return set()
    return {policy_subject(live.policies[one.policy].name) for one in user.attachments if one.policy in live.policies}
