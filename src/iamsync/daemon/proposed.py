"""The plan from the newest commit or, while that is broken or refused, from the last good one."""

from collections.abc import Callable

from iamsync.daemon.versions import Versions
from iamsync.errors import DesiredStateError, PlanRefused
from iamsync.reconcile import Proposal
from iamsync.source import Checkout, Source


def proposed_from(source: Source, propose: Callable[[Checkout], Proposal]) -> Proposal:
    """What to do by the newest files that can be used; the source hears which.

    Raises what `propose` raises for the last files that were tried.
    """
    checkout = source.current()
    if not isinstance(source, Versions):
        return propose(checkout)
    try:
        proposal = propose(checkout)
    except (DesiredStateError, PlanRefused) as error:
        last_good = source.refuse(checkout, _sentences(error))
        if last_good is None:
            raise
    else:
        if not proposal.refusals:
            source.accept(checkout)
            return proposal
        last_good = source.refuse(checkout, [str(refusal) for refusal in proposal.refusals])
        if last_good is None:
            return proposal
    proposal = propose(last_good)
    if not proposal.refusals:
        source.accept(last_good)
    return proposal


def _sentences(error: DesiredStateError | PlanRefused) -> list[str]:
    reasons = error.reasons if isinstance(error, PlanRefused) else error.problems
    return [str(reason) for reason in reasons]
