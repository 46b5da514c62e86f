"""Strangers: who is in a group of ours and is not declared. They have what the group has, and gain what it gains."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from iamsync.core.action import Action, StrangersNote
from iamsync.core.hold import gives
from iamsync.core.model import DesiredState, LiveState, group_subject, user_subject
from iamsync.core.order import concerned
from iamsync.core.picture import AccountPicture
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note


def strangers_in(desired: DesiredState, live: LiveState) -> dict[str, tuple[str, ...]]:
    """The live members of each declared group who are not declared, by group, if there are any."""
    members: dict[str, list[str]] = {}
    for name, user in sorted(live.users.items()):
        for group in user.groups or () if name not in desired.users else ():
            members.setdefault(group, []).append(name)
    return {group: tuple(names) for group, names in sorted(members.items()) if group in desired.groups}


def stranger_notes(strangers: Mapping[str, tuple[str, ...]], desired: DesiredState) -> Iterator[Note]:
    """Each group with its strangers."""
    for group, names in strangers.items():
        text = f"has members who are not declared, and who have what the group has: {', '.join(names)}"
        yield Note(subject=group_subject(group), text=text, origin=desired.groups[group].origin)


def naming_strangers(
    actions: Sequence[Action], before: AccountPicture, strangers: AbstractSet[str], plan: PlanInput
) -> tuple[Action, ...]:
    """The same actions; those of policies and groups that give something name the strangers whom they reach."""
    if not strangers:
        return tuple(actions)
    reached = concerned(actions, before)
    return tuple(
        replace(action, notes=(*action.notes, StrangersNote(names)))
        if not action.subject.startswith(user_subject(""))
        and (names := tuple(sorted(users & strangers)))
        and gives(action, plan)
        else action
        for action, users in zip(actions, reached, strict=True)
    )
