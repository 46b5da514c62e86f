"""What IAM refuses in an identity policy beyond its grammar, and what it takes though it has no effect.

Rules from the IAM User Guide: "IAM JSON policy elements: Resource", "Variables and tags", "Condition operators", "IAM
identifiers", and the checks that "IAM policy validation check reference" calls errors (Invalid ARN account, Invalid
partition, ARN Region not allowed). A live document may hold all of this: only what is declared is looked at.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from iamsync.core import grammar
from iamsync.core.access import quantity

IAM_RESOURCES: Final = (
    *("access-report", "assumed-role", "delegation-request", "federated-user", "group", "instance-profile", "mfa"),
    *("oidc-provider", "policy", "report", "role", "role-template", "saml-provider", "server-certificate", "sms-mfa"),
    *("u2f", "user"),
)
"""The kinds of resources that ARNs of IAM name ("Actions, resources, and condition keys for IAM"). The list grows."""

_REGIONAL_IN_S3: Final = ("accesspoint", "access-grants", "async-request", "job", "storage-lens", "storage-lens-group")
"""Kinds of S3's resources that have a region ("Actions, resources, and condition keys for Amazon S3"); buckets have
none."""

_ACCOUNT = re.compile(r"(?:\d{12}|aws)?|[^*?]*[*?].*", re.ASCII)
_OWN_ACCOUNT: Final = "${aws:PrincipalAccount}"
"""The one variable that AWS itself writes before the fifth colon, in policies that it manages."""
_PARTS: Final = 6
_DATE = re.compile(
    r"-?\d{1,9}(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:[Tt](?:(?:[01]?\d|2[0-3])(?::[0-5]?\d(?::[0-5]?\d(?:\.\d{1,9})?(?:[Zz]|\+(?:[01]\d|2[0-3])(?::[0-5]\d)?)?)?)?)?)?",
    re.ASCII,
)
_LATEST_EPOCH: Final = 2**63 - 1


class Fault(NamedTuple):
    """What is wrong at a path of the document (`Statement[1].Resource[0]`), or only probably wrong."""

    path: str
    message: str
    warning: bool = False


def faults(document: Mapping[str, object], partition: str) -> Iterator[Fault]:
    """The faults of a document that `Document.parse` takes, in an account of that partition."""
    for path, statement in grammar.items(document["Statement"], "Statement"):
        elements = grammar.members(statement, path)
        for element in ("Resource", "NotResource"):
            for place, entry in grammar.items(elements.get(element, "*"), grammar.step(path, element)):
                yield from _resource_faults(str(entry), place, partition)
        yield from _condition_faults(elements.get("Condition", {}), grammar.step(path, "Condition"))
    if document.get("Version", grammar.OLD_VERSION) == grammar.OLD_VERSION:
        yield from _version_faults(document)


def _version_faults(document: Mapping[str, object]) -> Iterator[Fault]:
    """IAM takes such an inline policy; a managed policy it does not."""
    found = f"Version {grammar.OLD_VERSION}" if "Version" in document else "no Version"
    message = f'{found}: variables like ${{aws:username}} are plain text in it; write Version: "2012-10-17"'
    yield Fault("Version" if "Version" in document else "", message, warning=True)


def _resource_faults(entry: str, path: str, partition: str) -> Iterator[Fault]:
    message = next(_refusals(entry, partition), None)
    if message is not None:
        yield Fault(path, message)
    elif (left_over := template_left_over(entry)) is not None:
        yield Fault(path, left_over, warning=True)
    elif (unknown := _unknown_kind(entry)) is not None:
        yield Fault(path, unknown, warning=True)


def _refusals(entry: str, partition: str) -> Iterator[str]:
    if entry == "*":
        return
    entry = entry.replace(f":{_OWN_ACCOUNT}:", ":*:", 1)
    _, found, service, region, account, resource = (*entry.split(":", _PARTS - 1), "", "", "", "")[:_PARTS]
    if not fnmatchcase(partition, found):
        yield (
            f"found the partition {grammar.quoted(found)}, the account is in {partition}: IAM takes no ARN of another "
            "partition; write {{ partition }}"
        )
    variable = entry.find("${")
    if variable >= 0 and entry.count(":", 0, variable) < _PARTS - 1:
        cure = "write {{ account.id }}, {{ partition }} or *"
        yield f"found a variable before the fifth colon, expected none there; {cure}"
    if region and service == "iam":
        yield f"found the region {grammar.quoted(region)}, expected none: IAM's resources have no region"
    if region and service == "s3" and not resource.startswith(_REGIONAL_IN_S3):
        yield f"found the region {grammar.quoted(region)}, expected none: the ARN of an S3 bucket has no region"
    if "${" not in account and not _ACCOUNT.fullmatch(account):
        expected = "expected 12 digits, nothing or *; write {{ account.id }}"
        yield f"found the account {grammar.quoted(account)}, {expected}"


def _unknown_kind(entry: str) -> str | None:
    """What else IAM's ARNs name is refused, unless AWS has a kind that this version does not know."""
    parts = entry.split(":", _PARTS - 1)
    if len(parts) < _PARTS or parts[2] != "iam":
        return None
    kind, slash, _ = parts[-1].partition("/")
    if parts[-1] in {"*", "root"} or (slash and kind in IAM_RESOURCES):
        return None
    hint = grammar.suggestion(kind, [f"{one}/" for one in IAM_RESOURCES], "IAM refuses what it does not know")
    return f"found the IAM resource {grammar.quoted(parts[-1])}, expected * or a kind like user/, role/ or mfa/; {hint}"


def _condition_faults(conditions: object, path: str) -> Iterator[Fault]:
    for operator, keys in grammar.members(conditions, path).items():
        is_date = "date" in grammar.folded(operator)
        for key, values in grammar.members(keys, grammar.step(path, operator)).items():
            place = grammar.step(grammar.step(path, operator), key)
            for at, value in grammar.items(values, place, may_be_empty=True):
                text = grammar.condition_value(value, at)
                if is_date and not is_date_of_iam(text):
                    expected = 'expected a date like "2030-01-31T00:00:00Z", or seconds since 1970'
                    yield Fault(at, f"found {grammar.quoted(text)}, {expected}")
                elif (left_over := template_left_over(text)) is not None:
                    yield Fault(at, left_over, warning=True)


def is_date_of_iam(text: str) -> bool:
    """Whether IAM takes a text for a date: one of the W3C's ISO 8601 formats, leniently, or epoch time."""
    if text.isascii() and text.isdecimal():
        return int(text[:20]) <= _LATEST_EPOCH
    return _DATE.fullmatch(text) is not None or quantity.moment(text) is not None


# What other tools replace before IAM sees it. IAM takes it for text, or for a variable that no request has.
_LEFT_OVER: Final = (
    (re.compile(r"\$\$\{"), "Terraform's escape: IAM sees a dollar sign and a variable; write ${...}"),
    (re.compile(r"&\{"), "Terraform's form of a variable: IAM takes it for text; write ${...}"),
    (re.compile(r"\$\{AWS::AccountId\}"), "CloudFormation's: IAM has no such variable; write {{ account.id }}"),
    (re.compile(r"\$\{AWS::Partition\}"), "CloudFormation's: IAM has no such variable; write {{ partition }}"),
    (re.compile(r"\$\{[^}:]*::[^}]*\}"), "CloudFormation's: IAM has no such variable"),
    (
        re.compile(r"\$\{[^}:*?$][^}:]*\}"),
        "no variable of IAM, whose names have a colon; write {{ account.id }} or the like",
    ),
    (re.compile(r"<[A-Za-z][\w .-]*>"), "a placeholder: write what it stands for, or {{ account.id }}"),
)


def template_left_over(text: str) -> str | None:
    """What is left of a template in a text, with what to write instead."""
    for pattern, meaning in _LEFT_OVER:
        if found := pattern.search(text):
            shown = re.match(r"(?:\$\$|&)\{[^}]*\}?", text[found.start() :]) or found
            return f"found {grammar.quoted(shown[0])}, {meaning}"
    return None
