"""Customer-managed policies: their tags, their text in versions, their end."""

from collections.abc import Iterator

from iamsync.core.action import Action
from iamsync.core.action import policies as call
from iamsync.core.diff.sides import Sides, text_changes
from iamsync.core.diff.tags import tag_changes
from iamsync.core.document import Document
from iamsync.core.explain import NOT_READABLE_TEXT, contents, differences
from iamsync.core.model import OWNER_TAG, Policy, PolicyVersion

VERSIONS_STORED = 5
"""IAM quota "Versions per customer managed policy"."""


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
        yield from _document_actions(desired, desired.document, live, sides.known.versions.get(desired.arn, ()))


def _document_actions(
    desired: Policy, document: Document, live: Policy, versions: tuple[PolicyVersion, ...]
) -> Iterator[Action]:
    words = _words(live.document, document)
    shift = text_changes(live.document, document)
    if same := [version for version in versions if version.document == document]:
        newest = max(same, key=_number)
        yield call.set_default_policy_version(desired, newest, differences=words, shift=shift)
        return
    if len(versions) >= VERSIONS_STORED:
        why = "a policy holds five versions; the oldest that is not the default makes room"
        yield call.delete_policy_version(desired.arn, desired.name, _spare(versions)[0], why)
    yield call.create_policy_version(desired, document, differences=words, shift=shift)


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
