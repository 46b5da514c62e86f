"""What judges a user before a plan, after it, and all the while; and what of a change matters beside that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from iamsync.core.diff.people import Becoming, Person
from iamsync.core.document import Document, Statement
from iamsync.core.overlap import Change, common, entries, meet, not_covered

Texts = Mapping[tuple[str, ...], Document]
"""What judges a user, by the way over which it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """The statements that judge a user before and after, and those that do so all the while; without the boundary's."""

    before: frozenset[Statement]
    after: frozenset[Statement]
    throughout: frozenset[Statement]
    is_bounded: bool = False

    @classmethod
    def between(cls, before: Texts, after: Texts, *, is_bounded: bool = False) -> "Judges":
        """The texts of both ends, by the way over which they reach the user."""
        both = [(before[way], after[way]) for way in before.keys() & after.keys()]
        return cls(
            before=frozenset(one for text in before.values() for one in entries(text)),
            after=frozenset(one for text in after.values() for one in entries(text)),
            throughout=frozenset(one for old, new in both for one in common(old, new)),
            is_bounded=is_bounded,
        )

    def seen_by(self, becoming: Becoming) -> "Judges":
        """What they say to somebody who becomes another; throughout what they say to each of the two and between."""
        first, *others = becoming.moments
        seen = {one: first.sees(one) for one in self.throughout}
        return replace(
            self,
            before=frozenset(first.sees_of(self.before)),
            after=frozenset(becoming.moments[-1].sees_of(self.after)),
            throughout=frozenset(
                now for one, now in seen.items() if now and all(other.sees(one) == now for other in others)
            ),
        )

    def turned(self, old: Person, new: Person) -> Change:
        """What changes when `old` becomes `new`. Of what is not there throughout, it may or may not be there then."""
        was, is_now = tuple(old.sees_of(self.throughout)), tuple(new.sees_of(self.throughout))
        come, go = not_covered(is_now, was), not_covered(was, is_now)
        return Change.of(
            come=[*come, *differing(self.after - self.throughout, new, old)],
            go=[*go, *differing(self.before - self.throughout, old, new)],
        )

    def said_between(self, old: Person, now: Person, then: Person) -> tuple[Statement, ...]:
        """What is said throughout, but to none of the two ends what it says to who is between."""
        in_the_end = set(then.sees_of(self.throughout))
        return tuple(one for one in differing(self.throughout, now, old) if one not in in_the_end)

    def that_matter(self, change: Change) -> Change:
        """The change without what is said, or denied, all the while."""
        denied = [
            replace(one, effect="Allow") for one in self.throughout if one.effect == "Deny" and not one.conditions
        ]
        allowed = (*self.throughout, *denied)
        return Change(
            denies_come=not_covered(change.denies_come, self.throughout),
            allows_come=not_covered(change.allows_come, allowed),
            allows_go=not_covered(change.allows_go, allowed),
            denies_go=not_covered(change.denies_go, self.throughout),
        )

    def are_harmed_by(self, statements: Sequence[Statement]) -> bool:
        """Whether statements that are there for a moment only, at neither end, may do harm."""
        there = self.before | self.after
        denied = [one for one in there if one.effect == "Deny"]
        allows = [one for one in statements if one.effect == "Allow"]
        may_be_held_down = bool(allows) and (self.is_bounded or meet(allows, denied))
        return may_be_held_down or bool(not_covered(statements, there))


def differing(statements: Iterable[Statement], one: Person, other: Person) -> tuple[Statement, ...]:
    """What these say to one person, where they do not say it to the other."""
    return tuple(seen for said in statements if (seen := one.sees(said)) is not None and seen != other.sees(said))
