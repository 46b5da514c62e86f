"""How long `iamsync validate` takes on 5,000 users in 200 files, and on what; against a loop of plain Python.

And how long it takes on 300 users whose policies name 250 accounts, where no file says which account they are for.

Times of one machine say nothing on another: the ratio to the reference loop, measured in the same run, does.
"""
# ruff: noqa: INP001 - a script, not a package
# ruff: noqa: T201 - what it prints is what it is for

import argparse
import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

USERS, FILES = 5_000, 200
SETTINGS = """\
version: 1
settings: {owner: bench, account_id: "123456789012"}
policies:
  Guard: {document: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: "iam:Create*", Resource: "*"}]}}
policy_sets:
  viewer: {policies: [Guard, aws:AmazonS3ReadOnlyAccess, aws:IAMUserChangePassword]}
"""
USER = """\
  person.{number:04}:
    path: /people/
    policy_sets: [viewer, {{name: viewer, until: 2099-03-31}}]
    policies: [aws:job-function/ViewOnlyAccess]
    tags: {{Team: data, Cost: "{number}"}}
    console: {{password_reset_required: true, deliver: csv}}
    expires: 2099-12-31
"""

PEOPLE, ACCOUNTS, POLICIES, STATEMENTS = 300, 250, 9, 28
NO_ACCOUNT = "version: 1\nsettings: {owner: bench}\npolicies:\n"
KINDS = (
    "{{Effect: Allow, Action: 'iam:*', Resource: 'arn:aws:iam::{account}:user/${{aws:username}}'}}",
    (
        "{{Effect: Allow, Action: ['iam:ChangePassword', 'iam:EnableMFADevice'],"
        " Resource: 'arn:aws:iam::{account}:user/${{aws:username}}',"
        " Condition: {{Bool: {{'aws:MultiFactorAuthPresent': 'true'}}}}}}"
    ),
    "{{Effect: Allow, Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::{account}:role/Operator'}}",
)
GUARD = (
    "{Sid: NoMFA, Effect: Deny, NotAction: ['iam:EnableMFADevice', 'iam:ListMFADevices'], Resource: '*',"
    " Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}}"
)
"""Forgets iam:ChangePassword, so that no account makes the files right and each of those that are tried is judged."""


def write_folder_without_account(root: Path) -> None:
    """The desired state whose account must be guessed."""
    numbers = range(POLICIES * STATEMENTS - 1)
    kinds = (KINDS[one % len(KINDS)].format(account=f"{100_000_000_000 + one % ACCOUNTS}") for one in numbers)
    statements = [*kinds, GUARD]
    shares = [statements[one * STATEMENTS : (one + 1) * STATEMENTS] for one in range(POLICIES)]
    policies = "".join(
        f"  Own{number}:\n    document:\n      Version: 2012-10-17\n      Statement:\n"
        + "".join(f"        - {statement}\n" for statement in share)
        for number, share in enumerate(shares)
    )
    sets = f"policy_sets: {{all: {{policies: [{', '.join(f'Own{one}' for one in range(POLICIES))}]}}}}\n"
    users = "".join(f"  person.{one:04}: {{policy_sets: [all], console: true}}\n" for one in range(PEOPLE))
    (root / "all.yaml").write_text(f"{NO_ACCOUNT}{policies}{sets}users:\n{users}")


def write_folder(root: Path) -> None:
    """The desired state that is measured."""
    (root / "account.yaml").write_text(SETTINGS)
    share = USERS // FILES
    for file in range(FILES):
        people = "".join(USER.format(number=file * share + one) for one in range(share))
        (root / f"people-{file:03}.yaml").write_text(f"users:\n{people}")


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def reference() -> None:
    """What the times are compared with: a million steps of dictionary work."""
    counts: dict[int, int] = {}
    for number in range(1_000_000):
        counts[number % 1_000] = counts.get(number % 1_000, 0) + 1


def split(root: Path) -> dict[str, float]:
    """Seconds of each part: the texts from the disk, the trees from the texts, what is checked, and who can sign in."""
    from iamsync import desired  # noqa: PLC0415 - importing is not what is measured
    from iamsync.__main__ import CALM  # noqa: PLC0415
    from iamsync.core import sign_in  # noqa: PLC0415
    from iamsync.core.model import DesiredState  # noqa: PLC0415
    from iamsync.desired.files import found, text_of  # noqa: PLC0415
    from iamsync.desired.nodes import compose  # noqa: PLC0415

    gc.set_threshold(*CALM)
    texts: list[str] = []
    reading = timed(lambda: texts.extend(str(text_of(file, root)) for file in found(root) if isinstance(file, Path)))
    parsing = timed(lambda: [compose(text, "") for text in texts])

    states: list[DesiredState] = []

    def whole() -> None:
        declaration = desired.load(root)
        states.extend(declaration.state(account, datetime.now(UTC)) for account in declaration.offline_accounts)

    checking = timed(whole) - reading - parsing
    signing_in = timed(lambda: [list(sign_in.problems(state)) for state in states])
    return {"read": reading, "parse": parsing, "check": checking, "sign in": signing_in}


def command_time(folder: str, code: int) -> float:
    """Seconds of wall time of the whole command, which must end with this exit code."""
    command = [sys.executable, "-m", "iamsync", "validate", "--desired", folder]

    def run() -> None:
        ended = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
        if ended.returncode != code:
            raise SystemExit(ended.stderr.decode())

    return timed(run)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="the best of so many is taken")
    runs = parser.parse_args().runs
    loop = min(timed(reference) for _ in range(runs))
    with TemporaryDirectory() as name:
        root = Path(name)
        write_folder(root)
        whole = min(command_time(name, 0) for _ in range(runs))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        parts = min((split(root) for _ in range(runs)), key=lambda one: sum(one.values()))
    print(f"iamsync validate, {USERS:,} users in {FILES} files, best of {runs}")
    for part, seconds in {"whole command": whole, **parts}.items():
        print(f"  {part:14} {seconds:6.2f} s  {seconds / loop:6.1f} x the reference loop")
    print(f"  {'peak memory':14} {peak:6.0f} MB")
    with TemporaryDirectory() as name:
        write_folder_without_account(Path(name))
        guessed = min(command_time(name, 1) for _ in range(runs))
    print(f"iamsync validate, {PEOPLE} users whose policies name {ACCOUNTS} accounts, no account known, best of {runs}")
    print(f"  {'whole command':14} {guessed:6.2f} s  {guessed / loop:6.1f} x the reference loop")
    print(f"  {'reference loop':14} {loop:6.2f} s  (a million steps of dictionary work)")


if __name__ == "__main__":
    main()
