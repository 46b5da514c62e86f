"""What stands in somebody's way, in words that fit everybody whom the same statement harms."""

from collections.abc import Sequence
from dataclasses import dataclass

from iamsync.core.access import Citation, Decision
from iamsync.core.arn import Arn
from iamsync.core.sign_in.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, what happens to the person, and what to do."""

    message: str
    warning: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why an action is not to be had: who (`before`) does what to it (the action goes between) and how (`after`).

    `is_nowhere`: nothing denies it, but nothing allows it either. `cure` says what to do about a Deny.
    """

    before: str
    after: str
    is_certain: bool
    cure: str = ""
    is_nowhere: bool = False

    def about(self, actions: Sequence[str]) -> str:
        """The obstacle as a sentence."""
        return f"{self.before} {joined(actions)}{self.after}"


def obstacle(person: Person, action: str, resource: Arn) -> Obstacle | None:
    """What stands in the way of an action in the console without MFA; None if it is allowed."""
    found = person.asks(action, resource)
    if found.explicitly_denied is not False:
        return denial(person, action, resource, found)
    if found.allowed:
        return None
    if found.withheld and person.policies.boundary is not None:
        before = f"the {person.policies.boundary.label} does not allow"
        return Obstacle(before=before, after="", is_certain=True, is_nowhere=True)
    if found.allowed is None:
        labels = joined(sorted({doubt.source.label for doubt in found.doubts}))
        after = f" (the text of {labels} is not known)"
        return Obstacle(before="nothing known allows", after=after, is_certain=False, is_nowhere=True)
    is_due_to_path = resource == person.arn and person.asks(action, person.arn_without_path).allowed
    after = " on a user with a path: user/${aws:username} is one without" if is_due_to_path else ""
    return Obstacle(before="nothing allows", after=after, is_certain=True, is_nowhere=True)


def denial(person: Person, action: str, resource: Arn, found: Decision) -> Obstacle:
    """The Deny in the answer `found`."""
    citation = found.by or next(filter(_is_deny, found.doubts), None)
    is_exceptional = citation and citation.statement and citation.statement.action_element == "NotAction"
    is_without_mfa = person.asks(action, resource, mfa=True).explicitly_denied is False
    return Obstacle(
        before=f"{cited(citation)} {'denies' if found.explicitly_denied else 'may deny'}",
        after=" without MFA" if is_without_mfa else "",
        cure="Add to its NotAction" if is_exceptional else "Let it leave out (by a NotAction)",
        is_certain=found.explicitly_denied is True,
    )


def _is_deny(citation: Citation) -> bool:
    return citation.statement is not None and citation.statement.effect == "Deny"


def cited(citation: Citation | None) -> str:
    """A statement by its Sid, its policy and the place where that is declared."""
    if citation is None or citation.statement is None:
        return "a statement"
    sid, source = citation.statement.sid, citation.source
    name = f'statement "{sid}"' if sid else f"a {citation.statement.effect} without Sid"
    return f"{name} of {source.label}" + (f" ({source.origin})" if source.origin else "")


def joined(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def quoted(names: Sequence[str]) -> str:
    """Names as in a JSON list."""
    return ", ".join(f'"{name}"' for name in names)
