"""Permissions boundaries of users, which moto does not know."""

from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("PutUserPermissionsBoundary")
def put_user_permissions_boundary(request: Request) -> Shape:
    """Set or replace the one boundary a user may have."""
    request.account.boundaries[request.user.id] = request.text("PermissionsBoundary")
    return {}


@answer("DeleteUserPermissionsBoundary")
def delete_user_permissions_boundary(request: Request) -> Shape:
    """Lift the boundary; without one there is nothing to lift."""
    user = request.user
    if request.account.boundaries.pop(user.id, None) is None:
        raise Refused("NoSuchEntity", f"The permissions boundary of user {user.name} cannot be found.")
    return {}
