"""What the order of calls is worth, counted over generated accounts: the table of docs/order.md, for the code as it is.

The pairs of an account and a desired state come from the strategies of tests/laws, the same in every run;
tests/laws/moments judges each moment of each plan by its calls alone.
"""
# ruff: noqa: INP001 - a script, not a package
# ruff: noqa: T201 - what it prints is what it is for

import argparse
import sys
from collections import Counter
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from laws.moments import moments_worse_than_both_ends, wrongs
from laws.pairs import Pair
from laws.playing import in_another_order, planned
from laws.sharing import TOLD_APART, met_on_the_way, sharing

STRATEGIES = {
    "users who share groups and policies": sharing(),
    "the same, with conditions on name, path and tags": sharing(TOLD_APART),
    "what users hold only on the way": met_on_the_way(),
}
ROWS = (
    "plans",
    "calls",
    "policy texts changed in two steps",
    "plans that announce a temporary window",
    "of these without a harmful moment (false alarms)",
    "plans with a harmful moment",
    "plans with a harmful moment that no window announces",
    "random orders that the graph allows",
    "of these with a harmful moment that no window announces",
)


def generated(examples: int) -> list[Pair]:
    """So many pairs of an account and a desired state from each strategy: a quarter from each of four seeds, since
    later examples of one seed resemble earlier ones.
    """
    found: list[Pair] = []
    for strategy in STRATEGIES.values():
        for beginning in range(4):

            @seed(beginning)
            @settings(
                max_examples=examples // 4,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(strategy)
            def collect(pair: Pair) -> None:
                found.append(pair)

            collect()
    return found


def counted(pair: Pair, orders: int, chance: Random) -> Counter[str]:
    """What one plan adds to each row. Windows at a limit of IAM, which no order avoids, are not counted."""
    before, desired = pair
    plan, refused = planned(before, desired)
    if refused:
        return Counter(refused=1)
    found = Counter(
        {
            "plans": 1,
            "calls": len(plan.actions),
            "policy texts changed in two steps": sum(action.step == (1, 2) for action in plan.actions),
            "plans with a harmful moment that no window announces": any(wrongs(before, plan.actions)),
        }
    )
    others = [in_another_order(plan, chance) for _ in range(orders)]
    found["random orders that the graph allows"] = len(others)
    found["of these with a harmful moment that no window announces"] = sum(any(wrongs(before, one)) for one in others)
    if not any(action.limit for action in plan.actions):
        announces = any(action.window for action in plan.actions)
        harms = any(moments_worse_than_both_ends(before, plan.actions))
        found["plans that announce a temporary window"] = announces
        found["of these without a harmful moment (false alarms)"] = announces and not harms
        found["plans with a harmful moment"] = harms
    return found


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=400, help="pairs from each of the three strategies")
    parser.add_argument("--orders", type=int, default=5, help="random orders that are tried of each plan")
    arguments = parser.parse_args()
    chance = Random(1)  # noqa: S311 - chance that can be repeated, no secret
    total: Counter[str] = Counter()
    for pair in generated(arguments.examples):
        total += counted(pair, arguments.orders, chance)
    print("| | |\n|---|--:|")
    for row in ROWS:
        print(f"| {row} | {total[row]:,} |")
    if total["refused"]:
        print(f"\n{total['refused']:,} further pairs are refused as a whole.")


if __name__ == "__main__":
    main()
