"""What must come before what, whether or not it is safe.

There are two kinds of edges. `needs` are actions that must have been done:

- a policy or group exists before it is used, and is used no longer before it is deleted;
- the ownership mark and the new name come before all that relies on them;
- everything about a user comes before the user gets a password or a key.

`follows` are actions that must have ended, done or not: the fixed places among the actions of one subject, and the
steps of one text.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from iamsync.core import change as to
from iamsync.core.action import GROUP, POLICY, Key, Timing
from iamsync.core.document import Document
from iamsync.core.order.concern import Planned
from iamsync.core.order.edges import Edges
from iamsync.core.picture import AccountPicture, Owner, Seen
from iamsync.core.tags import MFA_DEVICES_TAG, NEW_ACCESS_KEY_TAG, OWNER_TAG, UNCLAIMED_TAG


@dataclass(frozen=True)
class Needs:
    """The two kinds of edges, by place."""

    needs: Edges
    follows: Edges

    @property
    def all(self) -> dict[int, set[int]]:
        """Both together."""
        return {place: {*needed, *self.follows[place]} for place, needed in self.needs.items()}


def needs_of(plan: Sequence[Planned], before: AccountPicture, after: AccountPicture) -> Needs:
    """The edges between the actions of a plan, which come in the order of phases, from one account to another."""
    needs: dict[int, set[int]] = {one.place: set() for one in plan}
    follows: dict[int, set[int]] = {one.place: set() for one in plan}
    by_key: dict[Key, list[Planned]] = defaultdict(list)
    by_user: dict[str, list[Planned]] = defaultdict(list)
    for one in plan:
        by_key[one.key].append(one)
        for name in one.users:
            by_user[name].append(one)
    for place, needed in (*_existence(plan), *_deletions(plan, before)):
        needs[place].add(needed)
    for place, other, is_needed in _sign_ins(plan, by_user, after):
        (needs if is_needed else follows)[place].add(other)
    for mine in by_key.values():
        for place, needed in (*_of_one_entity(mine), *_denies_last(mine, before, after)):
            needs[place].add(needed)
        for place, earlier in _fixed_places(mine):
            follows[place].add(earlier)
    return Needs(needs, follows)


Edge = tuple[int, int]
"""(the place of an action, the place of one before it)"""


def _existence(plan: Sequence[Planned]) -> Iterator[Edge]:
    """Policies and groups are created, or groups adopted, before they are used."""
    created = {one.key: one.place for one in plan if _brings_into_being(one)}
    for one in plan if created else ():
        yield from ((one.place, created[key]) for key in _used(one.action.change) if key in created)


def _brings_into_being(one: Planned) -> bool:
    return isinstance(one.action.change, to.CreatePolicy | to.CreateGroup) or _adopts_group(one)


def _adopts_group(one: Planned) -> bool:
    return isinstance(one.action.change, to.Move) and one.action.timing is Timing.FIRST


def _used(change: to.Change) -> Iterator[Key]:
    match change:
        case to.Attach(_, policy):
            yield POLICY, policy
        case to.SetBoundary(new=policy) if policy:
            yield POLICY, policy
        case to.CreateUser(user) if user.boundary:
            yield POLICY, user.boundary
        case to.Join(_, group) | to.Leave(_, group, is_stranger=True):
            yield GROUP, group
        case _:
            pass


def _deletions(plan: Sequence[Planned], before: AccountPicture) -> Iterator[Edge]:
    """Whoever holds a policy, or is in a group, lets go of it before it, or a version of it, is deleted."""
    deleted: dict[Key, list[int]] = {one.key: [one.place] for one in plan if isinstance(one.action.change, to.Delete)}
    for one in plan if deleted else ():
        if isinstance(one.action.change, to.DeleteVersion) and one.key in deleted:
            deleted[one.key].append(one.place)
    for one in plan if deleted else ():
        for key in _let_go(one, before):
            yield from ((place, one.place) for place in deleted.get(key, ()) if key != one.key)


def _let_go(one: Planned, before: AccountPicture) -> Iterator[Key]:
    match one.action.change:
        case to.Detach(_, policy):
            yield POLICY, policy
        case to.SetBoundary(old=policy) if policy:
            yield POLICY, policy
        case to.Leave(_, group):
            yield GROUP, group
        case to.Delete():
            yield from _held(before.seen(one.key))
        case _:
            pass


def _held(owner: Seen) -> Iterator[Key]:
    if isinstance(owner, Owner):
        yield from ((POLICY, policy) for policy in (*owner.policies, owner.boundary) if policy)
        yield from ((GROUP, name) for name in owner.groups)


def _sign_ins(
    plan: Sequence[Planned], by_user: Mapping[str, Sequence[Planned]], after: AccountPicture
) -> Iterator[tuple[int, int, bool]]:
    """Nobody is let in before everything that concerns the user has ended; and has been done, if the user is concerned
    after the plan, too.
    """
    for one in plan:
        for name in one.users if one.lets_in else ():
            earlier = (other for other in by_user[name] if other.place < one.place)
            for other in earlier:
                yield one.place, other.place, after.reaches(other.key, name) and not _ends_without(one, other)


def _ends_without(one: Planned, other: Planned) -> bool:
    """Whether the end of a suspension, the last of a user's actions, does not depend on another: it only comes after a
    new password or access key, which may wait.
    """
    ends = one.action.timing is Timing.LAST and isinstance(one.action.change, to.DeleteInline | to.SetBoundary)
    change = other.action.change
    is_new = isinstance(change, to.Minting) or any(key.startswith(NEW_ACCESS_KEY_TAG) for key in to.tag_keys(change))
    return ends and is_new


def _of_one_entity(mine: Sequence[Planned]) -> Iterator[Edge]:
    """What all later actions of an entity need: its creation, the ownership mark, the new name; what its deletion
    needs: all of them. A version is deleted before another is made in its place; a device is recorded before it is
    deactivated, and deactivated before it is deleted; that a password was not claimed is, before it is deleted.
    """
    needed: list[Planned] = []
    devices: dict[str, int] = {}
    record: set[int] = set()
    for number, one in enumerate(mine):
        yield from ((one.place, other.place) for other in needed if not _ends_without(one, other))
        match one.action.change:
            case to.Delete():
                yield from ((one.place, other.place) for other in mine[:number])
            case to.NewVersion():
                deleted = (other for other in mine[:number] if isinstance(other.action.change, to.DeleteVersion))
                yield from ((one.place, other.place) for other in deleted)
            case to.SetTags(_, tags) if MFA_DEVICES_TAG in tags:
                record.add(one.place)
            case to.SetTags(_, tags) if UNCLAIMED_TAG in tags:
                record.add(one.place)
            case to.DeletePassword():
                yield from ((one.place, recorded) for recorded in record)
            case to.DeactivateDevice(_, serial):
                devices[serial] = one.place
                yield from ((one.place, recorded) for recorded in record)
            case to.DeleteDevice(serial) if serial in devices:
                yield one.place, devices[serial]
            case _:
                pass
        if _is_needed_by_all(one):
            needed.append(one)


def _denies_last(mine: Sequence[Planned], before: AccountPicture, after: AccountPicture) -> Iterator[Edge]:
    """Who is deleted loses what only denies when all else is gone, just before the end: if that does not come, the Deny
    stays.
    """
    ends = any(isinstance(one.action.change, to.Delete) for one in mine)
    last = [one for one in mine if _removes_deny(one.action.change, before, after)] if ends else []
    for one in mine if last else ():
        if one not in last and not isinstance(one.action.change, to.Delete):
            yield from ((deny.place, one.place) for deny in last)


def _removes_deny(change: to.Change, before: AccountPicture, after: AccountPicture) -> bool:
    """Whether what is removed does nothing but deny, at whatever moment of the plan."""
    match change:
        case to.Detach(_, policy):
            texts = [picture.seen((POLICY, policy)) for picture in (before, after)]
        case to.DeleteInline(old=old):
            texts = [old]
        case _:
            return False
    return all(isinstance(text, Document) and text.only_denies for text in texts)


def _is_needed_by_all(one: Planned) -> bool:
    match one.action.change:
        case to.CreateUser() | to.CreateGroup() | to.CreatePolicy() | to.Rename():
            return True
        case to.Move():
            return _adopts_group(one)
        case to.SetTags(_, tags):
            return OWNER_TAG in tags or any(key.startswith(NEW_ACCESS_KEY_TAG) for key in tags)
        case _:
            return False


def _fixed_places(mine: Sequence[Planned]) -> Iterator[Edge]:
    """Edges between the actions of one user, group or policy that keep their order.

    An action that does not wait to be harmless keeps its place. So do the steps of one text, and calls
    about one tag key.
    """
    fixed: Planned | None = None
    free: list[Planned] = []
    for one in mine:
        is_fixed = one.action.timing is not Timing.IN_ORDER or not one.is_tried
        earlier = (
            free if is_fixed else [other for other in free if _is_same_text(one, other) or _is_same_tag(one, other)]
        )
        yield from ((one.place, other.place) for other in (*earlier, fixed) if other is not None)
        fixed, free = (one, []) if is_fixed else (fixed, [*free, one])


def _is_same_text(one: Planned, other: Planned) -> bool:
    return bool(one.text) and one.text == other.text


def _is_same_tag(one: Planned, other: Planned) -> bool:
    """IAM does not tell tag keys apart by case ("Tagging IAM resources")."""
    here, there = ({key.lower() for key in to.tag_keys(each.action.change)} for each in (one, other))
    return not here.isdisjoint(there)
