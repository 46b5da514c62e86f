"""Access Analyzer's ValidatePolicy, answered from the sandbox's own rules for documents.

IAM User Guide, "IAM policy validation check reference": the codes of the issues.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from iamsync.sandbox.request import RULES, Request
from iamsync.sandbox.rules import arns, documents, grammar
from iamsync.sandbox.rules.documents import statements
from iamsync.sandbox.wire import Refused

PATH: Final = "/policy/validation"
OPERATION: Final = "ValidatePolicy"

_OF_DOCUMENTS: Final = {module.__name__ for module in (arns, documents, grammar)}
_CODES: Final = {
    "accounts_are_numbers": "INVALID_ARN_ACCOUNT",
    "arns_are_of_the_partition": "INVALID_PARTITION",
    "iam_and_buckets_have_no_region": "ARN_REGION_NOT_ALLOWED",
    "iam_resources_are_of_a_known_kind": "INVALID_ARN_RESOURCE",
    "variables_stand_in_the_resource_part": "UNSUPPORTED_VARIABLE_IN_ELEMENT",
}
_OTHERWISE: Final = "JSON_SYNTAX_ERROR"
_LINK: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

Finding = Mapping[str, object]


def findings(request: Request) -> list[Finding]:
    """What is wrong with the document of a request: the first error of the whole, or else what AWS warns of."""
    found = _error(request)
    if found is None:
        return list(_warnings(request))
    listed = list(statements(request))
    for index, statement in enumerate(listed):
        alone = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        if _error(replace(request, params={"PolicyDocument": alone})) == found:
            return [_finding("ERROR", *found, "Statement", index)]
    return [_finding("ERROR", *found)]


def _error(request: Request) -> tuple[str, str] | None:
    """The code and the details of the first rule that refuses the document."""
    for rule in RULES["PutUserPolicy"]:
        if rule.__module__ in _OF_DOCUMENTS:
            try:
                rule(request)
            except Refused as refused:
                return _CODES.get(rule.__name__, _OTHERWISE), refused.message
    return None


def _warnings(request: Request) -> Iterator[Finding]:
    if "Version" not in json.loads(request.text("PolicyDocument")):
        yield _finding("WARNING", "MISSING_VERSION", "We recommend that you specify the Version element.")
    for index, statement in enumerate(statements(request)):
        actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
        if statement["Effect"] == "Allow" and "*" in resources and "iam:passrole" in map(str.lower, actions):
            details = "Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive."
            code = "PASS_ROLE_WITH_STAR_IN_RESOURCE"
            yield _finding("SECURITY_WARNING", code, details, "Statement", index, "Resource")


def _finding(kind: str, code: str, details: str, *path: str | int) -> Finding:
    elements = [{"index": step} if isinstance(step, int) else {"value": step} for step in path]
    nowhere = {"line": 1, "column": 0, "offset": 0}
    locations = [{"path": elements, "span": {"start": nowhere, "end": nowhere}}] if path else []
    return {
        "findingType": kind,
        "issueCode": code,
        "findingDetails": details,
        "learnMoreLink": f"{_LINK}#{code.lower().replace('_', '-')}",
        "locations": locations,
    }


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - whatever the document says
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
