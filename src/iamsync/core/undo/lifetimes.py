"""What begins and ends: users, groups, policies, passwords and the state of access keys, taken back."""

from dataclasses import replace

from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.model import Console, Group, Policy, User, group_subject, policy_subject, user_subject
from iamsync.core.scope import Note
from iamsync.core.tags import OWNER_TAG
from iamsync.core.undo.account import Account, declared_tags
from iamsync.core.undo.made import Made, document, refuse, text, texts

_CREDENTIALS_ARE_LOST = (
    "comes back without password, access keys, MFA devices and other credentials, and with another id: policies of "
    "resources and trust policies that name the old user do not fit"
)


def user_created(account: Account, call: Made) -> None:
    """A user who was created is deleted, with all that the user has by now."""
    name = account.user(call).name
    del account.users[name]
    account.ended.add(user_subject(name))


def group_created(account: Account, call: Made) -> None:
    """A group that was created is deleted."""
    name = text(call, "GroupName")
    if name not in account.groups:
        refuse("no owned group has that name now")
    del account.groups[name]
    account.ended.add(group_subject(name))


def policy_created(account: Account, call: Made) -> None:
    """A policy that was created is deleted."""
    name = text(call, "PolicyName")
    found = next((one.arn for one in account.policies.values() if one.name == name), None)
    del account.policies[found or refuse("no owned policy has that name now")]
    account.ended.add(policy_subject(name))


def user_deleted(account: Account, call: Made) -> None:
    """A user of that name is created, with path, tags and boundary; without what only the old user had."""
    name = text(call, "UserName")
    if name.casefold() in {one.casefold() for one in {**account.live.users, **account.users}}:
        refuse("there is a user of that name again")
    boundary, path = call.old.get("permissions_boundary"), call.old.get("path")
    tags = declared_tags(texts(call.old.get("tags")), account.start.settings)
    account.users[name] = User(
        name=name,
        path=path if isinstance(path, str) else "/",
        tags={**tags, OWNER_TAG: account.start.settings.owner},
        boundary=Arn(boundary) if isinstance(boundary, str) and boundary else None,
        groups=frozenset(),
    )
    account.notes.append(Note(subject=user_subject(name), text=_CREDENTIALS_ARE_LOST))


def group_deleted(account: Account, call: Made) -> None:
    """A group of that name is created."""
    name, path = text(call, "GroupName"), call.old.get("path")
    if name.casefold() in {one.casefold() for one in {**account.live.groups, **account.groups}}:
        refuse("there is a group of that name again")
    account.groups[name] = Group(name=name, path=path if isinstance(path, str) else "")


def policy_deleted(account: Account, call: Made) -> None:
    """A policy with the same ARN and text is created."""
    arn = Arn(text(call, "PolicyArn"))
    parts, here = parse_policy_arn(arn), account.live.account
    if parts is None or (parts.partition, parts.account) != (here.partition, here.id):
        refuse("it is no policy of this account")
    if parts.name.casefold() in {one.name.casefold() for one in {**account.live.policies, **account.policies}.values()}:
        refuse("there is a policy of that name again")
    description = call.old.get("description")
    tags = declared_tags(texts(call.old.get("tags")), account.start.settings)
    account.policies[arn] = Policy(
        arn=arn,
        name=parts.name,
        path=parts.path,
        document=document(call.removed),
        description=description if isinstance(description, str) else "",
        tags={**tags, OWNER_TAG: account.start.settings.owner},
    )


def password_created(account: Account, call: Made) -> None:
    """A console password that the run made is deleted again."""
    account.put(replace(account.user(call), console=Console(enabled=False)))


def key_set(account: Account, call: Made) -> None:
    """The end of a suspension activates the keys that it deactivated; nothing else declares the state of a key."""
    name, key = text(call, "UserName"), text(call, "AccessKeyId")
    words = f"not undone: access key {key} was activated or deactivated: set it by hand"
    account.key_notes.append((name, Note(subject=user_subject(name), text=words)))
