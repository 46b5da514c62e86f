"""What the language can say and the planner cannot do yet. Nothing that is declared is ignored silently."""

from collections.abc import Iterator

from iamsync.core.model import DesiredState, Origin, Problem


def unsupported(desired: DesiredState) -> Iterator[Problem]:
    """A problem for each declared facet without actions."""
    for user in desired.users.values():
        if user.access_keys is not None:
            yield Problem(
                origin=user.access_keys.origin or user.origin or Origin(file="", line=1),
                path=f"users.{user.name}.access_keys",
                message="not supported yet: iamsync makes no access keys; leave the field out to leave keys alone",
            )
