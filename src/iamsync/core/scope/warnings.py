"""What a reviewer should look at, though the plan goes on."""

from collections.abc import Iterator

from iamsync.core.arn import is_quarantine
from iamsync.core.claims import gave_up, has_wrong_note
from iamsync.core.keys import Wait, due, notes_in
from iamsync.core.model import (
    DesiredState,
    LiveState,
    User,
    is_owned,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.note import Note
from iamsync.core.tags import DELIVERED_TAG, UNCLAIMED_TAG


def warnings(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """All of them; `desired` is what is brought into line."""
    yield from _quarantined(desired, live)
    yield from _immutable(desired, live)
    yield from _not_renamed(desired, live)
    yield from _spare_devices(desired, live)
    yield from _access_keys(desired, live)
    yield from _claims(desired, live)
    yield from _interrupted(desired, live)
    yield from _last_administrator(desired, live)


def _quarantined(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Who is not brought into line; of all others their Denies tell."""
    for name, user in sorted(live.users.items()):
        if name not in desired.users and any(is_quarantine(one.policy) for one in user.attachments):
            text = (
                "AWS HAS QUARANTINED THIS USER: an access key has leaked. The policy stays attached; rotate the key, "
                "look into CloudTrail, then take the policy off by hand"
            )
            yield Note(subject=user_subject(name), text=text, origin=user.origin)


def _immutable(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    for arn, policy in sorted(desired.policies.items()):
        found = live.policies.get(arn)
        if found is not None and found.description != policy.description:
            text = "IAM cannot change the description of a policy: it stays as it was when the policy was created"
            yield Note(subject=policy_subject(policy.name), text=text, origin=policy.origin)


def _not_renamed(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    for name, user in sorted(desired.users.items()):
        both = [old for old in user.previous_names if old in live.users and live.users[old].name == old]
        if name in live.users and live.users[name].name == name and both:
            text = f"is there beside {', '.join(both)}, a previous name: nobody is renamed; merge them by hand"
            yield Note(subject=user_subject(name), text=text, origin=user.origin)


def _claims(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Who waits for another password, and notes that somebody else has written."""
    for name, user in sorted(desired.users.items()):
        found = live.users.get(name)
        if found is None or user.console is None or user.console.claim_within_days is None or user.suspended:
            continue
        origin = user.console.origin or user.origin
        if gave_up(user, found):
            when = found.tags[UNCLAIMED_TAG]
            text = (
                f"has no password: nobody claimed it, so it was deleted ({when}). iamsync reset-password makes another"
            )
            yield Note(subject=user_subject(name), text=text, origin=origin)
        if has_wrong_note(found, live.today):
            text = (
                f"the tag {DELIVERED_TAG} ({found.tags[DELIVERED_TAG]}) is no day until today: it is ignored, remove it"
            )
            yield Note(subject=user_subject(name), text=text, origin=origin)


def _spare_devices(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    for name, user in sorted(desired.users.items()):
        left_over = [serial for serial in live.spare_mfa_devices if serial.rsplit("/", 1)[-1] == name]
        if name not in live.users and left_over:
            text = f"a virtual MFA device of that name is left over: {left_over[0]} keeps the user from enrolling one"
            yield Note(subject=user_subject(name), text=text, origin=user.origin)


def _access_keys(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Keys that are too many, and rotations that wait for somebody."""
    for name, user in sorted(desired.users.items()):
        found = live.users.get(name)
        seen = live.credentials.get(found.name) if found else None
        for one in due(user, found, seen.access_keys if seen else None):
            if isinstance(one, Wait) and user.access_keys is not None:
                yield Note(subject=user_subject(name), wait=one, origin=user.access_keys.origin or user.origin)


def _interrupted(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Users of ours who were getting an access key when an apply was interrupted, and who are left as they are."""
    for name, user in sorted(live.users.items()):
        left_alone = is_owned(user.tags, desired.settings.owner) and name not in desired.users
        if notes_in(user.tags) and left_alone and not desired.settings.prune:
            text = (
                "may have an access key that nobody holds: an apply was killed while it created one; declare the user "
                "again, or delete the key that was never used"
            )
            yield Note(subject=user_subject(name), text=text, origin=user.origin)


def _last_administrator(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Nobody would have AdministratorAccess any more, as far as users and their groups go."""
    before = [name for name, user in live.users.items() if has_administrator_access(user, live)]
    changed = {name: user for name, user in desired.users.items() if name in live.users}
    after = [name for name, user in {**live.users, **changed}.items() if has_administrator_access(user, live)]
    if before and not after:
        text = "is the last user with AdministratorAccess, and loses it"
        yield Note(subject=user_subject(min(before)), text=text, origin=live.users[min(before)].origin)


def has_administrator_access(user: User, live: LiveState) -> bool:
    """Whether a user, directly or by a group, has the policy AdministratorAccess."""
    groups = [live.groups[name] for name in user.groups or () if name in live.groups]
    attached = [*user.attachments, *(one for group in groups for one in group.attachments)]
    return not user.suspended and any(one.policy.endswith(":aws:policy/AdministratorAccess") for one in attached)
