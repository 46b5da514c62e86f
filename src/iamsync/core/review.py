"""What a plan adds to each action for whoever reads it, now or later: what is replaced or removed, an ARN that changes,
and the grant that has ended.

The calls are not changed. Everything is taken from the account as it was read and from the actions before.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from iamsync.core import change as to
from iamsync.core.action import Action, ArnNote, EndedNote, Key, Old
from iamsync.core.arn import Account, Arn
from iamsync.core.change import THIS_RUN, Kind
from iamsync.core.model import Group, User
from iamsync.core.plan_input import PlanInput


def reviewed(actions: Sequence[Action], plan: PlanInput) -> tuple[Action, ...]:
    """The same actions, in their order, with old values and notes."""
    seen = _entities(plan, {action.key for action in actions})
    return tuple(_ended(_with_old_values(action, seen), plan) for action in actions)


@dataclass(slots=True)
class _Entity:
    """What is known of an entity at a moment of the plan."""

    kind: Kind
    account: Account
    name: str = ""
    path: str = ""
    boundary: Arn | None = None
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    version: str = ""

    @property
    def arn(self) -> Arn:
        return Arn(f"arn:{self.account.partition}:iam::{self.account.id}:{self.kind.value}{self.path}{self.name}")


def _entities(plan: PlanInput, named: AbstractSet[Key]) -> dict[Key, _Entity]:
    """Those of the `named` entities that are there: a user by the name after the plan."""
    known, account = plan.known, plan.desired.account
    new_names = {user.name: name for name, user in plan.live.users.items()}
    owners: list[tuple[Kind, str, User | Group]] = [
        *((Kind.USER, new_names.get(name, name), user) for name, user in known.users.items()),
        *((Kind.GROUP, name, group) for name, group in known.groups.items()),
    ]
    found: dict[Key, _Entity] = {}
    for kind, name, one in owners:
        if (kind.value, name) not in named:
            continue
        entity = _Entity(kind=kind, account=account, name=one.name, path=one.path)
        if isinstance(one, User):
            entity.boundary, entity.tags = one.boundary, dict(one.tags)
        found[kind.value, name] = entity
    for arn, policy in known.policies.items():
        if (Kind.POLICY.value, arn) not in named:
            continue
        version = next((one.id for one in known.versions.get(arn, ()) if one.is_default), "")
        found[Kind.POLICY.value, arn] = _Entity(
            kind=Kind.POLICY,
            account=account,
            name=policy.name,
            path=policy.path,
            tags=dict(policy.tags),
            description=policy.description,
            version=version,
        )
    return found


def _with_old_values(action: Action, seen: Mapping[Key, _Entity]) -> Action:
    """The action with what it replaces or removes of its entity, which is as it leaves it from then on."""
    entity = seen.get(action.key)
    if entity is None:
        return action
    before = entity.arn
    old = _replaced(action.change, entity)
    notes = action.notes if entity.arn == before else (ArnNote(old=before, new=entity.arn), *action.notes)
    return action if old is None and notes is action.notes else replace(action, old=old, notes=notes)


def _replaced(change: to.Change, entity: _Entity) -> Old | None:
    match change:
        case to.Rename(_, new):
            entity.name = new
            return None
        case to.Move(_, old, new):
            entity.path = new
            return Old(path=old)
        case to.SetBoundary(_, old, new):
            entity.boundary = new
            return Old(boundary=old) if old else None
        case to.SetTags(_, tags):
            return _tags(entity, tags, {**entity.tags, **tags})
        case to.RemoveTags(_, keys):
            return _tags(entity, keys, {key: value for key, value in entity.tags.items() if key not in keys})
        case to.NewVersion() | to.RestoreVersion():
            version, entity.version = entity.version, ""  # the id of a new version is not known before AWS gives it
            return Old(version=version) if version else None
        case to.Delete():
            return Old(
                path=entity.path,
                boundary=entity.boundary,
                tags=dict(entity.tags),
                description=entity.description,
                version=entity.version,
            )
        case _:
            return None


def _tags(entity: _Entity, keys: Iterable[str], then: dict[str, str]) -> Old | None:
    """The old values of some tags. What a run notes down of itself has none that matters."""
    tags = {key: entity.tags[key] for key in keys if key in entity.tags and THIS_RUN not in key}
    entity.tags = then
    return Old(tags=tags) if tags else None


def _ended(action: Action, plan: PlanInput) -> Action:
    """The action with the grant that has ended, if it takes from a user what that grant gave."""
    match action.change:
        case to.Detach(to.Entity(Kind.USER, user), target) | to.Leave(user, target):
            ended = plan.desired.ended_grants.get((user, str(target)))
        case _:
            return action
    if ended is None:
        return action
    until, origin = ended
    return replace(action, reason=origin, notes=(*action.notes, EndedNote(until=until)))
