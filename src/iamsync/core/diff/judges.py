"""What judges a user before a plan, after it, and all the while; and what of a change matters beside that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from iamsync.core.diff.people import Becoming, Person
from iamsync.core.document import Document, Statement
from iamsync.core.overlap import Change, Statements, by_effect, common, entries, meet, not_covered

Texts = Mapping[tuple[str, ...], Document]
"""What judges a user, by the way over which it does."""


@dataclass(frozen=True, kw_only=True)
class Judges:
    """The statements that judge a user before and after, and those that do so all the while; without the boundary's.

    They are kept text by text: what a text says of another is worked out once for all users who have both.
    """

    texts_before: tuple[Statements, ...]
    texts_after: tuple[Statements, ...]
    texts_throughout: tuple[Statements, ...]
    is_bounded: bool = False

    @classmethod
    def between(cls, before: Texts, after: Texts, *, is_bounded: bool = False) -> "Judges":
        """The texts of both ends, by the way over which they reach the user."""
        both = [(before[way], after[way]) for way in before.keys() & after.keys()]
        return cls(
            texts_before=tuple(map(entries, before.values())),
            texts_after=tuple(map(entries, after.values())),
            texts_throughout=tuple(common(old, new) for old, new in both),
            is_bounded=is_bounded,
        )

    @cached_property
    def before(self) -> Statements:
        """All that is said before."""
        return frozenset().union(*self.texts_before)

    @cached_property
    def after(self) -> Statements:
        """All that is said after."""
        return frozenset().union(*self.texts_after)

    @cached_property
    def throughout(self) -> Statements:
        """All that is said before, after and between."""
        return frozenset().union(*self.texts_throughout)

    def seen_by(self, becoming: Becoming) -> "Judges":
        """What they say to somebody who becomes another; throughout what they say to each of the two and between."""
        first, *others = becoming.moments
        seen = {one: first.sees(one) for one in self.throughout}
        same = (now for one, now in seen.items() if now and all(other.sees(one) == now for other in others))
        return Judges(
            texts_before=(frozenset(first.sees_of(self.before)),),
            texts_after=(frozenset(becoming.moments[-1].sees_of(self.after)),),
            texts_throughout=(frozenset(same),),
            is_bounded=self.is_bounded,
        )

    def turned(self, old: Person, new: Person) -> Change:
        """What changes when `old` becomes `new`. Of what is not there throughout, it may or may not be there then."""
        was, is_now = frozenset(old.sees_of(self.throughout)), frozenset(new.sees_of(self.throughout))
        return Change.of(
            come=not_covered(is_now, was) | differing(self.after - self.throughout, new, old),
            go=not_covered(was, is_now) | differing(self.before - self.throughout, old, new),
        )

    def said_between(self, old: Person, now: Person, then: Person) -> Statements:
        """What is said throughout, but to none of the two ends what it says to who is between."""
        return differing(self.throughout, now, old).difference(then.sees_of(self.throughout))

    def that_matter(self, change: Change) -> Change:
        """The change without what is said, or denied, all the while."""
        settled = tuple(map(_settled, self.texts_throughout))
        return Change(
            denies_come=_beyond(change.denies_come, self.texts_throughout),
            allows_come=_beyond(change.allows_come, settled),
            allows_go=_beyond(change.allows_go, settled),
            denies_go=_beyond(change.denies_go, self.texts_throughout),
        )

    def that_are_new(self, change: Change) -> Change:
        """What of a change is not there before, or not there after."""
        return Change(
            denies_come=_beyond(change.denies_come, self.texts_before),
            allows_come=_beyond(change.allows_come, self.texts_before),
            allows_go=_beyond(change.allows_go, self.texts_after),
            denies_go=_beyond(change.denies_go, self.texts_after),
        )

    def are_harmed_by(self, statements: Statements) -> bool:
        """Whether statements that are there for a moment only, at neither end, may do harm."""
        there = tuple(dict.fromkeys(self.texts_before + self.texts_after))
        _, allows = by_effect(statements)
        may_be_held_down = bool(allows) and (self.is_bounded or any(meet(allows, by_effect(one)[0]) for one in there))
        return may_be_held_down or bool(_beyond(statements, there))


def _beyond(statements: Statements, texts: Iterable[Statements]) -> Statements:
    """What none of several texts says already. Each is asked for all, since it was asked the same for other users."""
    left = statements
    for text in texts if statements else ():
        found = not_covered(statements, text)
        if found is not statements:
            left &= found
    return left


@lru_cache(maxsize=4096)
def _settled(statements: Statements) -> Statements:
    """What is allowed or denied."""
    denied, _ = by_effect(statements)
    return statements.union(replace(one, effect="Allow") for one in denied if not one.conditions)


def differing(statements: Iterable[Statement], one: Person, other: Person) -> Statements:
    """What these say to one person, where they do not say it to the other."""
    return frozenset(seen for said in statements if (seen := one.sees(said)) is not None and seen != other.sees(said))
