"""A change as the one IAM call that makes it: the boto3 operation with its exact parameters, and nothing to fill in
but a password. The only module that spells the IAM API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

from iamsync.core import change as to
from iamsync.core.arn import Arn
from iamsync.core.change import Change, Entity, Kind
from iamsync.core.model import Policy, User


class Secret(Enum):
    """What a call hands over and no plan, log or digest ever holds: they have this name instead.

    A password is a parameter that exists only while its call is made; the secret of an access key is in the answer.
    """

    PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
    ACCESS_KEY = "access key"


def secret_by_name(value: object) -> object:
    """How JSON holds a secret's marker: the `default` of `json.dumps` for whatever holds the parameters of a call.

    Raises TypeError for anything else that JSON does not know: no call has it.
    """
    if isinstance(value, Secret):
        return {"secret": value.value}
    raise TypeError(f"a call holds only what boto3 takes, and secrets by name, not {value!r}")


Param = str | bool | Secret | Sequence[Mapping[str, str]] | Sequence[str]
Params = Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Call:
    """One call as boto3 takes it; a secret is its marker."""

    operation: str
    params: Params


_NAMED_BY: Final = {Kind.USER: "UserName", Kind.GROUP: "GroupName", Kind.POLICY: "PolicyArn"}
_CREDENTIALS: Final = {
    to.CredentialKind.SSH_KEY: ("delete_ssh_public_key", "SSHPublicKeyId"),
    to.CredentialKind.CERTIFICATE: ("delete_signing_certificate", "CertificateId"),
    to.CredentialKind.SERVICE: ("delete_service_specific_credential", "ServiceSpecificCredentialId"),
}


def call_of(change: Change) -> Call:  # noqa: C901, PLR0912 - one case for each change, and nothing else
    """The call that makes a change."""
    match change:
        case to.CreateUser(user):
            return _create_user(user)
        case to.CreateGroup(group):
            return Call("create_group", {"GroupName": group.name, "Path": group.path})
        case to.CreatePolicy(policy, document):
            return _create_policy(policy, document.render())
        case to.Delete(entity):
            return Call(f"delete_{entity.kind}", _named(entity))
        case to.Rename(old, new):
            return Call("update_user", {"UserName": old, "NewUserName": new})
        case to.Move(entity, _, new):
            return Call(f"update_{entity.kind}", {**_named(entity), "NewPath": new})
        case to.SetTags(entity, tags):
            return Call(f"tag_{entity.kind}", {**_named(entity), "Tags": _tag_list(tags)})
        case to.RemoveTags(entity, keys):
            return Call(f"untag_{entity.kind}", {**_named(entity), "TagKeys": list(keys)})
        case to.SetBoundary(user, _, boundary):
            return _set_boundary(user, boundary)
        case to.Attach(owner, policy):
            return Call(f"attach_{owner.kind}_policy", {**_named(owner), "PolicyArn": policy})
        case to.Detach(owner, policy):
            return Call(f"detach_{owner.kind}_policy", {**_named(owner), "PolicyArn": policy})
        case to.PutInline(owner, name, _, document):
            text = {"PolicyName": name, "PolicyDocument": document.render()}
            return Call(f"put_{owner.kind}_policy", {**_named(owner), **text})
        case to.DeleteInline(owner, name):
            return Call(f"delete_{owner.kind}_policy", {**_named(owner), "PolicyName": name})
        case to.NewVersion(arn, _, document):
            return Call(
                "create_policy_version",
                {"PolicyArn": arn, "PolicyDocument": document.render(), "SetAsDefault": True},
            )
        case to.RestoreVersion(arn, version):
            return Call("set_default_policy_version", {"PolicyArn": arn, "VersionId": version})
        case to.DeleteVersion(arn, version):
            return Call("delete_policy_version", {"PolicyArn": arn, "VersionId": version})
        case to.Join(user, group):
            return Call("add_user_to_group", {"GroupName": group, "UserName": user})
        case to.Leave(user, group):
            return Call("remove_user_from_group", {"GroupName": group, "UserName": user})
        case to.CreatePassword(user, reset_required):
            return Call("create_login_profile", _password(user, reset_required=reset_required))
        case to.ReplacePassword(user, reset_required):
            return Call("update_login_profile", _password(user, reset_required=reset_required))
        case to.DeletePassword(user):
            return Call("delete_login_profile", {"UserName": user})
        case to.CreateAccessKey(user):
            return Call("create_access_key", {"UserName": user})
        case to.SetKeyStatus(user, key, active):
            status = "Active" if active else "Inactive"
            return Call("update_access_key", {"UserName": user, "AccessKeyId": key, "Status": status})
        case to.DeleteAccessKey(user, key):
            return Call("delete_access_key", {"UserName": user, "AccessKeyId": key})
        case to.DeactivateDevice(user, serial):
            return Call("deactivate_mfa_device", {"UserName": user, "SerialNumber": serial})
        case to.DeleteDevice(serial):
            return Call("delete_virtual_mfa_device", {"SerialNumber": serial})
        case to.DeleteCredential(user, kind, key):
            operation, parameter = _CREDENTIALS[kind]
            return Call(operation, {"UserName": user, parameter: key})
        case _:
            assert_never(change)


def _create_user(user: User) -> Call:
    boundary: Params = {"PermissionsBoundary": user.boundary} if user.boundary else {}
    params = {"UserName": user.name, "Path": user.path, **boundary, "Tags": _tag_list(user.tags)}
    return Call("create_user", params)


def _set_boundary(user: str, boundary: Arn | None) -> Call:
    if boundary is None:
        return Call("delete_user_permissions_boundary", {"UserName": user})
    return Call("put_user_permissions_boundary", {"UserName": user, "PermissionsBoundary": boundary})


def _create_policy(policy: Policy, text: str) -> Call:
    description = {"Description": policy.description} if policy.description else {}
    names = {"PolicyName": policy.name, "Path": policy.path, "PolicyDocument": text, **description}
    return Call("create_policy", {**names, "Tags": _tag_list(policy.tags)})


def _password(user: str, *, reset_required: bool) -> Params:
    return {"UserName": user, "Password": Secret.PASSWORD, "PasswordResetRequired": reset_required}


def _named(entity: Entity) -> dict[str, Param]:
    return {_NAMED_BY[entity.kind]: entity.id}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
