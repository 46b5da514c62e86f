"""What the merged files say for one account at one moment, as values of the core."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final

from iamsync.core.arn import Account, Arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import (
    AccessKeys,
    Attachment,
    Console,
    DesiredState,
    Group,
    Origin,
    Policy,
    Recipient,
    Settings,
    User,
)
from iamsync.core.scope.groups import with_one_spelling
from iamsync.core.tags import OWNER_TAG
from iamsync.delivery import SEALING
from iamsync.desired.credentials import AccessKeysEntry, ConsoleEntry
from iamsync.desired.delivery import Recipients, channels_of, gets_access_keys, gets_password
from iamsync.desired.documents import Key
from iamsync.desired.granted import granted, place_of, with_defaults
from iamsync.desired.grants import Granted, GroupsEntry, in_force
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.policies import PolicyEntry
from iamsync.desired.references import Reference, arn_of, brought
from iamsync.desired.schema import GroupEntry, UserEntry
from iamsync.desired.substitute import filled

_FIELDS: Final = ("policies", "policy_sets", "groups")
"""What a user is granted by name."""
Sets = Mapping[str, tuple[Attachment, ...]]
"""What each policy set attaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the building of one state looks at. `documents` are those of this account."""

    whole: Merged
    settings: Settings
    account: Account
    account_name: str | None
    now: datetime
    values: Mapping[str, str]
    documents: Mapping[Key, Document]
    recipients: Recipients

    def attachments(self, references: Iterable[Reference], via: str | None = None) -> Iterator[Attachment]:
        """The policies that references stand for. One that stands for nothing was reported when the files were read."""
        for text, origin in references:
            policy = self.arn(text)
            if policy is not None:
                yield Attachment(policy=policy, via=via, origin=origin)

    def arn(self, reference: str) -> Arn | None:
        """The ARN that a reference stands for in this account."""
        return arn_of(filled(reference, self.values), self.account, self.path_of)

    def path_of(self, name: str) -> str | None:
        """The path of a declared policy."""
        policy = self.whole.policies.get(name)
        return None if policy is None else filled(policy.value.path, self.values)


def built(context: Context) -> DesiredState:
    """The desired state of one account at one moment."""
    whole = context.whole
    sets = {name: tuple(context.attachments(brought(name, whole.policy_sets), name)) for name in whole.policy_sets}
    policies = [_policy(policy, context) for policy in whole.policies.values()]
    groups = [*(_group(group, context, sets) for group in whole.groups.values()), *_set_groups(context, sets)]
    mine = [user for user in whole.users.values() if is_for(user.value, context.account_name)]
    users = [_user(user, context, sets) for user in mine]
    state = DesiredState(
        account=context.account,
        settings=context.settings,
        users={user.name: user for user in users},
        groups={group.name: group for group in groups},
        policies={policy.arn: policy for policy in policies},
        ended_grants={key: ended for user in mine for key, ended in _ended(user, context, sets)},
    )
    return with_one_spelling(state)


def beginnings(whole: Merged, now: datetime) -> list[datetime]:
    """The moments after `now` at which grants of users begin, in order."""
    grants = (one for user in whole.users.values() for field in _FIELDS for one in granted(user, whole, field))
    return sorted({one.start for one in grants if one.start is not None and one.start > now})


def is_for(user: UserEntry, account_name: str | None) -> bool:
    """Whether a user is for the account of that name; one without a name is everybody's."""
    return any(pattern == "*" or fnmatchcase(account_name or "", pattern) for pattern in user.accounts)


def _policy(declared: Declared[PolicyEntry], context: Context) -> Policy:
    entry = declared.value
    path = filled(entry.path, context.values)
    return Policy(
        arn=policy_arn(context.account, path, declared.name),
        name=declared.name,
        path=path,
        document=context.documents.get(("policies", declared.name)),
        description=filled(entry.description, context.values),
        tags=_tags(entry.tags, context),
        origin=declared.origin,
    )


def _tags(tags: Mapping[str, str], context: Context) -> dict[str, str]:
    owned = {OWNER_TAG: context.settings.owner}
    return {key: filled(value, context.values) for key, value in tags.items()} | owned


def _group(declared: Declared[GroupEntry], context: Context, sets: Sets) -> Group:
    entry = declared.value
    policies = (Reference(name, declared.origin_of("policies", index)) for index, name in enumerate(entry.policies))
    return Group(
        name=declared.name,
        path=filled(entry.path, context.values),
        attachments=_distinct((*context.attachments(policies), *_through(entry.policy_sets, sets))),
        inline=_inline(declared, context),
        removes_strangers=entry.strangers == "remove",
        origin=declared.origin,
    )


def _set_groups(context: Context, sets: Sets) -> Iterator[Group]:
    for name, bundle in context.whole.policy_sets.items():
        if bundle.value.attach == "group":
            yield Group(
                name=name,
                path="",
                attachments=_distinct(sets[name]),
                origin=bundle.origin,
            )


def _ended(
    declared: Declared[UserEntry], context: Context, sets: Sets
) -> Iterator[tuple[tuple[str, str], tuple[str, Origin]]]:
    """What grants of a user that have ended gave: policies and groups, with the moment and the place."""
    for field in _FIELDS:
        for one in granted(declared, context.whole, field):
            if one.until is not None and one.is_over(context.now):
                ended = _moment(one.until), one.origin
                for target in _targets(field, one.name, context, sets):
                    yield (declared.name, target), ended


def _targets(field: str, name: str, context: Context, sets: Sets) -> list[str]:
    """The policies (ARNs) and groups by which a user has what is granted."""
    if field == "groups":
        return [filled(name, context.values)]
    if field == "policies":
        return [arn] if (arn := context.arn(name)) else []
    return [name, *(one.policy for one in sets.get(name, ()))]


def _moment(until: datetime) -> str:
    """As a person writes it: a date where it is the beginning of a day."""
    written = until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return written.removesuffix("T00:00:00Z")


def _through(names: Iterable[str], sets: Sets) -> Iterator[Attachment]:
    for name in names:
        yield from sets.get(name, ())


def _distinct(attachments: Iterable[Attachment]) -> frozenset[Attachment]:
    """Each policy once. The first counts: if a set brings what is also named directly, the nearer reason is shown."""
    first: dict[Arn, Attachment] = {}
    for attachment in attachments:
        first.setdefault(attachment.policy, attachment)
    return frozenset(first.values())


def _inline(declared: Declared[UserEntry] | Declared[GroupEntry], context: Context) -> dict[str, Document]:
    return {
        name: context.documents[key]
        for name in declared.value.inline_policies
        if (key := (declared.section, declared.name, name)) in context.documents
    }


def _user(declared: Declared[UserEntry], context: Context, sets: Sets) -> User:
    entry = with_defaults(declared, context.whole)
    given, boundary = entry.model_fields_set, entry.permissions_boundary
    policies = in_force(granted(declared, context.whole, "policies"), context.now)
    names = [one.name for one in in_force(granted(declared, context.whole, "policy_sets"), context.now)]
    grouped = frozenset(name for name in names if _is_grouped(name, context.whole))
    is_exact = "groups" in given and not isinstance(entry.groups, GroupsEntry)
    groups, others = _groups(granted(declared, context.whole, "groups"), context)
    return User(
        name=declared.name,
        path=filled(entry.path, context.values),
        tags=_tags({**context.whole.settings.defaults.user.tags, **entry.tags}, context),
        boundary=None if boundary is None else context.arn(boundary),
        attachments=_distinct(
            (
                *context.attachments(Reference(one.name, one.origin) for one in policies),
                *_through((name for name in names if name not in grouped), sets),
            )
        ),
        inline=_inline(declared, context),
        groups=groups if is_exact else None,
        added_groups=grouped if is_exact else grouped | groups,
        ended_groups=frozenset() if is_exact else others,
        console=_console(entry, declared, context) if "console" in given else None,
        access_keys=_access_keys(entry, declared, context) if "access_keys" in given else None,
        suspended=entry.suspended or (entry.expires is not None and entry.expires <= context.now),
        may_end="suspended" if entry.suspended else "expires" if entry.expires else "",
        destination=_destination(entry, declared.name, context),
        previous_names=tuple(entry.previous_names),
        origin=declared.origin,
    )


def _is_grouped(name: str, whole: Merged) -> bool:
    return name in whole.policy_sets and whole.policy_sets[name].value.attach == "group"


def _groups(grants: Iterable[Granted], context: Context) -> tuple[frozenset[str], frozenset[str]]:
    """The groups whose membership holds now, and those that are named for another time only."""
    grants = tuple(grants)
    now = frozenset(filled(one.name, context.values) for one in in_force(grants, context.now))
    named = frozenset(filled(one.name, context.values) for one in grants)
    return now, named - now


def _console(entry: UserEntry, declared: Declared[UserEntry], context: Context) -> Console:
    origin = place_of("console", declared, context.whole)
    channel = channels_of(entry, context.whole.settings).password
    how = Console(channel=channel, recipients=_recipients(declared.name, channel, context), origin=origin)
    match entry.console:
        case ConsoleEntry(password_reset_required=reset_required, claim_within=within):
            days = None if within is None else within.days
            return replace(how, password_reset_required=reset_required, claim_within_days=days)
        case enabled:
            return replace(how, enabled=enabled is True)


def _access_keys(entry: UserEntry, declared: Declared[UserEntry], context: Context) -> AccessKeys:
    origin = place_of("access_keys", declared, context.whole)
    channel = channels_of(entry, context.whole.settings).access_key
    recipients = _recipients(declared.name, channel, context)
    match entry.access_keys:
        case AccessKeysEntry() as keys:
            count, days = keys.count, None if keys.rotate_after is None else keys.rotate_after.days
        case number:
            count, days = int(number), None
    return AccessKeys(count=count, rotate_after_days=days, channel=channel, recipients=recipients, origin=origin)


def _destination(entry: UserEntry, name: str, context: Context) -> str | None:
    """Where secrets go, as a tag notes it; None if the user gets none."""
    if not (gets_password(entry) or gets_access_keys(entry)):
        return None
    channels = channels_of(entry, context.whole.settings)
    return channels.destination(context.recipients.get(name, ()))


def _recipients(name: str, channel: str, context: Context) -> tuple[Recipient, ...]:
    """For whom a channel seals the secrets of a user."""
    return tuple(context.recipients.get(name, ())) if channel in SEALING else ()
