"""What must be true after an apply whatever the planner thinks: said in terms of the model's records only."""

from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from iamsync.core import change as to
from iamsync.core.deny import SUSPENDED_POLICY
from iamsync.core.document import Document, DocumentError
from iamsync.core.hold import HeldBack
from iamsync.core.model import AccessKeys, DesiredState, Group, User
from iamsync.core.plan import Plan
from iamsync.core.tags import NEW_ACCESS_KEY_TAG, OWN_TAGS, OWNER_TAG, SUSPENDED_KEYS_TAG
from laws.model import GroupRecord, Iam, PolicyRecord, UserRecord

Snapshot = dict[str, Any]

DENY_ALL = Document.parse(
    {"Version": "2012-10-17", "Statement": {"Sid": "Suspended", "Effect": "Deny", "Action": "*", "Resource": "*"}}
)
"""What a suspended user carries beside all else."""


def foreign(iam: Iam, desired: DesiredState) -> Snapshot:
    """A copy of everything that is not ours to change, by what it is and its id."""
    users = {user.id: user for user in iam.users.values() if not _is_ours(user, desired) or _protected(user, desired)}
    cleared = {
        key: frozenset() if _protected(user, desired) else _cleared(user, iam, desired) for key, user in users.items()
    }
    return deepcopy(
        {
            "users": {key: _outside(user, cleared[key]) for key, user in users.items()},
            "groups that strangers leave": cleared,
            "policies": {arn: policy for arn, policy in iam.policies.items() if not _policy_is_ours(policy, desired)},
            "groups": {name: group for name, group in iam.groups.items() if not _group_is_ours(group, desired)},
            "roles": iam.roles,
            "MFA devices of nobody": iam.free_mfa_devices,
        }
    )


def after(before: Snapshot, iam: Iam) -> Snapshot:
    """The same things as they are now; what has vanished is None."""
    users = {user.id: user for user in iam.users.values()}
    return {
        "users": {
            key: _outside(users[key], left) if key in users else None
            for key, left in before["groups that strangers leave"].items()
        },
        "groups that strangers leave": before["groups that strangers leave"],
        "policies": {arn: iam.policies.get(arn) for arn in before["policies"]},
        "groups": {name: iam.groups.get(name) for name in before["groups"]},
        "roles": iam.roles,
        "MFA devices of nobody": before["MFA devices of nobody"] & iam.free_mfa_devices,
    }


def _cleared(user: UserRecord, iam: Iam, desired: DesiredState) -> frozenset[str]:
    """The groups of a user in which only declared users may be."""
    exclusive = {name.lower() for name, group in desired.groups.items() if group.removes_strangers}
    return frozenset(name for name in user.groups if name.lower() in exclusive and _own_group(iam, name, desired))


def _outside(user: UserRecord, groups: Collection[str]) -> UserRecord:
    """The user without some memberships."""
    return replace(user, groups=user.groups - set(groups))


def undeclared(iam: Iam, desired: DesiredState, ids: Iterable[str], strays: Collection[str]) -> Snapshot:
    """Of the users with these ids: what nobody declares and so nobody may change, by id. `strays` are keys that were
    without an owner at first.
    """
    users = {user.id: user for user in iam.users.values()}
    return {one: _undeclared(users[one], iam, desired, strays) for one in ids}


def strays(iam: Iam) -> frozenset[str]:
    """The access keys that perhaps nobody holds."""
    return frozenset(key for user in iam.users.values() for key in user.access_keys if _is_nobodys(key, user))


def active_keys(iam: Iam) -> frozenset[str]:
    """The access keys that let somebody in."""
    return frozenset(key for user in iam.users.values() for key, is_ in user.access_keys.items() if is_ == "Active")


def _undeclared(user: UserRecord, iam: Iam, desired: DesiredState, strays: Collection[str]) -> Snapshot:
    declared = _declaring(user, desired)
    if declared is None:
        return {"all": deepcopy(_outside(user, _cleared(user, iam, desired)))}
    left: Snapshot = {
        "MFA": set(user.mfa),
        "ignored tags": {key: value for key, value in user.tags.items() if _ignored(key, desired)},
        "SSH": set(user.ssh_keys),
        "certificates": set(user.certificates),
        "service credentials": dict(user.service_credentials),
    }
    if not declared.suspended and declared.console is None:
        left["password"] = user.password
    if not declared.suspended and SUSPENDED_KEYS_TAG not in user.tags and declared.access_keys is None:
        left["access keys"] = {key: is_ for key, is_ in user.access_keys.items() if key not in strays}
    if declared.groups is None:
        managed = _as_live(declared.added_groups | declared.ended_groups, iam)
        elsewhere = {name for name in user.groups if not _own_group(iam, name, desired)}
        left["groups elsewhere"] = elsewhere - managed
    return left


def _is_nobodys(key: str, user: UserRecord) -> bool:
    """Whether an interrupted apply has made a key that nobody may hold."""
    notes = [value.split() for tag, value in user.tags.items() if tag.startswith(NEW_ACCESS_KEY_TAG)]
    return any(noted and key not in noted for noted in notes) and key not in user.key_uses


def _own_group(iam: Iam, name: str, desired: DesiredState) -> bool:
    return name not in iam.groups or _group_is_ours(iam.groups[name], desired)


def _group_is_ours(group: GroupRecord, desired: DesiredState) -> bool:
    """Ours by its path, or declared and adopted: no owner's path, and somebody said that it may be taken over."""
    if group.path.startswith("/iamsync/"):
        return group.path.startswith(_path(desired))
    declared = group.name.lower() in {name.lower() for name in desired.groups}
    named = {name.removeprefix("group/").lower() for name in desired.settings.adopt_names}
    return declared and (desired.settings.adopt or group.name.lower() in named)


def _as_live(groups: Iterable[str], iam: Iam) -> frozenset[str]:
    """Groups as the account spells them: IAM ignores case."""
    spelling = {name.lower(): name for name in iam.groups}
    return frozenset(spelling.get(name.lower(), name) for name in groups)


def _declaring(user: UserRecord, desired: DesiredState) -> User | None:
    heirs = [one for one in desired.users.values() if user.name in one.previous_names]
    return desired.users.get(user.name) or next(iter(heirs), None)


def wrongly_gone(before: Iam, iam: Iam, desired: DesiredState) -> list[str]:
    """Who and what is gone though it is declared, or not ours, or nobody asked for removals."""
    stayed = {user.id for user in iam.users.values()}
    mine = desired.settings.owner if desired.settings.prune else None
    declared = {
        "user": {name.lower() for name in desired.users},
        "group": {name.lower() for name in desired.groups},
        "policy": {policy.name.lower() for policy in desired.policies.values()},
    }
    gone = [
        *(("user", one.name, one.tags.get(OWNER_TAG)) for one in before.users.values() if one.id not in stayed),
        *(
            ("policy", one.name, one.tags.get(OWNER_TAG))
            for arn, one in before.policies.items()
            if arn not in iam.policies
        ),
        *(("group", name, _owner_of(one)) for name, one in before.groups.items() if name not in iam.groups),
    ]
    return [f"{kind} {name}" for kind, name, mark in gone if mark != mine or name.lower() in declared[kind]]


def _owner_of(group: GroupRecord) -> str | None:
    _, _, rest = group.path.partition("/iamsync/")
    return rest.partition("/")[0] or None


def shortcomings(iam: Iam, desired: DesiredState, plan: Plan) -> Iterator[str]:
    """Where the account is not as declared, though nothing in the plan says that it is held back."""
    held = {note.subject for note in plan.held_back if not _is_about_credentials(note)}
    no_credentials = {note.subject for note in plan.held_back} - held
    denies = denies_of_others(iam, desired)
    for name, user in desired.users.items():
        if f"user/{name}" not in held:
            record = iam.users.get(name)
            others = denies.get(record.id, frozenset()) if record else frozenset()
            lacks = f"user/{name}" in no_credentials
            yield from _user_shortcomings(record, user, desired, iam, others, may_lack_credentials=lacks)
    for policy in desired.policies.values():
        if f"policy/{policy.name}" not in held:
            found = iam.policies.get(policy.arn)
            texts = [Document.parse(one.document) for one in found.versions if one.is_default] if found else []
            if found is None or texts != [policy.document] or _counting(found.tags, desired) != dict(policy.tags):
                yield f"{policy.arn}: {found}"
    for group in desired.groups.values():
        (name,) = _as_live([group.name], iam)
        if f"group/{name}" not in held:
            found_group = iam.groups.get(name)
            wanted = ({one.policy for one in group.attachments}, group.inline)
            others = denies.get(name, frozenset())
            is_there = found_group is not None and found_group.path.startswith(group.path or _path(desired))
            if found_group is None or not is_there or _of_group(found_group, others) != wanted:
                yield f"{group.name}: {found_group}"
            yield from _strangers(name, group, iam, desired, held)


def _strangers(name: str, group: Group, iam: Iam, desired: DesiredState, held: set[str]) -> Iterator[str]:
    """Members whom nobody declares, though only declared users may be in the group."""
    for user in iam.users.values() if group.removes_strangers else ():
        is_kept = f"user/{user.name}" in held or _protected(user, desired)
        declared = {one.lower() for entry in desired.users.values() for one in (entry.name, *entry.previous_names)}
        if name in user.groups and user.name.lower() not in declared and not is_kept:
            yield f"{user.name} is a stranger in {name}"


def _of_group(group: GroupRecord, others: frozenset[str]) -> object:
    return group.attached - others, _parsed(group.inline, others)


def _is_about_credentials(held: HeldBack) -> bool:
    """Whether only a new password or key waits."""
    calls = {action.operation for action in held.actions}
    new = {"create_login_profile", "create_access_key"}
    return bool(calls & new) and calls <= new | {"delete_access_key", "tag_user", "untag_user"}


def _user_shortcomings(
    found: UserRecord | None,
    wanted: User,
    desired: DesiredState,
    iam: Iam,
    others: frozenset[str],
    *,
    may_lack_credentials: bool,
) -> Iterator[str]:
    if found is None:
        yield f"{wanted.name} does not exist"
        return
    tags = _counting(found.tags, desired)
    if may_lack_credentials:  # a user is created with the note of a key that waits
        tags = {key: value for key, value in tags.items() if not key.startswith(NEW_ACCESS_KEY_TAG)}
    pairs: dict[str, tuple[object, object]] = {
        "path": (found.path, wanted.path),
        "tags": (tags, dict(wanted.tags)),
        "boundary": (found.boundary, wanted.boundary),
        "attachments": (
            found.attached - others,
            {one.policy for one in wanted.attachments},
        ),
        "inline": (_parsed(found.inline, others), dict(wanted.inline)),
    }
    added = _as_live(wanted.added_groups, iam)
    if wanted.groups is not None:
        pairs["groups"] = (found.groups, _as_live(wanted.groups, iam) | added)
    pairs["added groups"] = (found.groups & (added | _as_live(wanted.ended_groups, iam)), added)
    if wanted.suspended:
        pairs |= _as_suspended(found, wanted, others)
    elif not may_lack_credentials:
        if wanted.console is not None:
            pairs["password"] = (found.password, wanted.console.enabled)
        if wanted.access_keys is not None:
            pairs["access keys"] = (_enough_keys(found, wanted.access_keys), True)
    for facet, (is_, should) in pairs.items():
        if is_ != should:
            yield f"{facet} of {wanted.name}: {is_}, not {should}"


def _as_suspended(found: UserRecord, wanted: User, others: frozenset[str]) -> dict[str, tuple[object, object]]:
    """No password, no active key, and everything denied: by a text of iamsync's own, or where other texts leave no room
    for it, by a boundary.
    """
    inline, credentials = _parsed(found.inline, others), (found.password, "Active" in found.access_keys.values())
    if _has_no_room(found):
        boundary = str(found.boundary).rpartition("/")[2]
        return {"credentials": (credentials, (False, False)), "boundary": (boundary, "AWSDenyAll")}
    return {
        "credentials": (credentials, (False, False)),
        "inline": (inline, {**wanted.inline, SUSPENDED_POLICY: DENY_ALL}),
    }


def _has_no_room(found: UserRecord) -> bool:
    """Whether other texts leave no room for the Deny of a suspension, in which case a boundary denies everything."""
    others = [Document.parse(text).size for name, text in found.inline.items() if name != SUSPENDED_POLICY]
    return sum(others) + DENY_ALL.size > 2048


def _enough_keys(found: UserRecord, wanted: AccessKeys) -> bool:
    """Whether there are as many active keys as declared: none at all for 0; too many are for a person to judge."""
    active = [status for status in found.access_keys.values() if status == "Active"]
    return len(active) >= wanted.count if wanted.count else not found.access_keys


Denies = dict[str, frozenset[str]]
"""Of each user by id, and each group by name: the policies that only deny and that somebody else has put there."""


def denies_of_others(iam: Iam, desired: DesiredState) -> Denies:
    """Of all that are ours: what nobody declares, only denies, is not ours and does not go."""
    found: Denies = {}
    for user in iam.users.values():
        if _is_ours(user, desired):
            declared = _declaring(user, desired)
            found[user.id] = _others(iam, user, declared, desired, declared.name if declared else user.name)
    for group in iam.groups.values():
        if _group_is_ours(group, desired):
            same = [one for one in desired.groups.values() if one.name.lower() == group.name.lower()]
            found[group.name] = _others(iam, group, next(iter(same), None), desired, group.name)
    return found


def _others(
    iam: Iam, record: UserRecord | GroupRecord, declared: User | Group | None, desired: DesiredState, name: str
) -> frozenset[str]:
    subject = f"{'user' if isinstance(record, UserRecord) else 'group'}/{name}"
    attached = record.attached - {one.policy for one in declared.attachments} if declared else record.attached
    inline = record.inline.keys() - (declared.inline.keys() if declared else set()) - {SUSPENDED_POLICY}
    denying = {arn for arn in attached if _is_deny_of_others(iam, arn, desired)}
    denying |= {name for name in inline if _only_denies(record.inline[name])}
    return frozenset(one for one in denying if not _goes(one, subject, desired))


def _goes(deny: str, subject: str, desired: DesiredState) -> bool:
    """Whether somebody has said that a Deny goes. AWS's quarantine goes by its name only."""
    short = f"aws:{deny.rpartition('/')[2]}" if ":aws:policy/" in deny else deny.rpartition("/")[2]
    named = not desired.settings.remove_denies.isdisjoint({f"{subject}:{deny}", f"{subject}:{short}"})
    return named or not (desired.settings.denies_kept or "/AWSCompromisedKeyQuarantine" in deny)


def _is_deny_of_others(iam: Iam, arn: str, desired: DesiredState) -> bool:
    if arn in iam.policies:
        policy = iam.policies[arn]
        text = next(one.document for one in policy.versions if one.is_default)
        return _only_denies(text) and not _policy_is_ours(policy, desired)
    return arn.rpartition("/")[2].startswith(("AWSDenyAll", "AWSCompromisedKeyQuarantine"))


def _only_denies(text: str) -> bool:
    try:
        return all(one.effect == "Deny" for one in Document.parse(text).statements)
    except DocumentError:
        return False


def lost_denies(before: Denies, iam: Iam, ids_that_go: Collection[str]) -> Iterator[str]:
    """The Denies of others that are gone, though their user or group is still there and has anything else; or is not
    even among those that go.
    """
    records: dict[str, UserRecord | GroupRecord] = {user.id: user for user in iam.users.values()}
    records |= iam.groups
    for key, denies in before.items():
        if (record := records.get(key)) is None:
            continue
        lost = denies - record.attached - record.inline.keys()
        if lost and (key not in ids_that_go or list(_beside_denies(iam, record))):
            yield f"{record.name} has lost {sorted(lost)}"


def is_deleted(plan: Plan, kind: str, name: str) -> bool:
    """Whether a plan deletes a user or group."""
    entity = to.Entity(to.Kind(kind), name)
    return any(isinstance(one.change, to.Delete) and one.change.entity == entity for one in plan.actions)


def _beside_denies(iam: Iam, record: UserRecord | GroupRecord) -> Iterator[str]:
    """What a user or group has that is more than a Deny."""
    yield from (name for name, text in record.inline.items() if not _only_denies(text))
    for arn in record.attached:
        versions = iam.policies[arn].versions if arn in iam.policies else []
        texts = [one.document for one in versions if one.is_default]
        if not (_only_denies(texts[0]) if texts else "AWSDenyAll" in arn):
            yield arn
    if isinstance(record, UserRecord):
        yield from (*record.groups, *record.access_keys, *record.mfa, *record.ssh_keys, *record.certificates)
        yield from (*record.service_credentials, *(("password",) if record.password else ()))


def leftovers(iam: Iam, user: UserRecord) -> list[str]:
    """What a user who is gone has left behind."""
    return sorted(user.mfa & iam.free_mfa_devices)


def _is_ours(user: UserRecord, desired: DesiredState) -> bool:
    heirs = [one for one in desired.users.values() if user.name in {one.name, *one.previous_names}]
    names = {user.name, *(one.name for one in heirs)}
    return _mark_is_ours(user.tags, desired) or (bool(heirs) and _adoptable(user.tags, names, desired))


def _policy_is_ours(policy: PolicyRecord, desired: DesiredState) -> bool:
    declared = policy.arn in desired.policies
    return _mark_is_ours(policy.tags, desired) or (declared and _adoptable(policy.tags, {policy.name}, desired))


def _mark_is_ours(tags: dict[str, str], desired: DesiredState) -> bool:
    return tags.get(OWNER_TAG) == desired.settings.owner


def _adoptable(tags: dict[str, str], names: set[str], desired: DesiredState) -> bool:
    """Whether somebody consented to adopting what is unowned. What a CloudFormation stack made has an owner."""
    nobodys = OWNER_TAG not in tags and "aws:cloudformation:stack-name" not in tags
    return nobodys and (desired.settings.adopt or bool(names & desired.settings.adopt_names))


def _protected(user: UserRecord, desired: DesiredState) -> bool:
    patterns = desired.settings.guards.protected_users
    return any(fnmatchcase(user.name.lower(), pattern.lower()) for pattern in patterns)


def _path(desired: DesiredState) -> str:
    return f"/iamsync/{desired.settings.owner}/"


def _ignored(key: str, desired: DesiredState) -> bool:
    patterns = ("aws:*", *desired.settings.ignore_tags)
    return key not in OWN_TAGS and any(fnmatchcase(key, pattern) for pattern in patterns)


def _counting(tags: dict[str, str], desired: DesiredState) -> dict[str, str]:
    """The tags that are compared. What a suspension or a rotation notes down is iamsync's own."""
    notes = OWN_TAGS - {OWNER_TAG}
    return {key: value for key, value in tags.items() if not _ignored(key, desired) and key not in notes}


def _parsed(texts: dict[str, str], but: frozenset[str]) -> dict[str, Document]:
    return {name: Document.parse(text) for name, text in texts.items() if name not in but}
