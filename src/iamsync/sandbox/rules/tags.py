r"""Tags must be made of what IAM allows.

Source: IAM User Guide, "Tags for IAM resources" (id_tags), and the pattern of API_Tag, `[\p{L}\p{Z}\p{N}_.:/=+\-@]`.
"""

import unicodedata
from collections.abc import Iterable

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

MAX_KEY = 128
MAX_VALUE = 256


@rule("CreateUser", "TagUser", "CreateRole", "TagRole", "CreatePolicy", "TagPolicy")
def tag_is_well_formed(request: Request) -> None:
    """API_Tag: 1 to 128 characters of key, up to 256 of value, letters, digits, spaces and a few signs."""
    for number, tag in enumerate(request.listed("Tags"), 1):
        _check(f"tags.{number}.member.key", tag["Key"], MAX_KEY)
        _check(f"tags.{number}.member.value", tag["Value"], MAX_VALUE)


@rule("CreateUser", "TagUser", "CreateRole", "TagRole", "CreatePolicy", "TagPolicy")
def tag_key_is_not_reserved(request: Request) -> None:
    """id_tags: keys that begin with `aws:` are AWS's own."""
    _refuse_reserved(tag["Key"] for tag in request.listed("Tags"))


@rule("UntagUser", "UntagRole", "UntagPolicy")
def untagged_key_is_not_reserved(request: Request) -> None:
    """id_tags: nor can they be removed."""
    _refuse_reserved(request.listed("TagKeys"))


@rule("CreateUser", "TagUser", "CreateRole", "TagRole")
def tag_keys_differ_by_more_than_case(request: Request) -> None:
    """id_tags: of users and roles, `Team` and `team` are one key."""
    _refuse_repeated([tag["Key"].lower() for tag in request.listed("Tags")])


@rule("CreatePolicy", "TagPolicy")
def tag_keys_differ(request: Request) -> None:
    """id_tags: of policies, `Team` and `team` are two keys, but `Team` and `Team` are not."""
    _refuse_repeated([tag["Key"] for tag in request.listed("Tags")])


@rule("CreateUser", "TagUser")
def user_has_room_for_tags(request: Request) -> None:
    """reference_iam-quotas: 50 tags per user."""
    user = request.account.find_user(request.text("UserName"))
    present = request.account.tags_of(user) if user else {}
    _refuse_excess(request, {key.lower() for key in present} | {tag["Key"].lower() for tag in request.listed("Tags")})


@rule("CreatePolicy", "TagPolicy")
def policy_has_room_for_tags(request: Request) -> None:
    """reference_iam-quotas: 50 tags per customer-managed policy."""
    present = request.policy.tags if request.optional("PolicyArn") else {}
    _refuse_excess(request, {*present, *(tag["Key"] for tag in request.listed("Tags"))})


def _check(at: str, text: str, longest: int) -> None:
    constraint = ""
    if len(text) > longest:
        constraint = f"Member must have length less than or equal to {longest}"
    elif at.endswith("key") and not text:
        constraint = "Member must have length greater than or equal to 1"
    elif not all(_is_allowed(character) for character in text):
        constraint = r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"
    if constraint:
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{text}' at '{at}' failed to satisfy constraint: {constraint}",
        )


def _is_allowed(character: str) -> bool:
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"


def _refuse_reserved(keys: Iterable[str]) -> None:
    if any(key.lower().startswith("aws:") for key in keys):
        raise Refused("InvalidInput", "aws: prefixed tag key names are not allowed for external use.")


def _refuse_repeated(keys: list[str]) -> None:
    if len(set(keys)) < len(keys):
        raise Refused(
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )


def _refuse_excess(request: Request, keys: set[str]) -> None:
    quota = request.account.quotas["TagsPerEntity"]
    if len(keys) > quota:
        raise Refused("LimitExceeded", f"The number of tags has reached the maximum limit: {quota}.")
