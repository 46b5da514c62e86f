"""What the folder declares already, or what a new one begins with: the settings, and the defaults of users."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from iamsync.core.arn import Account, Arn
from iamsync.core.iam_limits import MOST_POLICIES_PER_USER, POLICIES_PER_USER
from iamsync.core.model import Quotas, Settings, User
from iamsync.desired import Declaration
from iamsync.importing.reasons import tags_to_write

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Settings; defaults of users, of which `defaults` names all keys; and what is declared: users and groups (names in
    lower case), policies with their ARNs, policy sets with what they attach.
    """

    account: Account
    settings: Settings
    path: str = "/"
    boundary: Arn | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    policies: Mapping[str, Arn] = field(default_factory=dict)
    sets: Mapping[str, frozenset[Arn]] = field(default_factory=dict)
    is_new: bool = False


def existing(declaration: Declaration, account: Account, now: datetime) -> Present:
    """A folder that declares something. Raises DesiredStateError if it is not valid in the account."""
    state = declaration.state(account, now)
    outline = declaration.outline(account)
    return Present(
        account=account,
        settings=state.settings,
        path=outline.path,
        boundary=outline.boundary,
        tags=outline.tags,
        defaults=outline.keys,
        users=frozenset(name.casefold() for name in state.users),
        groups=frozenset(name.casefold() for name in state.groups),
        policies={policy.name: arn for arn, policy in state.policies.items()},
        sets=outline.sets,
    )


def begun(account: Account, owner: str, users: Sequence[User]) -> Present:
    """A new folder for these users: what most of them have is their default."""
    most = max((len(user.attachments) for user in users), default=0)
    quota = POLICIES_PER_USER if most <= POLICIES_PER_USER else MOST_POLICIES_PER_USER
    settings = Settings(owner=owner, account_id=account.id, quotas=Quotas(policies_per_user=quota))
    return Present(
        account=account,
        settings=settings,
        path=_usual((user.path for user in users if "{{" not in user.path), len(users)) or "/",
        boundary=_usual((user.boundary for user in users), len(users)),
        tags=_tags_of_all(users, settings),
        is_new=True,
    )


def _usual(values: Iterable[_T], count: int) -> _T | None:
    """The value of more than half of so many."""
    return next((value for value, times in Counter(values).most_common(1) if times > count / 2), None)


def _tags_of_all(users: Sequence[User], settings: Settings) -> dict[str, str]:
    """The tags that each user has, with the value that more than half of them have."""
    if not users:
        return {}
    tags = [tags_to_write(user.tags, settings) for user in users]
    keys = [key for key in sorted(tags[0]) if all(key in one for one in tags)]
    usual = {key: _usual((one[key] for one in tags), len(tags)) for key in keys}
    return {key: value for key, value in usual.items() if value is not None and len(users) > 1}
