"""Customer-managed policies: their tags, their text in versions, their end."""

from collections.abc import Iterator, Sequence

from iamsync.core.action import Action, Timing, VersionNote
from iamsync.core.change import (
    CreatePolicy,
    Delete,
    DeleteVersion,
    Entity,
    Kind,
    NewVersion,
    RemoveTags,
    RestoreVersion,
    SetTags,
)
from iamsync.core.diff.steps import steps
from iamsync.core.diff.tags import tag_changes
from iamsync.core.document import Document
from iamsync.core.iam_limits import POLICY_SIZE, VERSIONS
from iamsync.core.model import Policy, PolicyVersion, policy_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.tags import OWNER_TAG


def policy_actions(desired: Policy, live: Policy | None, plan: PlanInput) -> Iterator[Action]:
    """The actions that bring a declared policy into line."""
    subject, entity = policy_subject(desired.name), Entity(Kind.POLICY, desired.arn)
    if live is None:
        if desired.document is None:
            raise ValueError(f"{desired.name}: a policy cannot be created without a document")
        yield Action(change=CreatePolicy(desired, desired.document), subject=subject, reason=desired.origin)
        return
    if OWNER_TAG in desired.tags and OWNER_TAG not in live.tags:
        mark = SetTags(entity, {OWNER_TAG: plan.desired.settings.owner})
        yield Action(change=mark, subject=subject, reason=desired.origin, timing=Timing.FIRST)
    stale, missing = tag_changes(desired.tags, live.tags)
    if stale:
        yield Action(change=RemoveTags(entity, stale), subject=subject)
    if missing:
        yield Action(change=SetTags(entity, missing), subject=subject, reason=desired.origin)
    if desired.document is not None and desired.document != live.document:
        yield from _text_actions(desired, desired.document, live.document, plan)


def _text_actions(desired: Policy, new: Document, old: Document | None, plan: PlanInput) -> Iterator[Action]:
    subject = policy_subject(desired.name)
    versions = plan.known.versions.get(desired.arn, ())
    *first, last = steps(old, new, limit=POLICY_SIZE, in_two=subject in plan.in_steps)
    same = max((version for version in versions if version.document == new), key=_number, default=None)
    created = [*first, last] if same is None else first
    spare = [version for version in _spare(versions) if version != same]
    for version in spare[: max(0, len(versions) + len(created) - VERSIONS)]:
        yield _deletion(desired, version, VersionNote.MAKES_ROOM)
    for step in created:
        change = NewVersion(desired.arn, step.old, step.new)
        yield Action(change=change, subject=subject, reason=desired.origin, step=step.number)
    if same is not None:
        restored = RestoreVersion(desired.arn, same.id, last.old, new)
        yield Action(change=restored, subject=subject, reason=desired.origin, step=last.number)


def _deletion(policy: Policy, version: PolicyVersion, note: VersionNote) -> Action:
    change = DeleteVersion(policy.arn, version.id, version.document)
    return Action(change=change, subject=policy_subject(policy.name), notes=(note,))


def _spare(versions: Sequence[PolicyVersion]) -> list[PolicyVersion]:
    """The versions that are not the default, oldest first."""
    return sorted((version for version in versions if not version.is_default), key=_number)


def _number(version: PolicyVersion) -> int:
    """Version ids are `v` and a number that only grows (User Guide, "Versioning IAM policies")."""
    return int(version.id.removeprefix("v"))


def leaving_policy_actions(live: Policy, plan: PlanInput) -> Iterator[Action]:
    """Versions first, then the policy with its default version."""
    for version in _spare(plan.known.versions.get(live.arn, ())):
        yield _deletion(live, version, VersionNote.LEAVES_FIRST)
    deletion = Delete(Entity(Kind.POLICY, live.arn), live.document)
    yield Action(change=deletion, subject=policy_subject(live.name))
