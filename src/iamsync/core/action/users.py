"""Calls on users: the person, the marks, what they may do."""

from collections.abc import Mapping, Sequence

from iamsync.core.action import NOT_DECLARED, Action, Shift, TextChange, Verb, When, reason, tag_list, tag_words
from iamsync.core.arn import Arn, short_name
from iamsync.core.document import Document
from iamsync.core.model import Attachment, User, user_subject


def create_user(user: User) -> Action:
    """CreateUser, with path, tags (and so the ownership mark) and boundary in the one call."""
    boundary = {"PermissionsBoundary": user.boundary} if user.boundary else {}
    words = (f"boundary {short_name(user.boundary)}",) if user.boundary else ()
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="create_user",
        params={"UserName": user.name, "Path": user.path, **boundary, "Tags": tag_list(user.tags)},
        summary="create user",
        details=(f"path {user.path}", *words, *tag_words(user.tags)),
        reason=reason(user.origin),
    )


def rename_user(user: User, old_name: str, warnings: tuple[str, ...]) -> Action:
    """UpdateUser with a new name; id, keys, password, MFA, policies and groups stay (API_UpdateUser)."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="update_user",
        params={"UserName": old_name, "NewUserName": user.name},
        summary=f"rename {old_name} -> {user.name}",
        details=("keeps id, keys, password and MFA devices", *warnings),
        reason=reason(user.origin),
        when=When.FIRST,
    )


def update_user_path(user: User, old_path: str, warnings: tuple[str, ...]) -> Action:
    """UpdateUser with a new path; all else stays."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="update_user",
        params={"UserName": user.name, "NewPath": user.path},
        summary=f"path {old_path} -> {user.path}",
        details=warnings,
        reason=reason(user.origin),
    )


def tag_user(user: User, tags: Mapping[str, str]) -> Action:
    """TagUser with the tags that are missing or differ."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="tag_user",
        params={"UserName": user.name, "Tags": tag_list(tags)},
        summary="set tags",
        details=tag_words(tags),
        reason=reason(user.origin),
    )


def mark_user(user: User, mark: Mapping[str, str], summary: str, *, when: When = When.FIRST) -> Action:
    """TagUser with a mark of iamsync's own, before anything that relies on it."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="tag_user",
        params={"UserName": user.name, "Tags": tag_list(mark)},
        summary=summary,
        details=tag_words(mark),
        reason=reason(user.origin),
        when=when,
    )


def untag_user(user: User, keys: Sequence[str], *, summary: str = "", when: When = When.IN_TURN) -> Action:
    """UntagUser for keys that are not declared, or for a mark that has done its work."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="untag_user",
        params={"UserName": user.name, "TagKeys": list(keys)},
        summary=summary or f"remove tags {', '.join(keys)}",
        reason=NOT_DECLARED,
        when=when,
    )


def put_user_permissions_boundary(
    user: User, boundary: Arn, *, old: Arn | None, shift: Shift, needs: frozenset[str]
) -> Action:
    """PutUserPermissionsBoundary: set, or swapped for another."""
    return Action(
        verb=Verb.CHANGE if old else Verb.CREATE,
        subject=user_subject(user.name),
        operation="put_user_permissions_boundary",
        params={"UserName": user.name, "PermissionsBoundary": boundary},
        summary=f"boundary {short_name(old)} -> {short_name(boundary)}" if old else f"boundary {short_name(boundary)}",
        reason=reason(user.origin),
        needs=needs,
        shift=shift,
    )


def delete_user_permissions_boundary(user: User, old: Arn) -> Action:
    """DeleteUserPermissionsBoundary, for a boundary that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="delete_user_permissions_boundary",
        params={"UserName": user.name},
        summary=f"remove boundary {short_name(old)}",
        reason=NOT_DECLARED,
        shift=Shift(denies_removed=True),
    )


def attach_user_policy(user: User, attachment: Attachment, *, shift: Shift, needs: frozenset[str]) -> Action:
    """AttachUserPolicy; `needs` are the policies of this plan that it relies on."""
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="attach_user_policy",
        params={"UserName": user.name, "PolicyArn": attachment.policy},
        summary=f"attach {short_name(attachment.policy)}",
        details=(f"from policy set {attachment.via}",) if attachment.via else (),
        reason=reason(attachment.origin, user.origin),
        needs=needs,
        shift=shift,
    )


def detach_user_policy(user: User, policy: Arn, *, shift: Shift) -> Action:
    """DetachUserPolicy for an attachment that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="detach_user_policy",
        params={"UserName": user.name, "PolicyArn": policy},
        summary=f"detach {short_name(policy)}",
        reason=NOT_DECLARED,
        shift=shift,
    )


def put_user_policy(user: User, name: str, change: TextChange) -> Action:
    """PutUserPolicy: a new inline policy, or another text for one that is there."""
    return Action(
        verb=Verb.CREATE if change.is_new else Verb.CHANGE,
        subject=user_subject(user.name),
        operation="put_user_policy",
        params={"UserName": user.name, "PolicyName": name, "PolicyDocument": change.new.render()},
        summary=f"inline policy {name}",
        details=change.words,
        reason=reason(user.origin),
        shift=change.shift,
        removed=change.old.render() if change.old else "",
    )


def delete_user_policy(user: User, name: str, *, old: Document | None, shift: Shift) -> Action:
    """DeleteUserPolicy for an inline policy that is not declared; its text is kept in the action."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="delete_user_policy",
        params={"UserName": user.name, "PolicyName": name},
        summary=f"delete inline policy {name}",
        reason=NOT_DECLARED,
        shift=shift,
        removed=old.render() if old else "",
    )


def add_user_to_group(user: User, group: str, *, shift: Shift, needs: frozenset[str]) -> Action:
    """AddUserToGroup."""
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="add_user_to_group",
        params={"GroupName": group, "UserName": user.name},
        summary=f"add to group {group}",
        reason=reason(user.origin),
        needs=needs,
        shift=shift,
    )


def remove_user_from_group(user: User, group: str, *, shift: Shift) -> Action:
    """RemoveUserFromGroup for a membership that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="remove_user_from_group",
        params={"GroupName": group, "UserName": user.name},
        summary=f"remove from group {group}",
        reason=NOT_DECLARED,
        shift=shift,
    )


def delete_user(user: User) -> Action:
    """DeleteUser, when nothing hangs on it any more (API_DeleteUser lists the nine dependents)."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="delete_user",
        params={"UserName": user.name},
        summary="delete user",
        reason=NOT_DECLARED,
    )
