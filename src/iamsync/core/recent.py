"""What this process has just written, so that a read that lags behind does not make it write the same again.

IAM is eventually consistent: for some seconds a read may show what was there before our own write (IAM User Guide,
"troubleshoot_general"). A plan from such a read repeats that write. Where a second one would double something, it is
put off to the next cycle: an object, a secret, a stored text, a new name.

All else is repeated: IAM takes it twice as once, and it may be no repetition. Somebody may have undone it since, and
what a person attaches by hand again and again is detached again and again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from iamsync.core.action import Action
from iamsync.core.api import Params, secret_by_name
from iamsync.core.change import (
    CreateAccessKey,
    CreateGroup,
    CreatePassword,
    CreatePolicy,
    CreateUser,
    NewVersion,
    Rename,
    tag_keys,
)
from iamsync.core.plan import Plan
from iamsync.core.report import Report, Status
from iamsync.core.tags import NEW_ACCESS_KEY_TAG

SECONDS = 120.0
"""How long a write is remembered at most; longer than IAM was ever seen to take."""

_DOUBLING = CreateUser | CreateGroup | CreatePolicy | Rename | CreatePassword | CreateAccessKey | NewVersion

_ONCE = {
    "create_user": "UserName",
    "create_group": "GroupName",
    "create_policy": "PolicyName",
    "create_login_profile": "UserName",
}
"""What can exist only once under its name is not made again, whatever else the second call says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A call that succeeded, as far as it differs from other calls, and when (seconds of a clock that only grows)."""

    what: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The writes that may not be visible yet, and what that clock says now."""

    writes: tuple[Write, ...] = ()
    now: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The plan without what is `put_off`; `unseen` are the writes that are still not visible.

    A write that the new plan does not repeat was seen, and is forgotten: what undoes it from then on is drift.
    """

    plan: Plan
    put_off: tuple[Action, ...] = ()
    unseen: tuple[Write, ...] = ()


def settled(plan: Plan, recent: Recent) -> Settled:
    """Part the actions of a new plan: what would double a write of the last SECONDS is put off.

    Where a creation is put off, all of its subject is: nothing is known of what it has by now. Where a new access key
    is, or the end of a note, so is all that makes keys or deletes one because of a note: the keys were delivered.
    """
    fresh = {write.what: write for write in recent.writes if recent.now - write.at < SECONDS}
    doubling = [action for action in plan.actions if isinstance(action.change, _DOUBLING) or _is_about_new_keys(action)]
    repeated = [action for action in doubling if _what(action.operation, action.params) in fresh]
    waiting = {one.subject for one in repeated if isinstance(one.change, CreateUser | CreateGroup | CreatePolicy)}
    delivered = {action.subject for action in repeated if _is_about_new_keys(action)}
    put_off = tuple(
        action
        for action in plan.actions
        if action in repeated
        or action.subject in waiting
        or (action.subject in delivered and _is_about_new_keys(action))
    )
    return Settled(
        plan=plan.without(put_off),
        put_off=put_off,
        unseen=tuple(fresh[what] for what in sorted({_what(one.operation, one.params) for one in repeated})),
    )


def _is_about_new_keys(action: Action) -> bool:
    """Whether this claims, notes or makes access keys, forgets a note, or deletes a key because of one."""
    return action.premise is not None or any(key.startswith(NEW_ACCESS_KEY_TAG) for key in tag_keys(action.change))


def written(report: Report, now: float) -> tuple[Write, ...]:
    """The writes of a run that has just ended."""
    done = [one.action for one in report.outcomes if one.status is Status.DONE]
    return tuple(Write(what=what, at=now) for action in done for what in _all_that(action))


def _all_that(action: Action) -> Iterable[str]:
    """What a call need not do again. A renamed user is there under the new name, too, and need not be created."""
    yield _what(action.operation, action.params)
    if isinstance(action.change, Rename):
        yield _what("create_user", {"UserName": action.change.new})


def _what(operation: str, params: Params) -> str:
    """A call without what does not matter to whether it repeats another."""
    name = _ONCE.get(operation)
    told = {name: params[name]} if name else params
    return json.dumps([operation, told], sort_keys=True, default=secret_by_name)
