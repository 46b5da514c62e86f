"""Every moment of a plan, judged: what is worse than both ends, and what the plan has in it."""

from collections.abc import Iterable, Iterator, Sequence

from iamsync.core.action import Action, When
from iamsync.core.model import SUSPENDED_POLICY, DesiredState
from laws.model import Iam
from laws.playing import planned, play, sent
from laws.rights import Probe, denials, holders, probes, rights

BOUNDARIES = ("boundary set", "boundary swapped", "boundary lifted")
_KINDS = {
    "create_user": ("created",),
    "delete_user": ("deleted",),
    "tag_user": ("tagged",),
    "untag_user": ("untagged",),
    "delete_user_permissions_boundary": BOUNDARIES[2:],
}


def situations(before: Iam, desired: DesiredState) -> Iterator[str]:
    """What a plan has in it, in words."""
    plan, _ = planned(before, desired)
    cut_off = {action.subject for action in plan.actions if action.params.get("PolicyName") == SUSPENDED_POLICY}
    for action in plan.actions:
        yield from _KINDS.get(action.operation, ())
        if action.subject in cut_off and action.when is When.FIRST and action.shift and action.shift.allows_added:
            yield f"suspended, and would get more by {'a new name' if 'NewUserName' in action.params else 'the mark'}"
        if action.operation == "put_user_permissions_boundary":
            yield BOUNDARIES["->" in action.summary]
        if action.operation == "update_user":
            yield "renamed" if "NewUserName" in action.params else "moved"
        if action.params.get("PolicyName") == SUSPENDED_POLICY:
            yield "suspended"
        if "step 1" in action.summary:
            yield "in steps"
        if action.window:
            yield "at a limit" if action.when is When.ROOM else "window"


def wrongs(before: Iam, actions: Sequence[Action]) -> Iterator[str]:
    """Every moment that is worse than both ends, and not in a window that the plan names."""
    after = before.copy()
    play(after, tuple(actions))
    asked = probes(before, after)
    ends = [_all_rights(iam, asked) for iam in (before, after)]
    could_sign_in = {user.id for user in before.users.values() if _may_sign_in(before, user.id)}
    now = before.copy()
    excused: set[str] = set()
    for action in actions:
        if action.window:
            excused |= {*_concerned(now, action), *_concerned(after, action), *_concerned(before, action)}
        now.call(action.operation, sent(action))
        if action.window:
            excused |= {*_concerned(now, action)}
        here = f"after {action.operation} {action.subject} {action.params}"
        for one in now.users.values():
            old, new = (end.get(one.id, frozenset()) for end in ends)
            allowed = rights(now, one, asked)
            if one.id not in excused:
                if excess := allowed - old - new:
                    yield f"{here}: {one.name} may {sorted(excess)[:3]}"
                if missing := (old & new) - allowed:
                    yield f"{here}: {one.name} may not {sorted(missing)[:3]}"
            may_enter = one.id not in could_sign_in and one.name in after.users and _may_sign_in(now, one.id)
            if may_enter and (awaited := denials(after, after.users[one.name]) - denials(now, one)):
                yield f"{here}: {one.name} can sign in, and is still free of {awaited}"


def _all_rights(iam: Iam, asked: tuple[Probe, ...]) -> dict[str, frozenset[Probe]]:
    return {user.id: rights(iam, user, asked) for user in iam.users.values()}


def _may_sign_in(iam: Iam, user_id: str) -> bool:
    user = next(one for one in iam.users.values() if one.id == user_id)
    return user.password or "Active" in user.access_keys.values()


def _concerned(iam: Iam, action: Action) -> Iterable[str]:
    kind, _, name = action.subject.partition("/")
    if kind == "user":
        return [iam.users[name].id] if name in iam.users else []
    if kind == "group":
        return [user.id for user in iam.users.values() if name in user.groups]
    return holders(iam, str(action.params["PolicyArn"]))
