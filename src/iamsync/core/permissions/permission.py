"""A permission is a product: actions x resources under conditions, as one statement gives or denies it.

Permissions are compared as they are and split only where two really cross, so that a statement of 250 actions and 140
resources stays one value, not 35,000. Both answers are conservative, as those of `patterns` are.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from iamsync.core.document import Condition, Statement
from iamsync.core.permissions.patterns import Patterns, action_within, covered, overlapping, resource_within

_MANY: Final = 65536
_ANY_SERVICE: Final = frozenset("*")


class Permission:
    """A value: equal to another with the same patterns and conditions. Its hash is kept, since answers about
    permissions are remembered.
    """

    __slots__ = ("_hash", "actions", "conditions", "resources", "services")

    def __init__(self, actions: Patterns, resources: Patterns, conditions: tuple[Condition, ...]) -> None:
        self.actions = actions
        self.resources = resources
        self.conditions = conditions
        self.services = _services(actions)
        self._hash = hash((actions, resources, conditions))

    @classmethod
    def of(cls, statement: Statement) -> "Permission":
        """What a statement allows or denies."""
        actions = Patterns(statement.actions.meaning, named=statement.action_element == "Action")
        resources = Patterns(statement.resources.meaning, named=statement.resource_element == "Resource")
        return _one_object(actions, resources, statement.conditions)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Permission) or self._hash != other._hash:
            return False
        here, there = (self.actions, self.resources), (other.actions, other.resources)
        return here == there and self.conditions == other.conditions

    def __repr__(self) -> str:
        return f"Permission({self.actions}, {self.resources}, {self.conditions})"

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that depends on nothing but the value."""
        lists = ((*sorted(one.patterns), str(one.named)) for one in (self.actions, self.resources))
        return (*lists, *((one.operator, one.key, *sorted(one.values.meaning)) for one in self.conditions))

    def may_share_service(self, other: "Permission") -> bool:
        """Whether both may be about actions of one service."""
        services = self.services | other.services
        return "*" in services or bool(self.services & other.services)


def _services(actions: Patterns) -> frozenset[str]:
    """The service prefixes of actions; "*" if they may be of any service."""
    found = frozenset(action.partition(":")[0] for action in actions.patterns)
    return found if actions.named and not any(set(service) & set("*?") for service in found) else _ANY_SERVICE


@lru_cache(maxsize=_MANY)
def _one_object(actions: Patterns, resources: Patterns, conditions: tuple[Condition, ...]) -> Permission:
    """One object for all that are equal: those are compared quickly."""
    return Permission(actions, resources, conditions)


class Permissions:
    """The permissions that one text gives, or denies; found by service."""

    def __init__(self, permissions: Iterable[Permission]) -> None:
        found = set(permissions)
        self.all = tuple(sorted(found, key=lambda one: one.sort_key) if len(found) > 1 else found)
        self._hash = hash(self.all)
        self._by_services: dict[frozenset[str], tuple[Permission, ...]] = {}

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Permissions) and self.all == other.all)

    def __iter__(self) -> Iterator[Permission]:
        return iter(self.all)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that depends on nothing but the value."""
        return tuple(one.sort_key for one in self.all)

    def __bool__(self) -> bool:
        return bool(self.all)

    def near(self, permission: Permission) -> tuple[Permission, ...]:
        """Those that may be about the same service."""
        found = self._by_services.get(permission.services)
        if found is None:
            found = tuple(one for one in self.all if one.may_share_service(permission))
            self._by_services[permission.services] = found
        return found


def without(permission: Permission, other: Permission) -> tuple[Permission, ...]:
    """What `other` surely does not cover: nothing, all, or two parts where the products cross."""
    if permission is other:
        return ()
    if not set(other.conditions) <= set(permission.conditions):
        return (permission,)  # who meets more conditions meets fewer of them
    actions = covered(permission.actions, other.actions, action_within)
    resources = actions and covered(permission.resources, other.resources, resource_within)
    if not actions or not resources:
        return (permission,)
    here, on, conditions = permission.actions, permission.resources, permission.conditions
    parts = []
    if actions != here.patterns:
        parts.append(_one_object(Patterns(here.patterns - actions, here.named), on, conditions))
    if resources != on.patterns:
        left = Patterns(on.patterns - resources, on.named)
        parts.append(_one_object(Patterns(actions, here.named), left, conditions))
    return tuple(parts)


@lru_cache(maxsize=_MANY)
def common(permission: Permission, other: Permission) -> Permission | None:
    """The part of a permission that may be about a request that another is about, whatever the conditions."""
    if not permission.may_share_service(other):
        return None
    actions = overlapping(permission.actions, other.actions, action_within)
    resources = actions and overlapping(permission.resources, other.resources, resource_within)
    if not actions or not resources:
        return None
    return _one_object(
        Patterns(actions, permission.actions.named),
        Patterns(resources, permission.resources.named),
        permission.conditions,
    )


@lru_cache(maxsize=4 * _MANY)
def beyond(permission: Permission, permissions: Permissions) -> tuple[Permission, ...]:
    """What none of several permissions covers. It is remembered for each permission and text: a plan changes few texts,
    and for many users.
    """
    rest: tuple[Permission, ...] = (permission,)
    for other in permissions.near(permission):
        if not rest:
            break
        rest = tuple(part for one in rest for part in without(one, other))
    return rest


def beyond_all(some: Iterable[Permission], texts: Iterable[Permissions]) -> tuple[Permission, ...]:
    """What of `some` no text covers."""
    rest = tuple(some)
    for text in texts:
        if len(rest) == 1:  # nearly always, and much the faster way
            rest = beyond(rest[0], text)
        elif rest:
            rest = tuple(part for one in rest for part in beyond(one, text))
    return rest


@lru_cache(maxsize=_MANY)
def together(texts: frozenset[Permissions]) -> Permissions:
    """The permissions of several texts."""
    return Permissions(one for text in texts for one in text)


@lru_cache(maxsize=_MANY)
def denied_only(here: Permissions, there: Permissions) -> tuple[Permission, ...]:
    """What is denied here and not there."""
    return () if here is there else beyond_all(here, (there,))


def forget() -> None:
    """Free what is remembered of permissions: a process that plans for years must not keep it."""
    for remembered in (_one_object, common, beyond, together, denied_only, covered, overlapping):
        remembered.cache_clear()
