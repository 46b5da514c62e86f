"""Accounts in which users share groups and policies, and desired states that change all of it at once: so few rights
that what one call gives another takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import Attachment, Console, DesiredState, Group, Policy, Quotas, Settings, User
from iamsync.core.tags import OWNER_TAG
from laws import universe
from laws.model import GroupRecord, Iam, PolicyRecord, UserRecord, VersionRecord

OURS = {OWNER_TAG: universe.US}
OWN = f"/iamsync/{universe.US}/"
AWS = tuple(
    aws_policy_arn("aws", name)
    for name in ("AmazonS3ReadOnlyAccess", "AWSDenyAll", "PowerUserAccess", "AdministratorAccess")
)
POLICIES = tuple(universe.arn_of("/", name) for name in ("A", "B", "C"))
USERS = ("aiko", "bo", "chen")
GROUPS = ("ops", "readers")
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}

STATEMENTS = (
    {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["sqs:SendMessage", "s3:GetObject"], "Resource": "arn:aws:s3:::logs/*"},
    {"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": ["s3:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::logs/*"},
    {"Effect": "Deny", "Action": ["sqs:*", "iam:*"], "Resource": "*"},
    {"Effect": "Deny", "NotAction": ["iam:*"], "Resource": "*", "Condition": NO_MFA},
)

BY_THE_MARK = {"StringEquals": {f"aws:PrincipalTag/{OWNER_TAG}": universe.US}}
ONLY_OURS = Document.parse(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": BY_THE_MARK},
    }
)
OTHERS_HOMES = {"Effect": "Deny", "Action": ["s3:*"], "NotResource": "arn:aws:s3:::home/${aws:username}/*"}
PERSONAL: tuple[Mapping[str, Any], ...] = (
    {"Effect": "Allow", "Action": ["s3:*"], "Resource": "arn:aws:s3:::home/${aws:username}/*"},
    {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::${aws:PrincipalTag/Team}/*"},
    {"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": "arn:aws:iam::*:user/${aws:username}"},
    {"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": "arn:aws:iam::*:user/people/*"},
    {"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": "arn:aws:iam::123456789012:user/bo"},
    {"Effect": "Deny", "Action": ["iam:*"], "NotResource": "arn:aws:iam::*:user/${aws:username}"},
    OTHERS_HOMES,
    *(
        {"Effect": effect, "Action": [action], "Resource": "*", "Condition": {operator: condition}}
        for effect, action, operator, condition in (
            ("Allow", "s3:GetObject", "StringEquals", {"aws:PrincipalTag/Team": "data"}),
            ("Allow", "s3:*", "StringEquals", {"aws:PrincipalTag/team": ["data", "ops"]}),
            ("Allow", "sqs:SendMessage", "Null", {"aws:PrincipalTag/Cost": "true"}),
            ("Allow", "sqs:*", "StringEquals", {"aws:PrincipalTag/Team": "ops", "aws:PrincipalTag/Cost": "1"}),
            ("Allow", "sqs:*", "StringLike", {"aws:username": "d*"}),
            ("Allow", "iam:*", "ArnLike", {"aws:PrincipalArn": "arn:aws:iam::*:user/people/*"}),
            ("Deny", "s3:*", "StringNotEquals", {"aws:PrincipalTag/Team": ["data", "ops"]}),
            ("Deny", "sqs:*", "Null", {"aws:PrincipalTag/Team": "true"}),
            ("Deny", "s3:GetObject", "StringEqualsIfExists", {"aws:PrincipalTag/Cost": "1"}),
            ("Deny", "sqs:*", "StringEquals", {"aws:username": "bo"}),
        )
    ),
)
"""What says different things of different people, and so of one whose name, path or tags change."""


@dataclass(frozen=True, kw_only=True)
class People:
    """What texts may say, and what may be known of a person."""

    statements: Sequence[Mapping[str, Any]] = STATEMENTS
    paths: tuple[str, ...] = ("/",)
    tags: tuple[Mapping[str, str], ...] = ({},)

    @property
    def documents(self) -> st.SearchStrategy[Document]:
        listed = st.lists(st.sampled_from(self.statements), min_size=1, max_size=2, unique_by=str)
        return listed.map(lambda chosen: Document.parse({"Version": "2012-10-17", "Statement": chosen}))

    @property
    def inline(self) -> st.SearchStrategy[dict[str, Document]]:
        return st.dictionaries(st.just("own"), self.documents, max_size=1)


ALIKE = People()
"""People with nothing to distinguish them."""

DISTINGUISHED = People(
    statements=(*STATEMENTS[:4], *STATEMENTS[6:9], *PERSONAL, *PERSONAL),
    paths=("/", "/", "/people/"),
    tags=({}, {}, {"Team": "data"}, {"Team": "ops"}, {"team": "ops"}, {"Team": "ops", "Cost": "1"}, {"Cost": "1"}),
)

_REASONS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("sqs:*", {}),
    ("s3:*", {"StringEquals": {"aws:PrincipalTag/Team": "ops"}}),
    ("iam:*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/people/*"}}),
    ("iam:*", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/people/*"}}),
)

_references = st.sampled_from((*POLICIES, *POLICIES, *AWS))
_attachments = st.frozensets(_references, max_size=2)
_sometimes = st.sampled_from((False, False, False, False, True))
_mostly_none = st.sampled_from((None, None, None, *POLICIES, AWS[2]))


@st.composite
def _users(draw: st.DrawFn, name: str, people: People) -> User:
    return User(
        name=name,
        path=draw(st.sampled_from(people.paths)),
        tags={**OURS, **draw(st.sampled_from(people.tags))},
        boundary=draw(_mostly_none),
        attachments=frozenset(Attachment(policy=Arn(arn)) for arn in draw(_attachments)),
        inline=draw(people.inline),
        groups=draw(st.frozensets(st.sampled_from(GROUPS), max_size=2)),
        console=draw(st.sampled_from((None, Console(), Console(enabled=False)))),
        suspended=draw(_sometimes),
    )


@st.composite
def _groups(draw: st.DrawFn, name: str, people: People) -> Group:
    attached = frozenset(Attachment(policy=Arn(arn)) for arn in draw(_attachments))
    return Group(name=name, path=OWN, attachments=attached, inline=draw(people.inline))


@st.composite
def _states(draw: st.DrawFn, limit: int, people: People) -> DesiredState:
    groups = {name: draw(_groups(name, people)) for name in GROUPS}
    users = {name: draw(_users(name, people)) for name in USERS if draw(st.sampled_from((True, True, True, False)))}
    return DesiredState(
        account=universe.ACCOUNT,
        users=users,
        groups=groups,
        policies={
            arn: Policy(arn=arn, name=arn[-1], path="/", document=draw(people.documents), tags=OURS) for arn in POLICIES
        },
        settings=Settings(owner=universe.US, prune=True, quotas=Quotas(policies_per_user=limit)),
    )


def account(state: DesiredState) -> Iam:
    """The account that is as a state declares it; it stores one version of each policy."""
    iam = Iam(account=state.account)
    iam.quotas["policies_per_user"] = state.settings.quotas.policies_per_user
    for arn, policy in state.policies.items():
        assert policy.document is not None
        iam.policies[arn] = PolicyRecord(
            arn=arn,
            name=policy.name,
            tags=dict(policy.tags),
            versions=[VersionRecord(id="v1", document=policy.document.render())],
        )
    for name, group in state.groups.items():
        iam.groups[name] = GroupRecord(
            name=name, path=group.path, attached=_arns(group.attachments), inline=_texts(group.inline)
        )
    for name, user in state.users.items():
        iam.users[name] = UserRecord(
            name=name,
            id=iam.new_id("AIDA"),
            path=user.path,
            tags=dict(user.tags),
            boundary=user.boundary,
            attached=_arns(user.attachments),
            inline=_texts(user.inline),
            groups=set((user.groups or frozenset()) | user.added_groups),
            password=user.console is not None and user.console.enabled,
        )
    return iam


def _arns(attachments: frozenset[Attachment]) -> set[str]:
    return {one.policy for one in attachments}


def _texts(inline: object) -> dict[str, str]:
    assert isinstance(inline, dict)
    return {name: document.render() for name, document in inline.items()}


@st.composite
def sharing(draw: st.DrawFn, people: People = ALIKE) -> tuple[Iam, DesiredState]:
    """A live account and a desired state; each part of the latter is as it was, or another."""
    limit = draw(st.sampled_from((10, 10, 10, 2)))
    live, wanted = draw(_states(limit, people)), draw(_states(limit, people))
    if draw(st.booleans()):
        kept = draw(st.frozensets(st.sampled_from(("policies", "groups", "users")), max_size=2))
        wanted = replace(wanted, **{name: getattr(live, name) for name in kept})
    live = replace(live, users={name: replace(user, suspended=False) for name, user in live.users.items()})
    if people is DISTINGUISHED and draw(_sometimes):
        live, wanted = _to_be_taken_over(live), _to_be_taken_over(wanted)
        live = replace(live, users={name: _of_nobody(user) for name, user in live.users.items()})
    if "aiko" in wanted.users and "bo" not in wanted.users and draw(st.booleans()):
        renamed = replace(wanted.users["aiko"], name="dara", previous_names=("bo",))
        users = {name: user for name, user in wanted.users.items() if name != "aiko"}
        wanted = replace(wanted, users={**users, "dara": renamed})
    if people is DISTINGUISHED and draw(st.booleans()):
        wanted = replace(wanted, users=draw(_nothing_but_who_they_are(live, people)))
    return account(live), wanted


def _to_be_taken_over(state: DesiredState) -> DesiredState:
    policies = {
        arn: replace(one, document=ONLY_OURS) if one.name == "A" else one for arn, one in state.policies.items()
    }
    return replace(state, policies=policies, settings=replace(state.settings, adopt=True))


def _of_nobody(user: User) -> User:
    return replace(user, tags={key: value for key, value in user.tags.items() if key not in OURS})


@st.composite
def _nothing_but_who_they_are(draw: st.DrawFn, live: DesiredState, people: People) -> dict[str, User]:
    """The users as they are, but for name, path and tags."""
    changed = [
        replace(
            user,
            path=draw(st.sampled_from(people.paths)),
            tags={**OURS, **draw(st.sampled_from(people.tags))},
            suspended=draw(_sometimes),
        )
        for user in live.users.values()
    ]
    if draw(st.booleans()):
        suspended = draw(st.booleans())
        changed = [
            replace(user, name="dara", previous_names=("bo",), suspended=suspended) if user.name == "bo" else user
            for user in changed
        ]
    return {user.name: user for user in changed}


@st.composite
def _of_few_reasons(draw: st.DrawFn, path: str, tags: Mapping[str, str]) -> DesiredState:
    """Somebody with this path and these tags, another with every policy, texts that ask for one or none."""

    def text() -> Document:
        action, condition = draw(st.sampled_from(_REASONS))
        statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
        return Document.parse({"Version": "2012-10-17", "Statement": statement})

    def held(most: int) -> frozenset[Attachment]:
        return frozenset(map(_attachment, draw(st.frozensets(st.sampled_from(POLICIES), max_size=most))))

    aiko = User(
        name="aiko",
        path=path,
        tags={**OURS, **tags},
        attachments=held(2),
        groups=draw(st.frozensets(st.just("ops"))),
    )
    bo = User(name="bo", tags=OURS, attachments=frozenset(map(_attachment, POLICIES)), groups=frozenset({"ops"}))
    return DesiredState(
        account=universe.ACCOUNT,
        users={"aiko": aiko, "bo": bo},
        groups={"ops": Group(name="ops", path=OWN, attachments=held(1))},
        policies={arn: Policy(arn=arn, name=arn[-1], path="/", document=text(), tags=OURS) for arn in POLICIES},
        settings=Settings(owner=universe.US),
    )


def _attachment(arn: Arn) -> Attachment:
    return Attachment(policy=arn)


@st.composite
def met_on_the_way(draw: st.DrawFn) -> tuple[Iam, DesiredState]:
    """Somebody gets another path and other tags, of which one often matters to what the person keeps, and the other to
    what is met on the way only.
    """
    old, new = draw(st.permutations(({}, {"Team": "ops"})))
    live, wanted = draw(_of_few_reasons("/people/", old)), draw(_of_few_reasons("/", new))
    return (account(live), wanted) if draw(st.booleans()) else (account(wanted), live)
