"""Groups that are ours: what they carry, and their end. Members are the users' own business."""

from collections.abc import Iterator

from iamsync.core.action import Action, GroupMove, Timing
from iamsync.core.change import CreateGroup, Delete, Leave, Move
from iamsync.core.diff.old_arn import naming_the_old_arn
from iamsync.core.diff.owners import attachment_actions, entity_of, inline_actions
from iamsync.core.iam_limits import GROUP_INLINE_SIZE, POLICIES_PER_GROUP
from iamsync.core.model import Group, group_subject, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope.denies import with_denies
from iamsync.core.scope.groups import owner_of_group


def group_actions(desired: Group, live: Group | None, plan: PlanInput) -> Iterator[Action]:
    """The actions that bring a declared group into line."""
    subject = group_subject(desired.name)
    if live is None:
        yield Action(change=CreateGroup(desired), subject=subject, reason=desired.origin)
        live = Group(name=desired.name, path=desired.path)
    if desired.path != live.path:
        yield _move(desired, live, plan)
    yield from attachment_actions(desired, live, POLICIES_PER_GROUP, plan)
    yield from inline_actions(desired, live, GROUP_INLINE_SIZE, plan)


def _move(desired: Group, live: Group, plan: PlanInput) -> Action:
    """The call that moves a group; the first of all where that makes it the owner's."""
    owner = plan.desired.settings.owner
    moves: tuple[GroupMove, ...] = ()
    if owner_of_group(live) != owner:
        moves = (GroupMove.ADOPTED,)
    elif owner_of_group(desired) != owner:
        moves = (GroupMove.RELEASED,)
    return Action(
        change=Move(entity_of(desired), live.path, desired.path),
        subject=group_subject(desired.name),
        reason=desired.origin,
        timing=Timing.FIRST if GroupMove.ADOPTED in moves else Timing.IN_ORDER,
        notes=(*moves, *naming_the_old_arn(f"group{live.path}{live.name}", plan)),
    )


def stranger_actions(plan: PlanInput) -> Iterator[Action]:
    """The actions that remove from groups who is not declared."""
    for group, names in plan.strangers.items():
        for name in names:
            leave = Leave(name, group, is_stranger=True)
            yield Action(change=leave, subject=user_subject(name), reason=plan.desired.groups[group].origin)


def leaving_group_actions(live: Group, plan: PlanInput) -> Iterator[Action]:
    """The difference to a bare group, then its end. As long as nothing may be deleted, the Denies of others stay."""
    bare = Group(name=live.name, path=live.path)
    bare = bare if plan.may_delete else with_denies(bare, live, plan.denies)
    yield from attachment_actions(bare, live, POLICIES_PER_GROUP, plan)
    yield from inline_actions(bare, live, GROUP_INLINE_SIZE, plan)
    yield Action(change=Delete(entity_of(live)), subject=group_subject(live.name))
