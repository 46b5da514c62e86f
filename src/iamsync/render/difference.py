"""What has become of a plan since somebody agreed to it, in words."""

from collections import Counter
from collections.abc import Iterator

from iamsync.core.plan import Plan
from iamsync.render.actions import summary


def difference(agreed: Plan, now: Plan) -> Iterator[str]:
    """What the plan does now that nobody has agreed to, and what it does not do any more; then what to do."""
    before, after = _calls(agreed), _calls(now)
    yield from (f"it would now also {words}" for words in (after - before).elements())
    yield from (f"it would no longer {words}" for words in (before - after).elements())
    yield "the account or the files have changed since the question: nothing was done, apply again to see the plan"


def _calls(plan: Plan) -> Counter[str]:
    return Counter(f"{summary(action)} ({action.subject})" for action in plan.actions)
