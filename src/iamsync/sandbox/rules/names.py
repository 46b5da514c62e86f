r"""Names, paths and descriptions must be made of what IAM allows.

Source: the parameter constraints of the API pages, and IAM User Guide, "IAM name requirements" (reference_iam-quotas).
Only ASCII counts: Python's `\w` would let every alphabet in.
"""

import re

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_POLICY_PATH = re.compile(r"((/[A-Za-z0-9.,+@=_-]+)*)/")
_DESCRIPTION = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]*")

MAX_PATH = 512
MAX_DESCRIPTION = 1000


@rule("CreateUser")
def user_name_is_well_formed(request: Request) -> None:
    """API_CreateUser: UserName, 64 characters."""
    _check_name("userName", request.text("UserName"), 64)


@rule("UpdateUser")
def new_user_name_is_well_formed(request: Request) -> None:
    """API_UpdateUser: NewUserName, 64 characters."""
    if name := request.optional("NewUserName"):
        _check_name("newUserName", name, 64)


@rule("CreateGroup")
def group_name_is_well_formed(request: Request) -> None:
    """API_CreateGroup: GroupName, 128 characters."""
    _check_name("groupName", request.text("GroupName"), 128)


@rule("UpdateGroup")
def new_group_name_is_well_formed(request: Request) -> None:
    """API_UpdateGroup: NewGroupName, 128 characters."""
    if name := request.optional("NewGroupName"):
        _check_name("newGroupName", name, 128)


@rule("CreateRole")
def role_name_is_well_formed(request: Request) -> None:
    """API_CreateRole: RoleName, 64 characters."""
    _check_name("roleName", request.text("RoleName"), 64)


@rule("CreatePolicy", "PutUserPolicy", "PutGroupPolicy", "PutRolePolicy")
def policy_name_is_well_formed(request: Request) -> None:
    """API_CreatePolicy, API_PutUserPolicy: PolicyName, 128 characters."""
    _check_name("policyName", request.text("PolicyName"), 128)


@rule("CreateUser", "CreateGroup", "CreateRole", "UpdateUser", "UpdateGroup")
def path_is_well_formed(request: Request) -> None:
    """API_CreateUser, API_UpdateUser: begins and ends with a slash, printable ASCII between, 512 characters."""
    parameter = "NewPath" if request.operation.startswith("Update") else "Path"
    path = request.optional(parameter)
    if path is not None and not (_PATH.fullmatch(path) and len(path) <= MAX_PATH):
        raise _bad_path(parameter)


@rule("CreatePolicy")
def policy_path_is_well_formed(request: Request) -> None:
    """API_CreatePolicy: narrower than other paths, and no two slashes in a row."""
    path = request.optional("Path")
    if path is not None and not (_POLICY_PATH.fullmatch(path) and len(path) <= MAX_PATH):
        raise _bad_path("Path")


@rule("CreatePolicy")
def description_is_well_formed(request: Request) -> None:
    """API_CreatePolicy: Description, 1000 characters of Latin-1."""
    description = request.optional("Description") or ""
    if len(description) > MAX_DESCRIPTION:
        raise _too_long("description", description, MAX_DESCRIPTION)
    if not _DESCRIPTION.fullmatch(description):
        raise Refused("ValidationError", "The specified value for description is invalid.")


def _check_name(at: str, name: str, longest: int) -> None:
    if len(name) > longest:
        raise _too_long(at, name, longest)
    if not _NAME.fullmatch(name):
        raise Refused(
            "ValidationError",
            f"The specified value for {at} is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-",
        )


def _too_long(at: str, value: str, longest: int) -> Refused:
    return Refused(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{at}' failed to satisfy constraint: Member must have length "
        f"less than or equal to {longest}",
    )


def _bad_path(parameter: str) -> Refused:
    at = parameter[0].lower() + parameter[1:]
    return Refused(
        "ValidationError",
        f"The specified value for {at} is invalid. It must begin and end with / and contain only alphanumeric "
        "characters and/or / characters.",
    )
