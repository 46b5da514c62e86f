"""A user as the evaluator sees one: the policies that judge the requests, and what is known of a request."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from iamsync.core.access.context import Context
from iamsync.core.access.evaluate import Policies, Source
from iamsync.core.access.known import known_document
from iamsync.core.arn import Account, Arn, is_aws_managed, short_name
from iamsync.core.document import Document
from iamsync.core.grammar import folded
from iamsync.core.model import Attachment, Group, Origin, Policy, State, User

_RESOURCE_TAGS: Final = ("aws:resourcetag/", "iam:resourcetag/")
_ABOUT_THE_USER: Final = ("aws:username", "aws:principalarn", "aws:principaltag/", *_RESOURCE_TAGS)


def user_arn(account: Account, user: User) -> Arn:
    """The ARN of a user; the path is part of it."""
    return Arn(f"arn:{account.partition}:iam::{account.id}:user{user.path}{user.name}")


def policies_of(user: User, desired: State, live: State | None = None) -> Policies:
    """What judges the requests of `user`: own policies, those of all groups, the boundary.

    Groups and policies are looked up in the desired state, then in the live one, if somebody looked; so are memberships
    that nobody declares. The text of all other policies and groups is unknown; that they carry a Deny is not assumed.
    """
    states = (desired,) if live is None else (desired, live)
    identity = [*_sources(user.attachments, user.inline, user.origin, "", states)]
    for name in sorted(_memberships(user, live)):
        group = _group(name, states)
        if group is None:
            identity.append(_unknown(f"group {name}"))
        else:
            identity.extend(_sources(group.attachments, group.inline, group.origin, f" of group {name}", states))
    boundary = None if user.boundary is None else _managed(user.boundary, "permissions boundary", "", states)
    return Policies(identity=tuple(identity), boundary=boundary)


def managed_policies_of(user: User, desired: State, live: State | None = None) -> frozenset[Arn]:
    """The managed policies among them, as far as they are known."""
    states = (desired,) if live is None else (desired, live)
    groups = (_group(name, states) for name in _memberships(user, live))
    owners: list[User | Group] = [user, *(group for group in groups if group is not None)]
    attached = {one.policy for owner in owners for one in owner.attachments}
    return frozenset(attached if user.boundary is None else {*attached, user.boundary})


def _memberships(user: User, live: State | None) -> frozenset[str]:
    """The groups that are known. Memberships survive a rename (UpdateUser)."""
    if user.groups is not None:
        return user.groups | user.added_groups
    names = () if live is None else (user.name, *user.previous_names)
    known = (live.users[name].groups for name in names if live and name in live.users)
    return (next(known, None) or frozenset()) | user.added_groups


def _group(name: str, states: Iterable[State]) -> Group | None:
    return next((state.groups[name] for state in states if name in state.groups), None)


def _sources(
    attachments: Iterable[Attachment],
    inline: Mapping[str, Document | None],
    origin: Origin | None,
    whose: str,
    states: Iterable[State],
) -> Iterator[Source]:
    for policy in sorted(attachment.policy for attachment in attachments):
        yield _managed(policy, "policy", whose, states)
    for name, document in inline.items():
        yield Source(label=f"inline policy {name}{whose}", document=document, origin=origin, denies_nothing=True)


def _managed(arn: Arn, kind: str, whose: str, states: Iterable[State]) -> Source:
    label = f"{kind} {short_name(arn)}{whose}"
    policy = _policy(arn, states)
    document = known_document(arn) if policy is None else policy.document
    if document is None:
        return _unknown(label)
    origin = policy.origin if policy else None
    return Source(label=label, document=document, origin=origin, is_fixed=is_aws_managed(arn))


def _policy(arn: Arn, states: Iterable[State]) -> Policy | None:
    return next((state.policies[arn] for state in states if arn in state.policies), None)


def _unknown(label: str) -> Source:
    return Source(label=label, document=None, denies_nothing=True)


def context_of(user: User, account: Account) -> Context:
    """What is known of any request that `user` makes, with MFA or without, as far as the files say it."""
    return Context.of(
        {
            "aws:username": user.name,
            "aws:PrincipalType": "User",
            "aws:PrincipalArn": user_arn(account, user),
            "aws:PrincipalAccount": account.id,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            "aws:SecureTransport": "true",
            **{f"aws:PrincipalTag/{key}": value for key, value in user.tags.items()},
        },
        closed=["aws:PrincipalTag/"],
    )


def with_mfa(context: Context, *, mfa: bool | None) -> Context:
    """`context` with aws:MultiFactorAuthPresent: true or false in the console, absent (None) with an access key alone
    ("AWS global condition context keys").
    """
    return Context(known={**context.known, **_OF_MFA[mfa]}, closed=context.closed)


_OF_MFA: Final = {
    True: Context.of({"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}).known,
    False: Context.of({"aws:MultiFactorAuthPresent": "false", "aws:MultiFactorAuthAge": None}).known,
    None: Context.of(
        {"aws:MultiFactorAuthPresent": None, "aws:MultiFactorAuthAge": None, "aws:TokenIssueTime": None}
    ).known,
}


def on_the_user(context: Context, user: User) -> Context:
    """`context` of a request whose resource is the user: the tags of the resource are known, too."""
    tags = {f"{prefix}{folded(key)}": (one,) for prefix in _RESOURCE_TAGS for key, one in user.tags.items()}
    return Context(known={**context.known, **tags}, closed=(*context.closed, *_RESOURCE_TAGS))


def is_about_the_user(key: str) -> bool:
    """Whether a folded condition key may have other values for another user of the account, in the contexts above."""
    return key.startswith(_ABOUT_THE_USER)
