"""What a plan adopts, grouped by what adoption changes: nothing, tags, or permissions."""

from collections import Counter
from collections.abc import Iterator

from iamsync.core.adopting import Adopted, Effect
from iamsync.core.plan import Plan
from iamsync.render.actions import count, summary
from iamsync.render.line import Line, line


def adoption_lines(plan: Plan) -> Iterator[Line]:
    """A line for each effect of adoption, those that change nothing as a count; nothing if the plan adopts nothing."""
    by_effect: dict[Effect, list[Adopted]] = {effect: [] for effect in Effect}
    for one in plan.adopted:
        by_effect[one.effect].append(one)
    if unchanged := by_effect[Effect.NOTHING]:
        yield line(("adoption changes nothing else: ", "bold"), _counts(unchanged))
    if tagged := by_effect[Effect.TAGS]:
        yield line(("adoption also changes tags: ", "bold"), ", ".join(one.subject for one in tagged))
    if changed := by_effect[Effect.PERMISSIONS]:
        yield line(("adoption also changes permissions:", "bold yellow"))
    for one in changed:
        yield line(f"  {one.subject}: {'; '.join(summary(action) for action in one.others)}")
    if plan.adopted:
        yield line()


def _counts(adopted: list[Adopted]) -> str:
    kinds = Counter(one.subject.partition("/")[0] for one in adopted)
    return ", ".join(count(kinds[kind], kind) for kind in ("user", "group", "policy") if kinds[kind])
