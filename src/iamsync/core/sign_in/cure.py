"""What to change so that an action is allowed, and nothing else is allowed or denied by the change."""

from collections.abc import Sequence

from iamsync.core.access.pattern import is_action
from iamsync.core.document import Statement
from iamsync.core.sign_in.words import Obstacle, quoted


def cure(found: Obstacle, actions: Sequence[str], allowance: str = "") -> str:
    """What to do about an obstacle to `actions`. `allowance`: what to allow, where that is more than their names."""
    if found.deny is not None:
        return "It is AWS's own: detach it" if found.is_fixed else _exception(found.deny, actions)
    what = allowance or quoted(actions)
    if not found.in_boundary:
        return f"Allow {what}"
    if found.is_fixed:
        boundary = f"That boundary is AWS's own: take one that allows {what}"
        return f"{boundary}, and allow it in a policy" if found.in_policies else boundary
    return f"Allow {what} in the boundary{' and in a policy' if found.in_policies else ''}"


def _exception(deny: Statement, actions: Sequence[str]) -> str:
    """How a Deny leaves out `actions` and denies what else it did. A NotAction in place of an Action that names one
    service would deny all the others.
    """
    if deny.action_element == "NotAction":
        return f"Add to its NotAction: {quoted(actions)}"
    entries = [entry for entry in deny.actions.written if any(is_action(entry, action) for action in actions)]
    if any(entry.strip("*") in {"", ":"} for entry in entries):
        return f"Replace its Action by a NotAction: {quoted(actions)}"
    if not any("*" in entry or "?" in entry for entry in entries):
        is_all = len(entries) == len(deny.actions.written)
        return "Remove it: it denies nothing else" if is_all else f"Take out of its Action: {quoted(entries)}"
    return f"In its Action, put in place of {quoted(entries)} what it is to deny, without {quoted(actions)}"
