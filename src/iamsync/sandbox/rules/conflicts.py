"""Nothing is deleted from under what depends on it: IAM's API does not cascade, it answers DeleteConflict."""

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused


@rule("DeleteUser")
def user_is_bare(request: Request) -> None:
    """API_DeleteUser: "you must delete the items attached to the user manually". The boundary may stay."""
    account, user = request.account, request.user
    credentials = [each for each in account.service_credentials.values() if each.user_id == user.id]
    _refuse_if(user.password, "must delete login profile first.")
    _refuse_if(user.access_keys, "must delete access keys first.")
    _refuse_if(user.mfa_devices, "must delete MFA device first.")
    _refuse_if(user.ssh_public_keys, "must remove referenced objects first.")
    _refuse_if(user.signing_certificates, "must delete signing certificates first.")
    _refuse_if(credentials, "must remove referenced objects first.")
    _refuse_if(account.groups_of(user), "must remove users from group first.")
    _refuse_if(user.managed_policies, "must detach all policies first.")
    _refuse_if(user.policies, "must delete policies first.")


@rule("DeleteGroup")
def group_is_bare(request: Request) -> None:
    """API_DeleteGroup: "must not contain any users or have any attached policies"."""
    group = request.group
    _refuse_if(group.users, "must remove users from group first.")
    _refuse_if(group.managed_policies, "must detach all policies first.")
    _refuse_if(group.policies, "must delete policies first.")


@rule("DeletePolicy")
def policy_is_not_in_use(request: Request) -> None:
    """API_DeletePolicy: detached from all users, groups and roles, and a boundary of no user or role."""
    policy = request.policy
    if policy.attachment_count or policy.arn in request.account.boundary_uses():
        raise Refused("DeleteConflict", "Cannot delete a policy attached to entities.")


@rule("DeletePolicy")
def policy_has_one_version(request: Request) -> None:
    """API_DeletePolicy: "Delete all versions of the policy using DeletePolicyVersion"."""
    if len(request.policy.versions) > 1:
        raise Refused(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
        )


@rule("DeletePolicyVersion")
def version_is_not_the_default(request: Request) -> None:
    """API_DeletePolicyVersion: "You cannot delete the default version"."""
    if request.text("VersionId") == request.policy.default_version_id:
        raise Refused("DeleteConflict", "Cannot delete the default version of a policy.")


@rule("DeleteVirtualMFADevice")
def virtual_mfa_device_is_free(request: Request) -> None:
    """API_DeleteVirtualMFADevice: "You must deactivate a user's virtual MFA device before you can delete it"."""
    device = request.account.backend.virtual_mfa_devices.get(request.text("SerialNumber"))
    if device is not None and device.user is not None:
        raise Refused("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")


def _refuse_if(dependents: object, first: str) -> None:
    if dependents:
        raise Refused("DeleteConflict", f"Cannot delete entity, {first}")
