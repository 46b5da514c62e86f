"""Every moment of a plan, judged: what is worse than both ends, and what the plan has in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.deny import SUSPENDED_POLICY
from iamsync.core.plan import Plan
from laws.model import Iam, UserRecord
from laws.playing import play, sent
from laws.rights import denials, probes, rights

BOUNDARIES = ("boundary set", "boundary swapped", "boundary lifted")


def situations(plan: Plan) -> Iterator[str]:
    """What a plan has in it, in words."""
    for action in plan.actions:
        yield from _kinds(action.change)
        if action.step == (1, 2):
            yield "in steps"
        if action.limit:
            yield "at a limit"
        if action.window:
            yield "window at a limit" if action.limit else "window"


def _kinds(change: to.Change) -> Iterator[str]:
    match change:
        case to.CreateUser():
            yield "created"
        case to.Delete(to.Entity(to.Kind.USER)):
            yield "deleted"
        case to.Rename():
            yield "renamed"
        case to.Move():
            yield "moved"
        case to.SetTags():
            yield "tagged"
        case to.RemoveTags():
            yield "untagged"
        case to.SetBoundary(_, old, new):
            yield BOUNDARIES[0 if old is None else 2 if new is None else 1]
        case to.PutInline(name=name) if name == SUSPENDED_POLICY:
            yield "suspended"
        case _:
            pass


@dataclass(frozen=True)
class Wrong:
    """A moment that is worse for a user than both ends; `announced` if a window of the plan says so."""

    user: str
    what: str
    announced: bool


def wrongs(before: Iam, actions: Sequence[Action]) -> Iterator[str]:
    """Every moment that is worse than both ends, and not in a window that the plan announces for that user."""
    yield from (one.what for one in moments_worse_than_both_ends(before, actions) if not one.announced)


def moments_worse_than_both_ends(
    before: Iam, actions: Sequence[Action], *, whole: Sequence[Action] | None = None
) -> Iterator[Wrong]:
    """Every such moment, whatever the plan says. A window excuses the users that it names, until the action that it
    names is done. The ends are those of the `whole` plan, of which `actions` may be a part.
    """
    after = before.copy()
    play(after, tuple(whole or actions))
    asked = probes(before, after)
    old_ids = {user.id for user in before.users.values()}

    def who(user: UserRecord) -> str:
        """The same user in every account: the id of one who was there, the name of one who is new."""
        return user.id if user.id in old_ids else user.name

    ends = [{who(user): rights(iam, user, asked) for user in iam.users.values()} for iam in (before, after)]
    could_sign_in = {who(user) for user in before.users.values() if _may_sign_in(user)}
    now = before.copy()
    done: list[Action] = []
    for action in actions:
        now.call(action.operation, sent(action))
        done.append(action)
        excused = {who(after.users.get(name) or before.users[name]) for name in _announced(done)}
        here = f"after {action.operation} {action.subject} {action.params}"
        for one in now.users.values():
            old, new = (end.get(who(one), frozenset()) for end in ends)
            allowed = rights(now, one, asked)
            announced = who(one) in excused
            if excess := allowed - old - new:
                yield Wrong(one.name, f"{here}: {one.name} may {sorted(excess)[:3]}", announced)
            if missing := (old & new) - allowed:
                yield Wrong(one.name, f"{here}: {one.name} may not {sorted(missing)[:3]}", announced)
            may_enter = who(one) not in could_sign_in and one.name in after.users and _may_sign_in(one)
            if may_enter and (awaited := denials(after, after.users[one.name]) - denials(now, one)):
                yield Wrong(
                    one.name, f"{here}: {one.name} can sign in, and is still free of {awaited}", announced=False
                )


def _announced(done: Sequence[Action]) -> set[str]:
    """The users in whose windows the plan is, by the names they have after it."""
    calls = [(action.operation, action.params) for action in done]
    return {
        name
        for action in done
        if action.window
        and not (action.window.until and (action.window.until.operation, action.window.until.params) in calls)
        for name, _ in action.window.violations
    }


def _may_sign_in(user: UserRecord) -> bool:
    return user.password or "Active" in user.access_keys.values()
