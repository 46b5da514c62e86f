"""Letting go: the ownership mark comes off, and nothing else is changed."""

from collections.abc import Iterable, Iterator

from iamsync.core.action import Action
from iamsync.core.action.policies import untag_policy
from iamsync.core.action.users import untag_user
from iamsync.core.model import OWNER_TAG, LiveState, Policy, User, is_owned, policy_subject, user_subject
from iamsync.core.scope import Note

_SUMMARY = "release: the ownership mark comes off, all else stays"


def release_actions(names: Iterable[str], live: LiveState, owner: str) -> Iterator[Action]:
    """A call for each user or policy of the owner that is named: `aiko`, `user/aiko` or `policy/Deploy`."""
    for one in (one for name in names for one in _named(name, live) if is_owned(one.tags, owner)):
        if isinstance(one, User):
            yield untag_user(one, [OWNER_TAG], summary=_SUMMARY)
        else:
            yield untag_policy(one, [OWNER_TAG], summary=_SUMMARY)


def refused(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    """The names that stand for nothing at all; and, where no name stands for anything of the owner's, all of them."""
    others = _not_ours(names, live, owner)
    return [name for name in others if not _named(name, live)] if set(names) - set(others) else others


def left_alone(names: Iterable[str], live: LiveState, owner: str) -> Iterator[Note]:
    """What is named and is not the owner's: perhaps an earlier release let go of it, of which other calls failed."""
    for one in (one for name in _not_ours(names, live, owner) for one in _named(name, live)):
        subject = user_subject(one.name) if isinstance(one, User) else policy_subject(one.name)
        yield Note(subject=subject, text=f'exists, not owned by "{owner}": left alone')


def _not_ours(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    return [name for name in names if not any(is_owned(one.tags, owner) for one in _named(name, live))]


def _named(name: str, live: LiveState) -> list[User | Policy]:
    users = [user for user in live.users.values() if name in {user.name, user_subject(user.name)}]
    return [*users, *(one for one in live.policies.values() if name in {one.name, policy_subject(one.name)})]
