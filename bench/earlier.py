"""Planning and `validate` beside an earlier version: `earlier.py CHECKOUT`, a folder with its src/ and tests/.

Each case runs once in a process of its own, first with the earlier code and then with this. What counts is the CPU time
and its ratio, so that other work on the machine matters little; the peak memory is that of the process. A process that
needs more than LIMIT seconds is ended.
"""
# ruff: noqa: INP001 - a script, not a package
# ruff: noqa: T201 - what it prints is what it is for
# ruff: noqa: PLC0415 - which iamsync is imported is what is measured

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import plan as many
import validate as files

if TYPE_CHECKING:
    from iamsync.core.document import Document
    from iamsync.core.model import DesiredState, LiveState, Policy

HERE = Path(__file__).parent
LIMIT = 120
VALIDATE = "validate: 300 console users, 9 policies of 28 statements that name 250 accounts"
Sides = tuple["DesiredState", "LiveState"]


def held(users: int, *, texts: bool) -> Sides:
    """Everybody keeps one policy of six and swaps another; with `texts`, the six say something else, too."""
    from states import allow, arn_of, desired, live, policy, user

    def side(new: bool) -> list[Any]:  # noqa: FBT001 - one of two sides
        policies = [
            policy(f"P{one}", allow(f"s3:Get{one}*", "sqs:*" if new and texts else "sns:*")) for one in range(6)
        ]
        names = [[arn_of(f"P{(number + one + new) % 6}") for one in range(2)] for number in range(users)]
        return [*policies, *(user(f"u{number}", *arns) for number, arns in enumerate(names))]

    return desired(*side(True)), live(*side(False))


def newcomers(users: int) -> Sides:
    """Users who do not exist yet, with three policies each."""
    from states import allow, arn_of, desired, live, policy, user

    policies = [policy(f"P{one}", allow(f"s3:Get{one}*")) for one in range(6)]
    people = [user(f"u{number}", *(arn_of(f"P{(number + one) % 6}") for one in range(3))) for number in range(users)]
    return desired(*policies, *people), live(*policies)


def rewritten(  # noqa: PLR0913 - the numbers of the case
    users: int,
    policies: int,
    statements: int,
    *,
    actions: int = 2,
    resources: int = 1,
    own: str = "",
    asking: bool = False,
    renamed: bool = False,
) -> Sides:
    """All users hold all policies, and every statement of each gets another action. `own` is a part of each resource;
    if `asking`, each statement has a condition on the user's name; if `renamed`, everybody gets another name as well.
    """
    from states import arn_of, desired, live, policy, user

    from iamsync.core.document import Document

    def text(number: int, *, new: bool) -> "Document":
        listed = [
            {
                "Effect": "Allow",
                "Action": [
                    f"s{one}:Get{number}{'New' if new else 'Old'}*",
                    *(f"s{one}:List{number}x{action}*" for action in range(actions - 1)),
                ],
                "Resource": [f"arn:aws:s3:::b{number}-{one}-{resource}/{own}*" for resource in range(resources)],
                **({"Condition": {"StringNotEquals": {"aws:username": [f"x{one}", f"y{number}"]}}} if asking else {}),
            }
            for one in range(statements)
        ]
        return Document.parse({"Version": "2012-10-17", "Statement": listed})

    def texts(*, new: bool) -> list["Policy"]:
        return [policy(f"P{number}", text(number, new=new)) for number in range(policies)]

    arns = [arn_of(f"P{number}") for number in range(policies)]
    names = [f"u{number}" for number in range(users)]
    old = [user(name, *arns) for name in names]
    new = [user(f"n{name}", *arns, previous_names=(name,)) for name in names] if renamed else old
    return desired(*texts(new=True), *new), live(*texts(new=False), *old)


def changed_a_little(users: int, *, tag: bool) -> Sides:
    """Everybody gets one policy more, or another tag."""
    from states import OURS, allow, arn_of, desired, live, policy, user

    policies = [policy(f"P{one}", allow(f"s3:Get{one}*")) for one in range(6)]
    names, kept, more = [f"u{number}" for number in range(users)], arn_of("P1"), arn_of("P2")
    tagged = [user(name, kept, tags={**OURS, "Team": "data"}) for name in names]
    attached = [user(name, kept, more) for name in names]
    return desired(*policies, *(tagged if tag else attached)), live(*policies, *(user(name, kept) for name in names))


CASES: Mapping[str, Callable[[], Sides]] = {
    "1 new user": lambda: newcomers(1),
    "300 new users": lambda: newcomers(300),
    "300 users, one policy more": lambda: changed_a_little(300, tag=False),
    "300 users, another tag": lambda: changed_a_little(300, tag=True),
    "300 users, one attachment swapped": lambda: held(300, texts=False),
    "1,000 users, the same and 6 shared texts": lambda: held(1_000, texts=True),
    "upheaval of 1,000 users (`plan.py`)": lambda: many.upheaval(1_000),
    "3 users, 3 policies of 250 actions x 140 resources": lambda: rewritten(3, 3, 1, actions=250, resources=140),
    "300 users, 10 policies of 30 statements": lambda: rewritten(300, 10, 30),
    "the same, resources with ${aws:username}": lambda: rewritten(300, 10, 30, own="${aws:username}/"),
    "the same, conditions on aws:username": lambda: rewritten(300, 10, 30, asking=True),
    "300 users renamed while all these texts change": lambda: rewritten(300, 10, 30, renamed=True),
    "300 users renamed while 3 texts of 10 statements with ${aws:username} change": lambda: rewritten(
        300, 3, 10, own="${aws:username}/", renamed=True
    ),
}


def plan_one(case: str) -> None:
    """Plan one case and print its cost, as the last line of a process that does nothing else. Small cases are
    repeated for a second; the mean is taken.
    """
    from iamsync.core.plan import Plan

    sides = CASES[case]()
    began = time.process_time()
    calls, runs = len(Plan.between(*sides).actions), 1
    while time.process_time() - began < 1:
        Plan.between(*sides)
        runs += 1
    seconds = (time.process_time() - began) / runs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": seconds, "peak": peak, "calls": calls}))


def cost(checkout: Path, case: str) -> Mapping[str, float] | None:
    """CPU seconds, peak memory in MB and the number of calls of one case with the code of a checkout; None if it was
    ended.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (checkout / "src", checkout / "tests")))}
    if case == VALIDATE:
        with TemporaryDirectory() as folder:
            files.write_folder_without_account(Path(folder))
            program = [sys.executable, "-m", "iamsync", "validate", "--desired", folder]
            command = [sys.executable, str(HERE / "stopwatch.py"), *program]
            return _last_line(command, environment)
    return _last_line([sys.executable, __file__, str(checkout), "--only", case], environment)


def _last_line(command: list[str], environment: Mapping[str, str]) -> Mapping[str, float] | None:
    """What a process says of its cost; None if it was ended."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))

    ended = subprocess.run(  # noqa: S603 - our own
        command,
        check=False,
        capture_output=True,
        env=environment,
        preexec_fn=limited,
    )
    if ended.returncode < 0:
        return None
    found: Mapping[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return None if found.get("code", 0) < 0 else found


def rows(earlier: Path, word: str) -> Iterator[str]:
    """The table, line by line, as soon as each is known; of the cases that have a word in their name."""
    yield "| Case | Calls | Earlier's | CPU s | Earlier's | CPU | Peak MB | Earlier's |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for case in (one for one in (*CASES, VALIDATE) if word in one):
        then, now = cost(earlier, case), cost(HERE.parent, case)
        if now is None:
            yield f"| {case} | more than {LIMIT} s |"
        elif then is None:
            ratio = f"< {now['cpu'] / LIMIT:.2f} x"
            yield f"| {case} | {_calls(now)} | | {now['cpu']:.4f} | > {LIMIT} | {ratio} | {now['peak']:.0f} | |"
        else:
            seconds, peak = f"{now['cpu']:.4f} | {then['cpu']:.4f}", f"{now['peak']:.0f} | {then['peak']:.0f}"
            ratio = f"{now['cpu'] / then['cpu']:.2f} x"
            yield f"| {case} | {_calls(now)} | {_calls(then)} | {seconds} | {ratio} | {peak} |"


def _calls(found: Mapping[str, float]) -> str:
    return f"{found['calls']:,}" if "calls" in found else ""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="the earlier version")
    parser.add_argument("--cases", metavar="WORD", default="", help="only cases with this word in their name")
    parser.add_argument("--only", metavar="CASE", help="plan one case with the code on PYTHONPATH")
    asked = parser.parse_args()
    if asked.only:
        plan_one(asked.only)
    else:
        for row in rows(asked.checkout, asked.cases):
            print(row, flush=True)


if __name__ == "__main__":
    main()
