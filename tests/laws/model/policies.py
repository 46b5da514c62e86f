"""Customer-managed policies and their versions."""

from iamsync.core.arn import policy_arn
from laws.model import rules
from laws.model.calls import Call, Refused, operation
from laws.model.records import PolicyRecord, VersionRecord


@operation
def create_policy(call: Call) -> None:
    """API_CreatePolicy: name, path and description never change."""
    name, path, text = call.text("PolicyName"), call.params.get("Path", "/"), call.text("PolicyDocument")
    rules.named(name, 128)
    rules.policy_path(path)
    rules.free(name, [policy.name for policy in call.iam.policies.values()])
    rules.room(len(call.iam.policies), call.iam.quotas["policies"], "PoliciesPerAccount")
    _document(call, text)
    policy = PolicyRecord(
        arn=policy_arn(call.iam.account, path, name),
        name=name,
        path=path,
        description=call.params.get("Description", ""),
        tags=_tagged(call, {}),
        versions=[VersionRecord(id="v1", document=text)],
    )
    call.iam.policies[policy.arn] = policy


@operation
def delete_policy(call: Call) -> None:
    """API_DeletePolicy: used by nobody, as attachment or as boundary, and with one version left."""
    policy = call.policy
    if uses := call.iam.uses(policy.arn):
        raise Refused("DeleteConflict", f"Cannot delete a policy attached to entities: {uses}")
    rules.absent(policy.versions[1:], "delete the policy's versions")
    del call.iam.policies[policy.arn]


@operation
def create_policy_version(call: Call) -> None:
    """API_CreatePolicyVersion: five are stored."""
    policy, text = call.policy, call.text("PolicyDocument")
    _document(call, text)
    rules.room(len(policy.versions), call.iam.quotas["versions_per_policy"], "VersionsPerPolicy")
    version = VersionRecord(id=f"v{policy.next_version}", document=text, is_default=False)
    policy.next_version += 1
    policy.versions.append(version)
    if call.params.get("SetAsDefault", False):
        _make_default(policy, version)


@operation
def set_default_policy_version(call: Call) -> None:
    """API_SetDefaultPolicyVersion: what is the default stays it, and is success."""
    _make_default(call.policy, _version(call))


@operation
def delete_policy_version(call: Call) -> None:
    """API_DeletePolicyVersion: "You cannot delete the default version"."""
    version = _version(call)
    rules.absent(version.is_default, "make another version the default")
    call.policy.versions.remove(version)


@operation
def tag_policy(call: Call) -> None:
    """API_TagPolicy: `Team` and `team` are two keys (id_tags)."""
    call.policy.tags = _tagged(call, call.policy.tags)


@operation
def untag_policy(call: Call) -> None:
    """API_UntagPolicy: an absent key is success."""
    policy, gone = call.policy, set(call.params["TagKeys"])
    for key in gone:
        rules.not_awss(key)
    policy.tags = {key: value for key, value in policy.tags.items() if key not in gone}


def _version(call: Call) -> VersionRecord:
    wanted = call.text("VersionId")
    for version in call.policy.versions:
        if version.id == wanted:
            return version
    raise Refused("NoSuchEntity", f"Policy {call.policy.arn} version {wanted} does not exist.")


def _make_default(policy: PolicyRecord, version: VersionRecord) -> None:
    for one in policy.versions:
        one.is_default = one is version


def _document(call: Call, text: str) -> None:
    rules.managed_document(text)
    rules.at_most(rules.size([text]), call.iam.quotas["policy_size"], "PolicySize")


def _tagged(call: Call, present: dict[str, str]) -> dict[str, str]:
    rules.differ([tag["Key"] for tag in call.params.get("Tags", [])])
    for key, value in call.tags.items():
        rules.tag(key, value)
    tags = present | call.tags
    rules.at_most(len(tags), call.iam.quotas["tags"], "tags")
    return tags
