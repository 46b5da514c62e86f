"""The effective permissions of a user at one moment, and whether a call does harm by changing them.

While a plan is applied, no user may ever have a permission that neither the account before the plan nor the account
after it gives, and no user may lack a permission that both give (docs/order.md). So a call does harm in two cases:

- `Harm.EXCESS`: the user gains something by it that neither account allows.
- `Harm.LOSS`: the user loses something by it that both accounts allow.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from iamsync.core.permissions.permission import (
    Permission,
    Permissions,
    beyond,
    beyond_all,
    common,
    denied_only,
    together,
)
from iamsync.core.permissions.text import Text

_MANY: Final = 65536


class EffectivePermissions:
    """The texts that decide a user's requests, and the text of the permissions boundary, if there is one. That all of
    these `take_stand_in` is no part of what they say.
    """

    __slots__ = ("_allows", "_certain_denies", "_denies", "_hash", "boundary", "take_stand_in", "texts")

    def __init__(self, texts: Sequence[Text] = (), boundary: Text | None = None) -> None:
        self.texts = frozenset(texts)
        self.boundary = boundary
        self.take_stand_in = all(text.takes_stand_in for text in texts) and (
            boundary is None or boundary.takes_stand_in
        )
        self._hash = hash((self.texts, boundary))
        self._allows: tuple[Permissions, ...] | None = None
        self._denies: Permissions | None = None
        self._certain_denies: Permissions | None = None

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, EffectivePermissions) or self._hash != other._hash:
            return False
        return (self.texts, self.boundary) == (other.texts, other.boundary)

    @property
    def depends_on_principal(self) -> bool:
        """Whether another principal with the same policies may have other permissions."""
        return any(text.depends_on_principal for text in self._deciding)

    @property
    def parts(self) -> Iterator[Permissions]:
        """What each text, and the boundary, gives and denies."""
        for text in self._deciding:
            yield text.allows
            yield text.denies

    @property
    def allows(self) -> tuple[Permissions, ...]:
        """What each text allows, in an order that depends on nothing but what the texts say: what is left of a
        permission when several others are taken off may depend on which comes first.
        """
        if self._allows is None:
            self._allows = tuple(text.allows for text in sorted(self.texts, key=_key) if text.allows)
        return self._allows

    @property
    def denies(self) -> Permissions:
        """What the texts and the boundary deny."""
        if self._denies is None:
            self._denies = together(frozenset(text.denies for text in self._deciding if text.denies))
        return self._denies

    @property
    def certain_denies(self) -> Permissions:
        """What they deny whatever the request."""
        if self._certain_denies is None:
            certain = frozenset(text.certain_denies for text in self._deciding if text.certain_denies)
            self._certain_denies = together(certain)
        return self._certain_denies

    @property
    def _deciding(self) -> Iterable[Text]:
        return self.texts if self.boundary is None else (*self.texts, self.boundary)


_key: Final = attrgetter("key")


class Ends(NamedTuple):
    """The effective permissions of a user before a plan and after it."""

    old: EffectivePermissions
    new: EffectivePermissions


class Harm(Enum):
    """How a moment is worse than both ends."""

    EXCESS = "excess"
    LOSS = "loss"


class Violation(NamedTuple):
    """What a user has at a moment though neither end gives it, or lacks though both do."""

    harm: Harm
    permission: Permission


@lru_cache(maxsize=_MANY)
def violations(now: EffectivePermissions, then: EffectivePermissions, ends: Ends) -> tuple[Violation, ...]:
    """What is worse than both ends when a call has turned `now` into `then`, and was not before it."""
    if then in (now, *ends):
        return ()
    gained, lost = _excess(now, then, ends), _loss(now, then, ends)
    found = {*(Violation(Harm.EXCESS, one) for one in gained), *(Violation(Harm.LOSS, one) for one in lost)}
    return tuple(sorted(found, key=lambda one: (one.harm.value, one.permission.sort_key)))


# ---- excess: gained by the call, and allowed at neither end ----


def _excess(now: EffectivePermissions, then: EffectivePermissions, ends: Ends) -> Iterator[Permission]:
    for text, gained in _gained(now, then, ends):
        rest = beyond(gained, then.certain_denies)
        for end in ends:
            rest = tuple(part for one in rest for part in _not_allowed(one, text, then, end))
        yield from rest


def _gained(now: EffectivePermissions, then: EffectivePermissions, ends: Ends) -> Iterator[tuple[Text, Permission]]:
    """What may be allowed then and not now, with the text that allows it: it is given, or no longer denied, or no
    longer held back by the boundary. What an end allows by the same text, and holds back no more than then, is left
    out.
    """
    harmless = [end for end in ends if not denied_only(end.denies, then.denies) and _is_bound_alike(end, then)]
    freed = denied_only(now.denies, then.denies)
    is_wider = now.boundary is not None and now.boundary != then.boundary
    for text in then.texts if freed or is_wider else then.texts - now.texts:
        if any(text in end.texts for end in harmless):
            continue
        for one in text.allows:
            if text not in now.texts:
                yield from ((text, part) for part in beyond_all((one,), now.allows))
            yield from ((text, part) for by in freed if (part := common(one, by)))
            if is_wider and now.boundary is not None:
                yield from ((text, part) for part in _let_through_only(one, then.boundary, now.boundary))


def _is_bound_alike(end: EffectivePermissions, then: EffectivePermissions) -> bool:
    return end.boundary is None or end.boundary == then.boundary


def _not_allowed(
    permission: Permission, text: Text, then: EffectivePermissions, end: EffectivePermissions
) -> Iterable[Permission]:
    """The parts of what `text` allows then that an end may not allow."""
    missing = () if text in end.texts else beyond_all((permission,), end.allows)
    if missing == (permission,):
        return missing
    found = [*missing, *(part for by in denied_only(end.denies, then.denies) if (part := common(permission, by)))]
    if end.boundary is not None and end.boundary != then.boundary:
        found += _let_through_only(permission, then.boundary, end.boundary)
    return dict.fromkeys(found)


def _let_through_only(permission: Permission, wide: Text | None, narrow: Text) -> Iterator[Permission]:
    """The parts of a permission that one boundary (None: no boundary) lets through and another does not."""
    held_back = beyond(permission, narrow.allows)
    if wide is None:
        yield from held_back
    elif held_back:
        for by in beyond_all(wide.allows, (narrow.allows,)):
            yield from (part for one in held_back if (part := common(one, by)))


# ---- loss: lost by the call, and allowed at both ends ----


def _loss(now: EffectivePermissions, then: EffectivePermissions, ends: Ends) -> Iterator[Permission]:
    granted = _granted(ends.old, ends), _granted(ends.new, ends)
    if not all(granted):
        return
    for text in now.texts - then.texts:
        for one in text.allows:
            for gone in beyond_all((one,), then.allows):
                yield from _common_to_ends(gone, granted, then)
    for by in denied_only(then.denies, now.denies):
        for denied in beyond_all((by,), (ends.old.denies, ends.new.denies)):
            if any(True for _ in _common_to_ends(denied, granted, None)):
                yield denied
    if then.boundary is not None and then.boundary not in {now.boundary, ends.old.boundary, ends.new.boundary}:
        yield from _held_back_by(then.boundary, granted)


@lru_cache(maxsize=_MANY)
def _granted(end: EffectivePermissions, ends: Ends) -> Permissions:
    """What an end allows and lets through its boundary, and neither end denies whatever the request."""
    allowed = together(frozenset(end.allows))
    not_denied = beyond_all(allowed, (ends.old.certain_denies, ends.new.certain_denies))
    return Permissions(part for one in not_denied for part in _let_through(one, end.boundary))


def _common_to_ends(
    lost: Permission, granted: tuple[Permissions, Permissions], then: EffectivePermissions | None
) -> Iterator[Permission]:
    """The parts of what both ends grant that `lost` is about, and that `then` does not allow all the same."""
    olds, news = (
        [
            part
            for one in end.near(lost)
            if common(one, lost)
            for part in (beyond_all((one,), then.allows) if then else (one,))
            if common(part, lost)
        ]
        for end in granted
    )
    for old in olds:
        yield from (part for new in news if (part := common(old, new)))


def _held_back_by(boundary: Text, granted: tuple[Permissions, Permissions]) -> Iterator[Permission]:
    """What both ends grant, and a boundary that neither has does not let through."""
    olds, news = ([part for one in end for part in beyond(one, boundary.allows)] for end in granted)
    for old in olds:
        yield from (part for new in news if (part := common(old, new)))


def _let_through(permission: Permission, boundary: Text | None) -> Iterator[Permission]:
    """The parts of a permission that a boundary may let through."""
    if boundary is None:
        yield permission
    else:
        yield from (part for by in boundary.allows if (part := common(permission, by)))


def forget() -> None:
    """Free what is remembered of effective permissions."""
    for remembered in (violations, _granted):
        remembered.cache_clear()
