"""Entries of users, groups and policies: sorted, so that two snapshots differ where the account does."""

from collections.abc import Mapping

from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.model import Group, LiveState, User
from iamsync.snapshot import entries


def user_entry(user: User, credentials: entries.Credentials | None) -> entries.User:
    """A user; `credentials` if somebody looked."""
    return entries.User(
        id=user.id,
        path=user.path,
        tags=_sorted(user.tags),
        permissions_boundary=user.boundary,
        policies=sorted(one.policy for one in user.attachments),
        inline_policies=_documents(user.inline),
        groups=sorted(user.groups or ()),
        credentials=credentials,
    )


def group_entry(group: Group, unnamed_members: int) -> entries.Group:
    """A group, with how many members are not named."""
    return entries.Group(
        path=group.path,
        policies=sorted(one.policy for one in group.attachments),
        inline_policies=_documents(group.inline),
        unnamed_members=unnamed_members,
    )


def policy_entry(arn: Arn, found: LiveState, used_by: list[str] | None, unnamed_holders: int) -> entries.Policy:
    """A policy, with who has it if somebody looked, and how many holders are not named."""
    policy = found.policies[arn]
    return entries.Policy(
        description=policy.description,
        tags=_sorted(policy.tags),
        versions=[
            entries.Version(id=one.id, default=one.is_default, document=_as_json(one.document))
            for one in found.versions[arn]
        ],
        used_by=used_by,
        unnamed_holders=unnamed_holders,
    )


def _sorted(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: tags[key] for key in sorted(tags)}


def _documents(inline: Mapping[str, Document | None]) -> dict[str, entries.Document]:
    return {name: _as_json(inline[name]) for name in sorted(inline)}


def _as_json(document: Document | None) -> entries.Document:
    return None if document is None else document.as_json()
