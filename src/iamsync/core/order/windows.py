"""The temporary windows of an order: which action harms whom, in which way, and until which later action."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iamsync.core.action import Action, Window
from iamsync.core.order.concern import Planned
from iamsync.core.order.moments import Judge, Moment
from iamsync.core.order.trial import Found
from iamsync.core.permissions import Violation

Suffered = tuple[str, Violation]
"""A user, and what is worse for the user than both ends."""


def with_windows(found_order: Found, judge: Judge) -> Iterator[Action]:
    """The actions of an order; each that violates something says so."""
    order = found_order.order
    if found_order.is_harmless and not any(one.action.limit for one in order):
        yield from (one.action for one in order)
        return
    now = Moment.beginning(judge.before.picture)
    for number, one in enumerate(order):
        is_harmless = found_order.is_harmless and one.is_tried
        found = [] if is_harmless else _suffered(one, now, judge)
        now.do(one)
        if not found:
            yield one.action
            continue
        until = _end(found, now, order[number + 1 :], judge)
        window = Window(
            violations=tuple(found), until=until, limit=one.action.limit, all_orders_tried=found_order.is_best
        )
        yield replace(one.action, window=window)


def _suffered(one: Planned, now: Moment, judge: Judge) -> list[Suffered]:
    if not one.changes_permissions:
        return []
    then = now.after(one.action)
    return [
        (name, judge.with_names(violation, name))
        for name in sorted(one.users)
        for violation in judge.violations(now, one, then, name)
    ]


def _end(found: Sequence[Suffered], after: Moment, rest: Sequence[Planned], judge: Judge) -> Action | None:
    """The action by which all of it is over."""
    now = Moment.beginning(after.picture)
    left = {name for name, _ in found}
    for one in rest:
        concerned = left & one.users
        if concerned:
            now.do(one)
            left -= {name for name in concerned if not judge.at(now, name)}
        if not left:
            return one.action
    return None
