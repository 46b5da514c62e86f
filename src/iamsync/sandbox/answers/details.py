"""GetAccountAuthorizationDetails: the whole account in pages. moto has no pages, no boundaries, and lists every policy
that AWS manages.

Source: API_GetAccountAuthorizationDetails.
"""

from collections import defaultdict

from moto.iam.models import Group, InstanceProfile, ManagedPolicy, Role, User

from iamsync.sandbox.accounts import is_aws_managed
from iamsync.sandbox.answers.shapes import (
    Shape,
    attached,
    boundary,
    inline_list,
    listed_group,
    listed_policy,
    listed_role,
    tag_list,
    whole_version,
)
from iamsync.sandbox.request import Request, answer

_Entry = User | Group | Role | ManagedPolicy


@answer("GetAccountAuthorizationDetails")
def get_account_authorization_details(request: Request) -> Shape:
    """Users, groups, roles and policies, in that order under one marker: a page may hold the end of one section and the
    beginning of the next. Of AWS's policies only those in use are listed, and no policy's tags.
    """
    reader = _Reader(request)
    entries = reader.entries(request.listed("Filter"))
    return request.sectioned(
        ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"), entries, reader.written
    )


class _Reader:
    """One account, with what must be known of all of it to write any of it."""

    def __init__(self, request: Request) -> None:
        self._account = request.account
        self._boundary_uses = request.account.boundary_uses()
        self._groups: dict[str, list[str]] = defaultdict(list)
        for group in request.account.backend.groups.values():
            for user in group.users:
                self._groups[user.id].append(group.name)

    def entries(self, wanted: list[str]) -> list[_Entry]:
        """All entries, over all pages. `wanted` is the Filter; empty means everything."""
        backend = self._account.backend
        found: list[_Entry] = []
        if not wanted or "User" in wanted:
            found.extend(backend.users.values())
        if not wanted or "Group" in wanted:
            found.extend(backend.groups.values())
        if not wanted or "Role" in wanted:
            found.extend(backend.roles.values())
        if not wanted or "LocalManagedPolicy" in wanted:
            found.extend(self._account.own_policies())
        if not wanted or "AWSManagedPolicy" in wanted:
            found.extend(policy for policy in backend.managed_policies.values() if self._aws_managed_in_use(policy))
        return found

    def written(self, entry: _Entry) -> tuple[str, Shape]:
        """The section an entry belongs to, and what is said of it there."""
        match entry:
            case User():
                return "UserDetailList", self._user(entry)
            case Group():
                return "GroupDetailList", self._group(entry)
            case Role():
                return "RoleDetailList", self._role(entry)
            case _:
                return "Policies", self._policy(entry)

    def _aws_managed_in_use(self, policy: ManagedPolicy) -> bool:
        return is_aws_managed(policy) and (policy.attachment_count > 0 or policy.arn in self._boundary_uses)

    def _user(self, user: User) -> Shape:
        return {
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.id,
            "Arn": user.arn,
            "CreateDate": user.create_date,
            "UserPolicyList": inline_list(user),
            "GroupList": self._groups.get(user.id, []),
            "AttachedManagedPolicies": [attached(policy) for policy in user.managed_policies.values()],
            "PermissionsBoundary": boundary(self._account.boundaries.get(user.id)),
            "Tags": tag_list(self._account.tags_of(user)),
        }

    def _group(self, group: Group) -> Shape:
        return {
            **listed_group(group),
            "GroupPolicyList": inline_list(group),
            "AttachedManagedPolicies": [attached(policy) for policy in group.managed_policies.values()],
        }

    def _role(self, role: Role) -> Shape:
        return {
            **listed_role(role),
            "InstanceProfileList": [_instance_profile(profile) for profile in role.instance_profile_list],
            "RolePolicyList": inline_list(role),
            "AttachedManagedPolicies": [attached(policy) for policy in role.managed_policies.values()],
            "PermissionsBoundary": boundary(role.permissions_boundary_arn),
            "Tags": list(role.tags),
            "RoleLastUsed": {"LastUsedDate": role.last_used, "Region": role.last_used_region},
        }

    def _policy(self, policy: ManagedPolicy) -> Shape:
        return {
            **listed_policy(policy, self._boundary_uses[policy.arn]),
            "Description": policy.description or None,
            "PolicyVersionList": [whole_version(version) for version in policy.versions],
        }


def _instance_profile(profile: InstanceProfile) -> Shape:
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": profile.create_date,
        "Roles": [listed_role(role) for role in profile.roles],
    }
