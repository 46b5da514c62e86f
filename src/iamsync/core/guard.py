"""Guards read the finished plan and refuse the run. A refusal says which rule, why, and what to do."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iamsync.core.arn import Account, Arn, parse_policy_arn, short_name
from iamsync.core.change import Attach, CreatePolicy, Delete, Rename
from iamsync.core.model import (
    DesiredState,
    LiveState,
    Origin,
    Settings,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.plan import Plan

_NAMES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing is done."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who carries the plan out, and which policies its rights hang on (empty if it is not a user or role)."""

    arn: Arn
    policies: frozenset[Arn] = frozenset()

    @property
    def user_name(self) -> str | None:
        """The name, if the caller is an IAM user."""
        kind, _, rest = self.arn.split(":", 5)[-1].partition("/")
        return rest.rsplit("/", 1)[-1] if kind == "user" else None


def wrong_account(settings: Settings, account: Account) -> Refusal | None:
    """A refusal if the credentials lead to another account than the files are for."""
    if settings.account_id in {None, account.id}:
        return None
    return Refusal(
        rule="wrong account",
        why=f"the files are for account {settings.account_id}, the credentials are for {account.id}: "
        "use that account's credentials, or mend settings.account_id",
    )


def refusals(
    plan: Plan, desired: DesiredState, live: LiveState, caller: Caller, *, allowed_removals: int | None = None
) -> tuple[Refusal, ...]:
    """Every reason not to carry out `plan`; empty if there is none. `allowed_removals` is a limit for this run only."""
    return (
        *_empty(desired),
        *_required(desired),
        *_protected(plan, desired, live),
        *_own_rights(plan, live, caller),
        *_too_many_removals(plan, desired.settings, allowed_removals),
    )


def attached_anew(plan: Plan) -> dict[Arn, Origin | None]:
    """The policies that the plan attaches, and where the first of each is declared."""
    attached: dict[Arn, Origin | None] = {}
    for action in plan.actions:
        if isinstance(action.change, Attach):
            attached.setdefault(action.change.policy, action.reason)
    return attached


def missing_policies(plan: Plan, live: LiveState, absent: Collection[Arn]) -> Iterator[Refusal]:
    """Policies that the plan attaches and that are not there: own ones that nobody makes, AWS's own in `absent`."""
    made = {one.change.policy.name for one in plan.actions if isinstance(one.change, CreatePolicy)}
    for arn, reason in sorted(attached_anew(plan).items(), key=lambda item: item[0]):
        parts = parse_policy_arn(arn)
        is_own = parts is not None and parts.account == live.account.id
        if arn in absent or (is_own and arn not in live.policies and parts is not None and parts.name not in made):
            yield Refusal(
                rule="no such policy",
                why=f"{reason}: {short_name(arn)} is not there, or can not be attached any more: "
                "mend its name or path, or make it first",
            )


def _empty(desired: DesiredState) -> Iterator[Refusal]:
    if not desired.users and not desired.policies and not desired.groups:
        yield Refusal(
            rule="empty desired state",
            why="the files declare no user, group or policy: is this the right folder, and the whole of it?",
        )


def _required(desired: DesiredState) -> Iterator[Refusal]:
    for name in desired.settings.guards.required_users:
        user = desired.users.get(name)
        if user is None or user.suspended:
            state = "is not declared" if user is None else f"is suspended ({user.origin})"
            yield Refusal(rule="required user", why=f"{name} {state}, but settings.guards.required_users wants them in")


def _protected(plan: Plan, desired: DesiredState, live: LiveState) -> Iterator[Refusal]:
    """Protected users are never changed: neither themselves nor through a policy or group that they carry."""
    subjects = {action.subject for action in plan.actions}
    renamed_from = {action.change.old for action in plan.actions if isinstance(action.change, Rename)}
    for name in sorted({*live.users, *desired.users}):
        pattern = _protecting(name, desired.settings.guards.protected_users)
        if pattern is None:
            continue
        if user_subject(name) in subjects or name in renamed_from:
            yield Refusal(
                rule="protected user",
                why=f'the plan changes {name}, who is protected by "{pattern}": take the user out of the files, '
                "or out of settings.guards.protected_users",
            )
        for carried in sorted(_carried_by(live.users.get(name), live) & subjects):
            yield Refusal(
                rule="protected user",
                why=f'the plan changes {carried}, on which {name} depends, who is protected by "{pattern}": '
                "take it off the user by hand, or leave it as it is",
            )


def _protecting(name: str, patterns: tuple[str, ...]) -> str | None:
    """The pattern that protects a user. IAM takes names that differ only in case for one."""
    return next((pattern for pattern in patterns if fnmatchcase(name.casefold(), pattern.casefold())), None)


def _carried_by(user: User | None, live: LiveState) -> set[str]:
    """The customer-managed policies and the groups that a user's rights hang on."""
    if user is None:
        return set()
    groups = [live.groups[name] for name in user.groups or () if name in live.groups]
    arns = {one.policy for one in user.attachments} | ({user.boundary} if user.boundary else set())
    arns |= {one.policy for group in groups for one in group.attachments}
    policies = {policy_subject(live.policies[arn].name) for arn in arns if arn in live.policies}
    return policies | {group_subject(group.name) for group in groups}


def _own_rights(plan: Plan, live: LiveState, caller: Caller) -> Iterator[Refusal]:
    """Whoever carries the plan out must not saw at their own branch."""
    own = {policy_subject(live.policies[arn].name) for arn in caller.policies if arn in live.policies}
    if caller.user_name is not None:
        own |= {user_subject(caller.user_name)} | _carried_by(live.users.get(caller.user_name), live)
    for subject in sorted(own & {action.subject for action in plan.actions}):
        yield Refusal(
            rule="own rights",
            why=f"the plan changes {subject}, on which the rights of {caller.arn} hang, who carries it out: "
            "have another principal apply this, or take it out of the files",
        )


def _too_many_removals(plan: Plan, settings: Settings, allowed: int | None) -> Iterator[Refusal]:
    removed = sorted(action.subject for action in plan.actions if isinstance(action.change, Delete))
    guards = settings.guards
    if allowed is not None:
        limit, rule = allowed, f"--allow-removals {allowed}"
    elif guards.percent:
        limit = max(1, plan.managed * guards.max_removals // 100)  # one leaver of a small team is no accident
        rule = f"settings.guards.max_removals {guards.max_removals}% of {plan.managed} managed"
    else:
        limit, rule = guards.max_removals, f"settings.guards.max_removals {guards.max_removals}"
    if len(removed) > limit:
        yield Refusal(
            rule="too many removals",
            why=f"the plan removes {len(removed)} ({_first_of(removed)}), "
            f"more than {rule} allow: if that is meant, allow it for this run with --allow-removals {len(removed)}",
        )


def _first_of(names: list[str]) -> str:
    more = ["..."] if len(names) > _NAMES_SHOWN else []
    return ", ".join([*names[:_NAMES_SHOWN], *more])
