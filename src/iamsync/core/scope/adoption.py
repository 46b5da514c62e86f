"""The names that a person gave to adopt something."""

from collections.abc import Iterable, Iterator

from iamsync.core.model import DesiredState, LiveState, group_subject, policy_subject, user_subject


def adoption_faults(names: Iterable[str], desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Why a name cannot be meant: it fits nothing that is declared and exists, or several of them."""
    policies = {policy.name for arn, policy in desired.policies.items() if arn in live.policies}
    formerly = {old for user in desired.users.values() for old in user.previous_names}
    users = live.users.keys() & (desired.users.keys() | formerly)
    groups = live.groups.keys() & desired.groups.keys()
    subjects = [*map(group_subject, groups), *map(policy_subject, policies), *map(user_subject, users)]
    for name in sorted(names):
        fitting = sorted(subject for subject in subjects if _fits(name, subject))
        if not fitting:
            yield f"--adopt {name} fits no user, policy or group that is declared and exists: look at the name"
        elif len(fitting) > 1:
            yield f"--adopt {name} fits {' and '.join(fitting)}: say which one, as --adopt {fitting[0]}"


def _fits(name: str, subject: str) -> bool:
    """Names of groups are compared without case, as they are where they are declared."""
    kind, _, plain = subject.partition("/")
    if kind == "group":
        return name.casefold() in {subject.casefold(), plain.casefold()}
    return name in {subject, plain}
