"""What is held back: a blockage stops only what it touches, and never a revocation (docs/promises.md).

A hold is about a subject: it holds back actions of the subject that grant permissions, create credentials or loosen a
restriction. For a protected user, it holds back every action that concerns the user. Two kinds of actions follow:

- those that depend on an action that is held back;
- those that would now harm a user, by the rule of `order` that also holds after a failure.

All else is done.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import Action, Timing
from iamsync.core.change import Kind
from iamsync.core.joining import harmful_joins
from iamsync.core.keys import note_tag
from iamsync.core.limit import is_irreversible
from iamsync.core.model import Origin, group_subject, user_subject
from iamsync.core.order import Ended, Hindrance, Ordered, Progress, concerned, effect_of
from iamsync.core.picture import AccountPicture
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note
from iamsync.core.tags import (
    DELIVERED_TAG,
    MFA_DEVICES_TAG,
    OWNER_TAG,
    RETIRED_KEY_TAG,
    SUSPENDED_KEYS_TAG,
    UNCLAIMED_TAG,
)

_GIVING = (
    to.CreateUser | to.CreateGroup | to.CreatePolicy | to.Rename | to.Move | to.RemoveTags | to.CreatePassword
    | to.ReplacePassword | to.CreateAccessKey | to.DeleteVersion
)  # fmt: skip
_FOR_A_NEW_KEY = note_tag(to.THIS_RUN)
_BEFORE_A_REVOCATION = frozenset({OWNER_TAG, SUSPENDED_KEYS_TAG, RETIRED_KEY_TAG, MFA_DEVICES_TAG, UNCLAIMED_TAG})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """What is not done about a subject, although it is declared: why, where that is declared, and which actions."""

    subject: str
    text: str
    origin: Origin | None = None
    actions: tuple[Action, ...] = ()

    @classmethod
    def of(cls, note: Note) -> "HeldBack":
        """What is left alone as a whole."""
        return cls(subject=note.subject, text=note.text, origin=note.origin)


Holds = Mapping[str, Note]
"""Why what grants, mints or loosens is held back, by subject."""

NO_HOLDS: Final[Holds] = {}


def together(notes: Iterable[Note]) -> dict[str, Note]:
    """Holds by subject, each with every reason once, and with what any of them needs."""
    found: dict[str, Note] = {}
    for note in notes:
        first = found.get(note.subject, note)
        text = first.text if note.text in first.text else f"{first.text}; {note.text}"
        keeps = first.keeps or note.keeps
        only = first.credentials_only and note.credentials_only
        found[note.subject] = replace(
            first, text=text, needs=first.needs | note.needs, keeps=keeps, credentials_only=only
        )
    return found


def gives(action: Action, plan: PlanInput) -> bool:
    """Whether an action grants, mints or loosens something, or prepares that; what only revokes does not. Policies and
    groups are judged by what they carry after the plan.
    """
    match action.change:
        case to.SetKeyStatus(active=active):
            return active
        case to.SetTags(_, tags):
            return not tags.keys() <= _BEFORE_A_REVOCATION
        case to.Move(to.Entity(Kind.GROUP)) if action.timing is Timing.FIRST:
            return False  # adoption, as the ownership tag of a user
        case change if isinstance(change, _GIVING):
            return True
        case change:
            effect = effect_of(change, _at_its_end(plan))
            joins = isinstance(change, to.Join) and not effect.denies_come  # a group without policies may get some
            return effect.allows_come or effect.denies_go or joins


def _at_its_end(plan: PlanInput) -> PlanInput:
    """The input in which policies and groups are already as declared."""
    ending = plan.live.groups.keys() - plan.desired.groups.keys()
    staying = {name: group for name, group in plan.known.groups.items() if name not in ending}
    groups, policies = {**staying, **plan.desired.groups}, {**plan.known.policies, **plan.desired.policies}
    return replace(plan, known=replace(plan.known, groups=groups, policies=policies))


def hold_back(
    ordered: Ordered, plan: PlanInput, holds: Holds, over_limit: str, left_out: AbstractSet[int] = frozenset()
) -> tuple[tuple[Action, ...], tuple[HeldBack, ...]]:
    """The actions that are done, and what is held back of the others, by subject. `over_limit` says why nothing may be
    deleted that cannot be made again, if so. What is `left_out` (numbers) is not done either, and is not held back.
    """
    guards = plan.desired.settings.guards
    if not (holds or over_limit or left_out or guards.protected_users or guards.required_users):
        return ordered.actions, ()  # nothing can be in the way
    found = _held(ordered, plan, holds, over_limit, left_out)
    gone = found.keys() | left_out
    if not gone:
        return ordered.actions, ()
    kept = tuple(action for number, action in enumerate(ordered.actions) if number not in gone)
    return kept, tuple(_by_subject(ordered.actions, found))


def _held(
    ordered: Ordered, plan: PlanInput, holds: Holds, over_limit: str, left_out: AbstractSet[int]
) -> dict[int, Note]:
    """The actions that are held back, by number, each with the reason. What a text that nobody knows may allow is no
    reason not to revoke something. What had to wait in the order of the plan may be possible when all else is done.
    """
    before = plan.certain_picture
    progress = Progress(ordered.actions, ordered.graph, before)
    held = _directly_held(ordered.actions, plan, holds, over_limit)
    for number, words in harmful_joins(ordered.actions, held.keys() | left_out, plan.picture):
        held.setdefault(number, _not_yet(ordered.actions[number], words, is_part=bool(left_out)))
    found: dict[int, Note] = {}
    consequences: list[int] = []
    while not progress.is_waiting:
        number = progress.start()
        if number in left_out:
            progress.end(number, Ended.NOT_DONE)
            continue
        action = ordered.actions[number]
        note = held.get(number)
        if note is None and (hindrance := progress.hindrance(number)):
            note = _consequence(action, hindrance, ordered.actions, found, is_part=bool(left_out))
            consequences.append(number)
        if note is not None:
            found[number] = note
        progress.end(number, Ended.DONE if note is None else Ended.NOT_DONE)
    while (possible := next((one for one in consequences if not progress.hindrance(one)), None)) is not None:
        progress.done_after_all(possible)
        consequences.remove(possible)
        del found[possible]
    return found


def _directly_held(actions: Sequence[Action], plan: PlanInput, holds: Holds, over_limit: str) -> dict[int, Note]:
    """The actions that are held back whatever becomes of the others."""
    before = plan.certain_picture
    found: dict[int, Note] = {}
    for number, (action, users) in enumerate(zip(actions, concerned(actions, before), strict=True)):
        note = _protected(action, users, before, plan) or _hold(action, plan, holds)
        if note is None and over_limit and is_irreversible(action):
            note = Note(subject=action.subject, text=over_limit, origin=action.reason)
        if note is not None:
            found[number] = note
    return found


def _hold(action: Action, plan: PlanInput, holds: Holds) -> Note | None:
    note = holds.get(action.subject)
    if note is None:
        return None
    is_held = (
        (_makes_credentials(action) if note.credentials_only else gives(action, plan))
        or not note.needs.isdisjoint(used(action.change))
        or (note.keeps and is_irreversible(action))
    )
    return note if is_held else None


def _makes_credentials(action: Action) -> bool:
    """Whether an action makes a password or an access key, is a claim for a key, or makes room for it; or notes when a
    password is delivered.
    """
    makes_room = action.timing is Timing.ROOM and isinstance(action.change, to.DeleteAccessKey)
    makes = isinstance(action.change, to.Minting)
    return makes or makes_room or not to.tag_keys(action.change).isdisjoint({_FOR_A_NEW_KEY, DELIVERED_TAG})


def used(change: to.Change) -> Iterator[str]:
    """The policies and groups that a change attaches, sets or joins, and the inline policy that it writes."""
    match change:
        case to.Attach(_, policy):
            yield policy
        case to.SetBoundary(new=policy) if policy:
            yield policy
        case to.Join(_, group):
            yield group
        case to.PutInline(name=name):
            yield f"inline policy {name}"
        case _:
            pass


def _protected(action: Action, users: AbstractSet[str], before: AccountPicture, plan: PlanInput) -> Note | None:
    """Protected users are never changed: neither themselves nor through a policy or group. A user who is renamed is
    protected by either name. So is a required user whom the plan would suspend: only that user, not what others share.
    """
    guards = plan.desired.settings.guards
    for name in guards.required_users:
        user = plan.desired.users.get(name) if action.subject == user_subject(name) else None
        if user is not None and user.suspended:
            text = "is required by settings.guards.required_users and is not suspended: change the one or the other"
            return Note(subject=action.subject, text=text, origin=action.reason)
    for name in sorted(users) if guards.protected_users else ():
        old = before.users[name].name if name in before.users else name
        pattern = guards.protecting(name) or guards.protecting(old)
        if pattern is None:
            continue
        if action.subject == user_subject(name):
            why = f'is protected by "{pattern}" and left as it is'
            text = f"{why}: change the files, or settings.guards.protected_users"
        else:
            text = (
                f'would change what {name} may do, who is protected by "{pattern}": detach it from {name} yourself, '
                "or put the change into a policy or group that the user does not have"
            )
        return Note(subject=action.subject, text=text, origin=action.reason)
    return None


def _not_yet(join: Action, words: str, *, is_part: bool) -> Note:
    group = join.change.group if isinstance(join.change, to.Join) else ""
    undone = "what --only leaves out" if is_part else "what is held back there"
    text = f"does not join {group_subject(group)} yet: {undone} {words}"
    return Note(subject=join.subject, text=text, origin=join.reason)


def _consequence(
    action: Action, hindrance: Hindrance, actions: Sequence[Action], found: Mapping[int, Note], *, is_part: bool
) -> Note:
    if hindrance.blocked_by is not None:
        cause = actions[hindrance.blocked_by].subject
        if cause == action.subject:
            return found[hindrance.blocked_by]
        text = f"depends on {cause}, where something is held back"
    else:
        without = "what --only leaves out" if is_part and not found else "what is held back"
        text = (
            f"without {without}, it would leave {hindrance.harmed} with permissions that neither the old nor "
            "the new state gives, or without permissions that both give"
        )
    return Note(subject=action.subject, text=text, origin=action.reason)


def _by_subject(actions: Sequence[Action], notes: Mapping[int, Note]) -> Iterator[HeldBack]:
    """One entry for each subject and reason; the actions in the order of the plan."""
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, note in notes.items():
        grouped[note.subject, note.text].append(number)
    for (subject, text), numbers in sorted(grouped.items()):
        origin = next((notes[number].origin for number in numbers if notes[number].origin), None)
        held = tuple(actions[number] for number in sorted(numbers))
        yield HeldBack(subject=subject, text=text, origin=origin, actions=held)
