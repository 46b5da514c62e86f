"""Pairs of an account and a desired state, for every law."""

from hypothesis import assume
from hypothesis import strategies as st

from iamsync.core import validate
from iamsync.core.model import DesiredState
from laws.model import Iam
from laws.strategies import accounts, desired_states
from laws.universe import IGNORED_TAG_KEYS

Pair = tuple[Iam, DesiredState]


@st.composite
def pairs(draw: st.DrawFn, ignored_tags: tuple[str, ...] = IGNORED_TAG_KEYS) -> Pair:
    """An account and a desired state for it that `validate` has nothing against."""
    iam = draw(accounts(ignored_tags))
    desired = draw(desired_states(iam))
    assume(not [problem for problem in validate.problems(desired) if not problem.warning])
    return iam, desired
