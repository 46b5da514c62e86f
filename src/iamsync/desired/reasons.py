"""Why a user has what the files declare: each value with the way to it, from the user to the place that names it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from iamsync.core.arn import Arn, short_name
from iamsync.core.model import Origin
from iamsync.core.tags import OWNER_TAG
from iamsync.desired.credentials import AccessKeysEntry
from iamsync.desired.granted import granted, is_default, place_of, with_defaults
from iamsync.desired.grants import Granted, GroupsEntry
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.policies import SetEntry
from iamsync.desired.references import MAX_SETS
from iamsync.desired.schema import GroupEntry, UserEntry
from iamsync.desired.state import Context
from iamsync.desired.substitute import filled


class What(Enum):
    """What a reason is for."""

    PATH = "path"
    TAG = "tag"
    BOUNDARY = "permissions_boundary"
    ATTACHMENT = "attachment"
    INLINE = "inline_policy"
    GROUP = "group"
    GROUP_POLICY = "group_policy"
    CONSOLE = "console"
    ACCESS_KEYS = "access_keys"
    SUSPENDED = "suspended"
    EXPIRES = "expires"


class By(Enum):
    """What names the value, or the next step to it."""

    USER = "user"
    DEFAULT = "default"
    SETTINGS = "settings"
    SET = "policy_set"
    INCLUDE = "include"
    GROUP = "group"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the way: what names, what is named (empty: the value itself), and where."""

    by: By
    name: str
    names: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a user has one value. `start` and `until` (in UTC) limit it in time: it is in force now, or is over, or has
    not begun.
    """

    what: What
    value: str
    way: tuple[Step, ...]
    start: datetime | None = None
    until: datetime | None = None
    is_in_force: bool = True
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A declared user with all reasons. `left_alone` names what the files do not speak of: it stays as it is."""

    name: str
    origin: Origin
    reasons: tuple[Reason, ...]
    left_alone: tuple[str, ...]


def explained(user: Declared[UserEntry], context: Context) -> Explained:
    """Why a user has what the files declare."""
    entry = with_defaults(user, context.whole)
    given = entry.model_fields_set
    unsaid = [name for name in ("console", "access_keys", "groups") if name not in given]
    more = ["groups"] if "groups" in given and isinstance(entry.groups, GroupsEntry) else []
    return Explained(
        name=user.name, origin=user.origin, reasons=_reasons(user, context), left_alone=tuple(unsaid + more)
    )


def _reasons(user: Declared[UserEntry], context: Context) -> tuple[Reason, ...]:
    """Each value of a user with each way to it: what comes twice is there twice."""
    return (
        *_path(user, context),
        *_tags(user, context),
        *_boundary(user, context),
        *_attachments(user, context),
        *(_own(user, What.INLINE, name, "inline_policies", name) for name in user.value.inline_policies),
        *_groups(user, context),
        *_credentials(user, context),
        *_endings(user, context.now),
    )


def _own(user: Declared[UserEntry], what: What, value: str, *path: str | int) -> Reason:
    return Reason(what=what, value=value, way=(_step(By.USER, user.name, "", user.origin_of(*path)),))


def _step(by: By, name: str, names: str, origin: Origin) -> Step:
    return Step(by=by, name=name, names=names, origin=origin)


def _default(context: Context, what: What, value: str, *path: str) -> Reason:
    origin = context.whole.settings_origin("defaults", "user", *path)
    return Reason(what=what, value=value, way=(_step(By.DEFAULT, "settings.defaults.user", "", origin),))


def _path(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    defaults = context.whole.settings.defaults.user
    if "path" in user.value.model_fields_set:
        yield _own(user, What.PATH, filled(user.value.path, context.values), "path")
    elif "path" in defaults.model_fields_set:
        yield _default(context, What.PATH, filled(defaults.path, context.values), "path")


def _tags(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    for key, value in context.whole.settings.defaults.user.tags.items():
        if key not in user.value.tags:
            yield _default(context, What.TAG, f"{key}={filled(value, context.values)}", "tags", key)
    for key, value in user.value.tags.items():
        yield _own(user, What.TAG, f"{key}={filled(value, context.values)}", "tags", key)
    origin = context.whole.settings_origin("owner")
    own = f"{OWNER_TAG}={context.settings.owner}"
    yield Reason(what=What.TAG, value=own, way=(_step(By.SETTINGS, "settings.owner", "", origin),))


def _boundary(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    defaults = context.whole.settings.defaults.user
    if "permissions_boundary" in user.value.model_fields_set:
        value = _policy(user.value.permissions_boundary, context)
        yield _own(user, What.BOUNDARY, value, "permissions_boundary")
    elif defaults.permissions_boundary is not None:
        yield _default(context, What.BOUNDARY, _policy(defaults.permissions_boundary, context), "permissions_boundary")


def _policy(reference: str | None, context: Context) -> str:
    """The policy as a person writes it; empty for none."""
    arn: Arn | None = context.arn(reference) if reference is not None else None
    return short_name(arn) if arn else ""


def _attachments(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    for one in granted(user, context.whole, "policies"):
        yield _reason(one, What.ATTACHMENT, _policy(one.name, context), (_first(user, one, ""),), context.now)
    for one in granted(user, context.whole, "policy_sets"):
        bundle = context.whole.policy_sets.get(one.name)
        if bundle is None:
            continue
        first = _first(user, one, one.name)
        what = What.ATTACHMENT
        if bundle.value.attach == "group":
            yield _reason(one, What.GROUP, one.name, (first,), context.now)
            what = What.GROUP_POLICY
        for value, rest in _of_set(one.name, context):
            yield _reason(one, what, value, (first, *rest), context.now)


def _reason(one: Granted, what: What, value: str, way: tuple[Step, ...], now: datetime) -> Reason:
    return Reason(
        what=what,
        value=value,
        way=way,
        start=one.start,
        until=one.until,
        is_in_force=one.is_in_force(now),
        is_over=one.is_over(now),
    )


def _first(user: Declared[UserEntry], one: Granted, names: str) -> Step:
    """The step to what is granted: from the user, from the defaults, or from the group that lists the user."""
    by, name = (By.MEMBERS, one.listed_by) if one.listed_by else (By.USER, user.name)
    if one.is_default:
        by, name = By.DEFAULT, "settings.defaults.user"
    return _step(by, name, names, one.origin)


def _of_set(name: str, context: Context) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The policies of a set, each with the way through the includes: the first one to each set."""
    sets = context.whole.policy_sets
    for one, way in _ways(name, sets).items():
        for index, text in enumerate(sets[one].value.policies):
            last = _step(By.SET, one, "", sets[one].origin_of("policies", index))
            yield _policy(text, context), (*way, last)


def _ways(name: str, sets: Mapping[str, Declared[SetEntry]]) -> Mapping[str, tuple[Step, ...]]:
    ways: dict[str, tuple[Step, ...]] = {name: ()}
    waiting = [name]
    while waiting and len(ways) <= MAX_SETS:
        here = waiting.pop(0)
        for index, included in enumerate(sets[here].value.includes):
            if included in sets and included not in ways:
                origin = sets[here].origin_of("includes", index)
                ways[included] = (*ways[here], _step(By.INCLUDE, here, included, origin))
                waiting.append(included)
    return ways


def _groups(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    for one in granted(user, context.whole, "groups"):
        name = filled(one.name, context.values)
        first = _first(user, one, name)
        yield _reason(one, What.GROUP, name, (first,), context.now)
        for value, way in _of_group(_group_of(name, context.whole), context):
            yield _reason(one, What.GROUP_POLICY, value, (first, *way), context.now)


def _group_of(name: str, whole: Merged) -> Declared[GroupEntry] | None:
    """The group as it is declared. IAM takes names that differ only in case for one."""
    return next((group for other, group in whole.groups.items() if other.casefold() == name.casefold()), None)


def _of_group(group: Declared[GroupEntry] | None, context: Context) -> Iterator[tuple[str, tuple[Step, ...]]]:
    if group is None:
        return
    for index, text in enumerate(group.value.policies):
        yield _policy(text, context), (_step(By.GROUP, group.name, "", group.origin_of("policies", index)),)
    for index, name in enumerate(group.value.policy_sets):
        first = _step(By.GROUP, group.name, name, group.origin_of("policy_sets", index))
        if name in context.whole.policy_sets:
            yield from ((value, (first, *way)) for value, way in _of_set(name, context))
    for name in group.value.inline_policies:
        yield f"inline policy {name}", (_step(By.GROUP, group.name, "", group.origin_of("inline_policies", name)),)


def _credentials(user: Declared[UserEntry], context: Context) -> Iterator[Reason]:
    entry = with_defaults(user, context.whole)
    if "console" in entry.model_fields_set:
        yield _of_key("console", What.CONSOLE, "false" if entry.console is False else "true", user, context)
    if "access_keys" in entry.model_fields_set:
        keys = entry.access_keys
        count = keys.count if isinstance(keys, AccessKeysEntry) else keys
        yield _of_key("access_keys", What.ACCESS_KEYS, str(count), user, context)


def _of_key(key: str, what: What, value: str, user: Declared[UserEntry], context: Context) -> Reason:
    """The reason for what holds for a key: the user's own, or the default."""
    by, name = (By.USER, user.name)
    if is_default(key, user, context.whole):
        by, name = By.DEFAULT, "settings.defaults.user"
    return Reason(what=what, value=value, way=(_step(by, name, "", place_of(key, user, context.whole)),))


def _endings(user: Declared[UserEntry], now: datetime) -> Iterator[Reason]:
    if user.value.suspended:
        yield _own(user, What.SUSPENDED, "true", "suspended")
    if (expires := user.value.expires) is not None:
        way = (_step(By.USER, user.name, "", user.origin_of("expires")),)
        value = expires.isoformat()
        yield Reason(what=What.EXPIRES, value=value, way=way, start=expires, is_in_force=expires <= now)
