"""Which subjects a plan cannot bring into line within the account's quotas, before its first write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core import change as to
from iamsync.core import iam_limits
from iamsync.core.change import Kind
from iamsync.core.deny import SUSPENDED_POLICY
from iamsync.core.hold import used
from iamsync.core.model import Group, LiveState, User, group_subject, user_subject
from iamsync.core.plan import Plan
from iamsync.core.scope import Note
from iamsync.core.scope.denies import NO_DENIES, Denies


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One row of GetAccountSummary's SummaryMap: its name, the least that AWS gives, what it counts, and which changes
    bring one more and one less, of which kind of subject.
    """

    name: str
    least: int
    what: str
    kind: Kind
    gain: type
    loss: type


_OF_THE_ACCOUNT: Final = (
    Quota(name="UsersQuota", least=iam_limits.USERS, what="users", kind=Kind.USER, gain=to.CreateUser, loss=to.Delete),
    Quota(
        name="GroupsQuota", least=iam_limits.GROUPS, what="groups", kind=Kind.GROUP, gain=to.CreateGroup, loss=to.Delete
    ),
    Quota(
        name="PoliciesQuota",
        least=iam_limits.POLICIES,
        what="customer-managed policies",
        kind=Kind.POLICY,
        gain=to.CreatePolicy,
        loss=to.Delete,
    ),
)
_OF_A_SUBJECT: Final = (
    Quota(
        name="AttachedPoliciesPerUserQuota",
        least=iam_limits.POLICIES_PER_USER,
        what="attached policies",
        kind=Kind.USER,
        gain=to.Attach,
        loss=to.Detach,
    ),
    Quota(
        name="AttachedPoliciesPerGroupQuota",
        least=iam_limits.POLICIES_PER_GROUP,
        what="attached policies",
        kind=Kind.GROUP,
        gain=to.Attach,
        loss=to.Detach,
    ),
    Quota(
        name="GroupsPerUserQuota",
        least=iam_limits.GROUPS_PER_USER,
        what="groups",
        kind=Kind.USER,
        gain=to.Join,
        loss=to.Leave,
    ),
)


def crowded_out(plan: Plan, denies: Denies) -> Iterator[Note]:
    """Why inline policies wait: beside those that only deny and stay they would be too many characters."""
    for subject in (subject for subject, mine in denies.items() if any(one.policy is None for one in mine)):
        kind, _, name = subject.partition("/")
        owner = (plan.before.users if kind == Kind.USER else plan.before.groups)[name]
        allowed = iam_limits.USER_INLINE_SIZE if kind == Kind.USER else iam_limits.GROUP_INLINE_SIZE
        texts, written = dict(owner.inline), set[str]()
        for action in plan.actions:
            match action.change:
                case to.PutInline(name=inline, new=new) if action.subject == subject:
                    texts[inline] = new
                    written |= {inline} - {SUSPENDED_POLICY}
                case to.DeleteInline(name=inline) if action.subject == subject:
                    del texts[inline]
                case _:
                    pass
        after = sum(text.size for text in texts.values() if text is not None)
        if written and after > allowed:
            text = f"would have {after} characters of inline policies, AWS allows {allowed}: declare less"
            needs = frozenset(f"inline policy {one}" for one in written)
            yield Note(subject=subject, text=f"{text}{_of_others(subject, denies, inline=True)}", needs=needs)


def is_near(plan: Plan, live: LiveState) -> bool:
    """Whether the plan goes beyond a default quota, so that the account's own are worth a call."""
    return any(True for _ in exceeded(plan, live, {}))


def exceeded(plan: Plan, live: LiveState, summary: Mapping[str, int], denies: Denies = NO_DENIES) -> Iterator[Note]:
    """Why subjects are held back: what would exceed the account's quotas as GetAccountSummary gives them. Where the
    account is full, the last of those that would be created, by name, wait. `denies` are those that stay.
    """
    for quota in _OF_THE_ACCOUNT:
        allowed, created = summary.get(quota.name, quota.least), _created(plan, quota)
        surplus = _existing(live, quota.kind) + len(created) - _deleted(plan, quota.kind) - allowed
        for subject in created[max(0, len(created) - surplus) :] if surplus > 0 else ():
            yield _note(subject, f"the account would have {allowed + surplus} {quota.what}", allowed, quota)
    for quota in _OF_A_SUBJECT:
        allowed, now = summary.get(quota.name, quota.least), _held(plan, live, quota)
        for subject, balance in sorted(_balances(plan, quota).items()):
            if balance > 0 and (after := now.get(subject, 0) + balance) > allowed:
                note = _note(subject, f"would have {after} {quota.what}", allowed, quota)
                others = "" if quota.gain is to.Join else _of_others(subject, denies, inline=False)
                yield replace(note, text=f"{note.text}{others}", needs=_gained(plan, subject))


def _of_others(subject: str, denies: Denies, *, inline: bool) -> str:
    """The Denies that fill a quota, and that a person may remove."""
    mine = [one.option for one in denies.get(subject, ()) if (one.policy is None) is inline]
    return f"; or remove undeclared Denies, which count: {' '.join(mine)}" if mine else ""


def _gained(plan: Plan, subject: str) -> frozenset[str]:
    """The policies and groups that a subject gets."""
    return frozenset(one for action in plan.actions if action.subject == subject for one in used(action.change))


def _note(subject: str, why: str, allowed: int, quota: Quota) -> Note:
    text = f"{why}, AWS allows {allowed} ({quota.name}): ask AWS to raise it (Service Quotas), or declare less"
    return Note(subject=subject, text=text)


def _created(plan: Plan, quota: Quota) -> Sequence[str]:
    return sorted(action.subject for action in plan.actions if isinstance(action.change, quota.gain))


def _deleted(plan: Plan, kind: Kind) -> int:
    changes = (action.change for action in plan.actions)
    return sum(isinstance(change, to.Delete) and change.entity.kind is kind for change in changes)


def _existing(live: LiveState, kind: Kind) -> int:
    return {Kind.USER: len(live.users), Kind.GROUP: len(live.groups), Kind.POLICY: len(live.policies)}[kind]


def _held(plan: Plan, live: LiveState, quota: Quota) -> dict[str, int]:
    """How many each subject has now, by its name after the plan."""
    renamed = {change.old: change.new for action in plan.actions if isinstance(change := action.change, to.Rename)}
    users = {user_subject(renamed.get(one.name, one.name)): one for one in live.users.values()}
    if quota.gain is to.Join:
        return {subject: len(one.groups or ()) for subject, one in users.items()}
    owners: dict[str, User | Group] = {**users, **{group_subject(one.name): one for one in live.groups.values()}}
    return {subject: len(one.attachments) for subject, one in owners.items()}


def _balances(plan: Plan, quota: Quota) -> dict[str, int]:
    """How many more each subject of the quota's kind has after the plan."""
    found: dict[str, int] = {}
    for action in plan.actions:
        if isinstance(action.change, quota.gain | quota.loss) and action.subject.startswith(f"{quota.kind}/"):
            step = 1 if isinstance(action.change, quota.gain) else -1
            found[action.subject] = found.get(action.subject, 0) + step
    return found
