"""Customer-managed policies and their versions; AWS's, to read."""

from moto.core.utils import utcnow
from moto.iam.models import ManagedPolicy, PolicyVersion

from iamsync.sandbox.accounts import is_aws_managed
from iamsync.sandbox.answers.shapes import Shape, listed_policy, listed_version, tag_list, whole_version
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("CreatePolicy")
def create_policy(request: Request) -> Shape:
    """Moto refuses documents that IAM takes (a number in a Condition), and folds the case of tag keys."""
    account = request.account
    policy = ManagedPolicy(  # type: ignore[abstract]  # what is missing is for moto's CloudFormation
        request.text("PolicyName"),
        account_id=account.id,
        region=account.partition,
        description=request.optional("Description"),
        document=request.text("PolicyDocument"),
        path=request.optional("Path"),
        tags={tag["Key"]: tag for tag in request.listed("Tags")},
    )
    account.backend.managed_policies[policy.arn] = policy
    return {"Policy": {**listed_policy(policy, 0), "Tags": _tags(policy) or None}}


@answer("GetPolicy")
def get_policy(request: Request) -> Shape:
    """Moto does not count the use as a boundary."""
    policy = request.policy
    return {
        "Policy": {
            **listed_policy(policy, request.account.boundary_uses()[policy.arn]),
            "Description": policy.description or None,
            "Tags": _tags(policy) or None,
        },
    }


@answer("ListPolicies")
def list_policies(request: Request) -> Shape:
    """Moto does not know PolicyUsageFilter."""
    uses = request.account.boundary_uses()
    prefix, scope = request.optional("PathPrefix") or "/", request.optional("Scope") or "All"
    usage = request.optional("PolicyUsageFilter")

    def wanted(policy: ManagedPolicy) -> bool:
        in_use = {
            "PermissionsPolicy": policy.attachment_count > 0,
            "PermissionsBoundary": policy.arn in uses,
            None: policy.attachment_count > 0 or policy.arn in uses,
        }[usage]
        return (
            policy.path.startswith(prefix)
            and scope in {"All", "AWS" if is_aws_managed(policy) else "Local"}
            and (in_use or not (usage or request.flag("OnlyAttached")))
        )

    policies = sorted(filter(wanted, request.account.backend.managed_policies.values()), key=lambda policy: policy.name)
    return request.page("Policies", policies, lambda policy: listed_policy(policy, uses[policy.arn]))


@answer("DeletePolicy")
def delete_policy(request: Request) -> Shape:
    """The policy goes with its only version."""
    del request.account.backend.managed_policies[request.policy.arn]
    return {}


@answer("CreatePolicyVersion")
def create_policy_version(request: Request) -> Shape:
    """Moto refuses documents that IAM takes, and takes SetAsDefault=false for true."""
    policy = request.policy
    version = PolicyVersion(policy.arn, request.text("PolicyDocument"), version_id=f"v{policy.next_version_num}")
    policy.versions.append(version)
    policy.next_version_num += 1
    if request.flag("SetAsDefault"):
        _make_default(policy, version)
    return {"PolicyVersion": listed_version(version)}


@answer("SetDefaultPolicyVersion")
def set_default_policy_version(request: Request) -> Shape:
    """Moto loses the default version when it is set again to what it is."""
    _make_default(request.policy, _version(request))
    return {}


@answer("GetPolicyVersion")
def get_policy_version(request: Request) -> Shape:
    """Moto does not URL-encode the document."""
    return {"PolicyVersion": whole_version(_version(request))}


@answer("ListPolicyVersions")
def list_policy_versions(request: Request) -> Shape:
    """Moto tells the documents, which IAM does not."""
    return request.page("Versions", request.policy.versions, listed_version)


@answer("DeletePolicyVersion")
def delete_policy_version(request: Request) -> Shape:
    """The rules have seen to it that this is not the default version."""
    request.policy.versions.remove(_version(request))
    return {}


def _version(request: Request) -> PolicyVersion:
    wanted = request.text("VersionId")
    for version in request.policy.versions:
        if version.version_id == wanted:
            return version
    raise Refused("NoSuchEntity", f"Policy {request.policy.arn} version {wanted} does not exist or is not attachable.")


def _make_default(policy: ManagedPolicy, version: PolicyVersion) -> None:
    for other in policy.versions:
        other.is_default = other is version
    policy.default_version_id = version.version_id
    policy.update_date = utcnow()


def _tags(policy: ManagedPolicy) -> list[Shape]:
    return tag_list({key: tag["Value"] for key, tag in policy.tags.items()})
