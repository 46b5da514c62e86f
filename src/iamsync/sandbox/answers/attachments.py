"""Managed policies on users, groups and roles. moto counts an attachment that is made twice as two."""

from iamsync.sandbox.answers.shapes import Shape, attached
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")
def attach(request: Request) -> Shape:
    """Attach; what is attached stays attached, and is success."""
    principal, policy = request.principal, request.policy
    if policy.arn not in principal.managed_policies:
        policy.attach_to(principal)
    return {}


@answer("DetachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy")
def detach(request: Request) -> Shape:
    """Detach; what is not attached cannot be."""
    principal, arn = request.principal, request.text("PolicyArn")
    policy = principal.managed_policies.get(arn)
    if policy is None:
        raise Refused("NoSuchEntity", f"Policy {arn} was not found.")
    policy.detach_from(principal)
    return {}


@answer("ListAttachedUserPolicies", "ListAttachedGroupPolicies", "ListAttachedRolePolicies")
def list_attached(request: Request) -> Shape:
    """Moto announces another page after a full one, even if it is the last."""
    prefix = request.optional("PathPrefix") or "/"
    policies = [policy for policy in request.principal.managed_policies.values() if policy.path.startswith(prefix)]
    return request.page("AttachedPolicies", policies, attached)
