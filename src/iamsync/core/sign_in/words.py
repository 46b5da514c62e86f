"""What stands in somebody's way, in words that fit everybody whom the same statement harms."""

from collections.abc import Sequence
from dataclasses import dataclass

from iamsync.core.access import Citation, Decision
from iamsync.core.arn import Arn
from iamsync.core.document import Statement
from iamsync.core.sign_in.contexts import REGION
from iamsync.core.sign_in.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, what happens to the person, and what to do."""

    message: str
    warning: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why an action is not to be had: who (`before`) does what to it (the action goes between) and how (`after`).

    `deny` is the statement that denies it. Where there is none, it is not allowed: by no policy (`in_policies`), by the
    boundary (`in_boundary`), or by neither. `is_unread`: or by one whose text is not known. `is_fixed`: the text to
    change is AWS's own.
    """

    before: str
    after: str
    is_certain: bool
    deny: Statement | None = None
    in_policies: bool = False
    in_boundary: bool = False
    is_unread: bool = False
    is_fixed: bool = False

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
    if found.allowed is None:
        labels = joined(sorted({doubt.source.label for doubt in found.doubts}))
        after = f" (the text of {labels} is not known)"
        return Obstacle(before="nothing known allows", after=after, is_certain=False, in_policies=True, is_unread=True)
    return _absence(person, action, resource, in_policies=not found.withheld)


def denial(person: Person, action: str, resource: Arn, found: Decision) -> Obstacle:
    """The Deny in the answer `found`."""
    citation = found.by or next(filter(_is_deny, found.doubts), None)
    is_without_mfa = person.asks(action, resource, mfa=True).explicitly_denied is False
    statement = citation.statement if citation else None
    is_regional = statement is not None and any(condition.key == REGION for condition in statement.conditions)
    region = " (IAM is asked in us-east-1, whatever the region in the console)" if is_regional else ""
    return Obstacle(
        before=f"{cited(citation)} {'denies' if found.explicitly_denied else 'may deny'}",
        after=f"{' without MFA' if is_without_mfa else ''}{region}",
        is_certain=found.explicitly_denied is True,
        deny=statement,
        is_fixed=citation is not None and citation.source.is_fixed,
    )


def _is_deny(citation: Citation) -> bool:
    return citation.statement is not None and citation.statement.effect == "Deny"


def _absence(person: Person, action: str, resource: Arn, *, in_policies: bool) -> Obstacle:
    """That nothing allows the action, or not the boundary. Both are named, or the cure of one would show the other."""
    boundary = None if person.boundary is None else person.boundary.source
    in_boundary = boundary is not None and person.is_bounded(action, resource)
    limit = boundary.label if boundary else ""
    is_certain = in_boundary or person.has_all_groups
    if in_boundary:
        before = f"neither a policy nor the {limit} allows" if in_policies else f"the {limit} does not allow"
    else:
        before = "nothing allows" if is_certain else "nothing known allows"
    doubt = "" if is_certain else " (groups are not declared; plan looks them up)"
    return Obstacle(
        before=before,
        after=f"{_why_it_is_absent(person, action, resource)}{doubt}",
        is_certain=is_certain,
        in_policies=in_policies,
        in_boundary=in_boundary,
        is_fixed=in_boundary and boundary is not None and boundary.is_fixed,
    )


def _why_it_is_absent(person: Person, action: str, resource: Arn) -> str:
    if resource == person.arn and person.asks(action, person.arn_without_path).allowed:
        return " on a user with a path: user/${aws:username} is one without"
    return " without MFA" if person.asks(action, resource, mfa=True).allowed else ""


def cited(citation: Citation | None) -> str:
    """A statement by its Sid, its policy and the place where that is declared."""
    if citation is None or citation.statement is None:
        return "a statement"
    sid, source = citation.statement.sid, citation.source
    kind = "an Allow" if citation.statement.effect == "Allow" else "a Deny"
    name = f'statement "{sid}"' if sid else f"{kind} without Sid"
    return f"{name} of {source.label}" + (f" ({source.origin})" if source.origin else "")


def joined(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def quoted(names: Sequence[str]) -> str:
    """Names as in a JSON list."""
    return ", ".join(f'"{name}"' for name in names)
