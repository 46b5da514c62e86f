"""Policy documents must be what IAM can read.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" (reference_policies_grammar) and the element pages.
`grammar` has moto's own checks, whose sentences were recorded from AWS; they come after these and those of `arns`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

IDENTITY_POLICY = ("CreatePolicy", "CreatePolicyVersion", "PutUserPolicy", "PutGroupPolicy", "PutRolePolicy")
"""The operations that take a policy about what its bearer may do; trust policies are about something else."""

MAX_LENGTH = 131_072

_CHARACTERS = re.compile(r"[\t\n\r\x20-\xff]+")
_SID = re.compile(r"[0-9A-Za-z]*")
_SYNTAX = "Syntax errors in policy."


@rule(*IDENTITY_POLICY)
def document_is_latin_text(request: Request) -> None:
    """API_CreatePolicy, PolicyDocument: tab, line feed, carriage return and U+0020 to U+00FF; 131,072 characters."""
    document = request.text("PolicyDocument")
    if len(document) > MAX_LENGTH or not _CHARACTERS.fullmatch(document):
        raise Refused("ValidationError", "The specified value for policyDocument is invalid.")


@rule(*IDENTITY_POLICY)
def document_is_json(request: Request) -> None:
    """reference_policies_grammar: a JSON object, in which no key is said twice."""
    if not isinstance(parsed(request), dict):
        raise Refused("MalformedPolicyDocument", _SYNTAX)


@rule(*IDENTITY_POLICY)
def version_comes_before_a_lone_statement(request: Request) -> None:
    """Seen on AWS (99designs/iamy#65): a Statement that is no list is misread when Version follows it."""
    keys = list(parsed(request))
    lone = isinstance(parsed(request).get("Statement"), dict)
    if lone and "Version" in keys and keys.index("Statement") < keys.index("Version"):
        raise Refused("MalformedPolicyDocument", "The policy failed legacy parsing")


@rule(*IDENTITY_POLICY)
def document_names_no_principal(request: Request) -> None:
    """reference_policies_elements_principal: a policy attached to somebody is about that somebody."""
    if any(element in statement for statement in statements(request) for element in ("Principal", "NotPrincipal")):
        raise Refused("MalformedPolicyDocument", "Policy document should not specify a principal.")


@rule(*IDENTITY_POLICY)
def statement_ids_are_alphanumeric(request: Request) -> None:
    """reference_policies_elements_sid: ASCII letters and digits only."""
    for statement in statements(request):
        if not _SID.fullmatch(str(statement.get("Sid", ""))):
            raise Refused(
                "MalformedPolicyDocument",
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[0-9A-Za-z]*",
            )


@rule(*IDENTITY_POLICY)
def condition_keys_differ_by_more_than_case(request: Request) -> None:
    """reference_policies_elements_condition: key names have no case, so that two that differ in case are one twice."""
    for statement in statements(request):
        for keys in members(statement.get("Condition")).values():
            names = [name.lower() for name in members(keys)]
            if len(set(names)) < len(names):
                raise Refused("MalformedPolicyDocument", _SYNTAX)


def parsed(request: Request) -> Any:  # noqa: ANN401 - whatever the document says
    """The document as Python has it. Raises Refused for what is no JSON."""
    try:
        return json.loads(request.text("PolicyDocument"), object_pairs_hook=_without_repetition, parse_constant=_refuse)
    except ValueError as error:
        raise Refused("MalformedPolicyDocument", _SYNTAX) from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Refused("MalformedPolicyDocument", _SYNTAX)
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def statements(request: Request, document: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The statements that are structures; what else stands there is moto's to refuse."""
    statement = (document or parsed(request)).get("Statement", [])
    listed = statement if isinstance(statement, list) else [statement]
    return (each for each in listed if isinstance(each, dict))


def members(node: object) -> dict[str, Any]:
    """The members of a structure; none of anything else."""
    return node if isinstance(node, dict) else {}
