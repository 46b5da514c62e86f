"""Accounts as IAM may hold them, and desired states that somebody may declare for them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import TypeVar

from hypothesis import strategies as st

from iamsync.core.arn import Arn
from iamsync.core.model import (
    AccessKeys,
    Attachment,
    Console,
    DesiredState,
    Group,
    Guards,
    Policy,
    Quotas,
    Settings,
    User,
)
from iamsync.core.tags import NEW_ACCESS_KEY_TAG, OWNER_TAG
from laws import universe
from laws.facets import FACETS
from laws.model import GroupRecord, Iam, PolicyRecord, RoleRecord, UserRecord, VersionRecord

_T = TypeVar("_T")


def _one(choices: Iterable[_T]) -> st.SearchStrategy[_T]:
    return st.sampled_from(tuple(choices))


def _some(choices: Iterable[_T], most: int = 3, least: int = 0) -> st.SearchStrategy[tuple[_T, ...]]:
    """A few different ones; one draw, and so quick."""
    return _sampled(tuple(dict.fromkeys(choices)), least, most)


@cache
def _sampled(choices: tuple[_T, ...], least: int, most: int) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.sampled_from(_combinations(choices, least, most))


@cache
def _combinations(choices: tuple[_T, ...], least: int, most: int) -> tuple[tuple[_T, ...], ...]:
    sizes = range(min(least, len(choices)), most + 1)
    return tuple(one for size in sizes for one in combinations(choices, size))


@cache
def _names(choices: tuple[str, ...], most: int = 3, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Names of entities that exist side by side: no two differ in case only."""
    return st.sampled_from([one for one in _combinations(choices, least, most) if _differ(one)])


def _differ(names: Iterable[str]) -> bool:
    listed = [name.lower() for name in names]
    return len(set(listed)) == len(listed)


def _if(facet: str, strategy: st.SearchStrategy[_T], otherwise: _T) -> st.SearchStrategy[_T]:
    return strategy if FACETS[facet] else st.just(otherwise)


_inline = st.dictionaries(_one(universe.INLINE), _one(universe.DOCUMENTS), max_size=2)
_marks = st.sampled_from((universe.US, universe.US, universe.US, None, universe.THEM))


@cache
def _tags(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from(
        [
            dict(zip(chosen, values, strict=True))
            for chosen in _combinations(keys, 0, 3)
            if _differ(chosen)
            for values in product(universe.TAG_VALUES, repeat=len(chosen))
        ]
    )


@st.composite
def _live_tags(draw: st.DrawFn, ignored: tuple[str, ...]) -> dict[str, str]:
    tags = draw(_if("tags", _tags((*universe.TAG_KEYS, *ignored)), {}))
    mark = draw(_marks)
    return tags if mark is None else {**tags, OWNER_TAG: mark}


@st.composite
def accounts(draw: st.DrawFn, ignored_tags: tuple[str, ...] = universe.IGNORED_TAG_KEYS) -> Iam:
    """An account with a few users, groups, policies and perhaps a role, some of them ours."""
    iam = Iam(account=universe.ACCOUNT)
    iam.quotas["policies_per_user"] = draw(_one((10, universe.FEW)))
    for name in draw(_names(universe.POLICIES)):
        policy = draw(_live_policies(name, ignored_tags))
        iam.policies[policy.arn] = policy
    for name in draw(_if("groups", _names(universe.GROUPS), ())):
        iam.groups[name] = draw(_live_groups(name, iam))
    for name in draw(_names(universe.USERS, least=1)):
        iam.users[name] = draw(_live_users(name, iam, ignored_tags))
    if FACETS["prune"] and draw(st.booleans()):
        role = RoleRecord(name="build", attached=set(draw(_some(iam.policies, 1))))
        role.boundary = draw(st.none() | _one((*universe.AWS_POLICIES, *iam.policies)))
        iam.roles["build"] = role
    return iam


@st.composite
def _live_policies(draw: st.DrawFn, name: str, ignored_tags: tuple[str, ...]) -> PolicyRecord:
    path = draw(_one(universe.POLICY_PATHS))
    texts = draw(st.lists(_one(universe.DOCUMENTS), min_size=1, max_size=5))
    default = draw(st.integers(0, len(texts) - 1))
    gap = draw(st.integers(0, 2))
    return PolicyRecord(
        arn=universe.arn_of(path, name),
        name=name,
        path=path,
        tags=draw(_live_tags(ignored_tags)),
        versions=[
            VersionRecord(
                id=f"v{number + 1 + gap * bool(number)}", document=text.render(), is_default=number == default
            )
            for number, text in enumerate(texts)
        ],
        next_version=len(texts) + 1 + gap,
    )


@st.composite
def _live_groups(draw: st.DrawFn, name: str, iam: Iam) -> GroupRecord:
    return GroupRecord(
        name=name,
        path=draw(_one(universe.GROUP_PATHS)),
        attached=set(draw(_some((*universe.AWS_POLICIES, *iam.policies)))),
        inline={name: text.render() for name, text in draw(_if("inline", _inline, {})).items()},
    )


@st.composite
def _live_users(draw: st.DrawFn, name: str, iam: Iam, ignored_tags: tuple[str, ...]) -> UserRecord:
    policies = (*universe.AWS_POLICIES, *iam.policies)
    user = UserRecord(
        name=name,
        id=iam.new_id("AIDA"),
        path=draw(_if("path", _one(universe.USER_PATHS), "/")),
        tags=draw(_live_tags(ignored_tags)),
        boundary=draw(_if("boundary", st.none() | _one(policies), None)),
        attached=set(draw(_some(policies))),
        inline={name: text.render() for name, text in draw(_if("inline", _inline, {})).items()},
        groups=set(draw(_some(iam.groups))),
        password=draw(st.booleans()),
    )
    if draw(st.booleans()):
        _give_credentials(draw, user, iam)
    return user


def _give_credentials(draw: st.DrawFn, user: UserRecord, iam: Iam) -> None:
    statuses = draw(_one(((), ("Active",), ("Inactive",), ("Active", "Inactive"), ("Active", "Active"))))
    user.access_keys = {iam.new_id("AKIA"): status for status in statuses}
    ages, uses = draw(_one(product((0, 10, 100), repeat=2))), draw(_one(product((None, 0, 3, 8), repeat=2)))
    user.key_ages = dict(zip(user.access_keys, ages, strict=False))
    user.key_uses = {key: used for key, used in zip(user.access_keys, uses, strict=False) if used is not None}
    if FACETS["access keys"] and user.access_keys:
        noted = draw(_one((None, None, None, "", "none", *user.access_keys)))
        user.tags = user.tags if noted is None else {**user.tags, f"{NEW_ACCESS_KEY_TAG}:0a1b2c3d": noted}
    serials = (f"arn:aws:iam::{iam.account.id}:mfa/{user.name}", f"arn:aws:iam::{iam.account.id}:u2f/user/{user.name}")
    user.mfa = set(draw(_some(serials)))
    ssh, certificates, services = draw(_one(((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 1, 2))))
    user.ssh_keys = {iam.new_id("APKA") for _ in range(ssh)}
    user.certificates = {iam.new_id("CERT") for _ in range(certificates)}
    user.service_credentials = {iam.new_id("ACCA"): "Active" for _ in range(services)}


@st.composite
def desired_states(draw: st.DrawFn, iam: Iam) -> DesiredState:
    """A desired state for an account: what `desired.load` could have made of somebody's files."""
    policies = [draw(_policies(name)) for name in draw(_names(universe.POLICIES))]
    references = (*universe.AWS_POLICIES, *(policy.arn for policy in policies), *map(Arn, iam.policies))
    groups = [draw(_groups(name, references)) for name in draw(_if("groups", _names(universe.GROUPS), ()))]
    names = draw(_names(universe.USERS, least=1))
    users = [draw(_users(name, references, groups, iam)) for name in names]
    if FACETS["rename"]:
        users = draw(_with_previous_names(users))
    return DesiredState(
        account=iam.account,
        users={user.name: user for user in users},
        groups={group.name: group for group in groups},
        policies={policy.arn: policy for policy in policies},
        settings=draw(_settings(iam)),
    )


_NAMED = frozenset({"bo", "Deploy", "group/READERS"})


@st.composite
def _settings(draw: st.DrawFn, iam: Iam) -> Settings:
    return Settings(
        owner=universe.US,
        adopt=draw(_if("adopt", st.booleans(), otherwise=False)),
        adopt_names=draw(_if("adopt", _one((frozenset(), frozenset(), _NAMED)), frozenset())),
        prune=draw(_if("prune", st.booleans(), otherwise=False)),
        denies_kept=draw(_one((True, True, True, False))),
        remove_denies=draw(_one((frozenset(), frozenset(), universe.REMOVED_DENIES))),
        quotas=Quotas(policies_per_user=iam.quotas["policies_per_user"]),
        guards=Guards(
            max_removals=100, percent=True, protected_users=draw(_one(((), (), (), (), (), ("bo",), ("C*",))))
        ),
    )


@st.composite
def _policies(draw: st.DrawFn, name: str) -> Policy:
    path = draw(_one(universe.POLICY_PATHS))
    return Policy(
        arn=universe.arn_of(path, name),
        name=name,
        path=path,
        document=draw(_one(universe.DOCUMENTS)),
        tags=draw(_declared_tags()),
    )


@st.composite
def _declared_tags(draw: st.DrawFn) -> dict[str, str]:
    return {**draw(_if("tags", _tags(universe.TAG_KEYS), {})), OWNER_TAG: universe.US}


def _attachments(references: Iterable[Arn]) -> st.SearchStrategy[frozenset[Attachment]]:
    return _some(references).map(lambda arns: frozenset(Attachment(policy=arn) for arn in arns))


@st.composite
def _groups(draw: st.DrawFn, name: str, references: Iterable[Arn]) -> Group:
    return Group(
        name=name,
        path=draw(_one((*universe.GROUP_PATHS[:2], "", ""))),
        attachments=draw(_attachments(references)),
        inline=draw(_if("inline", _inline, {})),
        removes_strangers=draw(st.booleans()),
    )


@st.composite
def _users(draw: st.DrawFn, name: str, references: Iterable[Arn], groups: Iterable[Group], iam: Iam) -> User:
    ours = [group.name for group in groups]
    existing = [*iam.groups, *ours]
    exactly = draw(_if("groups", st.none() | _some(existing).map(frozenset), None))
    added = frozenset(draw(_some(ours, 1) if exactly is not None else _some(existing, 2)))
    return User(
        name=name,
        path=draw(_if("path", _one(universe.USER_PATHS), "/")),
        tags=draw(_declared_tags()),
        boundary=draw(_if("boundary", st.none() | _one(references), None)),
        attachments=draw(_attachments(references)),
        inline=draw(_if("inline", _inline, {})),
        groups=exactly,
        added_groups=added,
        ended_groups=frozenset() if exactly is not None else frozenset(draw(_some(existing, 1))) - added,
        console=draw(_consoles()),
        access_keys=draw(_access_keys()),
        suspended=draw(_if("suspended", st.booleans(), otherwise=False)),
    )


def _access_keys() -> st.SearchStrategy[AccessKeys | None]:
    on = (None, None, AccessKeys(count=1), AccessKeys(count=2), AccessKeys(count=1, rotate_after_days=90))
    choices = (*on, AccessKeys(count=0))
    return st.sampled_from(choices) if FACETS["access keys"] else st.none()


def _consoles() -> st.SearchStrategy[Console | None]:
    on = (None, Console(), Console(password_reset_required=False))
    return st.sampled_from((*on, Console(enabled=False)) if FACETS["console off"] else on)


@st.composite
def _with_previous_names(draw: st.DrawFn, users: list[User]) -> list[User]:
    """Each free name is claimed by at most one."""
    taken = {user.name.lower() for user in users}
    free = tuple(name for name in (*universe.USERS, "dara") if name.lower() not in taken)
    claimed = draw(_names(free, 2))
    heirs = {name: draw(_one([user.name for user in users])) for name in claimed}
    return [_renamed(user, tuple(name for name in claimed if heirs[name] == user.name)) for user in users]


def _renamed(user: User, previous_names: tuple[str, ...]) -> User:
    return replace(user, previous_names=previous_names)
