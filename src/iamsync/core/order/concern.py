"""Which users an action concerns, in whatever order the actions of the plan are done.

A user's permissions depend only on the actions that concern that user. An action concerns a user if some order of the
plan connects the two. So it follows the attachments and memberships of the account before the plan, and those that the
plan adds. An example: policy P gets a new text, P is attached to group G, and user U leaves G. The new text concerns U,
because in some order U is still in G when P is attached.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from iamsync.core import change as to
from iamsync.core.action import GROUP, USER, Action, Key, Timing
from iamsync.core.arn import Arn
from iamsync.core.model import Group, User
from iamsync.core.picture import AccountPicture

_WITHOUT_PERMISSIONS = (
    to.CreateUser | to.Delete
    | to.CreatePassword | to.ReplacePassword | to.DeletePassword | to.CreateAccessKey | to.SetKeyStatus
    | to.DeleteAccessKey | to.DeactivateDevice | to.DeleteDevice | to.DeleteCredential
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Planned:
    """An action, its `place` in the order of phases, the entity it changes and the users it concerns."""

    place: int
    action: Action
    key: Key
    users: frozenset[str]

    @cached_property
    def changes_permissions(self) -> bool:
        """Whether it may change what the users it concerns may do.

        It does not when it creates or deletes a user: a new user has no permissions yet, a deleted user has none left.
        It does not when it removes bookkeeping tags: no policy depends on them.
        """
        change, is_bookkeeping = self.action.change, self.action.timing is Timing.LAST
        return bool(self.users) and not is_bookkeeping and not isinstance(change, _WITHOUT_PERMISSIONS)

    @property
    def is_tried(self) -> bool:
        """Whether it waits while it would harm somebody. What makes room at a limit cannot wait."""
        return self.changes_permissions and self.action.timing is not Timing.ROOM

    @property
    def lets_in(self) -> bool:
        """Whether somebody can sign in, or use a key, from then on."""
        return self.action.timing is Timing.LAST or isinstance(self.action.change, to.Minting)

    @property
    def text(self) -> str:
        """The text that it changes, as `policy/Deploy` or `user/aiko/queue`; "" if it changes none."""
        match self.action.change:
            case to.NewVersion() | to.RestoreVersion():
                return self.action.subject
            case to.PutInline(name=name) | to.DeleteInline(name=name):
                return f"{self.action.subject}/{name}"
            case _:
                return ""


def planned(actions: Sequence[Action], before: AccountPicture) -> list[Planned]:
    """The actions, given in the order of phases, each with the users that it concerns."""
    reached = _Reach(before, actions) if any(one.key[0] != USER for one in actions) else None
    return [
        Planned(place, one, one.key, reached.users(one) if reached else frozenset({one.key[1]}))
        for place, one in enumerate(actions)
    ]


def concerned(actions: Sequence[Action], before: AccountPicture) -> list[frozenset[str]]:
    """The users that each action concerns, in whatever order."""
    return [one.users for one in planned(actions, before)]


class _Reach:
    """Who is ever in a group, or ever holds a policy, while a plan is applied."""

    def __init__(self, before: AccountPicture, actions: Iterable[Action]) -> None:
        self._members: dict[str, set[str]] = defaultdict(set)
        self._holders: dict[Arn, set[str]] = defaultdict(set)
        held: dict[Key, set[Arn]] = defaultdict(set)
        for name, group in before.groups.items():
            held[GROUP, name] |= _attached(group)
        for name, user in before.users.items():
            held[USER, name] |= _attached(user) | ({user.boundary} if user.boundary else set())
            for group_name in user.groups or ():
                self._members[group_name].add(name)
        for action in actions:
            self._add_edge(action, held)
        for (kind, name), policies in held.items():
            for policy in policies:
                self._holders[policy] |= {name} if kind == USER else self._members[name]

    def _add_edge(self, action: Action, held: dict[Key, set[Arn]]) -> None:
        match action.change:
            case to.Join(_, group):
                self._members[group].add(action.key[1])
            case to.Attach(_, policy):
                held[action.key].add(policy)
            case to.SetBoundary(new=policy) if policy:
                held[action.key].add(policy)
            case to.CreateUser(user) if user.boundary:
                held[action.key].add(user.boundary)

    def users(self, action: Action) -> frozenset[str]:
        """The users that an action concerns."""
        kind, name = action.key
        match kind:
            case "user":
                return frozenset({name})
            case "group" if isinstance(action.change, to.Attach | to.Detach | to.PutInline | to.DeleteInline):
                return frozenset(self._members.get(name, ()))
            case "policy" if isinstance(action.change, to.NewVersion | to.RestoreVersion):
                return frozenset(self._holders.get(Arn(name), ()))
            case _:
                return frozenset()


def _attached(owner: User | Group) -> set[Arn]:
    return {one.policy for one in owner.attachments}
