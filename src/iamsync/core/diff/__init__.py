"""Desired x live -> actions: set arithmetic over values of the same types.

Creating is one call and then the difference from what that call made; deleting is the difference to bare and then one
call. There is no second way to compare. Everything is walked in sorted order, so the same two states always give the
same actions, whatever order YAML or IAM used.
"""

from collections.abc import Iterator

from iamsync.core.action import Action
from iamsync.core.diff.groups import group_actions, leaving_group_actions, stranger_actions
from iamsync.core.diff.leaving import leaving_user_actions
from iamsync.core.diff.policies import leaving_policy_actions, policy_actions
from iamsync.core.diff.users import user_actions
from iamsync.core.plan_input import PlanInput


def diff(plan: PlanInput) -> Iterator[Action]:
    """Every action that turns `plan.live` into `plan.desired`, not in order but always in the same sequence. What live
    has and desired has not goes.
    """
    desired, live = plan.desired, plan.live
    for arn in sorted(desired.policies):
        yield from policy_actions(desired.policies[arn], live.policies.get(arn), plan)
    for name in sorted(desired.groups):
        yield from group_actions(desired.groups[name], live.groups.get(name), plan)
    yield from stranger_actions(plan)
    for name in sorted(desired.users):
        yield from user_actions(desired.users[name], live.users.get(name), plan)
    for name in sorted(live.users.keys() - desired.users.keys()):
        yield from leaving_user_actions(live.users[name], plan)
    for name in sorted(live.groups.keys() - desired.groups.keys()):
        yield from leaving_group_actions(live.groups[name], plan)
    for arn in sorted(live.policies.keys() - desired.policies.keys()):
        yield from leaving_policy_actions(live.policies[arn], plan)
