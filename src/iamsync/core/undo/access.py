"""Attachments, inline policies, memberships and boundaries, taken back."""

from dataclasses import replace

from iamsync.core.arn import Arn, parse_policy_arn, short_name
from iamsync.core.deny import DENY_ALL, SUSPENDED_POLICY
from iamsync.core.model import Attachment, User
from iamsync.core.undo.account import Account
from iamsync.core.undo.made import Made, document, refuse, text


def attached(account: Account, call: Made) -> None:
    """A managed policy that was attached is detached again."""
    owner, policy = account.owner(call), Arn(text(call, "PolicyArn"))
    if policy not in {one.policy for one in owner.attachments}:
        refuse(f"{short_name(policy)} is not attached any more")
    kept = frozenset(one for one in owner.attachments if one.policy != policy)
    account.put(replace(owner, attachments=kept))


def detached(account: Account, call: Made) -> None:
    """A managed policy that was detached is attached again, if it still exists."""
    owner, policy = account.owner(call), Arn(text(call, "PolicyArn"))
    parts, here = parse_policy_arn(policy), account.live.account
    if parts is None or parts.partition != here.partition or parts.account not in {"aws", here.id}:
        refuse(f"{policy} is no policy of this account or of AWS")
    if parts.account != "aws" and policy not in {**account.live.policies, **account.policies}:
        refuse(f"{short_name(policy)} does not exist any more")
    if policy in {one.policy for one in owner.attachments}:
        refuse(f"{short_name(policy)} is attached again")
    account.put(replace(owner, attachments=owner.attachments | {Attachment(policy=policy)}))


def inline_put(account: Account, call: Made) -> None:
    """An inline policy has its earlier text again, or goes. The Deny of a suspension ends the suspension."""
    owner, name = account.owner(call), text(call, "PolicyName")
    new = document(text(call, "PolicyDocument"))
    if isinstance(owner, User) and name == SUSPENDED_POLICY and new == DENY_ALL and owner.suspended:
        account.put(replace(owner, suspended=False))
        return
    if owner.inline.get(name) != new:
        refuse(f"the inline policy {name} has been changed since")
    kept = {other: one for other, one in owner.inline.items() if other != name}
    if not call.removed and call.verb != "create":
        refuse(f"the earlier text of the inline policy {name} is not in the journal")
    earlier = {name: document(call.removed)} if call.removed else {}
    account.put(replace(owner, inline={**kept, **earlier}))


def inline_deleted(account: Account, call: Made) -> None:
    """An inline policy that was deleted comes back. The Deny of a suspension begins it again."""
    owner, name = account.owner(call), text(call, "PolicyName")
    earlier = document(call.removed)
    if name in owner.inline:
        refuse(f"there is an inline policy {name} again")
    if isinstance(owner, User) and name == SUSPENDED_POLICY and earlier == DENY_ALL:
        account.put(replace(owner, suspended=True))
        return
    account.put(replace(owner, inline={**owner.inline, name: earlier}))


def joined(account: Account, call: Made) -> None:
    """A membership that was added ends."""
    user, group = account.user(call), text(call, "GroupName")
    if group not in (user.groups or ()):
        refuse(f"is not in group {group} any more")
    account.put(replace(user, groups=(user.groups or frozenset()) - {group}))


def left(account: Account, call: Made) -> None:
    """A membership that was removed begins again."""
    user, group = account.user(call), text(call, "GroupName")
    if group in (user.groups or ()):
        refuse(f"is in group {group} again")
    if group not in {**account.live.groups, **account.groups}:
        refuse(f"group {group} does not exist any more")
    account.put(replace(user, groups=(user.groups or frozenset()) | {group}))


def boundary_set(account: Account, call: Made) -> None:
    """The boundary is what it was before, if that was any."""
    user = account.user(call)
    new = call.params.get("PermissionsBoundary")
    if user.boundary != new:
        refuse("the boundary has been changed since")
    old = call.old.get("permissions_boundary")
    account.put(replace(user, boundary=Arn(old) if isinstance(old, str) and old else None))
