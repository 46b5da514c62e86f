"""Strangers: who is in a group of ours and is not declared. They have what the group has, and gain what it gains."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from iamsync.core.action import Action, StrangersNote
from iamsync.core.hold import gives
from iamsync.core.model import DesiredState, group_subject, user_subject
from iamsync.core.order import concerned
from iamsync.core.picture import AccountPicture
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note
from iamsync.core.scope.members import Members


def stranger_notes(strangers: Members, desired: DesiredState) -> Iterator[Note]:
    """Each group with the strangers who stay in it."""
    for group, names in strangers.items():
        text = f"has members who are not declared, and who have what the group has: {', '.join(names)}"
        if desired.groups[group].removes_strangers:
            text = (
                f"`strangers: remove` leaves members alone who are declared, required or protected: {', '.join(names)}"
            )
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
