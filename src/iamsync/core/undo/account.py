"""The account on the way back: all that is owned, as it is, changed step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from iamsync.core.arn import Arn
from iamsync.core.deny import MANAGED_DENY, SUSPENDED_POLICY, was_suspended
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Group, LiveState, Policy, Settings, User, is_owned
from iamsync.core.scope import Note, tags_that_count
from iamsync.core.scope.ownership import is_owned_group
from iamsync.core.tags import OWNER_TAG, is_own_tag
from iamsync.core.undo.made import Made, refuse, text


def as_it_is(live: LiveState, settings: Settings) -> DesiredState:
    """All that is owned, declared exactly as it is. What is undeclared there (passwords, access keys) is left alone."""
    users = {name: _as_is(user, settings) for name, user in live.users.items() if is_owned(user.tags, settings.owner)}
    required = tuple(name for name in settings.guards.required_users if name in users)
    # A suspension by the boundary cannot be declared again as it is, so nothing is done to such a user.
    bounded = tuple(name for name, user in users.items() if user.boundary and user.boundary.endswith(MANAGED_DENY))
    guards = replace(
        settings.guards, required_users=required, protected_users=(*settings.guards.protected_users, *bounded)
    )
    return DesiredState(
        account=live.account,
        settings=replace(settings, prune=True, adopt=False, adopt_names=frozenset(), denies_kept=True, guards=guards),
        users=users,
        groups={name: group for name, group in live.groups.items() if is_owned_group(group, settings.owner)},
        policies={
            arn: replace(one, tags=declared_tags(one.tags, settings))
            for arn, one in live.policies.items()
            if is_owned(one.tags, settings.owner)
        },
    )


def _as_is(user: User, settings: Settings) -> User:
    is_suspended = was_suspended(user)
    return replace(
        user,
        tags=declared_tags(user.tags, settings),
        inline={name: one for name, one in user.inline.items() if not (is_suspended and name == SUSPENDED_POLICY)},
        groups=frozenset(user.groups or ()),
        added_groups=frozenset(),
        console=None,
        access_keys=None,
        suspended=is_suspended,
    )


def declared_tags(tags: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The tags that files would declare: without those that iamsync ignores or notes down."""
    counting = tags_that_count(tags, None, settings)
    return {key: value for key, value in counting.items() if key == OWNER_TAG or not is_own_tag(key)}


class Account:
    """What is wanted so far, and what is not undone. `made` are all calls of the run.

    `earlier_texts` are the policies whose newer texts are taken back, each with the text to return to, None until that
    is known; `key_notes` speak of access keys whose state only the end of a suspension restores. Of all that is there
    now, only the subjects in `ended` may go.
    """

    def __init__(self, made: Sequence[Made], live: LiveState, settings: Settings) -> None:
        self.made, self.live = made, live
        self.start = as_it_is(live, settings)
        self.users = dict(self.start.users)
        self.groups = dict(self.start.groups)
        self.policies = dict(self.start.policies)
        self.notes: list[Note] = []
        self.key_notes: list[tuple[str, Note]] = []
        self.earlier_texts: dict[Arn, Document | None] = {}
        self.ended: set[str] = set()

    def user(self, call: Made) -> User:
        """The owned user whom a call is about."""
        return self.users.get(text(call, "UserName")) or refuse("no owned user has that name now")

    def owner(self, call: Made) -> User | Group:
        """The owned user or group whose policies a call changes."""
        if "_user_" in call.operation:
            return self.user(call)
        return self.groups.get(text(call, "GroupName")) or refuse("no owned group has that name now")

    def policy(self, call: Made) -> Policy:
        """The owned policy that a call is about."""
        return self.policies.get(Arn(text(call, "PolicyArn"))) or refuse("no owned policy has that ARN now")

    def put(self, one: User | Group | Policy) -> None:
        """Want one in place of what was."""
        match one:
            case User():
                self.users[one.name] = one
            case Group():
                self.groups[one.name] = one
            case Policy():
                self.policies[one.arn] = one
