"""Users: from birth, through every change, to suspension and back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from iamsync.core.action import Action, ActionNote, OldArnNote, Timing
from iamsync.core.change import (
    Change,
    CreatePassword,
    CreateUser,
    DeletePassword,
    Join,
    Leave,
    Move,
    PutInline,
    RemoveTags,
    Rename,
    SetBoundary,
    SetKeyStatus,
    SetTags,
)
from iamsync.core.diff.access_keys import access_key_actions, ending, new_access_keys, note_before
from iamsync.core.diff.owners import attachment_actions, entity_of, inline_actions, with_room
from iamsync.core.diff.tags import tag_changes
from iamsync.core.document import Document
from iamsync.core.keys import due
from iamsync.core.model import (
    OWNER_TAG,
    SUSPENDED_KEYS_TAG,
    SUSPENDED_POLICY,
    AccessKey,
    Console,
    Credentials,
    Group,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.plan_input import PlanInput

GROUPS_PER_USER = 10
"""IAM quota "Groups an IAM user can be a member of", fixed."""

INLINE_SIZE = 2048
"""IAM quota "Inline policies of a user", in characters of all of them together, fixed."""

DENY_ALL: Final = Document.parse(
    {"Version": "2012-10-17", "Statement": {"Sid": "Suspended", "Effect": "Deny", "Action": "*", "Resource": "*"}}
)
"""The inline policy of a suspended user: it also stops sessions that began before."""


def user_actions(desired: User, live: User | None, plan: PlanInput) -> Iterator[Action]:
    """The actions that bring a declared user into line."""
    wanted = as_suspended(desired)
    seen = Credentials() if live is None else plan.known.credentials.get(live.name)
    keys = seen.access_keys if seen else ()
    steps = due(wanted, live, keys if seen else None)
    is_new = live is None
    if live is None:
        born = replace(desired, tags={**desired.tags, **note_before(keys, steps)})
        yield Action(change=CreateUser(born), subject=user_subject(born.name), reason=born.origin)
        live = User(
            name=born.name,
            path=born.path,
            tags=born.tags,
            boundary=born.boundary,
            groups=frozenset(),
            console=Console(enabled=False),
        )
    inline = list(_inline_actions(wanted, live, plan, is_new=is_new))
    yield from _adoption(desired, live, plan)
    yield from (action for action in inline if action.timing is Timing.FIRST)
    yield from _identity_actions(desired, live, plan)
    yield from _suspension_actions(wanted, live, keys, not_again=ending(steps))
    yield from access_key_actions(wanted, live, keys, steps, plan)
    yield from _tag_actions(wanted, live)
    yield from _boundary_actions(wanted, live)
    yield from attachment_actions(wanted, live, plan.desired.settings.quotas.policies_per_user, plan)
    yield from (action for action in inline if action.timing is not Timing.FIRST)
    yield from _group_actions(wanted, live, plan)
    yield from _console_actions(wanted, live)
    if seen:
        yield from new_access_keys(wanted, live, keys, steps)


def as_suspended(user: User) -> User:
    """The user as declared; if suspended, without a password, and denied everything."""
    if not user.suspended:
        return user
    return replace(user, console=Console(enabled=False), inline={**user.inline, SUSPENDED_POLICY: DENY_ALL})


def _adoption(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    if OWNER_TAG in desired.tags and OWNER_TAG not in live.tags:
        mark = SetTags(entity_of(live), {OWNER_TAG: plan.desired.settings.owner})
        yield _action(desired, mark, timing=Timing.FIRST)


def _identity_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    notes = tuple(_names_the_old_arn(live, plan)) if (desired.name, desired.path) != (live.name, live.path) else ()
    if desired.name != live.name:
        yield _action(desired, Rename(live.name, desired.name), timing=Timing.FIRST, notes=notes)
    if desired.path != live.path:
        yield _action(desired, Move(entity_of(desired), live.path, desired.path), notes=notes)


def _names_the_old_arn(live: User, plan: PlanInput) -> Iterator[OldArnNote]:
    """Principal elements follow a new name or path, text in Resource and Condition does not (API_UpdateUser)."""
    old = f"user{live.path}{live.name}"
    texts: list[tuple[OldArnNote, Document | None]] = [
        (OldArnNote(subject=policy_subject(policy.name), old=old), policy.document)
        for policy in plan.known.policies.values()
    ]
    owners: list[User | Group] = [*plan.known.users.values(), *plan.known.groups.values()]
    for owner in owners:
        subject = user_subject(owner.name) if isinstance(owner, User) else group_subject(owner.name)
        texts += [(OldArnNote(subject=subject, inline=name, old=old), text) for name, text in owner.inline.items()]
    for note, text in texts:
        if text is not None and f'{old}"' in text.render():
            yield note


def _suspension_actions(
    desired: User, live: User, keys: Sequence[AccessKey], *, not_again: frozenset[str]
) -> Iterator[Action]:
    if desired.suspended:
        active = sorted(key.id for key in keys if key.active and key.id not in not_again)
        if active and SUSPENDED_KEYS_TAG not in live.tags:  # a key that is made meanwhile is not to come back
            mark = SetTags(entity_of(desired), {SUSPENDED_KEYS_TAG: " ".join(active)})
            yield _action(desired, mark, timing=Timing.FIRST)
        for key in active:
            yield _action(desired, SetKeyStatus(desired.name, key, active=False), timing=Timing.FIRST)
    elif SUSPENDED_KEYS_TAG in live.tags:
        recorded = live.tags[SUSPENDED_KEYS_TAG].split()
        for one in keys:
            if one.id in recorded and not one.active and one.id not in not_again:
                yield _action(desired, SetKeyStatus(desired.name, one.id, active=True), timing=Timing.LAST)
        untag = RemoveTags(entity_of(desired), (SUSPENDED_KEYS_TAG,))
        yield Action(change=untag, subject=user_subject(desired.name), timing=Timing.LAST)


def _tag_actions(desired: User, live: User) -> Iterator[Action]:
    stale, missing = tag_changes(desired.tags, live.tags)
    if stale:
        yield Action(change=RemoveTags(entity_of(desired), stale), subject=user_subject(desired.name))
    if missing:
        yield _action(desired, SetTags(entity_of(desired), missing))


def _boundary_actions(desired: User, live: User) -> Iterator[Action]:
    if desired.boundary == live.boundary:
        return
    change = SetBoundary(desired.name, live.boundary, desired.boundary)
    reason = desired.origin if desired.boundary else None
    yield Action(change=change, subject=user_subject(desired.name), reason=reason)


def _inline_actions(desired: User, live: User, plan: PlanInput, *, is_new: bool) -> Iterator[Action]:
    """All of them; the Deny of a suspension comes before a new name, which may bring permissions."""
    for action in inline_actions(desired, live, INLINE_SIZE, plan):
        change = action.change
        if isinstance(change, PutInline) and change.name == SUSPENDED_POLICY and not is_new:
            yield replace(action, change=replace(change, owner=entity_of(live)), timing=Timing.FIRST)
        else:
            yield action


def _group_actions(desired: User, live: User, plan: PlanInput) -> Iterator[Action]:
    wanted, found = desired.groups or frozenset(), live.groups or frozenset()
    for group in sorted(wanted - found):
        yield _action(desired, Join(desired.name, group))
    removals = [
        Action(change=Leave(desired.name, group), subject=user_subject(desired.name))
        for group in sorted(found - wanted)
    ]
    needed = len(found) + len(wanted - found) - GROUPS_PER_USER
    yield from with_room(removals, needed, f"{GROUPS_PER_USER} groups", plan)


def _console_actions(desired: User, live: User) -> Iterator[Action]:
    wanted = desired.console
    if wanted is None or live.console is None or live.console == wanted:
        return
    reason = wanted.origin or desired.origin
    subject = user_subject(desired.name)
    if wanted.enabled:
        change = CreatePassword(desired.name, wanted.password_reset_required, wanted.channel)
        yield Action(change=change, subject=subject, reason=reason)
    else:
        yield Action(change=DeletePassword(desired.name), subject=subject, reason=reason, timing=Timing.FIRST)


def _action(
    desired: User, change: Change, *, timing: Timing = Timing.IN_ORDER, notes: tuple[ActionNote, ...] = ()
) -> Action:
    return Action(change=change, subject=user_subject(desired.name), reason=desired.origin, timing=timing, notes=notes)
