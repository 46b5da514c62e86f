"""What adoption changes: of each user, group and policy that a plan adopts, what the plan does beside marking it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from iamsync.core.action import Action
from iamsync.core.change import Change, Kind, Move, RemoveTags, SetTags
from iamsync.core.model import Group
from iamsync.core.scope.groups import adopted_path, owner_of_group
from iamsync.core.tags import OWNER_TAG


class Effect(Enum):
    """What adoption changes beside the mark of ownership."""

    NOTHING = "nothing"
    TAGS = "tags"
    PERMISSIONS = "permissions"
    """Policies, groups, path, boundary or credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A user, group or policy (`user/aiko`) that a plan adopts, and its other actions, in the order of the plan."""

    subject: str
    others: tuple[Action, ...] = ()

    @property
    def effect(self) -> Effect:
        """The most that the other actions change."""
        if not self.others:
            return Effect.NOTHING
        is_tags = all(isinstance(one.change, SetTags | RemoveTags) for one in self.others)
        return Effect.TAGS if is_tags else Effect.PERMISSIONS


def is_mark(change: Change, owner: str) -> bool:
    """Whether a change only makes something the owner's: it sets the tag, or moves a group below the owner's path."""
    match change:
        case SetTags(tags=tags):
            return tags == {OWNER_TAG: owner}
        case Move(entity, old, new) if entity.kind is Kind.GROUP:
            is_free = owner_of_group(Group(name=entity.id, path=old)) is None
            return is_free and new == adopted_path(old, owner)
        case _:
            return False


def adopted(actions: Sequence[Action], owner: str) -> tuple[Adopted, ...]:
    """What is adopted, sorted by subject."""
    subjects = sorted({action.subject for action in actions if is_mark(action.change, owner)})
    return tuple(Adopted(subject=subject, others=tuple(_others(subject, actions, owner))) for subject in subjects)


def _others(subject: str, actions: Iterable[Action], owner: str) -> Iterable[Action]:
    return (one for one in actions if one.subject == subject and not is_mark(one.change, owner))
