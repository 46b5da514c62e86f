"""Whom a changed policy text, or a changed group, reaches."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from iamsync.core import change as to
from iamsync.core.action import Action, ReachNote
from iamsync.core.arn import Arn
from iamsync.core.change import Kind
from iamsync.core.model import Attachment, DesiredState, group_subject, user_subject
from iamsync.core.order import concerned
from iamsync.core.picture import AccountPicture


def naming_holders(actions: Sequence[Action], before: AccountPicture, desired: DesiredState) -> tuple[Action, ...]:
    """The same actions; those that change what a policy says or what a group has count the declared users whom they
    reach, and name every other user and group.
    """
    if not any(map(_is_shared, actions)):
        return tuple(actions)
    reached = concerned(actions, before)
    return tuple(
        replace(action, notes=(*action.notes, _reach(action, users, before, desired))) if _is_shared(action) else action
        for action, users in zip(actions, reached, strict=True)
    )


def changed_policies(actions: Sequence[Action]) -> tuple[Arn, ...]:
    """The policies that exist and get another text, each once."""
    return tuple(dict.fromkeys(arn for action in actions if (arn := _policy(action)) is not None))


def naming_roles(actions: Sequence[Action], roles: Mapping[Arn, frozenset[str] | None]) -> tuple[Action, ...]:
    """The same actions with the roles (`role/ci`) that hold each changed policy; None where they cannot be read."""
    return tuple(_with_roles(action, roles) for action in actions)


def _with_roles(action: Action, roles: Mapping[Arn, frozenset[str] | None]) -> Action:
    policy = _policy(action)
    if policy is None or policy not in roles:
        return action
    found = roles[policy]
    notes = tuple(
        replace(note, others=tuple(sorted({*note.others, *(found or ())})), roles_unknown=found is None)
        if isinstance(note, ReachNote)
        else note
        for note in action.notes
    )
    return replace(action, notes=notes)


def _policy(action: Action) -> Arn | None:
    match action.change:
        case to.NewVersion(policy) | to.RestoreVersion(policy):
            return policy
        case _:
            return None


def _is_shared(action: Action) -> bool:
    match action.change:
        case to.NewVersion() | to.RestoreVersion():
            return True
        case to.Attach(owner) | to.Detach(owner) | to.PutInline(owner) | to.DeleteInline(owner):
            return owner.kind is Kind.GROUP
        case _:
            return False


def _reach(action: Action, users: AbstractSet[str], before: AccountPicture, desired: DesiredState) -> ReachNote:
    declared = users & desired.users.keys()
    others = {user_subject(name) for name in users - declared}
    if (policy := _policy(action)) is not None:
        held = Attachment(policy=policy)
        foreign = (group for name, group in before.groups.items() if name not in desired.groups)
        others |= {group_subject(group.name) for group in foreign if held in group.attachments}
    return ReachNote(declared=len(declared), others=tuple(sorted(others)))
