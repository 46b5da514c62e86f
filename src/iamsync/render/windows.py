"""Temporary windows in words."""

from iamsync.core.action import Window
from iamsync.core.arn import Arn, short_name
from iamsync.core.permissions import Harm, Permission, Violation
from iamsync.core.plan_input import UNKNOWN_TEXT
from iamsync.render.actions import summary

_SHOWN = 3
"""How many violations of a window are shown, and how many of the patterns of each."""


def window_words(window: Window) -> str:
    """Until when a window is open, for whom and in which way, and what forces it."""
    until = f'until "{window.until.subject}: {summary(window.until)}" is done' if window.until else "until the end"
    shown = "; ".join(f"{name} {_violation(one)}" for name, one in window.violations[:_SHOWN])
    more = len(window.violations) - _SHOWN
    rest = f"; and {more} more" if more > 0 else ""
    limit = f"; at the limit of {window.limit}, this comes before what replaces it" if window.limit else ""
    untried = "" if window.all_orders_tried else "; not every order was tried"
    return f"{until}, {shown}{rest}{limit}{untried}"


def _violation(violation: Violation) -> str:
    it = _permission(violation.permission)
    if violation.harm is Harm.EXCESS:
        return f"has {it} (granted neither before nor after)"
    return f"lacks {it} (granted before and after)"


def _permission(permission: Permission) -> str:
    for condition in permission.conditions:
        if condition.key == UNKNOWN_TEXT:
            return f"what {', '.join(map(_name, sorted(condition.values.meaning)))} may allow"
    (actions, named), (resources, on) = permission.actions, permission.resources
    what = f"{'' if named else 'all but '}{_few(actions)} on {'' if on else 'all but '}{_few(resources)}"
    return f"{what} under conditions" if permission.conditions else what


def _name(text: str) -> str:
    return short_name(Arn(text)) if text.startswith("arn:") else "a text that cannot be read"


def _few(texts: frozenset[str]) -> str:
    listed = sorted(texts)
    more = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
