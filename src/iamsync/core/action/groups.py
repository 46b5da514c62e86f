"""Calls on groups."""

from iamsync.core.action import NOT_DECLARED, Action, Shift, TextChange, Verb, reason
from iamsync.core.arn import Arn, short_name
from iamsync.core.document import Document
from iamsync.core.model import Attachment, Group, group_subject


def create_group(group: Group) -> Action:
    """CreateGroup below the owner's path, which is its mark of ownership."""
    return Action(
        verb=Verb.CREATE,
        subject=group_subject(group.name),
        operation="create_group",
        params={"GroupName": group.name, "Path": group.path},
        summary="create group",
        details=(f"path {group.path}",),
        reason=reason(group.origin),
    )


def update_group_path(group: Group, old_path: str) -> Action:
    """UpdateGroup with a new path; members and policies stay (API_UpdateGroup)."""
    return Action(
        verb=Verb.CHANGE,
        subject=group_subject(group.name),
        operation="update_group",
        params={"GroupName": group.name, "NewPath": group.path},
        summary=f"path {old_path} -> {group.path}",
        reason=reason(group.origin),
    )


def attach_group_policy(group: Group, attachment: Attachment, *, shift: Shift, needs: frozenset[str]) -> Action:
    """AttachGroupPolicy; `needs` are the policies of this plan that it relies on."""
    return Action(
        verb=Verb.CREATE,
        subject=group_subject(group.name),
        operation="attach_group_policy",
        params={"GroupName": group.name, "PolicyArn": attachment.policy},
        summary=f"attach {short_name(attachment.policy)}",
        details=(f"from policy set {attachment.via}",) if attachment.via else (),
        reason=reason(attachment.origin, group.origin),
        needs=needs,
        shift=shift,
    )


def detach_group_policy(group: Group, policy: Arn, *, shift: Shift) -> Action:
    """DetachGroupPolicy for an attachment that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=group_subject(group.name),
        operation="detach_group_policy",
        params={"GroupName": group.name, "PolicyArn": policy},
        summary=f"detach {short_name(policy)}",
        reason=NOT_DECLARED,
        shift=shift,
    )


def put_group_policy(group: Group, name: str, change: TextChange) -> Action:
    """PutGroupPolicy: a new inline policy, or another text for one that is there."""
    return Action(
        verb=Verb.CREATE if change.is_new else Verb.CHANGE,
        subject=group_subject(group.name),
        operation="put_group_policy",
        params={"GroupName": group.name, "PolicyName": name, "PolicyDocument": change.new.render()},
        summary=f"inline policy {name}",
        details=change.words,
        reason=reason(group.origin),
        shift=change.shift,
        removed=change.old.render() if change.old else "",
    )


def delete_group_policy(group: Group, name: str, *, old: Document | None, shift: Shift) -> Action:
    """DeleteGroupPolicy for an inline policy that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=group_subject(group.name),
        operation="delete_group_policy",
        params={"GroupName": group.name, "PolicyName": name},
        summary=f"delete inline policy {name}",
        reason=NOT_DECLARED,
        shift=shift,
        removed=old.render() if old else "",
    )


def delete_group(group: Group, *, needs: frozenset[str]) -> Action:
    """DeleteGroup, when it has neither members nor policies; `needs` are its members, who must have left."""
    return Action(
        verb=Verb.REMOVE,
        subject=group_subject(group.name),
        operation="delete_group",
        params={"GroupName": group.name},
        summary="delete group",
        reason=NOT_DECLARED,
        needs=needs,
    )
