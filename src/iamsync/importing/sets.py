"""Policy sets of what users have in common.

Users with the very same attachments share a set; a user who has all of a set and more has the set, and the rest.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from iamsync.core.arn import Arn

LEAST: Final = 2
"""Policies in a set, and users who share it: with fewer, a set saves nothing."""

Attached = frozenset[Arn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """New sets by name, and for each user the set that the user has, and the policies beside it."""

    sets: Mapping[str, Attached] = field(default_factory=dict)
    of_users: Mapping[str, tuple[str | None, Attached]] = field(default_factory=dict)


def shares(
    attached: Mapping[str, Attached], labels: Mapping[str, str], present: Mapping[str, Attached], taken: Collection[str]
) -> Shares:
    """How users share what is `attached` to them.

    `labels` say to which file each user belongs, for naming a set after it. `present` are sets that exist already, and
    `taken` other names that no set may have.
    """
    holders: dict[Attached, list[str]] = defaultdict(list)
    for user, policies in sorted(attached.items()):
        if len(policies) >= LEAST:
            holders[policies].append(user)
    known = {policies: name for name, policies in sorted(present.items()) if len(policies) >= LEAST}
    used = {name.casefold() for name in (*present, *taken)}
    new: dict[str, Attached] = {}
    for policies, users in sorted(holders.items(), key=lambda one: (-len(one[1]), one[1])):
        if len(users) >= LEAST and policies not in known:
            name = _free(_label(labels[user] for user in users), used)
            used.add(name.casefold())
            new[name] = known_policies = policies
            known[known_policies] = name
    return Shares(sets=new, of_users={user: _split(policies, known) for user, policies in attached.items()})


def expanded(share: tuple[str | None, Attached], sets: Mapping[str, Attached]) -> Attached:
    """All that a user has by a set and beside it."""
    name, beside = share
    return beside if name is None else sets[name] | beside


def _split(policies: Attached, known: Mapping[Attached, str]) -> tuple[str | None, Attached]:
    """The largest set that a user has all of, and the rest."""
    fitting = sorted((one for one in known if one <= policies), key=lambda one: (-len(one), known[one]))
    return (known[fitting[0]], policies - fitting[0]) if fitting else (None, policies)


def _label(labels: Iterable[str]) -> str:
    different = sorted(set(labels))
    return different[0] if len(different) == 1 else "shared"


def _free(label: str, used: Collection[str]) -> str:
    names = (label if number == 1 else f"{label}-{number}" for number in count(1))
    return next(name for name in names if name.casefold() not in used)
