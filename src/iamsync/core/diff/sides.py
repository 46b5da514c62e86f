"""Both sides of a diff, and what a call does to the statements that judge a user."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from iamsync.core.access.known import known_document
from iamsync.core.action import Shift
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import Attachment, DesiredState, Group, LiveState, State, policy_subject
from iamsync.core.overlap import Change, Statements, difference


@lru_cache(maxsize=4096)
def _anything(*effects: str, under: str = "") -> Document:
    """All there is; `under` a condition of which nothing is known, so that it surely says only what it says itself."""
    condition = {"Condition": {"StringEquals": {"iamsync:text": under}}} if under else {}
    statements = [{"Effect": effect, "Action": "*", "Resource": "*", **condition} for effect in effects]
    return Document.parse({"Version": "2012-10-17", "Statement": statements})


ALLOWS_ANYTHING = _anything("Allow")
DENIES_ANYTHING = _anything("Deny")
ANYTHING = _anything("Allow", "Deny", under="not readable")
"""What is assumed of a text that is no document: the more careful place in either direction."""

_AWS_POLICIES_THAT_DENY = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")
"""AWS-managed policies whose purpose is a Deny; the text of the others is not read, and taken to allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Whether there is a Deny, and whether there is an Allow."""

    denies: bool
    allows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is declared, what is live, and all that is known of the account besides.

    `in_steps` names the texts (`policy/Deploy`, `user/aiko/queue`) that change one kind of statement at a time.
    """

    desired: DesiredState
    live: LiveState
    known: LiveState
    in_steps: frozenset[str] = frozenset()

    def texts_in_steps(self, subject: str) -> frozenset[str]:
        """The inline policies of a user or group that change in steps."""
        return frozenset(text.removeprefix(f"{subject}/") for text in self.in_steps if text.startswith(f"{subject}/"))

    def text_before(self, policy: Arn) -> Document:
        """What a managed policy says now, or might say."""
        return _text(policy, self.known, self.desired)

    def text_after(self, policy: Arn) -> Document:
        """What it says in the end."""
        return _text(policy, self.desired, self.known)

    def rights(self, policy: Arn) -> Rights:
        """What a managed policy carries, before or after this plan."""
        return _either(_rights_of(text) for text in (self.text_before(policy), self.text_after(policy)))

    def boundary_change(self, old: Arn | None, new: Arn | None) -> Change:
        """A boundary is set, swapped or lifted. A text that is not known may let through anything, or nothing."""
        widest_old, narrowest_old = _bounds_of(old, self.known, self.desired)
        widest_new, narrowest_new = _bounds_of(new, self.desired, self.known)
        return Change(
            denies_come=as_boundary(difference(widest_old, narrowest_new)).denies_come,
            denies_go=as_boundary(difference(narrowest_old, widest_new)).denies_go,
        )

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


def as_boundary(change: Change) -> Change:
    """What a change of a boundary's text is to the user: a right that it no longer lets through is as if denied."""
    return Change(
        denies_come=change.denies_come | _as_denied(change.allows_go),
        denies_go=change.denies_go | _as_denied(change.allows_come),
    )


def _as_denied(statements: Statements) -> Statements:
    return frozenset(replace(one, effect="Deny") for one in statements)


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
    """One text replaces another: which kinds of statement come and which go, entry by entry."""
    if old is None:
        return Shift(denies_added=new.denies, denies_removed=True, allows_added=True, allows_removed=True)
    return shift_of(difference(old, new))


def shift_of(change: Change) -> Shift:
    """The kinds of statement that come and go."""
    return Shift(
        denies_added=bool(change.denies_come),
        denies_removed=bool(change.denies_go),
        allows_added=bool(change.allows_come),
        allows_removed=bool(change.allows_go),
    )


def _rights_of(document: Document | None) -> Rights:
    effects = {statement.effect for statement in (document or ANYTHING).statements}
    return Rights(denies="Deny" in effects, allows="Allow" in effects)


def _text(policy: Arn, *sides: State) -> Document:
    document = _known_text(policy, *sides)
    if document is not None:
        return document
    parts = parse_policy_arn(policy)
    denies = parts is not None and parts.account == "aws" and parts.name.startswith(_AWS_POLICIES_THAT_DENY)
    return _anything("Deny" if denies else "Allow", under=policy)


def _known_text(policy: Arn, *sides: State) -> Document | None:
    own = [side.policies[policy] for side in sides if policy in side.policies]
    return own[0].document or ANYTHING if own else known_document(policy)


def _bounds_of(boundary: Arn | None, *sides: State) -> tuple[Document, Document]:
    """The most and the least that a boundary may let through."""
    if boundary is None:
        return ALLOWS_ANYTHING, ALLOWS_ANYTHING
    document = _known_text(boundary, *sides)
    return (ALLOWS_ANYTHING, DENIES_ANYTHING) if document in {None, ANYTHING} else (document, document)


def _either(rights: Iterable[Rights]) -> Rights:
    found = list(rights)
    return Rights(denies=any(one.denies for one in found), allows=any(one.allows for one in found))
