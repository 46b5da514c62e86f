"""The formats of a plan. Another one is another entry of PLAN_FORMATS: a function from what is shown to lines."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from iamsync.core.guard import Refusal
from iamsync.core.inert import inert_json
from iamsync.core.plan import Plan
from iamsync.render.line import Line, line
from iamsync.render.text import plan_lines

JSON_VERSION = 1
"""Grows when a name in the JSON form of a plan changes its meaning or disappears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a format may show: the plan, why it is refused, and whether to fold what is equal."""

    plan: Plan
    refusals: tuple[Refusal, ...] = ()
    verbose: bool = False


def _text(shown: Shown) -> Iterator[Line]:
    return plan_lines(shown.plan, verbose=shown.verbose)


def _json(shown: Shown) -> Iterator[Line]:
    refusals = [{"rule": refusal.rule, "text": refusal.why} for refusal in shown.refusals]
    return json_lines({"version": JSON_VERSION, **shown.plan.as_data(), "refusals": refusals})


def json_lines(value: object) -> Iterator[Line]:
    """A value as a JSON document."""
    return map(line, inert_json(value, indent=2).split("\n"))


PLAN_FORMATS: dict[str, Callable[[Shown], Iterable[Line]]] = {"text": _text, "json": _json}
