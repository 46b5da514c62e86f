"""Users: from birth, through every change, to suspension and back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iamsync.core.action import Action, When, reason
from iamsync.core.action import credentials as way_in
from iamsync.core.action import users as call
from iamsync.core.diff.access_keys import access_key_actions, ending, new_access_keys, note_before
from iamsync.core.diff.inline import changed_texts, to_go_early
from iamsync.core.diff.room import with_room
from iamsync.core.diff.sides import Sides, comes, goes, shift_of, text_goes
from iamsync.core.diff.suspension import as_suspended
from iamsync.core.diff.tags import tag_changes
from iamsync.core.document import Document
from iamsync.core.keys import due
from iamsync.core.model import (
    OWNER_TAG,
    SUSPENDED_KEYS_TAG,
    SUSPENDED_POLICY,
    AccessKey,
    Console,
    Credentials,
    Group,
    User,
    user_subject,
)

GROUPS_PER_USER = 10
"""IAM quota "Groups an IAM user can be a member of", fixed."""

INLINE_SIZE = 2048
"""IAM quota "Inline policies of a user", in characters of all of them together, fixed."""


def user_actions(desired: User, live: User | None, sides: Sides) -> Iterator[Action]:
    """The calls that make a declared user so."""
    wanted = as_suspended(desired)
    is_new = live is None
    seen = Credentials() if live is None else sides.known.credentials.get(live.name)
    keys = seen.access_keys if seen else ()
    steps = due(wanted, live, keys if seen else None)
    if live is None:
        born = replace(desired, tags={**desired.tags, **note_before(keys, steps)})
        yield call.create_user(born)
        live = User(
            name=born.name,
            path=born.path,
            tags=born.tags,
            boundary=born.boundary,
            groups=frozenset(),
            console=Console(enabled=False),
        )
    inline = list(_inline_actions(wanted, live, sides, is_new=is_new))
    yield from _adoption(desired, live, sides)
    yield from (action for action in inline if action.when is When.FIRST)
    yield from _identity_actions(desired, live, sides)
    yield from _suspension_actions(wanted, live, keys, not_again=ending(steps))
    yield from access_key_actions(wanted, live, keys, steps, sides)
    yield from _tag_actions(wanted, live)
    yield from _boundary_actions(wanted, live, sides)
    yield from _attachment_actions(wanted, live, sides)
    yield from (action for action in inline if action.when is not When.FIRST)
    yield from _group_actions(wanted, live, sides)
    yield from _console_actions(wanted, live, sides)
    if seen:
        yield from new_access_keys(wanted, live, keys, steps, needs=_guard_rails(wanted, sides))


def _adoption(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    if live.tags.get(OWNER_TAG) is None:
        mark = {OWNER_TAG: sides.desired.settings.owner}
        adopt = call.mark_user(replace(desired, name=live.name), mark, "adopt: the user exists and becomes ours")
        yield replace(adopt, subject=user_subject(desired.name))


def _identity_actions(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    if desired.name != live.name:
        yield call.rename_user(desired, live.name, tuple(_names_the_old_arn(live, sides)))
    if desired.path != live.path:
        yield call.update_user_path(desired, live.path, tuple(_names_the_old_arn(live, sides)))


def _names_the_old_arn(live: User, sides: Sides) -> Iterator[str]:
    """Principal elements follow a new name or path, text in Resource and Condition does not (API_UpdateUser)."""
    old = f"user{live.path}{live.name}"
    titled: list[tuple[str, Document | None]] = [
        (f"policy {policy.name}", policy.document) for policy in sides.known.policies.values()
    ]
    owners: list[User | Group] = [*sides.known.users.values(), *sides.known.groups.values()]
    for owner in owners:
        titled += [(f"inline policy {name} of {owner.name}", document) for name, document in owner.inline.items()]
    for title, document in titled:
        if document is not None and f'{old}"' in document.render():
            yield f"{title} names the old ARN ({old}): it no longer means this user"


def _suspension_actions(
    desired: User, live: User, keys: Sequence[AccessKey], *, not_again: frozenset[str]
) -> Iterator[Action]:
    if desired.suspended:
        active = sorted(key.id for key in keys if key.active and key.id not in not_again)
        if active and SUSPENDED_KEYS_TAG not in live.tags:  # a key that is made meanwhile is not to come back
            mark = {SUSPENDED_KEYS_TAG: " ".join(active)}
            yield call.mark_user(desired, mark, "remember which access keys were active")
        for key in active:
            yield way_in.deactivate_access_key(desired, key, reason(desired.origin))
    elif SUSPENDED_KEYS_TAG in live.tags:
        recorded = live.tags[SUSPENDED_KEYS_TAG].split()
        for one in keys:
            if one.id in recorded and not one.active and one.id not in not_again:
                yield way_in.activate_access_key(desired, one.id, needs=frozenset())
        yield call.untag_user(
            desired, [SUSPENDED_KEYS_TAG], summary="forget which access keys were active", when=When.LAST
        )


def _tag_actions(desired: User, live: User) -> Iterator[Action]:
    stale, missing = tag_changes(desired.tags, live.tags)
    if stale:
        yield call.untag_user(desired, stale)
    if missing:
        yield call.tag_user(desired, missing)


def _boundary_actions(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    if desired.boundary == live.boundary:
        return
    if desired.boundary is None:
        if live.boundary is not None:
            yield call.delete_user_permissions_boundary(desired, live.boundary)
        return
    yield call.put_user_permissions_boundary(
        desired,
        desired.boundary,
        old=live.boundary,
        shift=shift_of(sides.boundary_change(live.boundary, desired.boundary)),
        needs=sides.declared(desired.boundary),
    )


def _attachment_actions(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    new = sorted(desired.attachments - live.attachments, key=lambda one: one.policy)
    for one in new:
        shift = comes(sides.rights(one.policy))
        yield call.attach_user_policy(desired, one, shift=shift, needs=sides.declared(one.policy))
    gone = sorted(live.attachments - desired.attachments, key=lambda one: one.policy)
    detached = [call.detach_user_policy(desired, one.policy, shift=goes(sides.rights(one.policy))) for one in gone]
    limit = sides.desired.settings.quotas.policies_per_user
    yield from with_room(detached, len(live.attachments) + len(new) - limit, f"{limit} attached policies")


def _inline_actions(desired: User, live: User, sides: Sides, *, is_new: bool) -> Iterator[Action]:
    apart = sides.texts_in_steps(user_subject(desired.name))
    for name, change in changed_texts(desired.inline, live.inline, limit=INLINE_SIZE, apart=apart):
        if name == SUSPENDED_POLICY and not is_new:  # before a new name, which may bring rights
            cut_off = call.put_user_policy(replace(desired, name=live.name), name, change)
            yield replace(cut_off, subject=user_subject(desired.name), when=When.FIRST)
        else:
            yield call.put_user_policy(desired, name, change)
    deleted = [
        call.delete_user_policy(desired, name, old=live.inline[name], shift=text_goes(live.inline[name]))
        for name in sorted(live.inline.keys() - desired.inline.keys())
    ]
    needed = to_go_early(desired.inline, live.inline, INLINE_SIZE)
    yield from with_room(deleted, needed, f"{INLINE_SIZE} characters of inline policies")


def _group_actions(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    wanted, found = desired.groups or frozenset(), live.groups or frozenset()
    for name in sorted(wanted - found):
        needs = frozenset({f"group/{name}"} if name in sides.desired.groups else ())
        yield call.add_user_to_group(desired, name, shift=comes(sides.rights_of_group(name)), needs=needs)
    left = [
        call.remove_user_from_group(desired, name, shift=goes(sides.rights_of_group(name)))
        for name in sorted(found - wanted)
    ]
    yield from with_room(left, len(found) + len(wanted - found) - GROUPS_PER_USER, f"{GROUPS_PER_USER} groups")


def _console_actions(desired: User, live: User, sides: Sides) -> Iterator[Action]:
    wanted = desired.console
    if wanted is None or live.console is None or live.console == wanted:
        return
    if not wanted.enabled:
        yield way_in.delete_login_profile(desired, reason(wanted.origin, desired.origin))
        return
    yield way_in.create_login_profile(desired, wanted, needs=_guard_rails(desired, sides))


def _guard_rails(desired: User, sides: Sides) -> frozenset[str]:
    """What must not have failed before somebody is let in."""
    groups = frozenset(f"group/{name}" for name in desired.groups or () if name in sides.desired.groups)
    return sides.all_declared(desired.attachments) | groups
