"""One import, without AWS: what must hold for every account."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from iamsync import desired
from iamsync.core.adopting import is_mark
from iamsync.core.change import Move, SetTags
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.fmt import rewrites
from iamsync.importing import By, Import, Selection, begun, existing, imported, write, writes

OWNER = "us"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
ALL = Selection(everything=True)


def import_into(root: Path, live: LiveState, selection: Selection = ALL, by: str = "tag:Team") -> Import:
    """The first import into a folder, or another one."""
    division = By.parse(by)
    assert division is not None
    present = (
        existing(desired.load(root), live.account, NOW)
        if root.exists()
        else begun(live.account, OWNER, selection.users_of(live))
    )
    what = imported(live, present, selection, division)
    write(root, writes(root, what))
    return what


def declared(root: Path, live: LiveState) -> DesiredState:
    """What the files say, everything adopted. They are valid, and as `fmt` leaves them."""
    state = desired.load(root).state(live.account, NOW)
    assert list(rewrites(root)) == []
    return replace(state, settings=replace(state.settings, adopt=True))


def assert_nothing_but_adoption(root: Path, live: LiveState) -> Plan:
    """The plan only marks, nothing is held back, and when that is done, nothing is left to do."""
    state = declared(root, live)
    plan = Plan.between(state, live)
    assert [action for action in plan.actions if not is_mark(action.change, OWNER)] == []
    assert not plan.held_back
    again = Plan.between(state, after(live, plan))
    assert again.actions == ()
    return plan


def after(live: LiveState, plan: Plan) -> LiveState:
    """The account when everything is marked."""
    users, groups, policies = dict(live.users), dict(live.groups), dict(live.policies)
    for action in plan.actions:
        kind, _, name = action.subject.partition("/")
        match action.change:
            case SetTags(entity, tags) if kind == "policy":
                arn = next(arn for arn in policies if arn == entity.id)
                policies[arn] = replace(policies[arn], tags={**policies[arn].tags, **tags})
            case SetTags(_, tags):
                users[name] = replace(users[name], tags={**users[name].tags, **tags})
            case Move(new=path):
                groups[name] = replace(groups[name], path=path)
            case _:
                raise AssertionError(action)
    return replace(live, users=users, groups=groups, policies=policies)
