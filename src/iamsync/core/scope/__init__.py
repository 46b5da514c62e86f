"""What is left alone. These rules edit the two inputs of the diff, never the diff itself.

Nothing that iamsync does not own is changed. A user or a customer-managed policy is owned by the tag `iamsync:owner`, a
group by its path. What is held back, and why, is a note of the plan.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import chain

from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.model import (
    DesiredState,
    LiveState,
    Policy,
    Settings,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.denies import Denies, deny_notes, kept_denies, undeclared_denies, with_denies
from iamsync.core.scope.destination import elsewhere
from iamsync.core.scope.foreign import dependents, foreign_groups, foreign_policies, foreign_users
from iamsync.core.scope.groups import placed, with_one_spelling
from iamsync.core.scope.leaving import groups_in_use, leaving, policies_in_use
from iamsync.core.scope.members import Strangers, strangers_in
from iamsync.core.scope.note import Note
from iamsync.core.scope.on_hold import on_hold
from iamsync.core.scope.ownership import is_owned_group, may_take, owned
from iamsync.core.scope.unmanaged import Unmanaged, unmanaged
from iamsync.core.scope.warnings import warnings
from iamsync.core.tags import is_own_tag

__all__ = ["Note", "Scope", "Unmanaged", "asked_whose", "leave_alone", "tags_that_count", "with_new_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Both sides without what is left alone.

    - `live`: what is declared, and what will be deleted.
    - `left_alone`: what is declared and not ours to change, with the texts of `foreign` policies.
    - `holds`: why something of ours may get nothing.
    - `warnings`: what else a person should look at.
    - `denies`: the undeclared Denies that stay; they are on both sides.
    - `orphans`: names of what is owned, no longer declared, and stays.
    - `unmanaged`: what is neither owned nor adopted; `managed`: how many things are ours.
    """

    desired: DesiredState
    live: LiveState
    strangers: Strangers
    left_alone: tuple[Note, ...]
    foreign: Mapping[Arn, Document]
    holds: tuple[Note, ...]
    denies: Denies
    warnings: tuple[Note, ...]
    orphans: tuple[str, ...]
    unmanaged: Unmanaged
    managed: int


def leave_alone(desired: DesiredState, live: LiveState) -> Scope:
    """Take out of both sides what is not ours to change."""
    owner = desired.settings.owner
    desired, live = with_one_spelling(desired, live.groups), with_new_names(desired, live)
    policies, groups = dict(foreign_policies(desired, live)), dict(foreign_groups(desired, live))
    users = dict(foreign_users(desired, live))
    holds = dict(dependents(desired, live, policies, groups))
    denies = kept_denies(desired, live)
    kept = replace(
        desired,
        users={
            name: with_denies(_with_all_groups(user), live.users.get(name), denies)
            for name, user in desired.users.items()
            if name not in users
        },
        groups={
            name: with_denies(placed(group, live, owner), live.groups.get(name), denies)
            for name, group in desired.groups.items()
            if name not in groups
        },
        policies={arn: policy for arn, policy in desired.policies.items() if arn not in policies},
    )
    would_go, orphans = leaving(desired, live)
    groups_stuck = dict(groups_in_use(would_go, kept, live))
    stuck = groups_stuck | dict(policies_in_use(would_go - groups_stuck.keys(), kept, live))
    compared = _compared(desired, kept, live, would_go - stuck.keys())
    denied = tuple(deny_notes({one: mine for one, mine in denies.items() if one not in would_go}, kept))
    strangers = strangers_in(desired, kept, live, compared.users.keys())
    reached = sorted({*compared.users, *chain.from_iterable(strangers.removed.values())})
    held = tuple(on_hold(replace(live.users[name], name=name) for name in reached))
    redirected = tuple(elsewhere(kept, live))
    return Scope(
        desired=kept,
        live=compared,
        strangers=strangers,
        left_alone=(*policies.values(), *groups.values(), *users.values()),
        foreign={arn: text for arn in policies if (text := desired.policies[arn].document) is not None},
        holds=(*holds.values(), *held, *denied, *redirected),
        denies=denies,
        warnings=(*stuck.values(), *held, *denied, *redirected, *warnings(kept, live)),
        orphans=tuple(sorted(orphans)),
        unmanaged=unmanaged(kept, live),
        managed=sum(1 for _ in owned(live, owner)),
    )


def asked_whose(desired: DesiredState, live: LiveState) -> AbstractSet[Arn]:
    """The undeclared policies of which it matters whose they are: they deny something to somebody of ours."""
    denies = undeclared_denies(desired, with_new_names(desired, live))
    return live.policies.keys() & {one.policy for mine in denies.values() for one in mine}


def with_new_names(desired: DesiredState, live: LiveState) -> LiveState:
    """Live users under the names they are to have: who is declared with a previous name, and is there only by that."""
    new_names = {
        old: user.name for user in desired.users.values() if (old := _previous_name(user, desired, live)) is not None
    }
    subjects = {user_subject(old): user_subject(new) for old, new in new_names.items()}
    return replace(
        live,
        users={new_names.get(name, name): user for name, user in live.users.items()},
        used_by={arn: frozenset(subjects.get(one, one) for one in users) for arn, users in live.used_by.items()},
    )


def _previous_name(user: User, desired: DesiredState, live: LiveState) -> str | None:
    """The last of a user's previous names that is live and may be renamed.

    A change of case alone is none: IAM takes both names for one and refuses (API_UpdateUser, EntityAlreadyExists).
    """
    if not user.previous_names or user.name.casefold() in {name.casefold() for name in live.users}:
        return None
    return next(
        (
            old
            for old in reversed(user.previous_names)
            if old in live.users
            and old not in desired.users
            and may_take(live.users[old].tags, desired.settings, user_subject(old))
        ),
        None,
    )


def _compared(desired: DesiredState, kept: DesiredState, live: LiveState, going: frozenset[str]) -> LiveState:
    """What of the live side takes part in the diff, and how it is seen there."""
    own_groups = {
        name
        for name, group in live.groups.items()
        if name in kept.groups or is_owned_group(group, desired.settings.owner)
    }
    return replace(
        live,
        users={
            name: _comparable(user, desired.users.get(name), own_groups, desired.settings)
            for name, user in live.users.items()
            if name in kept.users or user_subject(name) in going
        },
        groups={
            name: group for name, group in live.groups.items() if name in kept.groups or group_subject(name) in going
        },
        policies={
            arn: replace(policy, tags=tags_that_count(policy.tags, desired.policies.get(arn), desired.settings))
            for arn, policy in live.policies.items()
            if arn in kept.policies or policy_subject(policy.name) in going
        },
    )


def _with_all_groups(user: User) -> User:
    """The user with every membership that is declared, in whichever way."""
    return replace(user, groups=(user.groups or frozenset()) | user.added_groups)


def _comparable(user: User, desired: User | None, own_groups: set[str], settings: Settings) -> User:
    """A live user without what nobody declares: ignored tags and memberships elsewhere."""
    if desired is None:
        return user
    groups = user.groups or frozenset()
    managed = own_groups | desired.added_groups | desired.ended_groups
    return replace(
        user,
        tags=tags_that_count(user.tags, desired, settings),
        groups=groups if desired.groups is not None else groups & managed,
    )


def tags_that_count(tags: Mapping[str, str], desired: User | Policy | None, settings: Settings) -> dict[str, str]:
    """`aws:*` tags belong to AWS and cannot be changed (IAM User Guide, "Tagging IAM resources"). What is declared, and
    what iamsync notes down itself, counts, whatever else is ignored.
    """
    ignored = ("aws:*", *settings.ignore_tags)
    declared = frozenset() if desired is None else desired.tags.keys()
    return {
        key: value
        for key, value in tags.items()
        if is_own_tag(key) or key in declared or not any(fnmatchcase(key, pattern) for pattern in ignored)
    }
