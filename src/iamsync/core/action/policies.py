"""Calls on customer-managed policies."""

from collections.abc import Mapping, Sequence

from iamsync.core.action import NOT_DECLARED, Action, Shift, Verb, When, reason, tag_list, tag_words
from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.model import Policy, PolicyVersion, policy_subject


def create_policy(policy: Policy, document: Document, contents: tuple[str, ...]) -> Action:
    """CreatePolicy, with the ownership tag in the same call; `contents` says in words what the policy says."""
    description = {"Description": policy.description} if policy.description else {}
    return Action(
        verb=Verb.CREATE,
        subject=policy_subject(policy.name),
        operation="create_policy",
        params={
            "PolicyName": policy.name,
            "Path": policy.path,
            "PolicyDocument": document.render(),
            **description,
            "Tags": tag_list(policy.tags),
        },
        summary="create policy",
        details=(f"path {policy.path}", *tag_words(policy.tags), *contents),
        reason=reason(policy.origin),
    )


def create_policy_version(policy: Policy, document: Document, *, differences: tuple[str, ...], shift: Shift) -> Action:
    """CreatePolicyVersion as the new default; `differences` says in words what the text changes."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="create_policy_version",
        params={"PolicyArn": policy.arn, "PolicyDocument": document.render(), "SetAsDefault": True},
        summary="new default version",
        details=differences,
        reason=reason(policy.origin),
        shift=shift,
    )


def set_default_policy_version(
    policy: Policy, version: PolicyVersion, *, differences: tuple[str, ...], shift: Shift
) -> Action:
    """SetDefaultPolicyVersion: a stored version already says what is declared."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="set_default_policy_version",
        params={"PolicyArn": policy.arn, "VersionId": version.id},
        summary=f"make {version.id} the default version again",
        details=differences,
        reason=reason(policy.origin),
        shift=shift,
    )


def delete_policy_version(arn: Arn, name: str, version: PolicyVersion, why: str) -> Action:
    """DeletePolicyVersion of one that is not the default; its text is kept in the action."""
    return Action(
        verb=Verb.REMOVE,
        subject=policy_subject(name),
        operation="delete_policy_version",
        params={"PolicyArn": arn, "VersionId": version.id},
        summary=f"delete version {version.id}",
        details=(why,),
        reason=NOT_DECLARED,
        removed=version.document.render() if version.document else "",
    )


def tag_policy(policy: Policy, tags: Mapping[str, str]) -> Action:
    """TagPolicy with the tags that are missing or differ."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="tag_policy",
        params={"PolicyArn": policy.arn, "Tags": tag_list(tags)},
        summary="set tags",
        details=tag_words(tags),
        reason=reason(policy.origin),
    )


def adopt_policy(policy: Policy, mark: Mapping[str, str]) -> Action:
    """TagPolicy with the ownership mark alone, before anything else is changed."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="tag_policy",
        params={"PolicyArn": policy.arn, "Tags": tag_list(mark)},
        summary="adopt: it exists and becomes ours",
        details=tag_words(mark),
        reason=reason(policy.origin),
        when=When.FIRST,
    )


def untag_policy(policy: Policy, keys: Sequence[str], *, summary: str = "") -> Action:
    """UntagPolicy for keys that are not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=policy_subject(policy.name),
        operation="untag_policy",
        params={"PolicyArn": policy.arn, "TagKeys": list(keys)},
        summary=summary or f"remove tags {', '.join(keys)}",
        reason=NOT_DECLARED,
    )


def delete_policy(policy: Policy, *, needs: frozenset[str]) -> Action:
    """DeletePolicy, which takes the default version with it; `needs` are those who must have let go of it."""
    return Action(
        verb=Verb.REMOVE,
        subject=policy_subject(policy.name),
        operation="delete_policy",
        params={"PolicyArn": policy.arn},
        summary="delete policy",
        reason=NOT_DECLARED,
        needs=needs,
        removed=policy.document.render() if policy.document else "",
    )
