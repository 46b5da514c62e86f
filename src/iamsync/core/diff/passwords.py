"""Console passwords: made, replaced on request, deleted where they are not declared or nobody has claimed them."""

from collections.abc import Iterator

from iamsync.core.action import Action, Timing
from iamsync.core.change import Change, CreatePassword, DeletePassword, RemoveTags, ReplacePassword, SetTags
from iamsync.core.claims import UnclaimedNote, gave_up, unclaimed
from iamsync.core.diff.owners import entity_of
from iamsync.core.model import Console, User, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.tags import DELIVERED_TAG, UNCLAIMED_TAG


def password_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    """What is done about the password of a declared user."""
    wanted, found = desired.console, live.console
    if wanted is None or found is None:
        return
    is_reset = desired.name in plan.new_passwords
    note = None if is_reset else unclaimed(wanted, found)
    if note is not None:
        yield from _giving_up(desired, live, note, plan)
    elif not wanted.enabled:
        if found.enabled:
            yield _action(desired, DeletePassword(desired.name), timing=Timing.FIRST)
    elif is_reset or not gave_up(desired, live):
        yield from _making(desired, wanted, found, plan)
        if UNCLAIMED_TAG in live.tags:
            yield _action(desired, RemoveTags(entity_of(desired), (UNCLAIMED_TAG,)), timing=Timing.LAST)


def _giving_up(desired: User, live: User, note: UnclaimedNote, plan: PlanInput) -> Iterator[Action]:
    """The tag comes first, and the deletion needs it: without it, the next run would make another password."""
    if UNCLAIMED_TAG not in live.tags:
        mark = SetTags(entity_of(desired), {UNCLAIMED_TAG: plan.known.today})
        yield _action(desired, mark, timing=Timing.FIRST)
    yield _action(desired, DeletePassword(desired.name), timing=Timing.FIRST, notes=(note,))


def _making(desired: User, wanted: Console, found: Console, plan: PlanInput) -> Iterator[Action]:
    """A first password; or another one, whose day is noted if it must be claimed: AWS does not say when a password was
    replaced.
    """
    how = desired.name, wanted.password_reset_required, wanted.channel, wanted.recipients
    if not found.enabled:
        yield _action(desired, CreatePassword(*how))
    elif desired.name in plan.new_passwords:
        if wanted.claim_within_days is not None and desired.tags.get(DELIVERED_TAG) != plan.known.today:
            yield _action(desired, SetTags(entity_of(desired), {DELIVERED_TAG: plan.known.today}))
        yield _action(desired, ReplacePassword(*how))


def _action(
    desired: User, change: Change, *, timing: Timing = Timing.IN_ORDER, notes: tuple[UnclaimedNote, ...] = ()
) -> Action:
    reason = (desired.console.origin if desired.console else None) or desired.origin
    return Action(change=change, subject=user_subject(desired.name), reason=reason, timing=timing, notes=notes)
