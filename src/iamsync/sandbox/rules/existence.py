"""What a request names must exist, and be fit for the purpose.

Most operations find out by themselves; these are the ones in which moto does not look.
"""

import re

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/.+", re.ASCII)
_SERVICES = frozenset({"bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com"})


@rule("CreateUser", "PutUserPermissionsBoundary", "CreateRole", "PutRolePermissionsBoundary")
def boundary_exists(request: Request) -> None:
    """API_PutUserPermissionsBoundary: the boundary is a managed policy."""
    arn = request.optional("PermissionsBoundary")
    if arn and arn not in request.account.backend.managed_policies:
        raise Refused("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")


@rule(
    "AttachUserPolicy",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "DetachUserPolicy",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "GetPolicy",
    "DeletePolicy",
    "CreatePolicyVersion",
)
def policy_arn_is_well_formed(request: Request) -> None:
    """API_AttachUserPolicy: InvalidInput for what cannot be the ARN of a managed policy."""
    arn = request.text("PolicyArn")
    if not _POLICY_ARN.fullmatch(arn):
        raise Refused("InvalidInput", f"ARN {arn} is not valid.")


@rule("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")
def attached_policy_exists(request: Request) -> None:
    """API_AttachUserPolicy: NoSuchEntity."""
    arn = request.text("PolicyArn")
    if arn not in request.account.backend.managed_policies:
        raise Refused("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")


@rule("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")
def service_role_policy_is_for_its_service(request: Request) -> None:
    """API_AttachUserPolicy, PolicyNotAttachable: what is under `aws-service-role/` is for service-linked roles."""
    if request.policy.arn.partition(":policy/")[2].startswith("aws-service-role/"):
        raise Refused("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")


@rule("EnableMFADevice")
def virtual_mfa_device_is_there_and_free(request: Request) -> None:
    """API_EnableMFADevice: a virtual device is created first, and is one user's. moto takes any serial number."""
    serial = request.text("SerialNumber")
    device = request.account.backend.virtual_mfa_devices.get(serial)
    if device is None and ":mfa/" in serial:
        raise Refused("NoSuchEntity", f"VirtualMFADevice with serial number {serial} does not exist.")
    if device is not None and device.user is not None:
        raise Refused("EntityAlreadyExists", f"MFADevice with serial number {serial} is in use.")


@rule("CreateServiceSpecificCredential")
def service_has_credentials_of_its_own(request: Request) -> None:
    """API_CreateServiceSpecificCredential, NotSupportedService: CodeCommit, Keyspaces and Bedrock have."""
    service = request.text("ServiceName")
    if service not in _SERVICES:
        raise Refused("NotSupportedService", f"Service {service} is not supported.")


@rule("UpdateAccessKey", "UpdateSSHPublicKey", "UpdateSigningCertificate", "UpdateServiceSpecificCredential")
def status_is_active_or_inactive(request: Request) -> None:
    """API_UpdateAccessKey: two values there are. moto stores any."""
    status = request.text("Status")
    if status not in {"Active", "Inactive"}:
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{status}' at 'status' failed to satisfy constraint: Member must "
            "satisfy enum value set: [Active, Inactive]",
        )
