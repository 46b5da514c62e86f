"""What of a plan a reviewer must look at first: removals, new administrators and credentials, loosened boundaries,
temporary windows, and users who gain though nobody declares them.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import GROUP, POLICY, Action, StrangersNote
from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.picture import AccountPicture, Owner, Seen
from iamsync.core.plan_input import UNKNOWN_TEXT
from iamsync.core.tags import DELIVERY_TAG
from iamsync.core.verb import Verb


class Risk(Enum):
    """Why an action deserves a look, in the order in which a reviewer should see them."""

    REMOVAL = "removal"
    ADMINISTRATOR = "administrator"
    """It gives a user, or whoever has a policy or group, all actions or all of IAM on all resources."""
    DELIVERY = "delivery"
    """It says that new passwords and access keys of a user go elsewhere."""
    CREDENTIAL = "credential"
    """It creates, replaces or activates what somebody signs in with."""
    BOUNDARY = "boundary"
    """It removes or replaces a permissions boundary, or changes the text of one."""
    WINDOW = "window"
    UNDECLARED = "undeclared"
    """Users gain by it whom no file declares."""


_ALL: Final = frozenset({"*", "*:*", "iam:*"})
_CREDENTIALS: Final = to.CreatePassword | to.ReplacePassword | to.CreateAccessKey


def risks(actions: Sequence[Action], before: AccountPicture) -> tuple[tuple[Risk, ...], ...]:
    """What to look at first of `actions`, done to the account `before`: the risks of each, in the order of the plan."""
    after = before.after_all(actions)
    boundaries = frozenset(_boundaries(actions, before, after))
    return tuple(tuple(_risks(action, after, boundaries)) for action in actions)


def _risks(action: Action, after: AccountPicture, boundaries: frozenset[Arn]) -> Iterator[Risk]:
    change = action.change
    if action.verb is Verb.REMOVE:
        yield Risk.REMOVAL
    if _makes_administrators(change, after):
        yield Risk.ADMINISTRATOR
    if DELIVERY_TAG in to.tag_keys(change):
        yield Risk.DELIVERY
    if isinstance(change, _CREDENTIALS) or (isinstance(change, to.SetKeyStatus) and change.active):
        yield Risk.CREDENTIAL
    if _touches_boundary(change, boundaries):
        yield Risk.BOUNDARY
    if action.window is not None:
        yield Risk.WINDOW
    if any(isinstance(note, StrangersNote) for note in action.notes):
        yield Risk.UNDECLARED


def _boundaries(actions: Sequence[Action], before: AccountPicture, after: AccountPicture) -> Iterator[Arn]:
    """The policies that are the boundary of somebody, before the plan or after it."""
    changed = (after.seen(action.key) for action in actions)
    owners = (one for one in changed if isinstance(one, Owner))
    found = {*(user.boundary for user in before.users.values()), *(owner.boundary for owner in owners)}
    yield from (boundary for boundary in found if boundary is not None)


def _touches_boundary(change: to.Change, boundaries: frozenset[Arn]) -> bool:
    match change:
        case to.SetBoundary(old=old):
            return old is not None
        case to.NewVersion(policy) | to.RestoreVersion(policy):
            return policy in boundaries
        case _:
            return False


def _makes_administrators(change: to.Change, after: AccountPicture) -> bool:
    match change:
        case to.Attach(_, policy):
            return _gives_all(after.seen((POLICY, policy)))
        case to.PutInline(_, _, old, new) | to.NewVersion(_, old, new) | to.RestoreVersion(_, _, old, new):
            return _gives_all(new) and not _gives_all(old)
        case to.Join(_, group):
            return any(map(_gives_all, _texts(after.seen((GROUP, group)), after)))
        case _:
            return False


def _texts(owner: Seen, picture: AccountPicture) -> Iterator[Seen]:
    if isinstance(owner, Owner):
        yield from (picture.seen((POLICY, policy)) for policy in owner.policies)
        yield from owner.inline.values()


def _gives_all(text: Seen) -> bool:
    """Whether a text allows all actions, or all of IAM, on all resources; under a condition, too."""
    return isinstance(text, Document) and any(
        statement.effect == "Allow"
        and statement.action_element == "Action"
        and not _ALL.isdisjoint(statement.actions.meaning)
        and statement.resource_element == "Resource"
        and "*" in statement.resources.meaning
        and not any(condition.key == UNKNOWN_TEXT for condition in statement.conditions)
        for statement in text.statements
    )
