"""Groups and who is in them."""

from laws.model import rules
from laws.model.calls import Call, operation
from laws.model.records import GroupRecord, UserRecord
from laws.model.users import attachable, put_inline


@operation
def create_group(call: Call) -> None:
    """API_CreateGroup: a group cannot carry tags."""
    name, path = call.text("GroupName"), call.params.get("Path", "/")
    rules.named(name, 128)
    rules.path(path)
    rules.free(name, call.iam.groups)
    rules.room(len(call.iam.groups), call.iam.quotas["groups"], "GroupsPerAccount")
    call.iam.groups[name] = GroupRecord(name=name, path=path)


@operation
def update_group(call: Call) -> None:
    """API_UpdateGroup: a new name or path; members and policies stay."""
    group = call.group
    name, path = call.params.get("NewGroupName", group.name), call.params.get("NewPath", group.path)
    rules.path(path)
    if name != group.name:
        rules.named(name, 128)
        rules.free(name, call.iam.groups)
    for user in _members(call):
        user.groups = (user.groups - {group.name}) | {name}
    del call.iam.groups[group.name]
    group.name, group.path = name, path
    call.iam.groups[name] = group


@operation
def delete_group(call: Call) -> None:
    """API_DeleteGroup: "must not contain any users or have any attached policies"."""
    group = call.group
    rules.absent(_members(call), "remove users from group")
    rules.absent(group.attached, "detach all policies")
    rules.absent(group.inline, "delete policies")
    del call.iam.groups[group.name]


@operation
def attach_group_policy(call: Call) -> None:
    """API_AttachGroupPolicy: what is attached stays attached, and is success."""
    group, arn = call.group, call.text("PolicyArn")
    attachable(call, arn)
    if arn not in group.attached:
        rules.room(len(group.attached), call.iam.quotas["policies_per_group"], "PoliciesPerGroup")
    group.attached.add(arn)


@operation
def detach_group_policy(call: Call) -> None:
    """API_DetachGroupPolicy: what is not attached cannot be."""
    group, arn = call.group, call.text("PolicyArn")
    rules.present(arn in group.attached, f"Policy {arn}")
    group.attached.remove(arn)


@operation
def put_group_policy(call: Call) -> None:
    """API_PutGroupPolicy: adds or replaces; together at most 5,120 characters."""
    group = call.group
    inline = put_inline(call, group.inline)
    rules.at_most(rules.size(inline), call.iam.quotas["group_inline_size"], f"inline policies of group {group.name}")
    group.inline = inline


@operation
def delete_group_policy(call: Call) -> None:
    """API_DeleteGroupPolicy."""
    group, name = call.group, call.text("PolicyName")
    rules.present(name in group.inline, f"The group policy with name {name}")
    del group.inline[name]


@operation
def add_user_to_group(call: Call) -> None:
    """API_AddUserToGroup: a member stays one, and is success."""
    user, group = call.user, call.group
    if group.name not in user.groups:
        rules.room(len(user.groups), call.iam.quotas["groups_per_user"], "GroupsPerUser")
    user.groups.add(group.name)


@operation
def remove_user_from_group(call: Call) -> None:
    """API_RemoveUserFromGroup: who is no member is none afterwards either (seen on AWS, cloud-custodian#4730)."""
    call.user.groups.discard(call.group.name)


def _members(call: Call) -> list[UserRecord]:
    return [user for user in call.iam.users.values() if call.group.name in user.groups]
