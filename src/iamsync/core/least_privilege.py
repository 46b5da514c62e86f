"""The least that the credentials of iamsync must be allowed to do, for the files of one desired state.

`statements` derives it from the tables of operations (`core.operations`) and from what the files declare; nothing is
listed here a second time. Condition keys and resources: Service Authorization Reference, "Actions, resources, and
condition keys for AWS Identity and Access Management (IAM)".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.document import Document, Statement
from iamsync.core.grammar import VERSIONS
from iamsync.core.iam_limits import POLICY_SIZE
from iamsync.core.model import DesiredState, own_path
from iamsync.core.operations import AUDIT_READS, READS, WRITES, Needs, Resource
from iamsync.core.tags import OWNER_TAG

Condition = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(operator, key, values), all of which must hold."""

_RESOURCE_TAG: Final = f"aws:ResourceTag/{OWNER_TAG}"
_REQUEST_TAG: Final = f"aws:RequestTag/{OWNER_TAG}"
_MOST_CHARACTERS: Final = 2_000
"""Of the ARNs in one list, so that a statement fits into one policy beside others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Who runs iamsync: the ARN of the role, and the policy that is its permissions boundary, if it has one."""

    role: Arn
    boundary: Arn | None = None


def reads() -> tuple[Statement, ...]:
    """What `plan` needs. IAM's bulk read returns the whole account in any case, so resources are not narrowed."""
    return (_statement("Read", "Allow", {"Action": _permissions(READS.values())}, ("*",)),)


def audit_reads() -> tuple[Statement, ...]:
    """What `report` needs: the bulk read, the credential report, and the reads of each user where that is denied."""
    needed = [*AUDIT_READS.values(), *(READS["iam", name] for name in _OF_REPORT)]
    return (_statement("Read", "Allow", {"Action": _permissions(needed)}, ("*",)),)


_OF_REPORT: Final = (
    *("GetAccountAuthorizationDetails", "GetLoginProfile", "ListMFADevices", "ListAccessKeys", "GetAccessKeyLastUsed"),
)


def writes(desired: DesiredState, runner: Runner, later: Iterable[DesiredState] = ()) -> tuple[Statement, ...]:
    """What `apply` and `run` need besides the reads, and what they must never do. `later` is what the same files say at
    later moments, when grants begin: the permissions are for these as well.
    """
    granted: dict[tuple[tuple[str, ...], Condition], set[str]] = defaultdict(set)
    files = _Files(desired, later)
    for (_, name), needs in WRITES.items():
        for permissions, resources, condition in files.needed(name, needs):
            granted[resources, condition].update(permissions)
    allowed = (
        _statement(f"Write{number}", "Allow", {"Action": sorted(actions)}, resources, condition)
        for number, ((resources, condition), actions) in enumerate(granted.items(), 1)
    )
    return (*allowed, *_never(desired, runner))


def _permissions(needs: Iterable[Needs]) -> tuple[str, ...]:
    return tuple(sorted(set(chain.from_iterable(one.permissions for one in needs))))


def _never(desired: DesiredState, runner: Runner) -> Iterator[Statement]:
    """What no other policy of the role may allow: changes of iamsync's own role and boundary; users and policies of
    another owner; the mark of another owner.
    """
    read = _permissions(READS.values())
    own = (runner.role, runner.boundary) if runner.boundary else (runner.role,)
    yield _statement("NeverOwnRole", "Deny", {"NotAction": read}, own)
    owner = desired.settings.owner
    changes = _permissions(needs for needs in WRITES.values() if needs.resource in {Resource.USER, Resource.POLICY})
    for sid, key in (("NeverOfAnotherOwner", _RESOURCE_TAG), ("NeverForAnotherOwner", _REQUEST_TAG)):
        condition: Condition = (("StringNotEquals", key, (owner,)), ("Null", key, ("false",)))
        yield _statement(sid, "Deny", {"Action": changes}, ("*",), condition)


Needed = tuple[tuple[str, ...], tuple[str, ...], Condition]
"""(permissions, resources, condition)"""


class _Files:
    """What the files say about the resources and conditions of a write."""

    def __init__(self, desired: DesiredState, later: Iterable[DesiredState]) -> None:
        states = (desired, *later)
        self._users = tuple(user for state in states for user in state.users.values())
        self._groups = tuple(group for state in states for group in state.groups.values())
        self._arn = f"arn:{desired.account.partition}:iam::{desired.account.id}:"
        self._desired = desired
        owner = (desired.settings.owner,)
        self._owned: Condition = (("StringEquals", _RESOURCE_TAG, owner),)
        self._marking: Condition = (("StringEquals", _REQUEST_TAG, owner),)
        self._unowned: Condition = (("Null", _RESOURCE_TAG, ("true",)),)
        boundaries = {user.boundary for user in self._users}
        self._boundaries = tuple(sorted(one for one in boundaries if one))
        self._all_are_bounded = bool(boundaries) and None not in boundaries
        deny_all = aws_policy_arn(desired.account.partition, "AWSDenyAll")
        self._as_boundary = tuple(_in_parts(sorted({*self._boundaries, deny_all})))  # a suspension may need the last

    def needed(self, name: str, needs: Needs) -> Iterator[Needed]:
        """What an operation needs, as narrow as the files allow; nothing, if they never lead to it."""
        match needs.resource:
            case Resource.USER:
                yield from self._about_users(name, needs)
            case Resource.GROUP:
                yield from self._about_groups(name, needs)
            case Resource.POLICY:
                yield from self._about_policies(name, needs)
            case _:
                yield needs.permissions, (f"{self._arn}{needs.resource.value}/*",), ()

    def _about_users(self, name: str, needs: Needs) -> Iterator[Needed]:
        everywhere = (f"{self._arn}user/*",)
        match name:
            case "CreateUser":
                create, tag = needs.permissions
                for paths in self._new_users:
                    yield (tag,), paths, self._marking
                    bounded = self._bounded if self._all_are_bounded else ((),)
                    yield from (((create,), paths, (*self._marking, *one)) for one in bounded)
            case "AttachUserPolicy":
                # On users without a declared boundary, too: the plan may attach first and set the boundary then.
                attached = {one.policy for user in self._users for one in user.attachments}
                yield from _each_policy(needs, everywhere, self._owned, attached)
            case "PutUserPermissionsBoundary":
                for some in self._as_boundary:
                    yield needs.permissions, everywhere, (*self._owned, ("ArnEquals", "iam:PermissionsBoundary", some))
            case "DeleteUserPermissionsBoundary" if self._all_are_bounded:
                return
            case "UpdateUser":  # needs its permission on the user as it will be, too (API_UpdateUser)
                yield needs.permissions, everywhere, self._owned
                targets = (*self._new_users, *self._new_names)
                yield from ((needs.permissions, arns, self._unowned) for arns in targets)
            case _:
                yield needs.permissions, everywhere, self._owned

    def _about_groups(self, name: str, needs: Needs) -> Iterator[Needed]:
        own = f"{self._arn}group{own_path(self._desired.settings.owner)}*"
        match name:
            case "AttachGroupPolicy":
                attached = {one.policy for group in self._groups for one in group.attachments}
                yield from _each_policy(needs, (own,), (), attached)
            case "AddUserToGroup":
                anywhere = [f"{self._arn}group/{path}{group}" for group in self._foreign for path in ("", "*/")]
                yield from ((needs.permissions, some, ()) for some in _in_parts([own, *anywhere]))
            case "UpdateGroup" if self._adopts:  # on the group where it is, too (API_UpdateGroup)
                yield needs.permissions, (f"{self._arn}group/*",), ()
            case "RemoveUserFromGroup" if self._leaves_any_group:
                yield needs.permissions, (f"{self._arn}group/*",), ()
            case _:
                yield needs.permissions, (own,), ()

    def _about_policies(self, name: str, needs: Needs) -> Iterator[Needed]:
        declared = tuple(sorted(self._desired.policies))
        if name == "CreatePolicy" and declared:
            yield from ((needs.permissions, some, self._marking) for some in _in_parts(declared))
        elif name != "CreatePolicy":
            yield needs.permissions, (f"{self._arn}policy/*",), self._owned

    @property
    def _foreign(self) -> list[str]:
        """The groups that users join and that the files do not declare."""
        named = chain.from_iterable((*(user.groups or ()), *user.added_groups) for user in self._users)
        return sorted({*named} - {group.name for group in self._groups})

    @property
    def _new_users(self) -> Iterator[tuple[str, ...]]:
        """The users who are declared, by their paths. By adoption, users of any path become owned."""
        paths = {"/"} if self._adopts else {user.path for user in self._users}
        return _in_parts([f"{self._arn}user{path}*" for path in sorted(paths)])

    @property
    def _new_names(self) -> Iterator[tuple[str, ...]]:
        """The users who may be renamed: first the name changes, on whatever path the user is, and then the path."""
        renamed = sorted({user.name for user in self._users if user.previous_names})
        return _in_parts([f"{self._arn}user/{path}{name}" for name in renamed for path in ("", "*/")])

    @property
    def _bounded(self) -> Iterator[Condition]:
        for some in _in_parts(self._boundaries):
            yield (("ArnEquals", "iam:PermissionsBoundary", some),)

    @property
    def _adopts(self) -> bool:
        return self._desired.settings.adopt or bool(self._desired.settings.adopt_names)

    @property
    def _leaves_any_group(self) -> bool:
        return self._desired.settings.prune or any(user.groups is not None or user.ended_groups for user in self._users)


def _each_policy(
    needs: Needs, resources: tuple[str, ...], condition: Condition, arns: Iterable[str]
) -> Iterator[Needed]:
    for some in _in_parts(sorted(arns)):
        yield needs.permissions, resources, (*condition, ("ArnEquals", "iam:PolicyARN", some))


def _in_parts(values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The values in lists that are not too long; a value that is too long itself has a list of its own."""
    part: list[str] = []
    for value in values:
        if part and sum(map(len, (*part, value))) > _MOST_CHARACTERS:
            yield tuple(part)
            part = []
        part.append(value)
    if part:
        yield tuple(part)


def _statement(
    sid: str,
    effect: str,
    actions: Mapping[str, Sequence[str]],
    resources: Sequence[str],
    condition: Condition = (),
) -> Statement:
    written: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for operator, key, values in condition:
        written[operator][key] = values
    parts = {"Sid": sid, "Effect": effect, **actions, "Resource": list(resources), "Condition": written}
    return _document(parts).statements[0]


def _document(*statements: Mapping[str, object]) -> Document:
    return Document.parse({"Version": VERSIONS[0], "Statement": list(statements)})


def documents(statements: Iterable[Statement]) -> tuple[Document, ...]:
    """The statements, in their order, in as few documents as the size of a managed policy allows."""
    found: list[Document] = []
    for one in statements:
        joined = _document(*(each.as_json() for each in (*found[-1].statements, one))) if found else None
        if joined and joined.size <= POLICY_SIZE:
            found[-1] = joined
        else:
            found.append(_document(one.as_json()))
    return tuple(found)
