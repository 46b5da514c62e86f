"""Plan, play the plan on the model, and what an apply leaves behind."""

from collections.abc import Mapping
from random import Random
from typing import Any

from iamsync.core import guard, quota
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.arn import Arn
from iamsync.core.guard import Caller, Refusal
from iamsync.core.hold import together
from iamsync.core.model import DesiredState
from iamsync.core.plan import Plan
from iamsync.core.scope import Note, with_new_names
from iamsync.core.scope.denies import kept_denies
from laws.model import Iam, live_state
from laws.model.client import Client

A_ROLE = Caller(arn=Arn("arn:aws:sts::123456789012:assumed-role/iamsync/ci"))
"""Who carries a plan out, if nobody says otherwise: somebody whose permissions come from nothing that is managed."""


def planned(
    iam: Iam, desired: DesiredState, caller: Caller = A_ROLE, allowed_removals: int | None = None
) -> tuple[Plan, tuple[Refusal, ...]]:
    """The plan from an account to a desired state, and every reason not to carry it out at all."""
    live = live_state(iam, desired)
    plan = Plan.between(desired, live, allowed_removals=allowed_removals)
    summary = Client(iam).get_account_summary()["SummaryMap"]
    holds: dict[str, Note] = {}
    denies = kept_denies(desired, with_new_names(desired, live))
    while more := [*quota.exceeded(plan, live, summary, denies), *quota.crowded_out(plan, denies)]:
        holds = together((*holds.values(), *more))
        plan = Plan.between(desired, live, holds=holds, allowed_removals=allowed_removals)
    return plan, guard.refusals(plan, desired, live, caller)


def play(iam: Iam, actions: tuple[Action, ...]) -> None:
    """Make the calls. Raises Refused at the first that IAM refuses."""
    for action in actions:
        iam.call(action.operation, sent(action))


def in_another_order(plan: Plan, chance: Random) -> tuple[Action, ...]:
    """As another run may make the calls: any order that the graph of the plan allows."""
    order: list[int] = []
    left = set(range(len(plan.actions)))
    while left:
        free = [number for number in sorted(left) if plan.graph.after[number].isdisjoint(left)]
        order.append(chance.choice(free))
        left.remove(order[-1])
    return tuple(plan.actions[number] for number in order)


def sent(action: Action) -> Mapping[str, Any]:
    """The parameters as boto3 would get them: a secret is some text, and a run has some id."""
    params = action.in_run("0a1b2c3d").params
    return {key: value.value if isinstance(value, Secret) else value for key, value in params.items()}
