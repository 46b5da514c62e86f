"""What somebody has reviewed, and `apply` may do: a saved plan, a digest, or both."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from iamsync import desired, saved
from iamsync.core.change import Minting
from iamsync.core.scope.adoption import EVERYTHING
from iamsync.errors import PlanFileError, PlanRefused
from iamsync.reconcile import Consent, Proposal
from iamsync.render.difference import difference, reviewed_calls
from iamsync.saved import SavedPlan

_NO_PLACE = (
    "changed plan: without a terminal, new passwords and access keys need a place, so their users are held back: "
    "name a file or a folder with --csv, and a folder with --sealed for sealed files, and apply the same plan"
)
_WHAT_THEN = "nothing was done: make a new plan and have it reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A saved plan, or only the digest of one."""

    digest: str
    plan: SavedPlan | None = None

    def refuse_others(self, proposal: Proposal, *, has_place: bool) -> None:
        """Raise PlanRefused unless the proposal is what was reviewed: with what has changed since, action by action.
        Without a place for new passwords and access keys (`has_place`), their users may be all that has changed.
        """
        if proposal.plan.digest == self.digest:
            return
        waiting = [action for held in proposal.plan.held_back for action in held.actions]
        if not has_place and any(isinstance(action.change, Minting) for action in waiting):
            raise PlanRefused([_NO_PLACE, "nothing was done"])
        if self.plan is None:
            words = f"the plan has digest {proposal.plan.digest} now, and not {self.digest}"
            raise PlanRefused([f"changed plan: {words}: the account or the files have changed", _WHAT_THEN])
        if other := _elsewhere(self.plan, proposal):
            raise PlanRefused([other])
        changed = difference(self.plan.calls, reviewed_calls(proposal.plan))
        raise PlanRefused([*(f"changed plan: {words}" for words in changed), _since(self.plan, proposal), _WHAT_THEN])


def review(path: Path | None, digest: str | None, *, consent: Consent, now: datetime, max_age: int) -> Review | None:
    """What was reviewed; None if nothing was. `max_age` is in seconds.

    Raises PlanFileError when the file is no plan; PlanRefused when it is too old, or was made with other consent.
    """
    if path is None:
        return Review(digest=digest) if digest else None
    plan = saved.read(path)
    if digest is not None and digest != plan.digest:
        raise PlanFileError(f"{path} has digest {plan.digest}, and --expect-digest wants {digest}: which was reviewed?")
    refusals = [*saved.refusals(plan, path, now=now, max_age=timedelta(seconds=max_age))]
    if consent.only.patterns and consent.only.patterns != plan.only:
        words = " ".join(plan.only) or "nothing: it is the whole plan"
        refusals.append(f"other part: {path} was made with --only {words}: leave --only out, or make another plan")
    allowed = (consent.adopt, consent.remove_denies, consent.removals)
    if (plan.adopt, plan.remove_denies, plan.removals) != allowed:
        refusals.append(f"other consent: {path} was made with {_flags(plan)}: give apply the same")
    if refusals:
        raise PlanRefused(refusals)
    return Review(digest=plan.digest, plan=plan)


def to_save(proposal: Proposal, consent: Consent, now: datetime) -> SavedPlan:
    """A proposal as it is saved."""
    return SavedPlan(
        account=proposal.plan.account,
        owner=proposal.plan.owner,
        digest=proposal.plan.digest,
        calls=reviewed_calls(proposal.plan),
        created=now,
        caller=proposal.caller.arn,
        commit=proposal.checkout.commit,
        files=desired.fingerprint(proposal.checkout.path),
        adopt=consent.adopt,
        remove_denies=consent.remove_denies,
        removals=consent.removals,
        only=consent.only.patterns,
    )


def _flags(plan: SavedPlan) -> str:
    flags = ["--adopt-all" if name == EVERYTHING else f"--adopt {name}" for name in sorted(plan.adopt)]
    flags += [f"--remove-deny {name}" for name in sorted(plan.remove_denies)]
    flags += [] if plan.removals is None else [f"--allow-removals {plan.removals}"]
    return " ".join(flags) or "no --adopt, --remove-deny or --allow-removals"


def _elsewhere(plan: SavedPlan, proposal: Proposal) -> str:
    """Why a plan is for something else altogether; "" if it is not."""
    now = proposal.plan
    if plan.account != now.account:
        words = f"the plan is for account {plan.account.id}, and the credentials are for {now.account.id}"
        return f"wrong account: {words}: use that account's credentials"
    if plan.owner != now.owner:
        return f"wrong owner: the plan is of owner {plan.owner}, and the files are of {now.owner}: use those files"
    return ""


def _since(plan: SavedPlan, proposal: Proposal) -> str:
    """Which side has changed."""
    if plan.files == desired.fingerprint(proposal.checkout.path):
        return "the files are the same as when the plan was made: the account has changed"
    commits = f" (commit {plan.commit or 'unknown'} then, {proposal.checkout.commit or 'unknown'} now)"
    return f"the files have changed since the plan was made{commits}"
