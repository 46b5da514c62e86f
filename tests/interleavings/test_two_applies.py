"""Two applies of the same files at once: one makes the access keys, and no key is lost, whatever happens in between."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from laws.model import Iam, UserRecord, live_state
from states import OURS, desired, user

from iamsync.core.model import AccessKeys
from iamsync.core.plan import Plan
from iamsync.core.tags import NEW_ACCESS_KEY_TAG
from iamsync.render.actions import summary
from interleavings.account import NAME, Account
from interleavings.run import Run
from interleavings.walk import Faults, Moment, Part, ends

OLD = "AKIAOLD0000000000000"
STRAY = "AKIASTRAY00000000000"
LEFT_OVER = f"{NEW_ACCESS_KEY_TAG}:0a1b2c3d"

LOSES_ANOTHER_RUNS_KEY = {
    "a run that succeeded has lost its key",
    "a run that succeeded loses its key to the next run",
    "2 runs succeeded",
    "a run succeeded and has not done everything",
    "keys exist that are not delivered, or the other way round",
}
"""What a list of keys that is out of date can cause together with another fault; `iamsync.apply.claims` says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The user as both runs find it, if it exists, and how many keys each of them makes it have."""

    user: UserRecord | None
    counts: tuple[int, ...]


def found(*keys: str, tags: dict[str, str] | None = None) -> UserRecord:
    """The user with these keys, of which OLD was used."""
    return UserRecord(
        name=NAME,
        id="AIDA",
        tags={**OURS, **(tags or {})},
        access_keys=dict.fromkeys(keys, "Active"),
        key_uses={OLD: 0},
    )


STARTS = {
    "a new user gets a key": Start(user=None, counts=(1, 1)),
    "a new user gets two keys": Start(user=None, counts=(2, 2)),
    "a user gets a key": Start(user=found(), counts=(1, 1)),
    "a user gets two keys": Start(user=found(), counts=(2, 2)),
    "a user gets a key beside another": Start(user=found(OLD), counts=(2, 2)),
    "a user gets one key or two": Start(user=found(), counts=(1, 2)),
    "a user gets two keys or one": Start(user=found(), counts=(2, 1)),
    "a user gets a key for one that nobody holds": Start(user=found(STRAY, tags={LEFT_OVER: "none"}), counts=(1, 1)),
}
EVERY_START = pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)


def planned(iam: Iam, count: int) -> Plan:
    wanted = desired(user(NAME, access_keys=AccessKeys(count=count)))
    plan = Plan.between(wanted, live_state(iam, wanted))
    return replace(plan, identities={})  # to look who the user is has no part in the protocol


def begin(start: Start, faults: Faults, runs: str = "ab") -> Moment:
    iam = Iam(users={NAME: start.user} if start.user else {})
    counts = (*start.counts, *start.counts)
    parts = tuple(Part(run=Run(name, planned(iam, count))) for name, count in zip(runs, counts, strict=False))
    return Moment(account=Account.of(iam), parts=parts, faults=faults)


def begin_without_claims(start: Start) -> Moment:
    """As if iamsync planned no claim."""
    iam = Iam(users={NAME: start.user} if start.user else {})
    plan = planned(iam, start.counts[0])
    claims = [one for one in plan.actions if summary(one).startswith("claim")]
    unclaimed = plan.without(claims)
    assert len(claims) == 1
    parts = tuple(Part(run=Run(name, unclaimed)) for name in "ab")
    return Moment(account=Account.of(iam), parts=parts, faults=Faults())


def problems(start: Start, end: Moment) -> Iterator[str]:
    """What is wrong at the end of a path, or after the next run."""
    succeeded = [part for part in end.parts if part.succeeded]
    delivered = [part.position.delivered for part in end.parts]
    if len(succeeded) > 1:
        yield f"{len(succeeded)} runs succeeded"
    if sum(map(len, delivered)) > len(frozenset().union(*delivered)):
        yield "a key is delivered twice"
    if any(not part.position.delivered <= end.account.active_keys for part in succeeded):
        yield "a run that succeeded has lost its key"
    if not any(part.killed for part in end.parts):
        yield from _problems_of_the_living(start, end)
    yield from _problems_after_the_next_run(start, end)


def _problems_of_the_living(start: Start, end: Moment) -> Iterator[str]:
    succeeded = [number for number, part in enumerate(end.parts) if part.succeeded]
    delivered = frozenset().union(*(part.position.delivered for part in end.parts))
    if not succeeded and not any(part.delivery_failed for part in end.parts):
        yield "no run succeeded"
    if any(part.gave_up for part in end.parts):
        yield "a run waited in vain"
    if end.account.active_keys - {OLD} != delivered:
        yield "keys exist that are not delivered, or the other way round"
    if any(tag.startswith(NEW_ACCESS_KEY_TAG) for tag in end.account.tags):
        yield "a tag of a run is left"
    if any(planned(end.account.iam, start.counts[number % 2]).actions for number in succeeded):
        yield "a run succeeded and has not done everything"


def _problems_after_the_next_run(start: Start, end: Moment) -> Iterator[str]:
    count = max(start.counts)
    run = Run("c", planned(end.account.iam, count))
    (after,) = ends(Moment(account=Account.of(end.account.iam), parts=(Part(run=run),), faults=Faults()))
    delivered = frozenset().union(*(part.position.delivered for part in (*end.parts, *after.parts)))
    if not after.parts[0].succeeded:
        yield "the next run fails"
    if planned(after.account.iam, count).actions:
        yield "the next run does not do everything"
    if not after.account.active_keys - {OLD} <= delivered:
        yield "after the next run there is an active key that nobody holds"
    if any(not part.position.delivered <= after.account.active_keys for part in end.parts if part.succeeded):
        yield "a run that succeeded loses its key to the next run"


def judged(start: Start, beginning: Moment) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """Each problem with a way to it, and the runs that succeed at one end or another."""
    ways: dict[str, tuple[str, ...]] = {}
    seen: set[object] = set()
    succeed: set[str] = set()
    for end in ends(beginning):
        if end.outcome not in seen:
            seen.add(end.outcome)
            ways |= dict.fromkeys(problems(start, end), end.way)
            succeed |= {part.run.id for part in end.parts if part.succeeded}
    return ways, succeed


def shown(ways: dict[str, tuple[str, ...]]) -> str:
    return "\n".join("\n    ".join((f"{problem}:", *way)) for problem, way in ways.items())


@EVERY_START
@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(killed=1),
        Faults(lost=1),
        Faults(undelivered=1),
        Faults(outdated=1),
        Faults(killed=2),
        pytest.param(Faults(lost=2), marks=pytest.mark.slow),
        pytest.param(Faults(killed=1, lost=1), marks=pytest.mark.slow),
        pytest.param(Faults(outdated=3), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_one_run_makes_the_keys_and_each_key_is_held(start: Start, faults: Faults) -> None:
    ways, succeed = judged(start, begin(start, faults))

    assert not ways, shown(ways)
    assert succeed == {"a", "b"}


def test_the_walk_finds_what_goes_wrong_without_claims() -> None:
    start = STARTS["a user gets a key"]

    ways, _ = judged(start, begin_without_claims(start))

    assert "no run succeeded" in ways


@EVERY_START
@pytest.mark.slow
@pytest.mark.parametrize("faults", [Faults(), Faults(killed=1), Faults(lost=1), Faults(outdated=1)], ids=str)
def test_of_three_runs_one_makes_the_keys(start: Start, faults: Faults) -> None:
    ways, succeed = judged(start, begin(start, faults, "abd"))

    assert not ways, shown(ways)
    assert succeed == {"a", "b", "d"}


@EVERY_START
@pytest.mark.slow
@pytest.mark.parametrize("faults", [Faults(killed=1, outdated=1), Faults(lost=1, outdated=1)], ids=str)
def test_a_list_out_of_date_and_another_fault_leave_no_key_that_nobody_holds(start: Start, faults: Faults) -> None:
    ways, _ = judged(start, begin(start, faults))

    assert ways.keys() <= LOSES_ANOTHER_RUNS_KEY, shown(ways)
