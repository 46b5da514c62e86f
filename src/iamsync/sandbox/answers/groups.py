"""Groups and who is in them."""

from iamsync.sandbox.answers.shapes import Shape, listed_group, listed_user
from iamsync.sandbox.request import Request, answer


@answer("GetGroup")
def get_group(request: Request) -> Shape:
    """Moto has no pages, and tells the members' tags."""
    return {"Group": listed_group(request.group), **request.page("Users", request.group.users, listed_user)}


@answer("ListGroups")
def list_groups(request: Request) -> Shape:
    """Moto has no pages and no PathPrefix."""
    prefix = request.optional("PathPrefix") or "/"
    groups = [group for group in request.account.backend.groups.values() if group.path.startswith(prefix)]
    return request.page("Groups", groups, listed_group)


@answer("UpdateGroup")
def update_group(request: Request) -> Shape:
    """Moto does not move a group that keeps its name."""
    group, groups = request.group, request.account.backend.groups
    group.path = request.optional("NewPath") or group.path
    del groups[group.name]
    group.name = request.optional("NewGroupName") or group.name
    groups[group.name] = group
    return {}


@answer("RemoveUserFromGroup")
def remove_user_from_group(request: Request) -> Shape:
    """Who is not in the group is out of it already: success, where moto says NoSuchEntity."""
    user, group = request.user, request.group
    if user in group.users:
        group.users.remove(user)
    return {}
