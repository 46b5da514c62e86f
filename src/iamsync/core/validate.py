"""Rules that AWS would only tell at apply, checked on values: names, paths, tags, sizes, quotas, references.

Sources: the patterns of IAM's API model, and "IAM and AWS STS quotas" and "Tags for IAM resources" in the IAM User
Guide. Names and tag keys of users are one without regard to case, tag keys of policies are not.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from iamsync.core import iam_limits
from iamsync.core.arn import Arn, is_quarantine, parse_policy_arn, short_name
from iamsync.core.deny import DENY_ALL
from iamsync.core.document import Document
from iamsync.core.grammar import OLD_VERSION
from iamsync.core.model import NOWHERE, Attachment, DesiredState, Group, Origin, Policy, Problem, User

NAME: Final = "[A-Za-z0-9_+=,.@-]+"
PATH: Final = r"/(?:[!-~]+/)?"
POLICY_PATH: Final = r"(?:/[A-Za-z0-9.,+@=_-]+)*/"
UNKNOWN_ACCOUNT: Final = "000000000000"
"""Stands for the account where nobody has said which one it is; nothing is judged by it."""

USER_INLINE_SIZE: Final = iam_limits.USER_INLINE_SIZE - DENY_ALL.size
"""The Deny of a suspension must always fit in beside what is declared."""
_KEPT_FREE: Final = (
    f": of IAM's {iam_limits.USER_INLINE_SIZE:,} the other {DENY_ALL.size} are kept for the Deny of a suspension"
)

_NAME = re.compile(NAME, re.ASCII)
_PATH = re.compile(PATH)
_POLICY_PATH = re.compile(POLICY_PATH)
_PLAIN_TAG = re.compile(r"[\w \-.:/=+@]*", re.ASCII)
_PLAIN_STEP = re.compile(r"[^\s\"\[\]]+")
_LONGEST_SHOWN: Final = 80
_DESCRIPTION = re.compile("[\t\n\r -~\u00a1-\u00ff]*")
_NOT_ATTACHABLE: Final = {
    "/aws-service-role/": "only AWS can attach it, to the role of the service it is for",
    "/root-task/": "it is for sessions of AssumeRoot only",
}


def problems(desired: DesiredState) -> Iterator[Problem]:
    """Everything in the desired state that IAM would refuse, or that cannot be meant."""
    for user in desired.users.values():
        yield from _user_problems(user, desired)
    for group in desired.groups.values():
        yield from _group_problems(group, desired)
    for policy in desired.policies.values():
        yield from _policy_problems(policy)
    yield from _same_but_for_case("users", ((user.name, user.origin) for user in desired.users.values()))
    yield from _same_but_for_case("groups", ((group.name, group.origin) for group in desired.groups.values()))
    yield from _same_but_for_case("policies", ((policy.name, policy.origin) for policy in desired.policies.values()))
    yield from _names_in_use(desired)
    yield from _more_than_an_account_holds(desired)


def problem(origin: Origin | None, path: str, message: str, *, warning: bool = False) -> Problem:
    """A problem there; the place is found later where there is none yet."""
    return Problem(origin=origin or NOWHERE, path=path, message=message, warning=warning)


def shown(text: str) -> str:
    """`text` in quotes for a message: cut if long, and with nothing in it that could play tricks on a terminal."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    visible = (one if one.isprintable() and one not in '"\\' else json.dumps(one)[1:-1] for one in cut)
    return f'"{"".join(visible)}"'


def named_character(character: str) -> str:
    """A character for a message; beyond ASCII by its code point and name as well, for it may look like another one."""
    if character.isascii():
        return repr(character)
    return f"{character!r} (U+{ord(character):04X}, {unicodedata.name(character, 'without a name')})"


def step(name: str) -> str:
    """A name as a step of a path: in quotes if it could be taken for something else."""
    return name if _PLAIN_STEP.fullmatch(name) and name.isprintable() else json.dumps(name, ensure_ascii=False)


def name_fault(name: str, longest: int) -> str | None:
    """What is wrong with the name of a user, group or policy, or None."""
    if not _NAME.fullmatch(name):
        wrong = next((character for character in name if not _NAME.fullmatch(character)), "")
        found = f"found {named_character(wrong)} in it" if wrong else "found an empty name"
        return f"not a name for IAM: {found}, expected only A-Z a-z 0-9 and _ + = , . @ -"
    return f"a name of {len(name)} characters, expected at most {longest}" if len(name) > longest else None


def _path_faults(path: str, pattern: re.Pattern[str]) -> Iterator[str]:
    if not pattern.fullmatch(path):
        shape = "/ or /a/b/: a slash at both ends" + (", no two in a row" if pattern is _POLICY_PATH else "")
        allowed = "A-Z a-z 0-9 and . , + @ = _ -" if pattern is _POLICY_PATH else "visible ASCII characters"
        yield f"found the path {shown(path)}, expected {shape}, {allowed} between"
    elif len(path) > iam_limits.PATH:
        yield f"a path of {len(path)} characters, expected at most {iam_limits.PATH}"


def _user_problems(user: User, desired: DesiredState) -> Iterator[Problem]:
    at = f"users.{step(user.name)}"
    if fault := name_fault(user.name, iam_limits.USER_NAME):
        yield problem(user.origin, at, fault)
    for index, name in enumerate(user.previous_names):
        if fault := name_fault(name, iam_limits.USER_NAME):
            yield problem(user.origin, f"{at}.previous_names[{index}]", fault)
    for fault in _path_faults(user.path, _PATH):
        yield problem(user.origin, f"{at}.path", fault)
    yield from _tag_problems(user.tags, user.origin, f"{at}.tags", ignores_case=True)
    yield from _note_problems(user, at)
    yield from _attachment_problems(user.attachments, user.origin, at, desired)
    if len(user.attachments) > desired.settings.quotas.policies_per_user:
        yield problem(user.origin, at, _too_many(user.attachments, desired.settings.quotas.policies_per_user))
    if user.boundary is not None:
        yield from (
            problem(user.origin, f"{at}.permissions_boundary", fault)
            for fault in _reference_faults(user.boundary, desired)
        )
    yield from _inline_problems(user.inline, user.origin, at, USER_INLINE_SIZE, _KEPT_FREE)
    groups = (user.groups or frozenset()) | user.added_groups
    if len(groups) > iam_limits.GROUPS_PER_USER:
        yield problem(
            user.origin, f"{at}.groups", f"{len(groups)} groups, expected at most {iam_limits.GROUPS_PER_USER}"
        )
    for group in sorted(groups):
        if fault := name_fault(group, iam_limits.NAME):
            yield problem(user.origin, f"{at}.groups", f"{shown(group)}: {fault}")


def _too_many(attachments: frozenset[Attachment], quota: int) -> str:
    via = sorted({attachment.via for attachment in attachments if attachment.via})
    brought = f" (sets: {', '.join(via)})" if via else ""
    ways = "merge some or use a set with `attach: group`; AWS grants no higher quota"
    if quota < iam_limits.MOST_POLICIES_PER_USER:
        ways = "merge some, use a set with `attach: group`, or say in settings.quotas.policies_per_user that AWS has "
        ways += "raised the quota"
    return f"{len(attachments)} policies attached{brought}, expected at most {quota}; {ways}"


def _group_problems(group: Group, desired: DesiredState) -> Iterator[Problem]:
    at = f"groups.{step(group.name)}"
    if fault := name_fault(group.name, iam_limits.NAME):
        yield problem(group.origin, at, fault)
    for fault in _path_faults(group.path, _PATH) if group.path else ():
        yield problem(group.origin, f"{at}.path", fault)
    yield from _attachment_problems(group.attachments, group.origin, at, desired)
    if len(group.attachments) > iam_limits.POLICIES_PER_GROUP:
        count = len(group.attachments)
        yield problem(group.origin, at, f"{count} policies attached, expected at most {iam_limits.POLICIES_PER_GROUP}")
    yield from _inline_problems(group.inline, group.origin, at, iam_limits.GROUP_INLINE_SIZE)


def _policy_problems(policy: Policy) -> Iterator[Problem]:
    at = f"policies.{step(policy.name)}"
    if fault := name_fault(policy.name, iam_limits.NAME):
        yield problem(policy.origin, at, fault)
    for fault in _path_faults(policy.path, _POLICY_PATH):
        yield problem(policy.origin, f"{at}.path", fault)
    yield from _tag_problems(policy.tags, policy.origin, f"{at}.tags", ignores_case=False)
    if not _DESCRIPTION.fullmatch(policy.description) or len(policy.description) > iam_limits.DESCRIPTION:
        message = f"expected at most {iam_limits.DESCRIPTION} characters, none beyond U+00FF"
        yield problem(policy.origin, f"{at}.description", message)
    if policy.document is not None:
        if policy.document.version == OLD_VERSION:
            message = (
                'expected Version: "2012-10-17"; IAM takes no new managed policy of an older version, nor one without'
            )
            yield problem(policy.origin, f"{at}.document", message)
        if policy.document.size > iam_limits.POLICY_SIZE:
            message = (
                f"{policy.document.size:,} characters without white space, expected at most {iam_limits.POLICY_SIZE:,}"
            )
            yield problem(policy.origin, f"{at}.document", message)


def _inline_problems(
    inline: Mapping[str, Document | None], origin: Origin | None, at: str, quota: int, hint: str = ""
) -> Iterator[Problem]:
    documents = {name: document for name, document in inline.items() if document is not None}
    for name in documents:
        if fault := name_fault(name, iam_limits.NAME):
            yield problem(origin, f"{at}.inline_policies.{step(name)}", fault)
    size = sum(document.size for document in documents.values())
    if size > quota:
        message = f"inline policies of {size:,} characters together without white space, expected at most {quota:,}"
        yield problem(origin, f"{at}.inline_policies", message + hint)


def _attachment_problems(
    attachments: Iterable[Attachment], origin: Origin | None, at: str, desired: DesiredState
) -> Iterator[Problem]:
    for attachment in attachments:
        for fault in chain(_reference_faults(attachment.policy, desired), _attaching_faults(attachment.policy)):
            yield problem(attachment.origin or origin, "" if attachment.origin else f"{at}.policies", fault)


def _reference_faults(policy: Arn, desired: DesiredState) -> Iterator[str]:
    parts = parse_policy_arn(policy)
    if parts is None:
        yield f"found {shown(policy)}, expected the ARN of a managed policy like arn:aws:iam::123456789012:policy/Name"
        return
    account = desired.account
    if parts.partition != account.partition:
        yield f"{policy} is in the partition {parts.partition}, the account in {account.partition}"
    if parts.account not in {"aws", account.id} and account.id != UNKNOWN_ACCOUNT:
        yield f"{policy} is a policy of account {parts.account}; only AWS's and those of {account.id} can be attached"


def _attaching_faults(policy: Arn) -> Iterator[str]:
    parts = parse_policy_arn(policy)
    if parts is not None and parts.account == "aws":
        for path, why in _NOT_ATTACHABLE.items():
            if parts.path.startswith(path):
                yield f"{short_name(policy)} cannot be attached: {why}"
        if is_quarantine(policy):
            yield f"{short_name(policy)} is attached by AWS itself when a key has leaked; it is not for declaring"


def _tag_problems(tags: Mapping[str, str], origin: Origin | None, at: str, *, ignores_case: bool) -> Iterator[Problem]:
    for key, value in tags.items():
        for fault in _tag_faults(key, value):
            yield problem(origin, f"{at}.{step(key)}", fault)
    if len(tags) > iam_limits.TAGS:
        yield problem(origin, at, f"{len(tags)} tags with that of ownership, expected at most {iam_limits.TAGS}")
    if ignores_case:
        first: dict[str, str] = {}
        for key in tags:
            if (other := first.setdefault(key.lower(), key)) != key:
                yield problem(origin, f"{at}.{step(key)}", f"the same key for IAM as {shown(other)}")


def _note_problems(user: User, at: str) -> Iterator[Problem]:
    """Tags note where secrets go (`scope.destination`), and which keys are there before one is made (`keys`)."""
    room = iam_limits.TAGS - len(user.tags) - bool(user.destination)
    none = f"{len(user.tags)} tags leave no room for the one that"
    if room < 0 and user.destination:
        yield problem(user.origin, at, f"{none} says where secrets go")
    if user.access_keys is not None and user.access_keys.count and room == 0:
        yield problem(user.origin, at, f"{none} is set while an access key is made")


def _tag_faults(key: str, value: str) -> Iterator[str]:
    if not key or len(key) > iam_limits.TAG_KEY:
        yield f"a tag key of {len(key)} characters, expected 1 to {iam_limits.TAG_KEY}"
    if len(value) > iam_limits.TAG_VALUE:
        yield f"a tag value of {len(value)} characters, expected at most {iam_limits.TAG_VALUE}"
    if key.lower().startswith("aws:"):
        yield "tag keys that begin with aws: are AWS's own"
    for what, text in (("key", key), ("value", value)):
        if not _PLAIN_TAG.fullmatch(text) and (wrong := next(filter(_is_foreign_to_tags, text), None)):
            expected = "expected only letters, digits, spaces and _ . : / = + - @"
            yield f"found {named_character(wrong)} in the tag {what}, {expected}"


def _is_foreign_to_tags(character: str) -> bool:
    return unicodedata.category(character)[0] not in "LZN" and character not in "_.:/=+-@"


def _same_but_for_case(kind: str, named: Iterable[tuple[str, Origin | None]]) -> Iterator[Problem]:
    first: dict[str, tuple[str, Origin | None]] = {}
    for name, origin in sorted(named, key=lambda one: (one[1] is None, one[1] or Origin(file="", line=0), one[0])):
        other, place = first.setdefault(name.lower(), (name, origin))
        if (other, place) != (name, origin):
            message = f"the same name for IAM as {shown(other)} at {place}: it ignores case, over all paths"
            yield problem(origin, f"{kind}.{step(name)}", message)


def _more_than_an_account_holds(desired: DesiredState) -> Iterator[Problem]:
    """However far AWS raises its quotas."""
    for kind, declared, most in (
        ("users", [(one.name, one.origin) for one in desired.users.values()], iam_limits.USERS),
        ("groups", [(one.name, one.origin) for one in desired.groups.values()], iam_limits.MOST_GROUPS),
        ("policies", [(one.name, one.origin) for one in desired.policies.values()], iam_limits.MOST_POLICIES),
    ):
        for name, origin in declared[most : most + 1]:
            message = f"{len(declared):,} {kind}, an account holds at most {most:,}"
            yield problem(origin, f"{kind}.{step(name)}", message)


def _names_in_use(desired: DesiredState) -> Iterator[Problem]:
    now = {name.lower(): user for name, user in desired.users.items()}
    claimed: dict[str, User] = {}
    for user in desired.users.values():
        for index, name in enumerate(user.previous_names):
            at = f"users.{user.name}.previous_names[{index}]"
            if owner := now.get(name.lower()):
                whose = "its name now" if owner is user else f"in use, at {owner.origin}"
                if not (owner is user and name != user.name):
                    yield problem(user.origin, at, f"the previous name {shown(name)} is {whose}")
            elif (other := claimed.setdefault(name.lower(), user)) is not user:
                message = f"{shown(name)} is a previous name of {other.name} too, at {other.origin}"
                yield problem(user.origin, at, message)
