"""moto's own checks of a policy document, for what moto knows as well as AWS: Effect, unique Sids, actions, operators.

moto refuses what AWS takes: numbers, an inline policy of the old version, partitions and resources that are newer than
its lists, and some dates. Of these the other rules have judged already, so moto is given others in their place.
"""

import json
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.rules.documents import IDENTITY_POLICY, members, parsed, statements
from iamsync.sandbox.wire import Refused

MANAGED = ("CreatePolicy", "CreatePolicyVersion")
_OLD, _NEW = "2008-10-17", "2012-10-17"
_SOME_DATE = "2030-01-31T00:00:00Z"


@rule(*IDENTITY_POLICY)
def document_satisfies_moto(request: Request) -> None:
    """reference_policies_grammar. Only a new managed policy must be of the new version
    (reference_policies_elements_version).
    """
    document = parsed(request)
    if request.operation not in MANAGED and document.get("Version", _OLD) == _OLD:
        document["Version"] = _NEW
    for statement in statements(request, document):
        for element in ("Resource", "NotResource"):
            if element in statement:
                statement[element] = _each(statement[element], _plain_arn)
        for operator, keys in members(statement.get("Condition")).items():
            for key, value in members(keys).items():
                keys[key] = _SOME_DATE if "Date" in operator else _each(value, _text)
    try:
        IAMPolicyDocumentValidator(json.dumps(document)).validate()
    except MalformedPolicyDocument as malformed:
        raise Refused("MalformedPolicyDocument", malformed.message) from malformed


def _each(value: Any, replaced: Any) -> Any:  # noqa: ANN401 - whatever the document says
    return [replaced(one) for one in value] if isinstance(value, list) else replaced(value)


def _plain_arn(entry: object) -> object:
    """The ARN with a partition, a region and a resource that moto knows."""
    if not isinstance(entry, str) or entry.count(":") < 2:  # noqa: PLR2004 - arn:partition:
        return entry
    parts = entry.split(":", 5)
    whole = len(parts) == 6  # noqa: PLR2004 - arn:partition:service:region:account:resource
    if whole and parts[2] in {"iam", "s3"}:
        parts[3], parts[5] = "", "user/x"
    return ":".join([parts[0], "aws", *parts[2:]])


def _text(value: object) -> object:
    """Numbers in a Condition are their text (reference_policies_elements_condition_operators)."""
    return json.dumps(value) if isinstance(value, int | float) else value
