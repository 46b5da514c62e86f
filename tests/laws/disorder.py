"""The same value in another order: of YAML, or of IAM's answers."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import Any, TypeVar

from laws.model import Iam

_T = TypeVar("_T")


def shuffled(value: _T, chance: Random) -> _T:
    """A value of the core whose mappings are, at every depth, in another order; their order means nothing."""
    return _shuffled(value, chance)  # type: ignore[no-any-return]


def _shuffled(value: Any, chance: Random) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        items = [(key, _shuffled(one, chance)) for key, one in value.items()]
        chance.shuffle(items)
        return dict(items)
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "users"):
        return replace(value, **{field.name: _shuffled(getattr(value, field.name), chance) for field in fields(value)})
    return value


def shuffled_account(iam: Iam, chance: Random) -> Iam:
    """The same account, remembered in another order."""
    copy = iam.copy()
    for name in ("users", "groups", "policies"):
        setattr(copy, name, _shuffled(getattr(copy, name), chance))
    for policy in copy.policies.values():
        chance.shuffle(policy.versions)
    for user in copy.users.values():
        user.tags, user.inline = _shuffled(user.tags, chance), _shuffled(user.inline, chance)
    return copy
