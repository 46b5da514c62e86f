"""Customer-managed policies: their tags, their text in versions, their end."""

from collections.abc import Iterator
from dataclasses import replace

from iamsync.core.action import Action
from iamsync.core.action import policies as call
from iamsync.core.diff.sides import Sides
from iamsync.core.diff.steps import steps
from iamsync.core.diff.tags import tag_changes
from iamsync.core.document import Document
from iamsync.core.explain import NOT_READABLE_TEXT, contents, differences
from iamsync.core.model import OWNER_TAG, Policy, PolicyVersion, policy_subject

VERSIONS_STORED = 5
"""IAM quota "Versions per customer managed policy"."""

POLICY_SIZE = 6144
"""IAM quota "Size of a managed policy", in characters."""


def policy_actions(desired: Policy, live: Policy | None, sides: Sides) -> Iterator[Action]:
    """The calls that make a declared policy so."""
    if desired.document is None:
        raise ValueError(f"{desired.name}: a declared policy has a document")
    if live is None:
        yield call.create_policy(desired, desired.document, contents(desired.document))
        return
    if live.tags.get(OWNER_TAG) is None:
        yield call.adopt_policy(desired, {OWNER_TAG: sides.desired.settings.owner})
    stale, missing = tag_changes(desired.tags, live.tags)
    if stale:
        yield call.untag_policy(desired, stale)
    if missing:
        yield call.tag_policy(desired, missing)
    if desired.document != live.document:
        versions = sides.known.versions.get(desired.arn, ())
        apart = policy_subject(desired.name) in sides.in_steps
        yield from _document_actions(desired, desired.document, live, versions, apart=apart)


def _document_actions(
    desired: Policy, document: Document, live: Policy, versions: tuple[PolicyVersion, ...], *, apart: bool
) -> Iterator[Action]:
    *first, last = steps(live.document, document, limit=POLICY_SIZE, apart=apart)
    same = max((version for version in versions if version.document == document), key=_number, default=None)
    new = [*first, last] if same is None else first
    spare = [version for version in _spare(versions) if version != same]
    for version in spare[: max(0, len(versions) + len(new) - VERSIONS_STORED)]:
        why = "a policy holds five versions; the oldest that is not the default makes room"
        yield call.delete_policy_version(desired.arn, desired.name, version, why)
    for step in new:
        made = call.create_policy_version(desired, step.new, differences=_words(step.old, step.new), shift=step.shift)
        yield replace(made, summary=f"{made.summary}, {step.words}") if step.words else made
    if same is not None:
        yield call.set_default_policy_version(desired, same, differences=_words(last.old, document), shift=last.shift)


def _words(live: Document | None, desired: Document) -> tuple[str, ...]:
    if live is None:
        return (NOT_READABLE_TEXT, *contents(desired))
    return differences(live, desired)


def _spare(versions: tuple[PolicyVersion, ...]) -> list[PolicyVersion]:
    """The versions that are not the default, oldest first."""
    spare = [version for version in versions if not version.is_default]
    return sorted(spare, key=_number)


def _number(version: PolicyVersion) -> int:
    """Version ids are `v` and a number that only grows (User Guide, "Versioning IAM policies")."""
    return int(version.id.removeprefix("v"))


def leaving_policy_actions(live: Policy, sides: Sides) -> Iterator[Action]:
    """Versions first, then the policy with its default version; whoever has it must have let go before."""
    for version in _spare(sides.known.versions.get(live.arn, ())):
        yield call.delete_policy_version(live.arn, live.name, version, "a policy goes after its versions")
    yield call.delete_policy(live, needs=sides.live.used_by.get(live.arn, frozenset()))
