"""Users: from birth, through every change, to suspension and back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iamsync.core.action import Action, ActionNote, Timing
from iamsync.core.change import (
    Change,
    CreateUser,
    DeleteInline,
    Join,
    Leave,
    Move,
    PutInline,
    RemoveTags,
    Rename,
    SetBoundary,
    SetKeyStatus,
    SetTags,
)
from iamsync.core.deny import was_suspended
from iamsync.core.diff.access_keys import access_key_actions, ending, new_access_keys, note_before
from iamsync.core.diff.old_arn import naming_the_old_arn
from iamsync.core.diff.owners import attachment_actions, entity_of, inline_actions, with_room
from iamsync.core.diff.passwords import password_actions
from iamsync.core.diff.suspension import (
    as_suspended,
    begins_suspension,
    ends_suspension,
)
from iamsync.core.diff.tags import tag_changes
from iamsync.core.iam_limits import GROUPS_PER_USER, USER_INLINE_SIZE
from iamsync.core.keys import due
from iamsync.core.model import AccessKey, Console, Credentials, User, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope.destination import has_room, is_elsewhere
from iamsync.core.tags import DELIVERY_TAG, OWNER_TAG, SUSPENDED_KEYS_TAG


def user_actions(desired: User, live: User | None, plan: PlanInput) -> Iterator[Action]:
    """The actions that bring a declared user into line."""
    wanted = as_suspended(desired, live, plan)
    seen = Credentials() if live is None else plan.known.credentials.get(live.name)
    keys = seen.access_keys if seen else ()
    steps = due(wanted, live, keys if seen else None)
    is_new = live is None
    if live is None:
        delivery = {DELIVERY_TAG: desired.destination} if desired.destination else {}
        born = replace(desired, tags={**desired.tags, **delivery, **note_before(keys, steps)})
        yield Action(change=CreateUser(born), subject=user_subject(born.name), reason=born.origin)
        live = User(
            name=born.name,
            path=born.path,
            tags=born.tags,
            boundary=born.boundary,
            groups=frozenset(),
            console=Console(enabled=False),
        )
    policies = [*_boundary_actions(wanted, live), *_policy_actions(wanted, live, plan)]
    if wanted.suspended and not is_new:
        policies = list(_suspending_first(policies, live))
    first = [action for action in policies if action.timing is Timing.FIRST]
    yield from _adoption(desired, live, plan)
    yield from sorted(first, key=begins_suspension)
    yield from _identity_actions(desired, live, plan)
    yield from _suspension_actions(wanted, live, keys, not_again=ending(steps))
    yield from access_key_actions(wanted, live, keys, steps, plan)
    yield from _tag_actions(wanted, live)
    if not is_new:
        yield from _destination_actions(desired, plan.known.users.get(live.name, live))
    yield from (action for action in policies if action.timing not in {Timing.FIRST, Timing.LAST})
    yield from _group_actions(wanted, live, plan)
    yield from password_actions(wanted, live, plan)
    if seen:
        yield from new_access_keys(wanted, live, keys, steps)
    yield from (action for action in policies if action.timing is Timing.LAST)


def _adoption(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    if OWNER_TAG in desired.tags and OWNER_TAG not in live.tags:
        mark = SetTags(entity_of(live), {OWNER_TAG: plan.desired.settings.owner})
        yield _action(desired, mark, timing=Timing.FIRST)


def _identity_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    is_moved = (desired.name, desired.path) != (live.name, live.path)
    notes = tuple(naming_the_old_arn(f"user{live.path}{live.name}", plan)) if is_moved else ()
    if desired.name != live.name:
        yield _action(desired, Rename(live.name, desired.name), timing=Timing.FIRST, notes=notes)
    if desired.path != live.path:
        yield _action(desired, Move(entity_of(desired), live.path, desired.path), notes=notes)


def _suspension_actions(
    desired: User, live: User, keys: Sequence[AccessKey], *, not_again: frozenset[str]
) -> Iterator[Action]:
    if desired.suspended:
        active = sorted(key.id for key in keys if key.active and key.id not in not_again)
        if active and SUSPENDED_KEYS_TAG not in live.tags:  # a key that is made meanwhile is not to come back
            mark = SetTags(entity_of(desired), {SUSPENDED_KEYS_TAG: " ".join(active)})
            yield _action(desired, mark, timing=Timing.FIRST)
        for key in active:
            yield _action(desired, SetKeyStatus(desired.name, key, active=False), timing=Timing.FIRST)
    elif SUSPENDED_KEYS_TAG in live.tags:
        recorded = live.tags[SUSPENDED_KEYS_TAG].split() if was_suspended(live) else []
        for one in keys:
            if one.id in recorded and not one.active and one.id not in not_again:
                yield _action(desired, SetKeyStatus(desired.name, one.id, active=True), timing=Timing.LAST)
        untag = RemoveTags(entity_of(desired), (SUSPENDED_KEYS_TAG,))
        yield Action(change=untag, subject=user_subject(desired.name), timing=Timing.LAST)


def _tag_actions(desired: User, live: User) -> Iterator[Action]:
    stale, missing = tag_changes(desired.tags, live.tags)
    if stale:
        yield Action(change=RemoveTags(entity_of(desired), stale), subject=user_subject(desired.name))
    if missing:
        yield _action(desired, SetTags(entity_of(desired), missing))


def _destination_actions(desired: User, live: User) -> Iterator[Action]:
    """The tag that says where secrets go, which the next run relies on."""
    if not is_elsewhere(desired, live) or not has_room(desired, live):
        return
    user, where = entity_of(desired), desired.destination
    yield _action(desired, SetTags(user, {DELIVERY_TAG: where}) if where else RemoveTags(user, (DELIVERY_TAG,)))


def _boundary_actions(desired: User, live: User) -> Iterator[Action]:
    if desired.boundary == live.boundary:
        return
    change = SetBoundary(desired.name, live.boundary, desired.boundary)
    reason = desired.origin if desired.boundary else None
    action = Action(change=change, subject=user_subject(desired.name), reason=reason)
    yield replace(action, timing=Timing.LAST) if ends_suspension(action) else action


def _policy_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    """Attached and inline policies; the Deny of a suspension is deleted last of all: the suspension ends with it."""
    limit = plan.desired.settings.quotas.policies_per_user
    yield from attachment_actions(desired, live, limit, plan)
    for action in inline_actions(desired, live, USER_INLINE_SIZE, plan):
        yield replace(action, timing=Timing.LAST) if ends_suspension(action) else action


def _suspending_first(actions: Sequence[Action], live: User) -> Iterator[Action]:
    """The Deny of a suspension comes first, before a new name, which may bring permissions, and what must make room for
    it before it.
    """
    denies = [action for action in actions if begins_suspension(action)]
    for action in actions:
        makes_room = action.timing is Timing.ROOM and isinstance(action.change, DeleteInline)
        yield _by_old_name(action, live) if action in denies or (denies and makes_room) else action


def _by_old_name(action: Action, live: User) -> Action:
    """The action before all others, when a user who is renamed still has the old name."""
    match action.change:
        case PutInline() | DeleteInline() as change:
            return replace(action, change=replace(change, owner=entity_of(live)), timing=Timing.FIRST)
        case SetBoundary() as change:
            return replace(action, change=replace(change, user=live.name), timing=Timing.FIRST)
        case _:
            return action


def _group_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    wanted, found = desired.groups or frozenset(), live.groups or frozenset()
    for group in sorted(wanted - found):
        yield _action(desired, Join(desired.name, group))
    removals = [
        Action(change=Leave(desired.name, group), subject=user_subject(desired.name))
        for group in sorted(found - wanted)
    ]
    needed = len(found) + len(wanted - found) - GROUPS_PER_USER
    yield from with_room(removals, needed, f"{GROUPS_PER_USER} groups", plan)


def _action(
    desired: User, change: Change, *, timing: Timing = Timing.IN_ORDER, notes: tuple[ActionNote, ...] = ()
) -> Action:
    return Action(change=change, subject=user_subject(desired.name), reason=desired.origin, timing=timing, notes=notes)
