"""Letting go: the ownership mark comes off, and nothing else is changed."""

from collections.abc import Iterable, Iterator

from iamsync.core.action import Action
from iamsync.core.action.policies import untag_policy
from iamsync.core.action.users import untag_user
from iamsync.core.model import OWNER_TAG, LiveState, is_owned

_SUMMARY = "release: the ownership mark comes off, all else stays"


def release_actions(names: Iterable[str], live: LiveState, owner: str) -> Iterator[Action]:
    """A call for each user or policy of the owner that is named: `aiko`, `user/aiko` or `policy/Deploy`."""
    for name in names:
        for user in live.users.values():
            if name in {user.name, f"user/{user.name}"} and is_owned(user.tags, owner):
                yield untag_user(user, [OWNER_TAG], summary=_SUMMARY)
        for policy in live.policies.values():
            if name in {policy.name, f"policy/{policy.name}"} and is_owned(policy.tags, owner):
                yield untag_policy(policy, [OWNER_TAG], summary=_SUMMARY)


def not_ours(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    """The names that stand for nothing that the owner owns."""
    return [name for name in names if not any(release_actions([name], live, owner))]
