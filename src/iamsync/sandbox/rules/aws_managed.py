"""What AWS manages, customers only attach.

Source: IAM User Guide, "Managed policies and inline policies" (access_policies_managed-vs-inline).
"""

from iamsync.sandbox.accounts import is_aws_managed
from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused


@rule(
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "SetDefaultPolicyVersion",
    "DeletePolicy",
    "TagPolicy",
    "UntagPolicy",
)
def aws_managed_policy_is_read_only(request: Request) -> None:
    """access_policies_managed-vs-inline: "You cannot change the permissions defined in AWS managed policies"."""
    if is_aws_managed(request.policy):
        raise Refused(
            "AccessDenied",
            f"User is not authorized to perform: iam:{request.operation} on resource: policy {request.policy.arn}",
        )
