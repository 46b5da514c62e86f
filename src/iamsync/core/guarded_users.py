"""What `validate` says of required and protected users: a run refuses the first, and holds back what it may not do."""

from collections.abc import Iterator

from iamsync.core.model import DesiredState, Problem
from iamsync.core.validate import problem, step


def guarded_users(desired: DesiredState) -> Iterator[Problem]:
    """Required users who are not declared; required or protected ones who are declared to be suspended at some time."""
    guards = desired.settings.guards
    for index, name in enumerate(guards.required_users):
        if name not in desired.users:
            at = f"settings.guards.required_users[{index}]"
            yield problem(None, at, f"{name} is required by settings.guards, and not declared")
    for name, user in desired.users.items():
        why = "required" if name in guards.required_users else "protected" if guards.protecting(name) else ""
        if why and user.may_end:
            message = f"{name} is {why} by settings.guards, so iamsync does not suspend the user: remove one of the two"
            yield problem(user.origin, f"users.{step(name)}.{user.may_end}", message)
