"""Undeclared Denies: policies that only deny, that no file declares and that are not owned.

A responder attaches one to a user, or AWS does if an access key has leaked. The account can say stop
(docs/promises.md), so they stay until a person removes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from shlex import quote
from typing import Final, TypeVar

from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, is_quarantine, parse_policy_arn, short_name
from iamsync.core.deny import AWS_POLICIES_THAT_DENY, SUSPENDED_POLICY
from iamsync.core.model import (
    DesiredState,
    Group,
    LiveState,
    User,
    group_subject,
    is_owned,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.leaving import leaving
from iamsync.core.scope.note import Note
from iamsync.core.scope.ownership import may_take, may_take_group

Owner = TypeVar("Owner", User, Group)

_NAMES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """A policy of a user or group that only denies, is not declared there and is not iamsync's own.

    `name` is how a person names it: the name of an inline policy, or of a managed `policy` as files name it; its ARN
    where an inline policy has that name.
    """

    subject: str
    name: str
    policy: Arn | None = None

    @property
    def is_quarantine(self) -> bool:
        """Whether AWS attached it because an access key leaked; removing it would arm the key again."""
        return self.policy is not None and is_quarantine(self.policy)

    @property
    def is_of_user(self) -> bool:
        """Whether a user has it, not a group."""
        return self.subject.startswith(user_subject(""))

    @property
    def names(self) -> frozenset[str]:
        """What a person may call it."""
        return frozenset(f"{self.subject}:{one}" for one in (self.name, self.policy) if one)

    @property
    def option(self) -> str:
        """The option that removes it in one run."""
        return f"--remove-deny {quote(f'{self.subject}:{self.name}')}"


Denies = Mapping[str, Sequence[Deny]]
"""Those of each user and group that has any, by subject."""

NO_DENIES: Final[Denies] = {}


def undeclared_denies(desired: DesiredState, live: LiveState) -> Denies:
    """The undeclared Denies of users and groups that are declared and owned, or that the plan deletes.

    `live` has users by their new names.
    """
    found = [one for owner, declared in _owners(desired, live) for one in _denies(owner, declared, desired, live)]
    return _by_subject(sorted(found, key=lambda one: (one.subject, one.name)))


def kept_denies(desired: DesiredState, live: LiveState) -> Denies:
    """Those that stay. AWS's quarantine is removed by name only, whatever the settings say."""
    settings = desired.settings
    return _by_subject(
        one
        for denies in undeclared_denies(desired, live).values()
        for one in denies
        if one.names.isdisjoint(settings.remove_denies) and (settings.denies_kept or one.is_quarantine)
    )


def _by_subject(denies: Iterable[Deny]) -> Denies:
    return {subject: tuple(mine) for subject, mine in groupby(denies, key=lambda one: one.subject)}


def with_denies(owner: Owner, live: Owner | None, denies: Denies) -> Owner:
    """A user or group as declared, and with those of its `denies` that are live."""
    mine = denies.get(_subject(owner), ())
    if live is None or not mine:
        return owner
    policies, names = {one.policy for one in mine}, {one.name for one in mine if one.policy is None}
    attachments = owner.attachments | {one for one in live.attachments if one.policy in policies}
    inline = {name: text for name, text in live.inline.items() if name in names}
    return replace(owner, attachments=attachments, inline={**owner.inline, **inline})


def deny_notes(denies: Denies, desired: DesiredState) -> Iterator[Note]:
    """Each user and group with its Denies; a user who has one gets no new password and no new access key."""
    owners: list[User | Group] = [*desired.users.values(), *desired.groups.values()]
    declared = {_subject(one): one for one in owners}
    for subject, mine in denies.items():
        origin = declared[subject].origin if subject in declared else None
        quarantines = [one for one in mine if one.is_quarantine]
        for text in (*map(_quarantined, quarantines), *_undeclared([one for one in mine if not one.is_quarantine])):
            yield Note(subject=subject, text=text, origin=origin, credentials_only=True)


def deny_faults(desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Why a name that a person gave to remove a Deny cannot be meant: it fits none; and which there are."""
    names = sorted(desired.settings.remove_denies)
    found = undeclared_denies(desired, live) if names else NO_DENIES
    for name in names:
        subject = name.partition(":")[0]
        here = found.get(subject, ())
        if not any(name in one.names for one in here):
            others = [one.option for one in here] or [one.option for denies in found.values() for one in denies]
            which = ", ".join(others[:_NAMES_SHOWN]) + (", ..." if len(others) > _NAMES_SHOWN else "")
            where = f"on {subject}" if here else "of declared users and groups"
            yield f"--remove-deny {name} fits no undeclared Deny; those {where}: {which or 'none'}"


def _quarantined(deny: Deny) -> str:
    return (
        "AWS HAS QUARANTINED THIS USER: an access key has leaked. The policy stays attached, and the user gets no new "
        f"password or access key: deactivate the key, look into CloudTrail, then remove the policy: {deny.option}"
    )


def _undeclared(denies: Sequence[Deny]) -> Iterator[str]:
    if denies:
        listed = ", ".join(f"{'policy' if one.policy else 'inline policy'} {one.name}" for one in denies)
        credentials = ", and the user gets no new password or access key" if denies[0].is_of_user else ""
        options = " ".join(one.option for one in denies)
        yield f"has undeclared Denies, which stay{credentials}: {listed}; to remove them: {options}"


def _owners(desired: DesiredState, live: LiveState) -> Iterator[tuple[User | Group, User | Group | None]]:
    """The live users and groups that a plan brings into line or removes, each with its declaration."""
    going, _ = leaving(desired, live)
    for name, user in live.users.items():
        declared = desired.users.get(name)
        is_ours = declared is not None and may_take(user.tags, desired.settings, user_subject(name))
        if is_ours or user_subject(name) in going:
            yield (user if user.name == name else replace(user, name=name)), declared
    for name, group in live.groups.items():
        declared_group = desired.groups.get(name)
        is_ours = declared_group is not None and may_take_group(group, desired.settings)
        if is_ours or group_subject(name) in going:
            yield group, declared_group


def _denies(
    owner: User | Group, declared: User | Group | None, desired: DesiredState, live: LiveState
) -> Iterator[Deny]:
    subject = _subject(owner)
    attached = owner.attachments - declared.attachments if declared else owner.attachments
    for policy in (one.policy for one in attached):
        if _only_denies(policy, live) and not _is_ours(policy, desired, live):
            short = short_name(policy)
            yield Deny(subject=subject, name=policy if short in owner.inline else short, policy=policy)
    for name, text in owner.inline.items():
        is_declared = name == SUSPENDED_POLICY or (declared is not None and name in declared.inline)
        if text is not None and text.only_denies and not is_declared:
            yield Deny(subject=subject, name=name)


def _only_denies(policy: Arn, live: LiveState) -> bool:
    """Whether a managed policy certainly only denies: by its text, or by its name if AWS's text is not known."""
    if policy in live.policies:
        text = live.policies[policy].document
        return text is not None and text.only_denies
    if (known := known_document(policy)) is not None:
        return known.only_denies
    parts = parse_policy_arn(policy)
    return parts is not None and parts.account == "aws" and parts.name.startswith(AWS_POLICIES_THAT_DENY)


def _is_ours(policy: Arn, desired: DesiredState, live: LiveState) -> bool:
    """Whether a managed policy is iamsync's, or is to become it."""
    found = live.policies.get(policy)
    if found is None:
        return False
    if policy in desired.policies:
        return may_take(found.tags, desired.settings, policy_subject(found.name))
    return is_owned(found.tags, desired.settings.owner)


def _subject(owner: User | Group) -> str:
    return user_subject(owner.name) if isinstance(owner, User) else group_subject(owner.name)
