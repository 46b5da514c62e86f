"""What users and groups have in common: attached and inline policies, and the limits at which room is made first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from iamsync.core.action import Action, Timing
from iamsync.core.arn import Arn
from iamsync.core.change import Attach, Change, DeleteInline, Detach, Entity, Kind, Leave, PutInline
from iamsync.core.diff.steps import Step, steps
from iamsync.core.document import Document
from iamsync.core.model import Group, User, group_subject, user_subject
from iamsync.core.plan_input import ANYTHING, PlanInput

Inline = Mapping[str, Document | None]
Owner = User | Group


def entity_of(owner: Owner) -> Entity:
    """A user or group as IAM names it."""
    return Entity(Kind.USER if isinstance(owner, User) else Kind.GROUP, owner.name)


def subject_of(owner: Owner) -> str:
    """A user or group as actions name it."""
    return user_subject(owner.name) if isinstance(owner, User) else group_subject(owner.name)


def attachment_actions(desired: Owner, live: Owner, limit: int, plan: PlanInput) -> Iterator[Action]:
    """Attach what is declared, detach what is not."""
    owner, subject = entity_of(desired), subject_of(desired)
    new = sorted(desired.attachments - live.attachments, key=lambda one: one.policy)
    for one in new:
        reason = one.origin or desired.origin
        yield Action(change=Attach(owner, one.policy, one.via), subject=subject, reason=reason)
    gone = sorted(one.policy for one in live.attachments - desired.attachments)
    removals = [Action(change=Detach(owner, policy), subject=subject) for policy in gone]
    yield from with_room(removals, len(live.attachments) + len(new) - limit, f"{limit} attached policies", plan)


def inline_actions(desired: Owner, live: Owner, limit: int, plan: PlanInput) -> Iterator[Action]:
    """Put what is new or says something else, in two steps where that is asked for; delete what is not declared."""
    owner, subject = entity_of(desired), subject_of(desired)
    in_steps = plan.inline_in_steps(subject)
    room = limit - _size({**live.inline}) - _size({**desired.inline})
    for name, new in sorted(desired.inline.items()):
        old, is_new = live.inline.get(name), name not in live.inline
        if new is None or (old == new and not is_new):
            continue
        for step in _steps(old, new, limit, is_new=is_new, in_steps=name in in_steps and room >= 0):
            put = PutInline(owner, name, step.old, step.new, is_new=is_new)
            yield Action(change=put, subject=subject, reason=desired.origin, step=step.number)
    removals = [
        Action(change=DeleteInline(owner, name, live.inline[name]), subject=subject)
        for name in sorted(live.inline.keys() - desired.inline.keys())
    ]
    is_full = _size({**live.inline, **desired.inline}) > limit
    yield from with_room(removals, len(removals) if is_full else 0, f"{limit} characters of inline policies", plan)


def _steps(old: Document | None, new: Document, limit: int, *, is_new: bool, in_steps: bool) -> Sequence[Step]:
    return [Step(old=None, new=new)] if is_new else steps(old, new, limit=limit, in_two=in_steps)


def _size(inline: Inline) -> int:
    return sum(document.size for document in inline.values() if document is not None)


def with_room(removals: Sequence[Action], needed: int, limit: str, plan: PlanInput) -> Iterator[Action]:
    """The removals, of which `needed` are done before anything is added, because of a `limit` of IAM: those that deny
    nothing rather than others.
    """
    if needed <= 0:
        yield from removals
        return
    denying_last = sorted(range(len(removals)), key=lambda number: _denies(removals[number].change, plan))
    early = set(denying_last[:needed])
    for number, action in enumerate(removals):
        yield replace(action, timing=Timing.ROOM, limit=limit) if number in early else action


def _denies(removal: Change, plan: PlanInput) -> bool:
    """Whether what is removed denies anything, before the plan or after it."""
    match removal:
        case Detach(_, policy):
            return _policy_denies(policy, plan)
        case Leave(_, group):
            return any(_group_denies(one, plan) for one in plan.groups(group))
        case DeleteInline(old=old):
            return (old or ANYTHING).denies
        case _:
            return False


def _policy_denies(policy: Arn, plan: PlanInput) -> bool:
    return plan.text_before(policy).denies or plan.text_after(policy).denies


def _group_denies(group: Group, plan: PlanInput) -> bool:
    inline = any((document or ANYTHING).denies for document in group.inline.values())
    return inline or any(_policy_denies(one.policy, plan) for one in group.attachments)
