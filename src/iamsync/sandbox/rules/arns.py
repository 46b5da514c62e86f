"""The ARNs and dates of a policy document must be what IAM can read.

moto's sentences, recorded from AWS, are used where it has them; its lists are older than AWS's, so the checks are here.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.policy_validation import BaseIAMPolicyValidator

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.rules.documents import IDENTITY_POLICY, members, parsed, statements
from iamsync.sandbox.wire import Refused

_MALFORMED = "MalformedPolicyDocument"
_LEGACY = "The policy failed legacy parsing"
_ACCOUNT = re.compile(r"(?:[0-9]{12}|aws)?|.*[*?].*")
_BEFORE_VARIABLES = re.compile(r"(?:[^:]*:){0,4}[^:]*\$\{")
_OWN_ACCOUNT = ":${aws:PrincipalAccount}:"
_TIME_OF_DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_S3_WITH_REGION = ("accesspoint", "access-grants", "async-request", "job", "storage-lens")
_IAM_KINDS = (
    *("user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/"),
    *("sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
    # newer than moto's list: service authorization reference, and policies that AWS manages
    *("u2f/", "assumed-role/", "delegation-request/", "role-template/"),
)


@rule(*IDENTITY_POLICY)
def arns_are_of_the_partition(request: Request) -> None:
    """reference_policies_elements_resource: an account sees nothing of another partition."""
    for arn in _arns(request):
        found = arn.split(":")[1]
        if not fnmatchcase(request.account.partition, found):
            raise Refused(_MALFORMED, f'Partition "{found}" is not valid for resource "{arn}".')


@rule(*IDENTITY_POLICY)
def variables_stand_in_the_resource_part(request: Request) -> None:
    """reference_policies_variables: in the Resource element, variables stand after the fifth colon; in policies of its
    own AWS writes the account of the principal before it.
    """
    if any(_BEFORE_VARIABLES.match(arn.replace(_OWN_ACCOUNT, ":*:", 1)) for arn in _arns(request)):
        raise Refused(_MALFORMED, _LEGACY)


@rule(*IDENTITY_POLICY)
def accounts_are_numbers(request: Request) -> None:
    """access-analyzer-reference-policy-checks, Invalid ARN account: "Provide a 12-digit account ID"."""
    for arn in _arns(request):
        parts = arn.replace(_OWN_ACCOUNT, ":*:", 1).split(":", 5)
        if len(parts) > 4 and not _ACCOUNT.fullmatch(parts[4]):  # noqa: PLR2004 - arn:partition:service:region:account
            raise Refused(_MALFORMED, f'The account "{parts[4]}" is not valid for resource "{arn}".')


@rule(*IDENTITY_POLICY)
def iam_and_buckets_have_no_region(request: Request) -> None:
    """reference_identifiers: ARNs of IAM have no region; nor have those of buckets (S3 User Guide)."""
    for arn in _arns(request):
        _, _, service, region, _, resource = (*arn.split(":", 5), "", "", "", "")[:6]
        if region and service == "iam":
            raise Refused(_MALFORMED, f"IAM resource {arn} cannot contain region information.")
        if region and service == "s3" and not resource.startswith(_S3_WITH_REGION):
            raise Refused(_MALFORMED, f"Resource {arn} cannot contain region information.")


@rule(*IDENTITY_POLICY)
def iam_resources_are_of_a_known_kind(request: Request) -> None:
    """reference_identifiers: the kinds of resources of IAM."""
    for arn in _arns(request):
        parts = arn.split(":", 5)
        is_whole = len(parts) == 6 and parts[2] == "iam"  # noqa: PLR2004 - as above
        if is_whole and parts[5] not in {"*", "root"} and not parts[5].startswith(_IAM_KINDS):
            kinds = ", ".join(_IAM_KINDS)
            raise Refused(_MALFORMED, f'IAM resource path must either be "*" or start with {kinds}.')


@rule(*IDENTITY_POLICY)
def dates_are_dates(request: Request) -> None:
    """reference_policies_elements_condition_operators, Date: the W3C's formats of ISO 8601, or epoch time."""
    for statement in statements(request):
        for operator, keys in members(statement.get("Condition")).items():
            for values in members(keys).values() if "Date" in operator else ():
                for value in values if isinstance(values, list) else [values]:
                    if not _is_date(str(value)):
                        raise Refused(_MALFORMED, _LEGACY)


def _is_date(text: str) -> bool:
    """A time as the W3C writes it: moto takes no zone west of Greenwich, and none after minutes. Or what moto takes."""
    try:
        if _TIME_OF_DAY.fullmatch(text):
            datetime.fromisoformat(text)
        else:
            BaseIAMPolicyValidator._legacy_parse_date_condition_value(text)  # noqa: SLF001 - recorded from AWS
    except (AssertionError, ValueError):
        return False
    return True


def _arns(request: Request) -> Iterator[str]:
    """The entries of Resource and NotResource that are ARNs; moto refuses what else is not `*`."""
    for statement in statements(request, parsed(request)):
        for element in ("Resource", "NotResource"):
            yield from (entry for entry in _listed(statement.get(element, [])) if entry.count(":") > 1)


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - whatever the document says
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
