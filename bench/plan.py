"""How long a plan takes for 5,000 users whose account has been read already, and on what. No HTTP, no files.

Nine users in ten are as declared; of the others some are new, some go, some have drifted. And how long it takes for
1,000 users where nothing is as declared: no text, no user's attachments, nor what the groups carry.
"""
# ruff: noqa: INP001 - a script, not a package
# ruff: noqa: T201 - what it prints is what it is for

import argparse
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from iamsync.core.arn import Account, aws_policy_arn, policy_arn
from iamsync.core.diff import diff
from iamsync.core.document import Document
from iamsync.core.model import (
    Attachment,
    Credentials,
    DesiredState,
    Group,
    Guards,
    LiveState,
    Policy,
    PolicyVersion,
    Settings,
    User,
)
from iamsync.core.plan import Plan
from iamsync.core.scope import leave_alone

USERS, POLICIES, GROUPS, CHANGED = 5_000, 500, 5, 1_000
ACCOUNT = Account(id="123456789012", partition="aws")
OURS = {"iamsync:owner": "bench"}
AWS = [aws_policy_arn("aws", name) for name in ("AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess")]
Seconds = dict[str, float]
Result = TypeVar("Result")


def document(number: int) -> Document:
    """A policy's text."""
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": f"arn:aws:s3:::own-{number}/*"}
    return Document.parse({"Version": "2012-10-17", "Statement": [statement]})


def user(number: int) -> User:
    """A user as declared."""
    own = policy_arn(ACCOUNT, "/", f"Own-{number % POLICIES}")
    return User(
        name=f"person.{number:04}",
        path="/people/",
        tags={**OURS, "Team": str(number % 7), "Cost": str(number)},
        attachments=frozenset(Attachment(policy=arn) for arn in [own, *AWS]),
        groups=frozenset({f"team-{number % GROUPS}"}),
    )


def states() -> tuple[DesiredState, LiveState]:
    """What is declared, and what was read."""
    policies = {
        policy_arn(ACCOUNT, "/", f"Own-{one}"): Policy(
            arn=policy_arn(ACCOUNT, "/", f"Own-{one}"), name=f"Own-{one}", path="/", document=document(one), tags=OURS
        )
        for one in range(POLICIES)
    }
    groups = {f"team-{one}": Group(name=f"team-{one}", path="/iamsync/bench/") for one in range(GROUPS)}
    declared = {one.name: one for one in map(user, range(USERS))}
    live = dict(declared)
    for number, name in enumerate(declared):
        match number % 40:
            case 0:  # is new
                del live[name]
            case 10:  # lost an attachment by hand
                live[name] = replace(live[name], attachments=frozenset(list(live[name].attachments)[1:]))
            case 20:  # has another team by now
                live[name] = replace(live[name], tags={**live[name].tags, "Team": "old"})
            case 30:  # left, and somebody else has the place
                gone = replace(live.pop(name), name=f"leaver.{number:04}")
                live[gone.name] = gone
            case _:
                pass
    settings = Settings(owner="bench", prune=True, guards=Guards(max_removals=USERS, percent=False))
    desired = DesiredState(account=ACCOUNT, users=declared, groups=groups, policies=policies, settings=settings)
    return desired, LiveState(
        account=ACCOUNT,
        users=live,
        groups=groups,
        policies=policies,
        versions={
            arn: (PolicyVersion(id="v1", document=one.document, is_default=True),) for arn, one in policies.items()
        },
        credentials={name: Credentials() for name in live if name.startswith("leaver")},
    )


def upheaval(users: int) -> tuple[DesiredState, LiveState]:
    """Another declaration altogether for everybody, so that everything hangs together in the question of order."""
    sides = [_everybody(users, text, shift) for text, shift in ((_MORE, 3), (_LESS, 0))]
    settings = Settings(owner="bench", guards=Guards(max_removals=users, percent=False))
    desired = DesiredState(account=ACCOUNT, settings=settings, **sides[0])
    found = LiveState(account=ACCOUNT, **sides[1])
    versions = {
        arn: (PolicyVersion(id="v1", document=one.document, is_default=True),) for arn, one in found.policies.items()
    }
    return desired, replace(found, versions=versions)


_LESS = [
    {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::own-{}/*"},
    {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "arn:aws:sqs:*:*:queue-{}"},
    {"Effect": "Deny", "Action": ["iam:Delete*"], "Resource": "*"},
]
_MORE = [
    {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:PutObject"], "Resource": "arn:aws:s3:::own-{}/*"},
    {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "arn:aws:sqs:*:*:queue-{}"},
    {"Effect": "Deny", "Action": ["iam:*"], "Resource": "*"},
]


def _everybody(users: int, text: list[dict[str, Any]], shift: int) -> dict[str, Any]:
    """Users, groups and policies of one side; what they hold is `shift` policies further on."""
    names = [f"Own-{one}" for one in range(users // 10)]

    def held(first: int, count: int) -> frozenset[Attachment]:
        chosen = (names[(first + shift + one) % len(names)] for one in range(count))
        return frozenset(Attachment(policy=policy_arn(ACCOUNT, "/", name)) for name in chosen)

    def says(number: int) -> Document:
        filled = [{**one, "Resource": one["Resource"].replace("{}", str(number))} for one in text]
        return Document.parse({"Version": "2012-10-17", "Statement": filled})

    policies = [
        Policy(arn=policy_arn(ACCOUNT, "/", name), name=name, path="/", document=says(one), tags=OURS)
        for one, name in enumerate(names)
    ]
    people = [
        User(
            name=f"person.{one:04}",
            tags=OURS,
            attachments=held(one, 5),
            inline={"own": says(one)},
            groups=frozenset({f"team-{one % GROUPS}"}),
        )
        for one in range(users)
    ]
    groups = [Group(name=f"team-{one}", path="/iamsync/bench/", attachments=held(one, 1)) for one in range(GROUPS)]
    return {
        "users": {one.name: one for one in people},
        "groups": {one.name: one for one in groups},
        "policies": {one.arn: one for one in policies},
    }


def timed(into: Seconds, part: str, work: Callable[[], Result]) -> Result:
    """Do one part and note its seconds of wall time."""
    start = time.perf_counter()
    result = work()
    into[part] = time.perf_counter() - start
    return result


def split(desired: DesiredState, live: LiveState) -> Seconds:
    """Seconds of each part: what the read asks of the core, what is left alone, what differs, all of a plan."""
    from iamsync.core.reads import reads  # noqa: PLC0415 - the earlier versions of `earlier.py` do not have it

    seconds: Seconds = {}
    timed(seconds, "asked while reading", lambda: reads(desired, live))
    scope = timed(seconds, "scope", lambda: leave_alone(desired, live))
    timed(seconds, "diff", lambda: list(diff(scope.desired, scope.live, live)))
    plan = timed(seconds, "whole plan", lambda: Plan.between(desired, live))
    seconds["order"] = max(0.0, seconds["whole plan"] - seconds["scope"] - seconds["diff"])
    timed(seconds, "digest", lambda: plan.digest)
    return seconds


def reference() -> None:
    """What the times are compared with: a million steps of dictionary work."""
    counts: dict[int, int] = {}
    for number in range(1_000_000):
        counts[number % 1_000] = counts.get(number % 1_000, 0) + 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many is taken")
    runs = parser.parse_args().runs
    loops: list[Mapping[str, float]] = []
    for _ in range(runs):
        loop: Seconds = {}
        timed(loop, "loop", reference)
        loops.append(loop)
    loop_time = min(one["loop"] for one in loops)
    desired, live = states()
    best = min((split(desired, live) for _ in range(runs)), key=lambda one: one["whole plan"])
    plan = Plan.between(desired, live)
    changes = timed(best, "upheaval", lambda: Plan.between(*upheaval(CHANGED)))
    print(f"a plan of {len(plan.actions):,} calls for {USERS:,} users, best of {runs};")
    print(f"and the upheaval of {CHANGED:,} users, {len(changes.actions):,} calls")
    for part, seconds in best.items():
        print(f"  {part:20} {seconds:6.2f} s  {seconds / loop_time:6.1f} x the reference loop")
    print(f"  {'peak memory':20} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")
    print(f"  {'reference loop':20} {loop_time:6.2f} s  (a million steps of dictionary work)")


if __name__ == "__main__":
    main()
