"""Both sides of a diff, and what a call does to the statements that judge a user."""

from collections.abc import Iterable
from dataclasses import dataclass

from iamsync.core.action import Shift
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.document import Document, Entries, Statement
from iamsync.core.model import Attachment, DesiredState, Group, LiveState, policy_subject

_AWS_POLICIES_THAT_DENY = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")
"""AWS-managed policies whose purpose is a Deny; the text of the others is not read, and taken to allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Whether there is a Deny, and whether there is an Allow."""

    denies: bool
    allows: bool


NOT_READABLE = Rights(denies=True, allows=True)
"""What is assumed of a text that is no document: the more careful place in either direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is declared, what is live, and all that is known of the account besides."""

    desired: DesiredState
    live: LiveState
    known: LiveState

    def rights(self, policy: Arn) -> Rights:
        """What a managed policy carries, before or after this plan."""
        own = [side.policies[policy] for side in (self.desired, self.known) if policy in side.policies]
        if own:
            return _either(_rights_of(one.document) for one in own)
        parts = parse_policy_arn(policy)
        denies = parts is not None and parts.account == "aws" and parts.name.startswith(_AWS_POLICIES_THAT_DENY)
        return Rights(denies=denies, allows=not denies)

    def rights_of_group(self, name: str) -> Rights:
        """What a group carries, before or after this plan."""
        groups = [side.groups[name] for side in (self.desired, self.known) if name in side.groups]
        return _either(rights for group in groups for rights in self._rights_in(group))

    def _rights_in(self, group: Group) -> Iterable[Rights]:
        yield from (self.rights(attachment.policy) for attachment in group.attachments)
        yield from map(_rights_of, group.inline.values())

    def declared(self, *policies: Arn) -> frozenset[str]:
        """The subjects of those policies that this desired state declares: what an attachment relies on."""
        return frozenset(
            policy_subject(self.desired.policies[policy].name) for policy in policies if policy in self.desired.policies
        )

    def all_declared(self, attachments: Iterable[Attachment]) -> frozenset[str]:
        """The same for the policies of attachments."""
        return self.declared(*(attachment.policy for attachment in attachments))


def comes(rights: Rights) -> Shift:
    """Something that carries `rights` begins to judge somebody."""
    return Shift(denies_added=rights.denies, allows_added=rights.allows)


def goes(rights: Rights) -> Shift:
    """Something that carries `rights` no longer judges somebody."""
    return Shift(denies_removed=rights.denies, allows_removed=rights.allows)


def text_comes(document: Document) -> Shift:
    """A new inline policy."""
    return comes(_rights_of(document))


def text_goes(document: Document | None) -> Shift:
    """An inline policy that is deleted."""
    return goes(_rights_of(document))


def text_changes(old: Document | None, new: Document) -> Shift:
    """One text replaces another: which kinds of statement come and which go."""
    if old is None:
        return Shift(denies_added=new.denies, denies_removed=True, allows_added=True, allows_removed=True)
    added = {statement.effect for statement in new.statements if not _is_covered(statement, old)}
    removed = {statement.effect for statement in old.statements if not _is_covered(statement, new)}
    return Shift(
        denies_added="Deny" in added,
        denies_removed="Deny" in removed,
        allows_added="Allow" in added,
        allows_removed="Allow" in removed,
    )


def _is_covered(statement: Statement, document: Document) -> bool:
    """Whether some statement of `document` says all that this one says, so that a list that grows only adds."""
    return any(
        other.effect == statement.effect
        and other.conditions == statement.conditions
        and other.action_element == statement.action_element
        and other.resource_element == statement.resource_element
        and _reaches(other.actions, statement.actions, negated=statement.action_element == "NotAction")
        and _reaches(other.resources, statement.resources, negated=statement.resource_element == "NotResource")
        for other in document.statements
    )


def _reaches(wide: Entries, narrow: Entries, *, negated: bool) -> bool:
    """Whether one list takes in the other; of two lists of exceptions the shorter one does."""
    return wide.meaning <= narrow.meaning if negated else wide.meaning >= narrow.meaning


def _rights_of(document: Document | None) -> Rights:
    if document is None:
        return NOT_READABLE
    effects = {statement.effect for statement in document.statements}
    return Rights(denies="Deny" in effects, allows="Allow" in effects)


def _either(rights: Iterable[Rights]) -> Rights:
    found = list(rights)
    return Rights(denies=any(one.denies for one in found), allows=any(one.allows for one in found))
