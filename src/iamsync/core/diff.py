"""Desired x live -> actions: set arithmetic over values of the same types.

Creating is one call and then the difference from what that call made; there is no second way to compare. Everything is
walked in sorted order, so the same two states always give the same actions, whatever order YAML or IAM used.
"""

from collections.abc import Iterator, Mapping

from iamsync.core import action
from iamsync.core.action import Action
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.explain import contents, differences
from iamsync.core.model import Console, DesiredState, LiveState, Policy, PolicyVersion, User, policy_subject

VERSIONS_STORED = 5
"""IAM quota "Versions per customer managed policy"."""

_AWS_POLICIES_THAT_DENY = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")
"""AWS-managed policies whose purpose is a Deny; iamsync does not read the text of the others before ordering them."""


def diff(desired: DesiredState, live: LiveState) -> Iterator[Action]:
    """Every call that turns `live` into `desired`, unordered but deterministic. `Plan.between` puts them in order."""
    for arn in sorted(desired.policies):
        yield from _policy_actions(desired.policies[arn], live.policies.get(arn), live.versions.get(arn, ()))
    for name in sorted(desired.users):
        yield from _user_actions(desired.users[name], live.users.get(name), desired, live)


def _policy_actions(desired: Policy, live: Policy | None, versions: tuple[PolicyVersion, ...]) -> Iterator[Action]:
    if live is None:
        yield action.create_policy(desired, contents(desired.document) if desired.document else ())
        return
    stale, missing = _tag_changes(desired.tags, live.tags)
    if stale:
        yield action.untag_policy(desired, stale)
    if missing:
        yield action.tag_policy(desired, missing)
    if desired.document != live.document:
        yield from _document_actions(desired, live, versions)


def _document_actions(desired: Policy, live: Policy, versions: tuple[PolicyVersion, ...]) -> Iterator[Action]:
    words = _words(desired, live)
    if same := next((version for version in versions if version.document == desired.document), None):
        yield action.set_default_policy_version(desired, same, words)
        return
    if len(versions) >= VERSIONS_STORED:
        yield action.delete_policy_version(desired, _oldest_spare(versions))
    yield action.create_policy_version(desired, words)


def _words(desired: Policy, live: Policy) -> tuple[str, ...]:
    if desired.document is None or live.document is None:
        return ("the live text cannot be read as a policy document; it is replaced as a whole",)
    return differences(live.document, desired.document)


def _oldest_spare(versions: tuple[PolicyVersion, ...]) -> PolicyVersion:
    return min((version for version in versions if not version.is_default), key=lambda version: int(version.id[1:]))


def _user_actions(desired: User, live: User | None, state: DesiredState, found: LiveState) -> Iterator[Action]:
    if live is None:
        yield action.create_user(desired)
        live = User(name=desired.name, path=desired.path, tags=desired.tags, console=Console(enabled=False))
    if desired.path != live.path:
        yield action.update_user_path(desired, live.path)
    yield from _user_tag_actions(desired, live)
    yield from _attachment_actions(desired, live, state, found)
    yield from _console_actions(desired, live, state)


def _user_tag_actions(desired: User, live: User) -> Iterator[Action]:
    stale, missing = _tag_changes(desired.tags, live.tags)
    if stale:
        yield action.untag_user(desired, stale)
    if missing:
        yield action.tag_user(desired, missing)


def _tag_changes(desired: Mapping[str, str], live: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Keys to remove, then tags to set.

    In that order: user tag keys are one regardless of case, and setting `team` before removing `Team` would remove both
    (IAM User Guide, "Tagging IAM resources").
    """
    stale = [key for key in sorted(live) if key not in desired]
    missing = {key: value for key, value in desired.items() if live.get(key) != value}
    return stale, missing


def _attachment_actions(desired: User, live: User, state: DesiredState, found: LiveState) -> Iterator[Action]:
    for attachment in sorted(desired.attachments - live.attachments, key=lambda attachment: attachment.policy):
        yield action.attach_user_policy(
            desired,
            attachment,
            restricts=_restricts(attachment.policy, state, found),
            needs=_policy_subjects([attachment.policy], state),
        )
    for attachment in sorted(live.attachments - desired.attachments, key=lambda attachment: attachment.policy):
        yield action.detach_user_policy(
            desired, attachment.policy, restricts=_restricts(attachment.policy, state, found)
        )


def _console_actions(desired: User, live: User, state: DesiredState) -> Iterator[Action]:
    wanted = desired.console
    if wanted is None or not wanted.enabled or live.console == wanted:
        return
    guard_rails = _policy_subjects([attachment.policy for attachment in desired.attachments], state)
    yield action.create_login_profile(desired, wanted, needs=guard_rails)


def _policy_subjects(policies: list[Arn], state: DesiredState) -> frozenset[str]:
    return frozenset(policy_subject(state.policies[arn].name) for arn in policies if arn in state.policies)


def _restricts(policy: Arn, desired: DesiredState, live: LiveState) -> bool:
    """Whether a policy carries a Deny before or after this plan. A text that cannot be read is taken for one."""
    own = [side.policies[policy] for side in (desired, live) if policy in side.policies]
    if own:
        return any(one.document is None or one.document.denies for one in own)
    parts = parse_policy_arn(policy)
    return parts is not None and parts.account == "aws" and parts.name.startswith(_AWS_POLICIES_THAT_DENY)
