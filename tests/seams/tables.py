"""A format of a plan: a line for each action, in columns."""

from collections.abc import Iterator

from iamsync.render.line import Line, line
from iamsync.render.shown import Shown


def table(shown: Shown) -> Iterator[Line]:
    """The actions of a plan, with bars between subject, verb, operation and place."""
    for action in shown.plan.as_data()["actions"]:
        place = action["declared_at"]
        where = f"{place['file']}:{place['line']}" if place else ""
        yield line(" | ".join([action["subject"], action["verb"], action["operation"], where]))
