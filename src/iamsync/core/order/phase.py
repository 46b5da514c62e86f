"""The order that a reader expects: the phase table. Where several actions are equally safe, it decides.

The argument, from top to bottom: revoke first; prepare what others build on; restrict before granting; grant before
revoking, so that nobody loses what both ends give; lift restrictions last, when all that they held down is gone; let
somebody in only when every guard rail is in place.
"""

from collections.abc import Iterable
from enum import IntEnum, auto
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import Action, Timing
from iamsync.core.arn import Arn
from iamsync.core.change import Kind
from iamsync.core.document import Document
from iamsync.core.permissions import Effect, text_effect
from iamsync.core.plan_input import ANYTHING, PlanInput


class Phase(IntEnum):
    """When an action is done, if nothing speaks against it."""

    FIRST = auto()
    """Access is revoked, an adopted entity is marked, a user gets the new name that all later calls use."""
    DISMANTLE = auto()
    """What only a leaver has goes: MFA devices, keys, certificates. None of it can let anybody in any more."""
    PREPARE = auto()
    """Policies and groups exist before they are used. A new one has no effect on anybody."""
    IDENTITY = auto()
    """A user is created with path, tags, ownership mark and boundary in one call, and cannot sign in yet. An existing
    user gets the new path and tags."""
    ROOM = auto()
    """At a limit of IAM, room is made before anything is added."""
    RESTRICT = auto()
    """What only denies is attached, a boundary is set or narrowed."""
    RESTRICT_AND_GRANT = auto()
    GRANT = auto()
    """What only allows is attached."""
    REPLACE = auto()
    """Texts that gain and lose what they allow in one call."""
    REVOKE = auto()
    """What only allows is detached."""
    RELAX = auto()
    """What denies is detached, a boundary is widened or removed."""
    DELETE_USERS = auto()
    DELETE_GROUPS = auto()
    DELETE_POLICIES = auto()
    SIGN_IN = auto()
    """A password, a key, or one that works again, comes last of all."""


_DELETIONS: Final = {
    Kind.USER: Phase.DELETE_USERS,
    Kind.GROUP: Phase.DELETE_GROUPS,
    Kind.POLICY: Phase.DELETE_POLICIES,
}


def phase_of(action: Action, plan: PlanInput) -> Phase:
    """The phase of an action."""
    match action.timing:
        case Timing.FIRST:
            return Phase.FIRST
        case Timing.ROOM:
            return Phase.ROOM
        case Timing.LAST:
            return Phase.SIGN_IN
        case Timing.IN_ORDER:
            return _phase_in_order(action.change, plan)


def _phase_in_order(change: to.Change, plan: PlanInput) -> Phase:
    match change:
        case to.Delete(entity):
            return _DELETIONS[entity.kind]
        case to.CreatePassword() | to.ReplacePassword() | to.CreateAccessKey() | to.SetKeyStatus(active=True):
            return Phase.SIGN_IN
        case to.DeactivateDevice() | to.DeleteDevice() | to.DeleteCredential() | to.DeleteAccessKey():
            return Phase.DISMANTLE
        case to.SetTags(entity) | to.RemoveTags(entity) | to.Move(entity):
            return Phase.IDENTITY if entity.kind is Kind.USER else Phase.PREPARE
        case to.CreateUser() | to.Rename():
            return Phase.IDENTITY
        case to.CreatePolicy() | to.CreateGroup() | to.DeleteVersion():
            return Phase.PREPARE
        case to.DeletePassword() | to.SetKeyStatus():
            return Phase.FIRST
        case _:
            return _phase_of_effect(effect_of(change, plan))


def _phase_of_effect(effect: Effect) -> Phase:
    if effect.denies_go:
        return Phase.RELAX
    if effect.denies_come:
        return Phase.RESTRICT_AND_GRANT if effect.allows_come or effect.allows_go else Phase.RESTRICT
    if effect.allows_go:
        return Phase.REPLACE if effect.allows_come else Phase.REVOKE
    return Phase.GRANT


def effect_of(change: to.Change, plan: PlanInput) -> Effect:
    """Which kinds of statement come and go with a change of permissions, whoever it concerns."""
    match change:
        case to.Attach(_, policy):
            return _comes(_both(policy, plan))
        case to.Detach(_, policy):
            return _goes(_both(policy, plan))
        case to.Join(_, group):
            return _comes(_in_group(group, plan))
        case to.Leave(_, group):
            return _goes(_in_group(group, plan))
        case to.PutInline(new=new, is_new=True):
            return _comes([new])
        case to.DeleteInline(old=old):
            return _goes([old or ANYTHING])
        case to.PutInline(old=old, new=new) | to.NewVersion(_, old, new) | to.RestoreVersion(_, _, old, new):
            return text_effect(old or ANYTHING, new)
        case to.SetBoundary(_, old, new):
            return _boundary_effect(old, new, plan)
        case _:
            return Effect()


def _boundary_effect(old: Arn | None, new: Arn | None, plan: PlanInput) -> Effect:
    """A boundary that lets less through is as a Deny that comes, one that lets more through as a Deny that goes."""
    if old is None or new is None:
        return Effect(denies_come=old is None, denies_go=new is None)
    texts = text_effect(plan.text_before(old), plan.text_after(new))
    return Effect(denies_come=texts.allows_go, denies_go=texts.allows_come)


def _both(policy: Arn, plan: PlanInput) -> list[Document]:
    return [plan.text_before(policy), plan.text_after(policy)]


def _in_group(name: str, plan: PlanInput) -> list[Document]:
    groups = list(plan.groups(name))
    attached = [document for group in groups for one in group.attachments for document in _both(one.policy, plan)]
    return [*attached, *(document or ANYTHING for group in groups for document in group.inline.values())]


def _comes(documents: Iterable[Document]) -> Effect:
    effects = _effects(documents)
    return Effect(denies_come="Deny" in effects, allows_come="Allow" in effects)


def _goes(documents: Iterable[Document]) -> Effect:
    effects = _effects(documents)
    return Effect(denies_go="Deny" in effects, allows_go="Allow" in effects)


def _effects(documents: Iterable[Document]) -> set[str]:
    return {statement.effect for document in documents for statement in document.statements}
