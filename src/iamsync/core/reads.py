"""Which facts a plan depends on that only a call for each user or policy gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iamsync.core.arn import Arn
from iamsync.core.keys import notes_in
from iamsync.core.model import AccessKeys, DesiredState, LiveState, policy_subject, user_subject
from iamsync.core.scope import with_new_names
from iamsync.core.scope.leaving import leaving
from iamsync.core.tags import SUSPENDED_KEYS_TAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What to read beside the bulk answer. Users by their names in IAM, which a plan may change.

    `passwords`: whether the user has one. `keys`: the access keys. `last_used`: when those keys were last used of which
    `core.keys.whose_use_matters` says so, by what is declared (None: nothing). `everything`: all credentials, because
    the user is deleted. `used_by`: who has the policy, because it is deleted. `spare_mfa`: the virtual MFA devices that
    are assigned to no user. `claims`: within how many days a password must be claimed, of users for whom it matters
    whether it was.
    """

    passwords: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    last_used: Mapping[str, AccessKeys | None]
    claims: Mapping[str, int] = field(default_factory=dict)
    everything: frozenset[str] = frozenset()
    used_by: frozenset[Arn] = frozenset()
    spare_mfa: bool = False


def reads(desired: DesiredState, bulk: LiveState) -> Reads:
    """What a plan from `bulk` (users, groups, policies with their tags) to `desired` depends on.

    Passwords and keys are read where they are declared, and of every user who is suspended, was suspended, or is
    deleted; keys also of a user who carries the note of an interrupted apply.
    """
    found = with_new_names(desired, bulk)
    going, _ = leaving(desired, found)
    declared = [(desired.users[name], live) for name, live in found.users.items() if name in desired.users]
    deleted = frozenset(live.name for name, live in found.users.items() if user_subject(name) in going)
    suspended = {live.name for user, live in declared if user.suspended or SUSPENDED_KEYS_TAG in live.tags}
    last_used = {
        live.name: None if user.suspended else user.access_keys
        for user, live in declared
        if notes_in(live.tags) or (user.access_keys is not None and not user.suspended)
    }
    return Reads(
        passwords=deleted | suspended | {live.name for user, live in declared if user.console is not None},
        keys=deleted | suspended | last_used.keys(),
        last_used=last_used,
        claims={
            live.name: days
            for user, live in declared
            if user.console is not None and not user.suspended and (days := user.console.claim_within_days) is not None
        },
        everything=deleted,
        used_by=frozenset(arn for arn, policy in bulk.policies.items() if policy_subject(policy.name) in going),
        spare_mfa=bool(deleted) or not desired.users.keys() <= found.users.keys(),
    )
