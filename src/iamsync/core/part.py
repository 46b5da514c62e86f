"""A part of a plan: what belongs to some subjects, and what that depends on. All else is left out for this run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iamsync.core.action import Action
from iamsync.core.model import DesiredState, LiveState, group_subject, policy_subject, user_subject
from iamsync.core.order import Ordered
from iamsync.core.scope.ownership import owned


@dataclass(frozen=True, slots=True)
class Only:
    """Patterns of subjects (`user/aiko.sato`, `user/data-*`); without any, the whole plan is meant."""

    patterns: tuple[str, ...] = ()

    def means(self, subject: str) -> bool:
        """Whether a subject is meant. IAM takes names that differ only in case for one."""
        return not self.patterns or any(_fits(subject, pattern) for pattern in self.patterns)

    def leaves_out(self, ordered: Ordered) -> frozenset[int]:
        """The numbers of the actions that are not meant, and that nothing which is meant needs."""
        if not self.patterns:
            return frozenset()
        meant = [number for number, action in enumerate(ordered.actions) if self.means(action.subject)]
        kept = set[int]()
        while meant:
            number = meant.pop()
            if number not in kept:
                kept.add(number)
                meant.extend(ordered.graph.needs[number])
        return frozenset(range(len(ordered.actions))) - kept

    def faults(self, desired: DesiredState, live: LiveState) -> Iterator[str]:
        """Why a pattern cannot be meant: it fits nothing that is declared or owned."""
        for pattern in self.patterns:
            if not any(_fits(subject, pattern) for subject in _subjects(desired, live)):
                kinds = "write user/NAME, group/NAME or policy/NAME, with * for any characters"
                yield f"--only {pattern} fits no user, group or policy that is declared or owned: {kinds}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A subject of which actions are left out, and how many."""

    subject: str
    actions: int


def left_out(actions: Sequence[Action]) -> tuple[LeftOut, ...]:
    """What is left out, by subject."""
    counts = Counter(action.subject for action in actions)
    return tuple(LeftOut(subject, counts[subject]) for subject in sorted(counts))


def _fits(subject: str, pattern: str) -> bool:
    return fnmatchcase(subject.casefold(), pattern.casefold())


def _subjects(desired: DesiredState, live: LiveState) -> Iterable[str]:
    yield from map(user_subject, desired.users)
    yield from map(group_subject, desired.groups)
    yield from (policy_subject(policy.name) for policy in desired.policies.values())
    yield from owned(live, desired.settings.owner)
