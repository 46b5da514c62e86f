"""The account that is measured: N users with 3 tags and 3 attachments each, N/10 policies of our own, 5 groups.

A keeper stays when all others are deleted, because iamsync refuses an empty desired state.
"""
# ruff: noqa: INP001 - for scripts, not a package

import json
from pathlib import Path

OWNER = "bench"
ACCOUNT_ID = "123456789012"
KEEPER = "keeper"
GROUPS = [f"team-{number}" for number in range(5)]
GROUP_PATH = f"/iamsync/{OWNER}/"
AWS_POLICIES = ["AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess"]


def users(number: int) -> list[str]:
    """The names of so many users."""
    return [f"person.{one:04}" for one in range(number)]


def policies(number: int) -> list[str]:
    """The names of the policies of our own of a company of so many users."""
    return [f"Own-{one:03}" for one in range(max(1, number // 10))]


def document(policy: str) -> str:
    """A policy's text."""
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{policy.lower()}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def policy_of(user: int, number: int) -> str:
    """Which policy of our own a user has."""
    names = policies(number)
    return names[user % len(names)]


def group_of(user: int) -> str:
    """Which group a user is in."""
    return GROUPS[user % len(GROUPS)]


def tags_of(user: int) -> dict[str, str]:
    """A user's tags, the owner's mark among them: with two others, three."""
    return {"iamsync:owner": OWNER, "Team": group_of(user), "Cost": str(user)}


def drifted(number: int) -> list[int]:
    """One in a hundred users, but one at least."""
    return list(range(0, number, 100))


def write_folder(root: Path, number: int) -> None:
    """What iamsync is asked for: the whole company."""
    root.mkdir(exist_ok=True)
    lines = ["policies:", *(f"  {name}: {{document: {document(name)}}}" for name in policies(number))]
    lines += ["groups:", *(f"  {name}: {{}}" for name in GROUPS), "users:", f"  {KEEPER}: {{}}"]
    for one, name in enumerate(users(number)):
        tags = f'{{Team: {group_of(one)}, Cost: "{one}"}}'
        held = ", ".join([policy_of(one, number), *(f"aws:{aws}" for aws in AWS_POLICIES)])
        lines.append(f"  {name}: {{tags: {tags}, policies: [{held}], groups: [{group_of(one)}]}}")
    (root / "all.yaml").write_text(_settings("") + "\n".join(lines) + "\n")


def write_keeper_alone(root: Path) -> None:
    """What iamsync is asked for at the end: everybody else goes."""
    root.mkdir(exist_ok=True)
    (root / "all.yaml").write_text(_settings(", prune: true") + f"users: {{{KEEPER}: {{}}}}\n")


def _settings(more: str) -> str:
    return f'version: 1\nsettings: {{owner: {OWNER}, account_id: "{ACCOUNT_ID}"{more}}}\n'
