"""Names are unique in the account, whatever their case and path.

Source: IAM User Guide, "IAM name requirements" (reference_iam-quotas): names "are not distinguished by case".
"""

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused


@rule("CreateUser")
def user_name_is_free(request: Request) -> None:
    """API_CreateUser: EntityAlreadyExists."""
    name = request.text("UserName")
    if request.account.find_user(name):
        raise Refused("EntityAlreadyExists", f"User with name {name} already exists.")


@rule("UpdateUser")
def new_user_name_is_free(request: Request) -> None:
    """API_UpdateUser: EntityAlreadyExists, even for one's own name in another case."""
    name = request.optional("NewUserName")
    if name and name != request.user.name and request.account.find_user(name):
        raise Refused("EntityAlreadyExists", f"User with name {name} already exists.")


@rule("CreateGroup")
def group_name_is_free(request: Request) -> None:
    """API_CreateGroup: EntityAlreadyExists."""
    name = request.text("GroupName")
    if request.account.find_group(name):
        raise Refused("EntityAlreadyExists", f"Group with name {name} already exists.")


@rule("UpdateGroup")
def new_group_name_is_free(request: Request) -> None:
    """API_UpdateGroup: EntityAlreadyExists."""
    name = request.optional("NewGroupName")
    if name and name != request.group.name and request.account.find_group(name):
        raise Refused("EntityAlreadyExists", f"Group with name {name} already exists.")


@rule("CreateRole")
def role_name_is_free(request: Request) -> None:
    """API_CreateRole: EntityAlreadyExists."""
    name = request.text("RoleName")
    if request.account.find_role(name):
        raise Refused("EntityAlreadyExists", f"Role with name {name} already exists.")


@rule("CreatePolicy")
def policy_name_is_free(request: Request) -> None:
    """API_CreatePolicy: EntityAlreadyExists, for a policy under another path too. AWS's own names are free."""
    name = request.text("PolicyName")
    if request.account.find_own_policy(name):
        raise Refused(
            "EntityAlreadyExists",
            f"A policy called {name} already exists. Duplicate names are not allowed.",
        )
