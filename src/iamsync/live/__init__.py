"""IAM -> LiveState, whole or not at all.

Three steps: `read_in_bulk`, however many users there are; `tagged`, with the tags of policies, which no bulk answer
holds; and `completed`, with what `core.reads` says that the plan depends on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from iamsync.core.arn import Account, Arn
from iamsync.core.keys import whose_use_matters
from iamsync.core.model import Console, Credentials, DesiredState, LiveState
from iamsync.core.reads import Reads, reads
from iamsync.core.scope import asked_whose
from iamsync.core.scope.groups import with_one_spelling
from iamsync.live import access_keys, closely
from iamsync.live.bulk import read_in_bulk
from iamsync.live.closely import account_summary, is_attachable, role_policies, text_of_aws
from iamsync.live.concurrently import each, meanwhile
from iamsync.live.creation import creation
from iamsync.live.tag_index import FEW, PolicyTags, indexed_tags

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

__all__ = [
    "FEW",
    "PolicyTags",
    "account_summary",
    "completed",
    "creation",
    "indexed_tags",
    "is_attachable",
    "meanwhile",
    "read",
    "read_in_bulk",
    "read_marks",
    "role_policies",
    "roles_with",
    "tagged",
    "tags_that_matter",
    "text_of_aws",
    "with_tags_of",
]

_NONE: PolicyTags = {}


def read(iam: "IAMClient", desired: DesiredState, *, at_once: int, now: datetime) -> LiveState:
    """All three steps, with every tag as IAM tells it."""
    bulk = read_in_bulk(iam, desired.account)
    desired = with_one_spelling(desired, bulk.groups)
    return completed(iam, desired, tagged(iam, desired, bulk, at_once=at_once), at_once=at_once, now=now)


def tagged(
    iam: "IAMClient", desired: DesiredState, live: LiveState, *, at_once: int, known: PolicyTags = _NONE
) -> LiveState:
    """What was read in bulk, with the tags of the policies that have to be asked whose they are. The `known` ones are
    not asked for; at most `at_once` calls are in flight. Here and below, `desired` has groups as the account spells
    them.

    Raises what botocore raises.
    """
    asked = [arn for arn in tags_that_matter(desired, live) if arn not in known]
    return _with_policy_tags(iam, asked, live, at_once, known)


def completed(iam: "IAMClient", desired: DesiredState, live: LiveState, *, at_once: int, now: datetime) -> LiveState:
    """What `tagged` gives, with everything else that `desired` can be compared with; at most `at_once` calls are in
    flight. `now`, aware, is what the age of access keys is counted to.

    Raises what botocore raises: a picture with a missing page is none.
    """
    return _with_details(iam, reads(desired, live), live, at_once, now)


def roles_with(iam: "IAMClient", policies: Sequence[Arn], *, at_once: int) -> dict[Arn, frozenset[str] | None]:
    """The roles (`role/ci`) that have each policy, attached or as a boundary; None where the caller may not ask."""
    answers = each(lambda arn: closely.roles_with(iam, arn), policies, at_once)
    return {Arn(arn): roles for arn, roles in answers.items()}


def read_marks(iam: "IAMClient", account: Account, *, at_once: int) -> LiveState:
    """Everything live with the tags of all customer-managed policies, for telling whose they are."""
    live = read_in_bulk(iam, account)
    return _with_policy_tags(iam, list(live.policies), live, at_once, _NONE)


def with_tags_of(iam: "IAMClient", policies: list[Arn], live: LiveState, *, at_once: int) -> LiveState:
    """What was read in bulk, with the tags of these policies."""
    return _with_policy_tags(iam, policies, live, at_once, _NONE)


def tags_that_matter(desired: DesiredState, live: LiveState) -> PolicyTags:
    """The tags of each policy that has to be asked whose it is: the declared ones, undeclared ones that only deny and
    are attached to somebody of ours, and all only where undeclared ones are to go.
    """
    if desired.settings.prune:
        return {arn: policy.tags for arn, policy in live.policies.items()}
    asked = desired.policies.keys() | asked_whose(desired, live)
    return {arn: policy.tags for arn, policy in live.policies.items() if arn in asked}


def _with_policy_tags(
    iam: "IAMClient", asked: list[Arn], live: LiveState, at_once: int, known: PolicyTags
) -> LiveState:
    pages = iam.get_paginator("list_policy_tags")
    answers = each(lambda arn: closely.policy_tags(pages, arn), asked, at_once)
    tags = {arn: answers.get(arn, known.get(arn, {})) for arn in live.policies}
    return replace(live, policies={arn: replace(policy, tags=tags[arn]) for arn, policy in live.policies.items()})


def _with_details(iam: "IAMClient", needed: Reads, live: LiveState, at_once: int, now: datetime) -> LiveState:
    def credentials(name: str) -> Credentials:
        user = live.users[name]
        keys = access_keys.of(iam, user, now)
        if name in needed.everything:
            return closely.credentials(iam, name, keys)
        asked = whose_use_matters(needed.last_used[name], keys, user.tags) if name in needed.last_used else ()
        return Credentials(access_keys=access_keys.with_last_use(iam, keys, asked, now))

    def console(name: str) -> Console:
        return closely.console(iam, live.users[name], needed.claims.get(name), now)

    consoles = each(console, sorted(needed.passwords), at_once)
    return replace(
        live,
        today=f"{now.astimezone(UTC):%Y-%m-%d}",
        users={name: replace(user, console=consoles.get(name)) for name, user in live.users.items()},
        credentials=each(credentials, sorted(needed.keys), at_once),
        used_by=each(partial(closely.used_by, iam), sorted(needed.used_by), at_once),
        spare_mfa_devices=closely.spare_mfa_devices(iam) if needed.spare_mfa else (),
    )
