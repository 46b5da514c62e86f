"""IAM -> LiveState, whole or not at all.

One bulk read, however many users there are; beside it only what no bulk answer holds and the plan depends on: the tags
of declared policies, whether a user who declares `console` has a password, and the credentials of who goes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from iamsync.core.arn import Account, Arn
from iamsync.core.keys import came_since, use_matters
from iamsync.core.model import Credentials, DesiredState, LiveState
from iamsync.core.scope import (
    going,
    looked_at_closely,
    whose_keys_are_declared,
    whose_new_key_is_doubtful,
    with_new_names,
)
from iamsync.live import access_keys, closely
from iamsync.live.bulk import read_in_bulk
from iamsync.live.closely import account_summary, is_attachable, role_policies
from iamsync.live.concurrently import each

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

__all__ = ["PolicyTags", "account_summary", "is_attachable", "read", "read_marks", "role_policies", "tags_that_matter"]

PolicyTags = Mapping[Arn, Mapping[str, str]]
"""What only a call per policy tells."""

_NONE: PolicyTags = {}


def read(
    iam: "IAMClient", desired: DesiredState, *, at_once: int, now: datetime, policy_tags: PolicyTags = _NONE
) -> LiveState:
    """Everything live that `desired` can be compared with; at most `at_once` calls are in flight. `now`, aware, is what
    the age of access keys is counted to. The `policy_tags` that are known already are not asked for.

    Raises what botocore raises: a picture with a missing page is none.
    """
    live = read_in_bulk(iam, desired.account)
    asked = [arn for arn in tags_that_matter(desired, live) if arn not in policy_tags]
    live = _with_policy_tags(iam, asked, live, at_once, policy_tags)
    live = _with_credentials(iam, desired, replace(live, today=f"{now.astimezone(UTC):%Y-%m-%d}"), at_once, now)
    live = replace(live, used_by=_used_by(iam, desired, live, at_once))
    if desired.users.keys() - with_new_names(desired, live).users.keys() or going(desired, live).users:
        live = replace(live, spare_mfa_devices=closely.spare_mfa_devices(iam))
    return live


def read_marks(iam: "IAMClient", account: Account, *, at_once: int) -> LiveState:
    """Everything live with the tags of all customer-managed policies, for telling whose they are."""
    live = read_in_bulk(iam, account)
    return _with_policy_tags(iam, list(live.policies), live, at_once, _NONE)


def tags_that_matter(desired: DesiredState, live: LiveState) -> PolicyTags:
    """The tags of each policy that has to be asked whose it is: the declared ones, and all only where undeclared ones
    are to go.
    """
    return {
        arn: policy.tags for arn, policy in live.policies.items() if arn in desired.policies or desired.settings.prune
    }


def _with_policy_tags(
    iam: "IAMClient", asked: list[Arn], live: LiveState, at_once: int, known: PolicyTags
) -> LiveState:
    pages = iam.get_paginator("list_policy_tags")
    answers = each(lambda arn: closely.policy_tags(pages, arn), asked, at_once)
    tags = {arn: answers.get(arn, known.get(arn, {})) for arn in live.policies}
    return replace(live, policies={arn: replace(policy, tags=tags[arn]) for arn, policy in live.policies.items()})


def _with_credentials(
    iam: "IAMClient", desired: DesiredState, live: LiveState, at_once: int, now: datetime
) -> LiveState:
    """Passwords where `console` is declared; all credentials of who goes; keys of who is, or was, suspended, who was
    getting one when an apply was interrupted, and where `access_keys` is declared.
    """
    close = looked_at_closely(desired, live)
    declared = {
        user.name
        for name, user in with_new_names(desired, live).users.items()
        if name in desired.users and desired.users[name].console is not None
    }
    consoles = each(lambda name: closely.console(iam, name), sorted(declared | close), at_once)
    leaving = {user.name for user in going(desired, live).users}

    keyed = whose_keys_are_declared(desired, live)

    def credentials(name: str) -> Credentials:
        keys = access_keys.of(iam, live.users[name], now)
        if name in leaving:
            return closely.credentials(iam, name, keys)
        all_matter = name in keyed and use_matters(keyed[name], keys)
        asked = keys if all_matter else [key for key in keys if came_since(key.id, live.users[name].tags)]
        return Credentials(access_keys=access_keys.with_last_use(iam, keys, asked, now))

    return replace(
        live,
        users={name: replace(user, console=consoles.get(name)) for name, user in live.users.items()},
        credentials=each(credentials, sorted(close | keyed.keys() | whose_new_key_is_doubtful(desired, live)), at_once),
    )


def _used_by(iam: "IAMClient", desired: DesiredState, live: LiveState, at_once: int) -> dict[Arn, frozenset[str]]:
    arns = sorted(policy.arn for policy in going(desired, live).policies)
    return {Arn(arn): users for arn, users in each(lambda arn: closely.used_by(iam, arn), arns, at_once).items()}
