"""What the scope of a plan says beside its actions: holds and warnings that nothing else says."""

from collections.abc import Iterable, Iterator, Sequence

from iamsync.core.action import Action
from iamsync.core.hold import HeldBack
from iamsync.core.order import concerned
from iamsync.core.picture import AccountPicture
from iamsync.core.scope import Note, Scope


def beside(
    scope: Scope, actions: Sequence[Action], before: AccountPicture, held_back: Sequence[HeldBack]
) -> Iterator[Note]:
    """The warnings, and the users on hold whom the actions of others reach."""
    yield from (note for note in scope.warnings if not _is_said(note, held_back))
    yield from _reached_on_hold(actions, before, scope.holds)


def _is_said(note: Note, held_back: Sequence[HeldBack]) -> bool:
    """Whether a note is the reason why something of its subject waits."""
    return bool(note.text) and any(one.subject == note.subject and note.text in one.text for one in held_back)


def _reached_on_hold(actions: Sequence[Action], before: AccountPicture, holds: Iterable[Note]) -> Iterator[Note]:
    """Users on hold whom changes of policies and groups reach: those concern others, too, and go on."""
    held = {note.subject: note for note in holds if note.keeps}
    reach = list(zip(actions, concerned(actions, before), strict=True)) if held else []
    for subject, note in sorted(held.items()):
        name = subject.partition("/")[2]
        shared = sorted({one.subject for one, users in reach if name in users and not one.subject.startswith("user/")})
        if shared:
            text = f"is on hold, and is reached by what changes for others: {', '.join(shared)}"
            yield Note(subject=subject, text=text, origin=note.origin)
