"""Another password for somebody who has lost one: nothing else is changed, whatever else the files say."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from iamsync.core.deny import was_suspended
from iamsync.core.model import Console, DesiredState, LiveState, User, is_owned, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note
from iamsync.core.scope.destination import elsewhere
from iamsync.core.tags import HOLD_TAG, SUSPENDED_KEYS_TAG


def named(names: Iterable[str], desired: DesiredState) -> DesiredState:
    """Of what is declared, only the passwords of these users (`aiko` or `user/aiko`), as far as they are declared. Each
    must be replaced by its user at the first sign-in.
    """
    users = {name: user for name in map(_name, names) if (user := desired.users.get(name)) is not None}
    settings = replace(desired.settings, prune=False)
    return DesiredState(
        account=desired.account, users={name: _console_alone(one) for name, one in users.items()}, settings=settings
    )


def _name(text: str) -> str:
    return text.removeprefix(user_subject(""))


def _console_alone(user: User) -> User:
    console = user.console and replace(user.console, password_reset_required=True)
    return replace(user, console=console, access_keys=None, previous_names=())


def refused(names: Iterable[str], desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Why some of the named users get no password."""
    for name in dict.fromkeys(map(_name, names)):
        if why := _why_not(name, desired, live):
            yield f"no new password: {user_subject(name)} {why}"


def _why_not(name: str, desired: DesiredState, live: LiveState) -> str:
    wanted, found = desired.users.get(name), live.users.get(name)
    if wanted is None:
        return "is not declared"
    if found is None:
        return "is not in the account by this name: apply first"
    if not is_owned(found.tags, desired.settings.owner):
        return f'is not owned by "{desired.settings.owner}"'
    if wanted.suspended or SUSPENDED_KEYS_TAG in found.tags or was_suspended(found):
        return "is suspended"
    if HOLD_TAG in found.tags:
        return f"is on hold: remove the tag {HOLD_TAG} first"
    if pattern := desired.settings.guards.protecting(name):
        return f'is protected by "{pattern}" in settings.guards.protected_users'
    if wanted.console is None or not wanted.console.enabled:
        return "has no password by the files: declare console: true"
    return ""


def reset(desired: DesiredState, live: LiveState) -> tuple[PlanInput, list[Note]]:
    """What the plan is made from, and why some get no password in this run: their secrets go elsewhere from now on.

    `desired` is what `named` gives, of users who are not `refused`.
    """
    users = {name: _as_found(user, live.users[name]) for name, user in desired.users.items()}
    found = {name: user for name, user in live.users.items() if name in users}
    plan_input = PlanInput(
        desired=replace(desired, users=users),
        live=replace(live, users=found, groups={}, policies={}),
        known=live,
        new_passwords=frozenset(users),
    )
    return plan_input, list(elsewhere(plan_input.desired, live))


def _as_found(declared: User, live: User) -> User:
    """The live user with the declared password, and where it goes."""
    console = declared.console or Console(enabled=False)
    return replace(live, console=console, destination=declared.destination, origin=declared.origin)
