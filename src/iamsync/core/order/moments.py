"""The moments of a plan: the account between two actions, and what an action would violate at one."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import USER, Action, Key
from iamsync.core.document import Document
from iamsync.core.order.concern import Planned
from iamsync.core.permissions import (
    EffectivePermissions,
    Ends,
    Reading,
    Violation,
    common,
    is_same_for_all,
    text_for,
    violations,
    with_names,
)
from iamsync.core.picture import AccountPicture, Held, Seen

Violations = tuple[Violation, ...]
NONE: Final[Violations] = ()


class Moment:
    """The account at one moment; what its users may do is worked out once: `known` by user, and as written, what all
    have `in_common` who hold the same. The latter may be that of a moment with the same groups and policies.
    """

    def __init__(self, picture: AccountPicture, in_common: dict[Held, EffectivePermissions] | None = None) -> None:
        self.picture = picture
        self.known: dict[str, dict[Reading, EffectivePermissions]] = {}
        self.in_common: dict[Held, EffectivePermissions] = {} if in_common is None else in_common
        self._replaced: dict[Key, Seen] = {}
        self._next: tuple[Action, Moment] | None = None

    @classmethod
    def beginning(cls, picture: AccountPicture) -> "Moment":
        """A moment that goes on: actions can be done in it."""
        moment = cls(picture)
        moment.picture = picture.layered(moment._replaced)
        return moment

    def do(self, one: Planned) -> None:
        """Go on to the moment after an action, with what is known of that."""
        then = self.after(one.action)
        self._next = None
        self._replaced[one.key] = then.picture.seen(one.key)
        self.in_common = then.in_common
        for name in one.users:
            self.known.pop(name, None)
        self.known |= then.known

    def after(self, action: Action) -> "Moment":
        """The moment after an action, beside this one."""
        if self._next is None or self._next[0] is not action:
            in_common = self.in_common if action.key[0] == USER else None
            self._next = action, Moment(self.picture.after(action), in_common)
        return self._next[1]

    def permissions(self, name: str, reading: Reading) -> EffectivePermissions:
        """What a user may do."""
        known = self.known.setdefault(name, {})
        if reading not in known:
            held = self.picture.held(name) if reading is Reading.AS_WRITTEN else None
            found = self.in_common.get(held) if held else None
            if found is None:
                found = self.picture.permissions(name, reading)
            if held:
                self.in_common[held] = found
            known[reading] = found
        return known[reading]


class Judge:
    """What the actions of one plan violate, moment by moment. `before` is the account before the plan, `after` the one
    after it.
    """

    def __init__(self, before: AccountPicture, plan: Sequence[Planned]) -> None:
        self.before = Moment(before)
        self.after = Moment(before.after_all(one.action for one in plan))
        changing = [one for one in plan if one.changes_permissions]
        self._count = Counter(name for one in changing for name in one.users)
        self._others = {name for one in changing if isinstance(one.action.change, to.Identity) for name in one.users}
        self._ends = lru_cache(maxsize=None)(self._ends_of)

    def sees_more_than_the_ends(self, name: str) -> bool:
        """Whether there is a moment between the first and the last action that changes what a user may do."""
        return self._count[name] > 1

    def violations(self, now: Moment, one: Planned, then: Moment, name: str) -> Violations:
        """What an action violates for a user between one moment and the next.

        A user whom an action does not reach now sees no difference.
        """
        if not self.sees_more_than_the_ends(name) or not now.picture.reaches(one.key, name):
            return NONE
        return self._between(now, then, name)

    def _between(self, now: Moment, then: Moment, name: str) -> Violations:
        """A user who stays the same principal is judged by the texts as written, which is the same for all who have
        them; only where these show a violation, and depend on the principal, by what they say to this user. Anybody
        else is judged under a name that stands in, which is the same for all who differ by name alone; only where the
        name itself matters, under that.
        """
        if name in self._others:
            reading = Reading.WITH_STAND_IN if self._is_same_for_all(now, then, name) else Reading.SPECIALIZED
            return self._compared(now, then, name, reading)
        found = self._compared(now, then, name, Reading.AS_WRITTEN)
        if found and any(one.depends_on_principal for one in self._sides(now, then, name, Reading.AS_WRITTEN)):
            return self._compared(now, then, name, Reading.SPECIALIZED)
        return found

    def _compared(self, now: Moment, then: Moment, name: str, reading: Reading) -> Violations:
        here, there = (one.permissions(name, reading) for one in (now, then))
        return NONE if here == there else violations(here, there, self._ends(name, reading))

    def _is_same_for_all(self, now: Moment, then: Moment, name: str) -> bool:
        """Whether what is found under a name that stands in holds for this user, whatever the user is called."""
        sides = self._sides(now, then, name, Reading.WITH_STAND_IN)
        if not all(one.take_stand_in for one in sides):
            return False
        account = self.before.picture.account
        users_of_account = f"arn:{account.partition}:iam::{account.id}:user/"
        return is_same_for_all(frozenset(part for one in sides for part in one.parts), users_of_account)

    def _sides(self, now: Moment, then: Moment, name: str, reading: Reading) -> list[EffectivePermissions]:
        return [one.permissions(name, reading) for one in (now, then, self.before, self.after)]

    def at(self, moment: Moment, name: str) -> Violations:
        """All that a moment violates for a user."""
        return self._between(self.before, moment, name)

    def touched(self, one: Planned, now: Moment) -> "Touched":
        """What an action may change of permissions when it is done now."""
        change = now.picture.change_of_texts(one.action)
        return (
            Touched(change.texts, change.entities, self._others) if change else Touched(None, frozenset(), self._others)
        )

    def _ends_of(self, name: str, reading: Reading) -> Ends:
        return Ends(self.before.permissions(name, reading), self.after.permissions(name, reading))

    def with_names(self, violation: Violation, name: str) -> Violation:
        """A violation as it is for a user, whose names may have had others to stand in for them."""
        before = self.before.picture.users.get(name)
        return violation._replace(permission=with_names(violation.permission, before.name if before else name, name))


class Touched:
    """What an action may change of permissions: those in `texts` (None: any), whatever the texts of `entities` allow,
    and everything for `others`, the users who become another principal.
    """

    def __init__(self, texts: Sequence[Document] | None, entities: AbstractSet[Key], others: AbstractSet[str]) -> None:
        self._texts = None if texts is None else [text_for(one, None) for one in texts]
        self._entities = entities
        self._others = others

    def may_matter(self, name: str, violation: Violation, key: Key) -> bool:
        """Whether it may end what an action on the entity `key` would violate for a user."""
        if self._texts is None or name in self._others or key in self._entities:
            return True
        permission = violation.permission
        return any(
            common(permission, one)
            for text in self._texts
            for part in (text.allows, text.denies)
            for one in part.near(permission)
        )
