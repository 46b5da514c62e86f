"""ListEntitiesForPolicy: who uses a policy, as permissions or as a boundary. moto does not tell the two apart.

Source: API_ListEntitiesForPolicy.
"""

from collections.abc import Iterator

from moto.iam.models import Group, Role, User

from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer


@answer("ListEntitiesForPolicy")
def list_entities_for_policy(request: Request) -> Shape:
    """Groups, users and roles under one marker."""
    kind, prefix = request.optional("EntityFilter"), request.optional("PathPrefix") or "/"
    entities = [
        entity
        for entity in (*_permitted(request), *_bounded(request))
        if kind in {None, type(entity).__name__} and entity.path.startswith(prefix)
    ]
    unique = list({entity.id: entity for entity in entities}.values())
    return request.sectioned(("PolicyGroups", "PolicyUsers", "PolicyRoles"), unique, _written)


def _permitted(request: Request) -> Iterator[User | Group | Role]:
    """Those the policy is attached to."""
    if request.optional("PolicyUsageFilter") != "PermissionsBoundary":
        backend, arn = request.account.backend, request.policy.arn
        everybody: list[User | Group | Role] = [*backend.users.values(), *backend.groups.values()]
        everybody += backend.roles.values()
        yield from (entity for entity in everybody if arn in entity.managed_policies)


def _bounded(request: Request) -> Iterator[User | Role]:
    """Those it is the permissions boundary of."""
    if request.optional("PolicyUsageFilter") != "PermissionsPolicy":
        backend, arn, boundaries = request.account.backend, request.policy.arn, request.account.boundaries
        yield from (user for user in backend.users.values() if boundaries.get(user.id) == arn)
        yield from (role for role in backend.roles.values() if role.permissions_boundary_arn == arn)


def _written(entity: User | Group | Role) -> tuple[str, Shape]:
    kind = type(entity).__name__
    return f"Policy{kind}s", {f"{kind}Name": entity.name, f"{kind}Id": entity.id}
