"""Who a user is to the statements that judge the user: they may ask for name, path and tags, and calls change those."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from iamsync.core.access import Context, user_arn
from iamsync.core.access.partial import left_of
from iamsync.core.action import Action, When
from iamsync.core.arn import Account, Arn
from iamsync.core.document import Statement
from iamsync.core.grammar import folded
from iamsync.core.model import User
from iamsync.core.overlap import Change, Statements

TAGS_PER_USER: Final = 50
"""IAM quota "Tags for a user", fixed."""

_CALLS: Final = ("update_user", "tag_user", "untag_user")


def changes_who_a_user_is(action: Action) -> bool:
    """Whether a call gives a user another name, path or tags. What iamsync notes down for itself and takes off at the
    end is no matter to anybody else.
    """
    return action.operation in _CALLS and action.when is not When.LAST


@dataclass(frozen=True, kw_only=True)
class Person:
    """What may be asked of a user. Keys of tags are folded: neither users nor conditions tell them apart by case."""

    account: Account
    name: str
    path: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, user: User, account: Account) -> "Person":
        """The user as read."""
        return cls(
            account=account, name=user.name, path=user.path, tags={folded(key): one for key, one in user.tags.items()}
        )

    def after(self, action: Action) -> "Person":
        """The same user when a call is made."""
        params: Mapping[str, Any] = action.params
        if action.operation == "update_user":
            return replace(self, name=params.get("NewUserName", self.name), path=params.get("NewPath", self.path))
        if action.operation == "tag_user":
            return replace(self, tags={**self.tags, **{folded(tag["Key"]): tag["Value"] for tag in params["Tags"]}})
        gone = set(map(folded, params["TagKeys"]))
        return replace(self, tags={key: value for key, value in self.tags.items() if key not in gone})

    @cached_property
    def _arn(self) -> Arn:
        return user_arn(self.account, User(name=self.name, path=self.path))

    @cached_property
    def _context(self) -> Context:
        tags = {f"aws:PrincipalTag/{key}": value for key, value in self.tags.items()}
        known = {"aws:username": self.name, "aws:PrincipalArn": self._arn, **tags}
        return Context.of(known, closed=["aws:PrincipalTag/"])

    def sees(self, statement: Statement) -> Statement | None:
        """What a statement says to this person."""
        return left_of(statement, self._context, self._arn)

    def sees_of(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        """What several say."""
        return (seen for one in statements if (seen := self.sees(one)) is not None)


@dataclass(frozen=True, kw_only=True)
class Becoming:
    """A user who becomes another, call by call: what must be first, then path, then tags.

    Tags are set before others are removed, as rights are; unless a key is there in another case of letters, which
    removing would take away again, or there is no room for both. There are no calls if none makes a difference.
    """

    calls: tuple[Action, ...]
    moments: tuple[Person, ...]

    @classmethod
    def of(cls, start: Person, actions: Sequence[Action], met: Statements) -> "Becoming":
        """From who it was, by the calls of a plan; `met` is all that may judge the user while it is carried out. If it
        makes no difference to that when the calls are made in the order that they have without regard to rights, they
        are left in it. One that makes a difference takes the others along, which may hang on what it leaves.
        """
        calls = sorted(actions, key=lambda action: action.when is not When.FIRST)
        gaining = sorted(calls, key=lambda action: action.operation == "untag_user")
        moments, others = _moments(start, calls), _moments(start, gaining)
        if all(start.sees(one) == moment.sees(one) for moment in moments[1:] for one in met):
            return cls(calls=(), moments=(start,))
        if others[-1] == moments[-1] and max(len(one.tags) for one in others) <= TAGS_PER_USER:
            return cls(calls=tuple(gaining), moments=others)
        return cls(calls=tuple(calls), moments=moments)

    def number(self, action: Action) -> int | None:
        """Which of the calls an action is, if it is one."""
        same = (
            n for n, one in enumerate(self.calls) if (one.operation, one.params) == (action.operation, action.params)
        )
        return next(same, None)

    def seen(self, change: Change) -> Change:
        """What another call changes: of what it takes away, what it said before any call of these that is in turn; of
        what it brings, what it says after all.
        """
        begin = self.moments[sum(call.when is When.FIRST for call in self.calls)]
        return Change.of(come=self.moments[-1].sees_of(change.come), go=begin.sees_of(change.go))


def _moments(start: Person, calls: Sequence[Action]) -> tuple[Person, ...]:
    moments = [start]
    for call in calls:
        moments.append(moments[-1].after(call))
    return tuple(moments)
