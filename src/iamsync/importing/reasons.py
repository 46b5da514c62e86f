"""Why something that is live cannot be declared: somebody else owns it, or the language cannot say it.

What `validate` would refuse is not listed again here: each thing is declared for a try, and its own words are taken.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import chain

from iamsync.core import validate
from iamsync.core.arn import Account, is_quarantine
from iamsync.core.deny import SUSPENDED_POLICY
from iamsync.core.document import Document
from iamsync.core.document_rules import faults
from iamsync.core.model import (
    DesiredState,
    Group,
    Policy,
    Settings,
    User,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.groups import adopted_path, is_too_long, owner_of_group
from iamsync.core.scope.ownership import group_not_ours, may_take, may_take_group, not_ours
from iamsync.core.tags import OWNER_TAG, is_own_tag

_RESERVED = "iamsync:"
_TEMPLATE = "{{"


def tags_to_write(tags: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The tags that a file must name for them to stay: neither iamsync's own, nor AWS's, nor ignored ones."""
    left_alone = ("aws:*", *settings.ignore_tags)
    return {
        key: value
        for key, value in sorted(tags.items())
        if not is_own_tag(key) and not any(fnmatchcase(key, pattern) for pattern in left_alone)
    }


def why_not_policy(policy: Policy, account: Account, settings: Settings) -> str | None:
    """Why a live policy cannot be declared; None if it can."""
    settings = replace(settings, adopt=True)
    if not may_take(policy.tags, settings, policy_subject(policy.name)):
        return not_ours(policy.tags, settings, policy.name)
    declared = replace(policy, tags=_owned(tags_to_write(policy.tags, settings), settings))
    state = DesiredState(account=account, settings=settings, policies={policy.arn: declared})
    return next(
        chain(
            _tag_reasons(declared.tags),
            _templates((policy.path, policy.description)),
            _document_reasons("", policy.document, account),
            _refusals(state),
        ),
        None,
    )


def why_not_group(group: Group, account: Account, settings: Settings) -> str | None:
    """Why a live group cannot be declared; None if it can."""
    settings = replace(settings, adopt=True)
    if not may_take_group(group, settings):
        return group_not_ours(group, settings)
    if owner_of_group(group) is None and is_too_long(adopted_path(group.path, settings.owner)):
        return f"its path is too long to be put below /iamsync/{settings.owner}/, where iamsync keeps its groups"
    declared = replace(group, path="")
    state = DesiredState(account=account, settings=settings, groups={group.name: declared})
    return next(chain(_inline_reasons(group.inline, account), _refusals(state)), None)


def why_not_user(user: User, account: Account, settings: Settings, default_tags: Mapping[str, str]) -> str | None:
    """Why a live user cannot be declared; None if the user can."""
    settings = replace(settings, adopt=True)
    if not may_take(user.tags, settings, user_subject(user.name)):
        return not_ours(user.tags, settings, user.name)
    tags = tags_to_write(user.tags, settings)
    kept = frozenset(one for one in user.attachments if not is_quarantine(one.policy))
    declared = replace(user, tags=_owned(tags, settings), attachments=kept, access_keys=None)
    state = DesiredState(account=account, settings=settings, users={user.name: declared})
    return next(
        chain(
            _tag_reasons(declared.tags),
            _defaults(tags, default_tags),
            _templates((user.path,)),
            _inline_reasons(user.inline, account),
            _refusals(state),
        ),
        None,
    )


def _owned(tags: Mapping[str, str], settings: Settings) -> dict[str, str]:
    return {**tags, OWNER_TAG: settings.owner}


def _tag_reasons(tags: Mapping[str, str]) -> Iterator[str]:
    for key in tags:
        if key != OWNER_TAG and key.lower().startswith(_RESERVED):
            yield f"has the tag {validate.shown(key)}: tag keys that begin with iamsync: are iamsync's own"


def _defaults(tags: Mapping[str, str], defaults: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(defaults.keys() - tags.keys()):
        yield f"has no tag {validate.shown(key)}, which settings.defaults.user.tags gives to each user of these files"


def _templates(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if _TEMPLATE in text:
            yield f'has "{_TEMPLATE}" in {validate.shown(text)}, which iamsync would take for a name to be replaced'


def _inline_reasons(inline: Mapping[str, Document | None], account: Account) -> Iterator[str]:
    if SUSPENDED_POLICY in inline:
        yield f"has the inline policy {SUSPENDED_POLICY}, with which iamsync suspends a user: delete it, import again"
    for name, document in sorted(inline.items()):
        yield from _document_reasons(f"inline policy {name}: ", document, account)


def _document_reasons(what: str, document: Document | None, account: Account) -> Iterator[str]:
    if document is None:
        yield f"{what}the text is not a policy document that iamsync can read"
        return
    text = document.render()
    if _TEMPLATE in text:
        yield f'{what}the text has "{_TEMPLATE}" in it, which iamsync would take for a name to be replaced'
    for path, message, warning in faults(document.as_json(), account.partition):
        if not warning:
            yield f"{what}{path}: {message}"


def _refusals(state: DesiredState) -> Iterator[str]:
    for problem in validate.problems(state):
        if not problem.warning:
            yield problem.message
