"""Users: create, read, change, list."""

from iamsync.sandbox.answers.shapes import Shape, listed_group, listed_user, whole_user
from iamsync.sandbox.request import Request, answer


@answer("CreateUser")
def create_user(request: Request) -> Shape:
    """Moto drops the boundary, and makes ids that do not look like AWS's."""
    account = request.account
    user = account.backend.create_user(
        account.partition,
        request.text("UserName"),
        request.optional("Path") or "/",
        request.listed("Tags"),
    )
    user.id = f"AIDA{user.id[:17].upper()}"
    if bound := request.optional("PermissionsBoundary"):
        account.boundaries[user.id] = bound
    return {"User": whole_user(account, user)}


@answer("GetUser")
def get_user(request: Request) -> Shape:
    """Moto has no boundary, and invents a user where the caller is none."""
    return {"User": whole_user(request.account, request.user)}


@answer("ListUsers")
def list_users(request: Request) -> Shape:
    """Moto answers with all users on one page."""
    prefix = request.optional("PathPrefix") or "/"
    users = [user for user in request.account.backend.users.values() if user.path.startswith(prefix)]
    return request.page("Users", users, listed_user)


@answer("UpdateUser")
def update_user(request: Request) -> Shape:
    """Moto loses the tags of a user who moves, because it keeps them by ARN; and the owner's name on keys."""
    account, user = request.account, request.user
    tags = account.tags_of(user)
    account.backend.tagger.delete_all_tags_for_resource(user.arn)
    account.backend.update_user(user.name, request.optional("NewPath"), request.optional("NewUserName"))
    account.backend.tagger.tags[user.arn] = tags
    for key in user.access_keys:
        key.user_name = user.name
    for public_key in user.ssh_public_keys:
        public_key.user_name = user.name
    for certificate in user.signing_certificates.values():
        certificate.user_name = user.name
    return {}


@answer("DeleteUser")
def delete_user(request: Request) -> Shape:
    """What this sandbox keeps beside moto goes with the user."""
    account, user = request.account, request.user
    account.backend.delete_user(user.name)
    account.boundaries.pop(user.id, None)
    return {}


@answer("ListGroupsForUser")
def list_groups_for_user(request: Request) -> Shape:
    """Moto has no pages."""
    return request.page("Groups", request.account.groups_of(request.user), listed_group)
