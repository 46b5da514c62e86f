"""Users, and what they may do."""

from laws.model import rules
from laws.model.calls import Call, Refused, operation
from laws.model.records import UserRecord


@operation
def create_user(call: Call) -> None:
    """API_CreateUser: path, tags and boundary may come in the same call."""
    name, path, boundary = call.text("UserName"), call.params.get("Path", "/"), call.params.get("PermissionsBoundary")
    rules.named(name, 64)
    rules.path(path)
    rules.free(name, call.iam.users)
    rules.room(len(call.iam.users), call.iam.quotas["users"], "UsersPerAccount")
    tags = _tagged(call, {})
    if boundary is not None:
        _exists(call, boundary)
    user = UserRecord(name=name, id=call.iam.new_id("AIDA"), path=path, tags=tags, boundary=boundary)
    call.iam.users[name] = user


@operation
def update_user(call: Call) -> None:
    """API_UpdateUser: a new name or path; all else of the user stays."""
    user = call.user
    name, path = call.params.get("NewUserName", user.name), call.params.get("NewPath", user.path)
    rules.path(path)
    if name != user.name:
        rules.named(name, 64)
        rules.free(name, call.iam.users)
    del call.iam.users[user.name]
    user.name, user.path = name, path
    call.iam.users[name] = user


@operation
def delete_user(call: Call) -> None:
    """API_DeleteUser: "you must delete the items attached to the user manually". The boundary may stay."""
    user = call.user
    rules.absent(user.password, "delete login profile")
    rules.absent(user.access_keys, "delete access keys")
    rules.absent(user.mfa, "delete MFA device")
    rules.absent(user.ssh_keys, "remove referenced objects (SSH keys)")
    rules.absent(user.certificates, "delete signing certificates")
    rules.absent(user.service_credentials, "remove referenced objects (service-specific credentials)")
    rules.absent(user.groups, "remove users from group")
    rules.absent(user.attached, "detach all policies")
    rules.absent(user.inline, "delete policies")
    del call.iam.users[user.name]


@operation
def tag_user(call: Call) -> None:
    """API_TagUser: keys are one without regard to case, and the case that was sent last stays (id_tags)."""
    call.user.tags = _tagged(call, call.user.tags)


@operation
def untag_user(call: Call) -> None:
    """API_UntagUser: whatever the case of the key; an absent key is success."""
    for key in call.params["TagKeys"]:
        rules.not_awss(key)
    gone = {key.lower() for key in call.params["TagKeys"]}
    call.user.tags = {key: value for key, value in call.user.tags.items() if key.lower() not in gone}


@operation
def put_user_permissions_boundary(call: Call) -> None:
    """API_PutUserPermissionsBoundary: sets or replaces."""
    user, boundary = call.user, call.text("PermissionsBoundary")
    _exists(call, boundary)
    user.boundary = boundary


@operation
def delete_user_permissions_boundary(call: Call) -> None:
    """API_DeleteUserPermissionsBoundary: without one there is nothing to delete."""
    user = call.user
    rules.present(user.boundary, "The boundary")
    user.boundary = None


@operation
def attach_user_policy(call: Call) -> None:
    """API_AttachUserPolicy: what is attached stays attached, and is success."""
    user, arn = call.user, call.text("PolicyArn")
    attachable(call, arn)
    if arn not in user.attached:
        rules.room(len(user.attached), call.iam.quotas["policies_per_user"], "PoliciesPerUser")
    user.attached.add(arn)


@operation
def detach_user_policy(call: Call) -> None:
    """API_DetachUserPolicy: what is not attached cannot be."""
    user, arn = call.user, call.text("PolicyArn")
    rules.present(arn in user.attached, f"Policy {arn}")
    user.attached.remove(arn)


@operation
def put_user_policy(call: Call) -> None:
    """API_PutUserPolicy: adds or replaces; together at most 2,048 characters."""
    user = call.user
    inline = put_inline(call, user.inline)
    rules.at_most(rules.size(inline), call.iam.quotas["user_inline_size"], f"inline policies of user {user.name}")
    user.inline = inline


@operation
def delete_user_policy(call: Call) -> None:
    """API_DeleteUserPolicy."""
    user, name = call.user, call.text("PolicyName")
    rules.present(name in user.inline, f"The user policy with name {name}")
    del user.inline[name]


def attachable(call: Call, arn: str) -> None:
    """API_AttachUserPolicy, NoSuchEntity and PolicyNotAttachable."""
    _exists(call, arn)
    if ":iam::aws:policy/aws-service-role/" in arn:
        raise Refused("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")


def put_inline(call: Call, present: dict[str, str]) -> dict[str, str]:
    """The inline policies with the one that is sent."""
    name, text = call.text("PolicyName"), call.text("PolicyDocument")
    rules.named(name, 128)
    rules.document(text)
    return present | {name: text}


def _exists(call: Call, arn: str) -> None:
    rules.present(call.iam.exists(arn), f"Policy {arn}")


def _tagged(call: Call, present: dict[str, str]) -> dict[str, str]:
    rules.differ([tag["Key"].lower() for tag in call.params.get("Tags", [])])
    for key, value in call.tags.items():
        rules.tag(key, value)
    replaced = {key.lower() for key in call.tags}
    tags = {key: value for key, value in present.items() if key.lower() not in replaced} | call.tags
    rules.at_most(len(tags), call.iam.quotas["tags"], "tags")
    return tags
