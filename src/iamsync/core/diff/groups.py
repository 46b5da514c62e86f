"""Groups that are ours: what they carry, and their end. Members are the users' own business."""

from collections.abc import Iterator

from iamsync.core.action import Action
from iamsync.core.action import groups as call
from iamsync.core.diff.inline import changed_texts, to_go_early
from iamsync.core.diff.room import with_room
from iamsync.core.diff.sides import Sides, comes, goes, text_goes
from iamsync.core.model import Group, group_subject, user_subject

POLICIES_PER_GROUP = 10
"""IAM quota "Managed policies attached to an IAM group", fixed."""

INLINE_SIZE = 5120
"""IAM quota "Inline policies of a group", in characters of all of them together, fixed."""


def group_actions(desired: Group, live: Group | None, sides: Sides) -> Iterator[Action]:
    """The calls that make a declared group so."""
    if live is None:
        yield call.create_group(desired)
        live = Group(name=desired.name, path=desired.path)
    if desired.path != live.path:
        yield call.update_group_path(desired, live.path)
    yield from _attachment_actions(desired, live, sides)
    yield from _inline_actions(desired, live, sides)


def leaving_group_actions(live: Group, sides: Sides) -> Iterator[Action]:
    """The difference to a bare group, then its end, for which its members must have left."""
    bare = Group(name=live.name, path=live.path)
    yield from _attachment_actions(bare, live, sides)
    yield from _inline_actions(bare, live, sides)
    members = (user.name for user in sides.live.users.values() if live.name in (user.groups or ()))
    yield call.delete_group(live, needs=frozenset(map(user_subject, members)))


def _attachment_actions(desired: Group, live: Group, sides: Sides) -> Iterator[Action]:
    new = sorted(desired.attachments - live.attachments, key=lambda one: one.policy)
    for one in new:
        shift = comes(sides.rights(one.policy))
        yield call.attach_group_policy(desired, one, shift=shift, needs=sides.declared(one.policy))
    gone = sorted(live.attachments - desired.attachments, key=lambda one: one.policy)
    detached = [call.detach_group_policy(desired, one.policy, shift=goes(sides.rights(one.policy))) for one in gone]
    needed = len(live.attachments) + len(new) - POLICIES_PER_GROUP
    yield from with_room(detached, needed, f"{POLICIES_PER_GROUP} attached policies")


def _inline_actions(desired: Group, live: Group, sides: Sides) -> Iterator[Action]:
    apart = sides.texts_in_steps(group_subject(desired.name))
    for name, change in changed_texts(desired.inline, live.inline, limit=INLINE_SIZE, apart=apart):
        yield call.put_group_policy(desired, name, change)
    deleted = [
        call.delete_group_policy(desired, name, old=live.inline[name], shift=text_goes(live.inline[name]))
        for name in sorted(live.inline.keys() - desired.inline.keys())
    ]
    needed = to_go_early(desired.inline, live.inline, INLINE_SIZE)
    yield from with_room(deleted, needed, f"{INLINE_SIZE} characters of inline policies")
