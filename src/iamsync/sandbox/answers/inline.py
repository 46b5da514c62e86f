"""Inline policies of users, groups and roles. moto refuses documents that IAM takes, and has no pages."""

from urllib.parse import quote

from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("PutUserPolicy", "PutGroupPolicy", "PutRolePolicy")
def put(request: Request) -> Shape:
    """Add or replace."""
    request.principal.policies[request.text("PolicyName")] = request.text("PolicyDocument")
    return {}


@answer("GetUserPolicy", "GetGroupPolicy", "GetRolePolicy")
def get(request: Request) -> Shape:
    """The document, URL-encoded."""
    document, name = quote(_document(request), safe=""), request.principal.name
    kind = request.principal_kind
    return {f"{kind}Name": name, "PolicyName": request.text("PolicyName"), "PolicyDocument": document}


@answer("DeleteUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy")
def delete(request: Request) -> Shape:
    """What is not there cannot be deleted."""
    _document(request)
    del request.principal.policies[request.text("PolicyName")]
    return {}


@answer("ListUserPolicies", "ListGroupPolicies", "ListRolePolicies")
def names(request: Request) -> Shape:
    """Names only."""
    return request.page("PolicyNames", list(request.principal.policies), str)


def _document(request: Request) -> str:
    kind, name = request.principal_kind.lower(), request.text("PolicyName")
    document = request.principal.policies.get(name)
    if document is None:
        raise Refused("NoSuchEntity", f"The {kind} policy with name {name} cannot be found.")
    return document
