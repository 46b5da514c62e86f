"""The plan: which calls are made, in which order; and the report: what became of each."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from typing import Final

from iamsync.core.action import Action, Premise
from iamsync.core.administrators import administrators, new_administrators
from iamsync.core.adopting import Adopted, adopted
from iamsync.core.api import secret_by_name
from iamsync.core.arn import Account
from iamsync.core.beside import beside
from iamsync.core.change import Change, Minting
from iamsync.core.diff import diff
from iamsync.core.hold import NO_HOLDS, HeldBack, Holds, gives, hold_back, together
from iamsync.core.identity import Identity, identities
from iamsync.core.limit import Limit, removal_limit
from iamsync.core.missing import missing_policies
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.order import Graph, Ordered, in_order
from iamsync.core.part import LeftOut, Only, left_out
from iamsync.core.permissions import forget
from iamsync.core.picture import AccountPicture
from iamsync.core.plan_data import Data, action_data, held_data, note_data
from iamsync.core.plan_input import PlanInput
from iamsync.core.reach import naming_holders
from iamsync.core.review import reviewed
from iamsync.core.risk import Risk, risks
from iamsync.core.scope import Note, Unmanaged, leave_alone
from iamsync.core.strangers import naming_strangers, stranger_notes
from iamsync.core.unnamed import is_unnamed
from iamsync.core.verb import Verb

WHOLE: Final = Only()
"""Nothing is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The list of IAM calls that bring an account to its desired state, and what a reviewer must know beside it.

    `graph` says which actions may run side by side; `before` is the account as it was read, `made_from` is all that was
    compared. Two plans are equal that make the same calls in the same order, and say the same. `identities` are the
    users to whom calls are made that must not be made to another user of the same name.
    """

    account: Account
    owner: str
    actions: tuple[Action, ...]
    graph: Graph = field(compare=False)
    before: AccountPicture = field(compare=False)
    made_from: PlanInput = field(compare=False, repr=False)
    held_back: tuple[HeldBack, ...] = ()
    warnings: tuple[Note, ...] = ()
    orphans: tuple[str, ...] = ()
    unmanaged: Unmanaged = field(default_factory=Unmanaged)
    managed: int = 0
    identities: Mapping[str, Identity] = field(default_factory=dict, compare=False)
    only: Only = WHOLE
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def between(  # noqa: PLR0913 - a plan is made from what it is made from
        cls,
        desired: DesiredState,
        live: LiveState,
        *,
        holds: Holds = NO_HOLDS,
        allowed_removals: int | None = None,
        may_delete: bool = True,
        only: Only = WHOLE,
    ) -> "Plan":
        """The plan from `live` to `desired`: leave alone, diff, put in order, hold back.

        `holds` say what else is known to be in the way; `allowed_removals` is the limit of removals for this run only.
        Unless it `may_delete`, who would be deleted is suspended first, and a hold can keep the rest. Where `only` a
        part is meant, limits and guards still judge the whole.
        """
        scope = leave_alone(desired, live)
        plan_input = PlanInput(
            desired=scope.desired,
            live=scope.live,
            known=live,
            strangers=scope.strangers.removed,
            foreign=scope.foreign,
            denies=scope.denies,
            may_delete=may_delete,
        )
        limit = removal_limit(desired.settings, scope.managed, allowed_removals)
        plan = cls.of(plan_input, holds=together((*holds.values(), *scope.holds)), limit=limit, only=only)
        strangers = scope.strangers.staying
        names = frozenset(chain.from_iterable(strangers.values()))
        left_alone = map(HeldBack.of, scope.left_alone)
        warnings = (
            *beside(scope, plan.actions, plan.before, plan.held_back),
            *stranger_notes(strangers, scope.desired),
        )
        return replace(
            plan,
            actions=naming_holders(
                naming_strangers(plan.actions, plan.before, names, plan_input), plan.before, desired
            ),
            held_back=tuple(one for one in (*left_alone, *plan.held_back) if plan.is_about(one.subject)),
            warnings=tuple(note for note in warnings if plan.is_about(note.subject)),
            orphans=scope.orphans,
            unmanaged=scope.unmanaged,
            managed=scope.managed,
        )

    @classmethod
    def of(
        cls, plan_input: PlanInput, *, holds: Holds = NO_HOLDS, limit: Limit | None = None, only: Only = WHOLE
    ) -> "Plan":
        """The bare plan: every difference between the two sides of `plan_input`, in order, but for what is held back.
        Over the `limit` of removals nothing is deleted that cannot be made again.
        """
        try:
            ordered = _ordered(plan_input)
            over = limit.exceeded_by(ordered.actions, plan_input.desired) if limit else ""
            if over:
                plan_input = replace(plan_input, may_delete=False)
                ordered = _ordered(plan_input)
            missing = missing_policies(ordered.actions, plan_input)
            out = only.leaves_out(ordered)
            without = left_out([action for number, action in enumerate(ordered.actions) if number in out])
            kept, held_back = hold_back(ordered, plan_input, together((*holds.values(), *missing.values())), over, out)
            if len(kept) < len(ordered.actions):
                ordered = in_order(kept, plan_input)
        finally:
            forget()
        desired = plan_input.desired
        return cls(
            account=desired.account,
            owner=desired.settings.owner,
            actions=reviewed(ordered.actions, plan_input),
            graph=ordered.graph,
            before=plan_input.picture,
            made_from=plan_input,
            held_back=held_back,
            identities=identities(ordered.actions, plan_input.live.users),
            only=only,
            left_out=without,
        )

    @property
    def digest(self) -> str:
        """A hash (64 hexadecimal digits) of the account, the owner and the calls.

        Equal digests mean the same calls in the same order, with the same premises and the same delivery channels.
        Words, times and places in files are not part of it.
        """
        return digest_of(self.account, self.owner, self.calls)

    @property
    def calls(self) -> list[list[object]]:
        """What the digest is of: each call with its parameters, its premise, and the channel of its secret."""
        return [[one.operation, one.params, _premise(one.premise), *_channel(one.change)] for one in self.actions]

    def is_about(self, subject: str) -> bool:
        """Whether a subject is meant, or changed because something depends on it."""
        return self.only.means(subject) or any(action.subject == subject for action in self.actions)

    def count(self, verb: Verb) -> int:
        """How many actions a reviewer sees as this verb."""
        return Counter(action.verb for action in self.actions)[verb]

    def gives(self, action: Action) -> bool:
        """Whether an action of this plan grants, mints or loosens something, or prepares that."""
        return gives(action, self.made_from)

    @property
    def risks(self) -> tuple[tuple[Risk, ...], ...]:
        """Why each action deserves a reviewer's look first."""
        return risks(self.actions, self.before)

    @property
    def adopted(self) -> tuple[Adopted, ...]:
        """What the plan adopts, and what it changes of it (`core.adopting`)."""
        return adopted(self.actions, self.owner)

    @property
    def new_administrators(self) -> dict[str, tuple[Action, ...]]:
        """The users who become administrators by this plan, with the actions that concern them
        (`core.administrators`).
        """
        return new_administrators(self.actions, self.before)

    @property
    def unmanaged_administrators(self) -> frozenset[str]:
        """The unmanaged users who are administrators already, as far as they have names."""
        return administrators((name for name in self.unmanaged.users if not is_unnamed(name)), self.before)

    def as_data(self) -> Data:
        """The plan as plain data, under names that stay (`core.plan_data`). Places of actions are counted from 0."""
        risks_of = self.risks
        return {
            "account": {"id": self.account.id, "partition": self.account.partition},
            "owner": self.owner,
            "digest": self.digest,
            "counts": {verb.value: self.count(verb) for verb in Verb},
            "actions": [
                {
                    **action_data(action, self.actions, self.graph.after[number]),
                    "risks": [risk.value for risk in risks_of[number]],
                }
                for number, action in enumerate(self.actions)
            ],
            "held_back": [held_data(held) for held in self.held_back],
            "warnings": [note_data(note) for note in self.warnings],
            "orphans": list(self.orphans),
            "unmanaged_users": len(self.unmanaged.users),
            "unmanaged": {
                "users": list(self.unmanaged.users),
                "groups": list(self.unmanaged.groups),
                "policies": list(self.unmanaged.policies),
                "administrators": sorted(self.unmanaged_administrators),
            },
            "new_administrators": list(self.new_administrators),
            "adopted": [{"subject": one.subject, "effect": one.effect.value} for one in self.adopted],
            "managed": self.managed,
            "only": list(self.only.patterns),
            "left_out": [{"subject": one.subject, "actions": one.actions} for one in self.left_out],
        }

    def without(self, left_out: Collection[Action]) -> "Plan":
        """The plan without some actions, whose effect is there already though it may not be visible yet."""
        gone = {id(action) for action in left_out}
        numbers = frozenset(number for number, action in enumerate(self.actions) if id(action) in gone)
        before = self.before
        for number in sorted(numbers):
            before = before.after(self.actions[number])
        kept = tuple(action for action in self.actions if id(action) not in gone)
        return replace(self, actions=kept, graph=self.graph.without(numbers), before=before)


def digest_of(account: Account, owner: str, calls: Sequence[Sequence[object]]) -> str:
    """The digest of a plan of these calls (`Plan.calls`)."""
    value = [account.partition, account.id, owner, calls]
    return sha256(json.dumps(value, sort_keys=True, default=secret_by_name).encode()).hexdigest()


def _ordered(plan_input: PlanInput) -> Ordered:
    """The actions in order. Texts change in two steps only where that leaves fewer violations."""
    ordered = in_order(tuple(diff(plan_input)), plan_input)
    best = ordered
    while ordered.texts:
        plan_input = replace(plan_input, in_steps=plan_input.in_steps | ordered.texts)
        ordered = in_order(tuple(diff(plan_input)), plan_input)
        best = min(best, ordered, key=lambda one: one.violations)
    return best


def _channel(change: Change) -> list[str]:
    """Where the secret of a change goes, if it makes one: a reviewer has seen that, too."""
    if not isinstance(change, Minting):
        return []
    return [change.channel, *(one.fingerprint for one in change.recipients)]


def _premise(premise: Premise | None) -> object:
    if premise is None:
        return None
    return [None if one is None else sorted(one) for one in (premise.keys, premise.notes)]
