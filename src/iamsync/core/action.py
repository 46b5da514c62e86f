"""One IAM call as data. The only module that spells the IAM API.

`operation` and `params` are literally what boto3 gets. IAM ARNs can be computed, so nothing in a plan is a placeholder
but a secret, which is a marker here and is minted when the call is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from iamsync.core.arn import Arn, short_name
from iamsync.core.model import Attachment, Console, Origin, Policy, PolicyVersion, User, policy_subject, user_subject


class Verb(Enum):
    """What a reviewer sees happen."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


class Secret(Enum):
    """A parameter that exists only while its call is made; a plan, a log and a digest hold this name instead."""

    PASSWORD = "password"  # noqa: S105 - the name of a secret, not one


Param = str | bool | Secret | Sequence[Mapping[str, str]] | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One IAM API call and why it is made.

    `subject` is whose call it is (`user/aiko.sato`, `policy/Deploy`); after a failure the later actions of that subject
    are skipped, and so are those that name it in `needs`. `restricts` marks an attachment that carries a Deny: the
    order of a plan depends on it. `summary` and `details` are the words of the plan, `reason` is file:line or "not
    declared".
    """

    verb: Verb
    subject: str
    operation: str
    params: Mapping[str, Param]
    summary: str
    reason: str
    details: tuple[str, ...] = ()
    needs: frozenset[str] = field(default_factory=frozenset)
    restricts: bool = False

    @property
    def secret(self) -> Secret | None:
        """The secret this call needs, if it needs one."""
        return next((value for value in self.params.values() if isinstance(value, Secret)), None)


# --- customer-managed policies ---


def create_policy(policy: Policy, contents: tuple[str, ...]) -> Action:
    """CreatePolicy, with the ownership tag in the same call; `contents` says in words what the policy says."""
    description = {"Description": policy.description} if policy.description else {}
    return Action(
        verb=Verb.CREATE,
        subject=policy_subject(policy.name),
        operation="create_policy",
        params={
            "PolicyName": policy.name,
            "Path": policy.path,
            "PolicyDocument": _text(policy),
            **description,
            "Tags": _tag_list(policy.tags),
        },
        summary="create policy",
        details=(f"path {policy.path}", *_tag_words(policy.tags), *contents),
        reason=_reason(policy.origin),
    )


def create_policy_version(policy: Policy, differences: tuple[str, ...]) -> Action:
    """CreatePolicyVersion as the new default; `differences` says in words what the text changes."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="create_policy_version",
        params={"PolicyArn": policy.arn, "PolicyDocument": _text(policy), "SetAsDefault": True},
        summary="new default version",
        details=differences,
        reason=_reason(policy.origin),
    )


def set_default_policy_version(policy: Policy, version: PolicyVersion, differences: tuple[str, ...]) -> Action:
    """SetDefaultPolicyVersion: a stored version already says what is declared."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="set_default_policy_version",
        params={"PolicyArn": policy.arn, "VersionId": version.id},
        summary=f"make {version.id} the default version again",
        details=differences,
        reason=_reason(policy.origin),
    )


def delete_policy_version(policy: Policy, version: PolicyVersion) -> Action:
    """DeletePolicyVersion: only five are stored (IAM quota "Versions per customer managed policy")."""
    return Action(
        verb=Verb.REMOVE,
        subject=policy_subject(policy.name),
        operation="delete_policy_version",
        params={"PolicyArn": policy.arn, "VersionId": version.id},
        summary=f"delete version {version.id}, the oldest that is not the default",
        details=("a policy holds five versions; this one makes room for the next",),
        reason=_reason(policy.origin),
    )


def tag_policy(policy: Policy, tags: Mapping[str, str]) -> Action:
    """TagPolicy with the tags that are missing or differ."""
    return Action(
        verb=Verb.CHANGE,
        subject=policy_subject(policy.name),
        operation="tag_policy",
        params={"PolicyArn": policy.arn, "Tags": _tag_list(tags)},
        summary="set tags",
        details=_tag_words(tags),
        reason=_reason(policy.origin),
    )


def untag_policy(policy: Policy, keys: Sequence[str]) -> Action:
    """UntagPolicy for keys that are not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=policy_subject(policy.name),
        operation="untag_policy",
        params={"PolicyArn": policy.arn, "TagKeys": list(keys)},
        summary=f"remove tags {', '.join(keys)}",
        reason=NOT_DECLARED,
    )


# --- users ---


def create_user(user: User) -> Action:
    """CreateUser, with path, tags and so the ownership mark in the one call."""
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="create_user",
        params={"UserName": user.name, "Path": user.path, "Tags": _tag_list(user.tags)},
        summary="create user",
        details=(f"path {user.path}", *_tag_words(user.tags)),
        reason=_reason(user.origin),
    )


def update_user_path(user: User, old_path: str) -> Action:
    """UpdateUser with a new path; id, keys, password, MFA, policies and groups stay (API_UpdateUser)."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="update_user",
        params={"UserName": user.name, "NewPath": user.path},
        summary=f"path {old_path} -> {user.path}",
        details=("the ARN changes with the path: policies that name the old one no longer match",),
        reason=_reason(user.origin),
    )


def tag_user(user: User, tags: Mapping[str, str]) -> Action:
    """TagUser with the tags that are missing or differ."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="tag_user",
        params={"UserName": user.name, "Tags": _tag_list(tags)},
        summary="set tags",
        details=_tag_words(tags),
        reason=_reason(user.origin),
    )


def untag_user(user: User, keys: Sequence[str]) -> Action:
    """UntagUser for keys that are not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="untag_user",
        params={"UserName": user.name, "TagKeys": list(keys)},
        summary=f"remove tags {', '.join(keys)}",
        reason=NOT_DECLARED,
    )


def attach_user_policy(user: User, attachment: Attachment, *, restricts: bool, needs: frozenset[str]) -> Action:
    """AttachUserPolicy; `needs` are the policies of this plan that it relies on."""
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="attach_user_policy",
        params={"UserName": user.name, "PolicyArn": attachment.policy},
        summary=f"attach {short_name(attachment.policy)}",
        details=(f"from policy set {attachment.via}",) if attachment.via else (),
        reason=_reason(attachment.origin or user.origin),
        needs=needs,
        restricts=restricts,
    )


def detach_user_policy(user: User, policy: Arn, *, restricts: bool) -> Action:
    """DetachUserPolicy for an attachment that is not declared."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="detach_user_policy",
        params={"UserName": user.name, "PolicyArn": policy},
        summary=f"detach {short_name(policy)}",
        reason=NOT_DECLARED,
        restricts=restricts,
    )


def create_login_profile(user: User, console: Console, *, needs: frozenset[str]) -> Action:
    """CreateLoginProfile with a password that is minted, and handed over, when the call is made."""
    reset = console.password_reset_required
    first_sign_in = "a new one must be set at first sign-in" if reset else "it stays valid after first sign-in"
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="create_login_profile",
        params={"UserName": user.name, "Password": Secret.PASSWORD, "PasswordResetRequired": reset},
        summary="create console password",
        details=(f"minted at apply and delivered as CSV; {first_sign_in}",),
        reason=_reason(console.origin or user.origin),
        needs=needs,
    )


NOT_DECLARED = "not declared"


def _reason(origin: Origin | None) -> str:
    return str(origin) if origin else "declared"


def _text(policy: Policy) -> str:
    if policy.document is None:
        raise ValueError(f"{policy.name}: a declared policy has a document")
    return policy.document.render()


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def _tag_words(tags: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"tag {key}={tags[key]}" for key in sorted(tags))
