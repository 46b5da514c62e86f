"""The law of order: walked call by call, no moment of a plan is worse than both ends."""

from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iamsync.core.model import DesiredState
from iamsync.core.plan import Plan
from laws.model import Iam
from laws.moments import BOUNDARIES, situations, wrongs
from laws.pairs import Pair, pairs
from laws.playing import in_another_order, planned
from laws.seldom import SELDOM
from laws.sharing import DISTINGUISHED, met_on_the_way, sharing

ordered = settings(
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def with_what_is_seldom(law: Callable[[Pair, int], None]) -> Callable[[Pair, int], None]:
    """The law with the pairs as its examples that make a plan seldom: what follows does not depend on luck."""
    for pair in SELDOM:
        law = example(pair, 0)(law)
    return law


def test_no_moment_is_worse_than_both_ends() -> None:
    made: set[str] = set()

    @settings(ordered, max_examples=300)
    @given(sharing(), st.integers(0, 2**16))
    @with_what_is_seldom
    def law(pair: Pair, chance: int) -> None:
        made.update(situations(_walked_both_ways(*pair, Random(chance))))  # noqa: S311 - chance, no secret

    law()
    assert made >= {"renamed", "suspended", "created", "deleted", "in steps", "window", "at a limit", *BOUNDARIES}


def test_nor_is_it_when_a_person_gets_another_name_path_or_tag() -> None:
    made: set[str] = set()

    @settings(ordered, max_examples=300)
    @given(sharing(DISTINGUISHED), st.integers(0, 2**16))
    @with_what_is_seldom
    def law(pair: Pair, chance: int) -> None:
        made.update(situations(_walked_both_ways(*pair, Random(chance))))  # noqa: S311 - as above

    law()
    assert made >= {"renamed", "moved", "tagged", "untagged", "window"}


@settings(ordered, max_examples=200)
@given(met_on_the_way(), st.integers(0, 2**16))
def test_nor_is_it_for_what_is_met_on_the_way_only(pair: Pair, chance: int) -> None:
    _walked_both_ways(*pair, Random(chance))  # noqa: S311 - as above


@settings(ordered, max_examples=150)
@given(pairs(), st.integers(0, 2**16))
def test_nor_is_it_in_any_account_at_all(pair: Pair, chance: int) -> None:
    _walked_both_ways(*pair, Random(chance))  # noqa: S311 - as above


def _walked_both_ways(before: Iam, desired: DesiredState, chance: Random) -> Plan:
    """The plan, of which no moment is worse than both ends. One that is refused is not carried out."""
    plan, refused = planned(before, desired)
    if not refused:
        assert list(wrongs(before, plan.actions)) == []
        assert list(wrongs(before, in_another_order(plan, chance))) == []
    return plan
