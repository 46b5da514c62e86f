"""The names that a person gave to adopt something."""

from collections.abc import Iterable, Iterator

from iamsync.core.model import DesiredState, LiveState, policy_subject, user_subject


def adoption_faults(names: Iterable[str], desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Why a name cannot be meant: it fits nothing that is declared and exists, or a user and a policy."""
    policies = {policy.name for arn, policy in desired.policies.items() if arn in live.policies}
    formerly = {old for user in desired.users.values() for old in user.previous_names}
    users = live.users.keys() & (desired.users.keys() | formerly)
    subjects = {*map(user_subject, users), *map(policy_subject, policies)}
    for name in sorted(names):
        fitting = sorted(subjects & {name, user_subject(name), policy_subject(name)})
        if not fitting:
            yield f"--adopt {name} fits no user and no policy that is declared and exists: look at the name"
        elif len(fitting) > 1:
            yield f"--adopt {name} fits {' and '.join(fitting)}: say which one, as --adopt {fitting[0]}"
