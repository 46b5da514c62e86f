"""The names that a person gave to adopt something."""

from collections.abc import Iterable, Iterator
from typing import Final

from iamsync.core.model import DesiredState, LiveState, group_subject, policy_subject, user_subject
from iamsync.core.scope.ownership import is_named

EVERYTHING: Final = "*"
"""What `--adopt-all` names. It may fit nothing."""


def adoption_faults(names: Iterable[str], desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Why a name cannot be meant: it fits nothing that is declared and exists, or several of them though it is no
    pattern.
    """
    policies = {policy.name for arn, policy in desired.policies.items() if arn in live.policies}
    formerly = {old for user in desired.users.values() for old in user.previous_names}
    users = live.users.keys() & (desired.users.keys() | formerly)
    groups = live.groups.keys() & desired.groups.keys()
    subjects = [*map(group_subject, groups), *map(policy_subject, policies), *map(user_subject, users)]
    for name in sorted(names):
        fitting = sorted(subject for subject in subjects if is_named(subject, name))
        if name == EVERYTHING:
            continue
        if not fitting:
            yield f"--adopt {name} fits no user, policy or group that is declared and exists: look at the name"
        elif len(fitting) > 1 and not _is_pattern(name):
            yield f"--adopt {name} fits {' and '.join(fitting)}: say which one, as --adopt {fitting[0]}"


def _is_pattern(name: str) -> bool:
    return any(character in name for character in "*?[")
