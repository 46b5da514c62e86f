"""Desired x live -> actions: set arithmetic over values of the same types.

Creating is one call and then the difference from what that call made; deleting is the difference to bare and then one
call. There is no second way to compare. Everything is walked in sorted order, so the same two states always give the
same actions, whatever order YAML or IAM used.
"""

from collections.abc import Iterator

from iamsync.core.action import Action
from iamsync.core.diff.groups import group_actions, leaving_group_actions
from iamsync.core.diff.leaving import leaving_user_actions
from iamsync.core.diff.policies import leaving_policy_actions, policy_actions
from iamsync.core.diff.sides import Sides
from iamsync.core.diff.users import user_actions
from iamsync.core.model import DesiredState, LiveState


def diff(desired: DesiredState, live: LiveState, known: LiveState | None = None) -> Iterator[Action]:
    """Every call that turns `live` into `desired`, unordered but deterministic. `Plan.between` puts them in order.

    What `live` has and `desired` has not goes. `known` is all that was read, also of what is left alone: it tells what
    a call does to rights.
    """
    return calls_between(Sides(desired=desired, live=live, known=known or live))


def calls_between(sides: Sides) -> Iterator[Action]:
    """The same, where more is known."""
    desired, live = sides.desired, sides.live
    for arn in sorted(desired.policies):
        yield from policy_actions(desired.policies[arn], live.policies.get(arn), sides)
    for name in sorted(desired.groups):
        yield from group_actions(desired.groups[name], live.groups.get(name), sides)
    for name in sorted(desired.users):
        yield from user_actions(desired.users[name], live.users.get(name), sides)
    for name in sorted(live.users.keys() - desired.users.keys()):
        yield from leaving_user_actions(live.users[name], sides)
    for name in sorted(live.groups.keys() - desired.groups.keys()):
        yield from leaving_group_actions(live.groups[name], sides)
    for arn in sorted(live.policies.keys() - desired.policies.keys()):
        yield from leaving_policy_actions(live.policies[arn], sides)
