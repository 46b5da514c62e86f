"""Groups that are ours: what they carry, and their end. Members are the users' own business."""

from collections.abc import Iterator

from iamsync.core.action import Action
from iamsync.core.change import CreateGroup, Delete, Move
from iamsync.core.diff.owners import attachment_actions, entity_of, inline_actions
from iamsync.core.iam_limits import GROUP_INLINE_SIZE, POLICIES_PER_GROUP
from iamsync.core.model import Group, group_subject
from iamsync.core.plan_input import PlanInput


def group_actions(desired: Group, live: Group | None, plan: PlanInput) -> Iterator[Action]:
    """The actions that bring a declared group into line."""
    subject = group_subject(desired.name)
    if live is None:
        yield Action(change=CreateGroup(desired), subject=subject, reason=desired.origin)
        live = Group(name=desired.name, path=desired.path)
    if desired.path != live.path:
        move = Move(entity_of(desired), live.path, desired.path)
        yield Action(change=move, subject=subject, reason=desired.origin)
    yield from attachment_actions(desired, live, POLICIES_PER_GROUP, plan)
    yield from inline_actions(desired, live, GROUP_INLINE_SIZE, plan)


def leaving_group_actions(live: Group, plan: PlanInput) -> Iterator[Action]:
    """The difference to a bare group, then its end."""
    bare = Group(name=live.name, path=live.path)
    yield from attachment_actions(bare, live, POLICIES_PER_GROUP, plan)
    yield from inline_actions(bare, live, GROUP_INLINE_SIZE, plan)
    yield Action(change=Delete(entity_of(live)), subject=group_subject(live.name))
