"""What the users of the model's account may do, asked by probes: requests made from what the documents speak of."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product

from iamsync.core.access import Context, Policies, Request, Source, decision, user_arn
from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn
from iamsync.core.document import Document, Statement
from iamsync.core.model import User
from laws import universe
from laws.model import GroupRecord, Iam, UserRecord

Probe = tuple[str, str, bool]
"""An action, a resource, and whether with MFA."""

Person = tuple[str, str, frozenset[tuple[str, str]]]
"""Name, path and tags."""

SELF = "self"
"""The resource that is the user who asks, whatever the name and the path at the moment."""

_FIXED_ACTIONS = ("s3:GetObject", "iam:CreateUser")
_FIXED_RESOURCES = ("arn:aws:s3:::logs/x",)
_WILD = re.compile(r"[*?]")
_A_USER = re.compile(r"arn:aws:iam::[^:]*:user/.*")


def _document(effect: str, *actions: str) -> Document:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    return Document.parse({"Version": "2012-10-17", "Statement": [statement]})


AWS_DOCUMENTS = {
    "AmazonS3ReadOnlyAccess": _document("Allow", "s3:Get*", "s3:List*"),
    "AmazonEC2ReadOnlyAccess": _document("Allow", "ec2:Describe*"),
    "ViewOnlyAccess": _document("Allow", "s3:List*", "ec2:Describe*", "sqs:List*"),
}
"""What AWS's policies say in this world. The order of calls does not rely on it."""


@cache
def parsed(text: str) -> Document:
    """The document in a text."""
    return Document.parse(text)


def managed(iam: Iam, arn: str) -> Document:
    """What a policy says."""
    if arn in iam.policies:
        return parsed(next(one.document for one in iam.policies[arn].versions if one.is_default))
    found = AWS_DOCUMENTS.get(arn.rpartition("/")[2]) or known_document(Arn(arn))
    assert found is not None
    return found


def _identity(iam: Iam, user: UserRecord) -> Iterator[Document]:
    owners: list[UserRecord | GroupRecord] = [user, *(iam.groups[name] for name in sorted(user.groups))]
    for owner in owners:
        yield from (managed(iam, arn) for arn in sorted(owner.attached))
        yield from map(parsed, owner.inline.values())


def _judges(iam: Iam, user: UserRecord) -> tuple[tuple[Document, ...], Document | None]:
    return tuple(_identity(iam, user)), None if user.boundary is None else managed(iam, user.boundary)


def denials(iam: Iam, user: UserRecord) -> frozenset[Statement]:
    """Every Deny that is in force for a user."""
    identity, boundary = _judges(iam, user)
    documents = identity if boundary is None else (*identity, boundary)
    return frozenset(one for document in documents for one in document.statements if one.effect == "Deny")


def probes(*accounts: Iam) -> tuple[Probe, ...]:
    """Requests of which the documents of these accounts speak, and a few more; each with and without MFA."""
    documents = {
        document
        for iam in accounts
        for document in (
            *(parsed(version.document) for policy in iam.policies.values() for version in policy.versions),
            *(one for user in iam.users.values() for one in _identity(iam, user)),
        )
    }
    users = [user for iam in accounts for user in iam.users.values()]
    names, values = {user.name for user in users}, {value for user in users for value in user.tags.values()}
    actions, resources = set(_FIXED_ACTIONS), set(_FIXED_RESOURCES)
    for statement in (one for document in documents for one in document.statements):
        actions.update(map(_concrete, statement.actions.written))
        for entry in (one for one in statement.resources.written if one != "*"):
            for name, value in product(names, values):
                text = entry.replace("${aws:username}", name).replace("${aws:PrincipalTag/Team}", value)
                resources.add(SELF if _A_USER.fullmatch(text) else _concrete(text))
    return tuple(product(sorted(actions), sorted(resources), (False, True)))


def _concrete(pattern: str) -> str:
    return _WILD.sub("x", pattern) if pattern != "*" else "sts:x"


def rights(iam: Iam, user: UserRecord, asked: tuple[Probe, ...]) -> frozenset[Probe]:
    """The probes that are allowed to a user now, as the user is now."""
    identity, boundary = _judges(iam, user)
    return _allowed(frozenset(identity), boundary, (user.name, user.path, frozenset(user.tags.items())), asked)


@cache
def _allowed(
    identity: frozenset[Document], boundary: Document | None, person: Person, asked: tuple[Probe, ...]
) -> frozenset[Probe]:
    policies = Policies(
        identity=tuple(map(_source, identity)), boundary=None if boundary is None else _source(boundary)
    )
    return frozenset(one for one in asked if decision(policies, _request(one, person)).allowed)


def _source(document: Document) -> Source:
    return Source(label="", document=document)


@cache
def _request(probe: Probe, person: Person) -> Request:
    (action, resource, mfa), (name, path, tags) = probe, person
    arn = user_arn(universe.ACCOUNT, User(name=name, path=path))
    known = {
        "aws:username": name,
        "aws:PrincipalArn": arn,
        **{f"aws:PrincipalTag/{key}": value for key, value in tags},
        "aws:MultiFactorAuthPresent": str(mfa).lower(),
    }
    on = arn if resource == SELF else resource
    return Request(action=action, resource=on, context=Context.of(known, closed=[""]))


def holders(iam: Iam, policy: str) -> Iterable[str]:
    """The ids of the users whom a policy judges."""
    return (
        user.id
        for user in iam.users.values()
        if policy == user.boundary
        or policy in user.attached
        or any(policy in iam.groups[name].attached for name in user.groups)
    )
