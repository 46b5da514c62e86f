"""An action of a plan in words: a summary of one line, and what a reviewer must know beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from iamsync.core import change as to
from iamsync.core.action import (
    Action,
    ArnNote,
    EndedNote,
    GroupMove,
    OldArnNote,
    ReachNote,
    StrangersNote,
    VersionNote,
)
from iamsync.core.arn import Arn, short_name
from iamsync.core.claims import UnclaimedNote
from iamsync.core.explain import NOT_READABLE_TEXT, contents, differences, removals
from iamsync.core.keys import KeyNote
from iamsync.core.report import Outcome
from iamsync.core.tags import (
    DELIVERED_TAG,
    DELIVERY_TAG,
    MFA_DEVICES_TAG,
    NEW_ACCESS_KEY_TAG,
    OWNER_TAG,
    RETIRED_KEY_TAG,
    SUSPENDED_KEYS_TAG,
    UNCLAIMED_TAG,
)
from iamsync.core.verb import Verb
from iamsync.render.access_keys import step_words
from iamsync.render.delivery import minted

_SET: dict[str, str] = {
    SUSPENDED_KEYS_TAG: "record which access keys were active",
    RETIRED_KEY_TAG: "record when the access key was deactivated",
    MFA_DEVICES_TAG: "record which MFA devices the user has",
    DELIVERY_TAG: "deliver new passwords and access keys elsewhere",
    DELIVERED_TAG: "record when the password is delivered",
    UNCLAIMED_TAG: "record that the password was not claimed",
}
_REMOVED: dict[str, str] = {
    OWNER_TAG: "release: remove the ownership tag, keep everything else",
    SUSPENDED_KEYS_TAG: f"clear bookkeeping tag {SUSPENDED_KEYS_TAG}",
    RETIRED_KEY_TAG: f"clear bookkeeping tag {RETIRED_KEY_TAG}",
    DELIVERY_TAG: "deliver new passwords and access keys by the default channel again",
    UNCLAIMED_TAG: f"clear bookkeeping tag {UNCLAIMED_TAG}",
}
_MOVED: dict[GroupMove, str] = {
    GroupMove.ADOPTED: "adopt: move this existing group, ",
    GroupMove.RELEASED: "release: move the group back, keep everything else, ",
}


def summary(action: Action) -> str:  # noqa: C901, PLR0912 - one case for each change, and nothing else
    """What an action does, in one line."""
    change = action.change
    match change:
        case to.CreateUser() | to.CreateGroup() | to.CreatePolicy():
            return f"create {_kind(action)}"
        case to.Delete():
            return f"delete {_kind(action)}"
        case to.Rename(old, new):
            return f"rename {old} -> {new}"
        case to.Move(_, old, new):
            return f"{_move(action)}path {old} -> {new}"
        case to.SetTags(_, tags):
            return _setting(tags, _kind(action))
        case to.RemoveTags(_, keys):
            return _removing(keys)
        case to.SetBoundary(_, old, None):
            return f"remove boundary {_policy(old)}"
        case to.SetBoundary(_, None, new):
            return f"boundary {_policy(new)}"
        case to.SetBoundary(_, old, new):
            return f"boundary {_policy(old)} -> {_policy(new)}"
        case to.Attach(_, policy):
            return f"attach {short_name(policy)}"
        case to.Detach(_, policy):
            return f"detach {short_name(policy)}"
        case to.PutInline(_, name):
            return f"inline policy {name}{_step(action)}"
        case to.DeleteInline(_, name):
            return f"delete inline policy {name}"
        case to.NewVersion():
            return f"new default version{_step(action)}"
        case to.RestoreVersion(_, version):
            return f"make {version} the default version again"
        case to.DeleteVersion(_, version):
            return f"delete version {version}"
        case to.Join(_, group):
            return f"add to group {group}"
        case to.Leave(_, group):
            return f"remove from group {group}"
        case to.CreatePassword():
            return "create console password"
        case to.ReplacePassword():
            return "replace console password"
        case to.DeletePassword():
            return "delete console password"
        case to.CreateAccessKey():
            return "create access key"
        case to.SetKeyStatus(_, key, active):
            return f"activate access key {key} again" if active else f"deactivate access key {key}"
        case to.DeleteAccessKey(_, key):
            return f"delete access key {key}"
        case to.DeactivateDevice(_, serial):
            return f"deactivate MFA device {serial}"
        case to.DeleteDevice(serial):
            return f"delete virtual MFA device {serial}"
        case to.DeleteCredential(_, kind, key):
            return f"delete {kind} {key}"
        case _:
            assert_never(change)


def _move(action: Action) -> str:
    return next((_MOVED[note] for note in action.notes if isinstance(note, GroupMove)), "")


def shared_summary(actions: Sequence[Action]) -> str:
    """What several actions do that are equal but for their subjects, in one line with the names."""
    first = actions[0]
    number = count(len(actions), _kind(first))
    match first.change:
        case to.CreateUser() | to.CreateGroup() | to.CreatePolicy():
            words = f"create {number}"
        case to.Delete():
            words = f"delete {number}"
        case to.Attach():
            words = f"{summary(first)} to {number}"
        case to.Detach():
            words = f"{summary(first)} from {number}"
        case to.Join(_, group):
            words = f"add {number} to group {group}"
        case to.Leave(_, group):
            words = f"remove {number} from group {group}"
        case _:
            words = f"{summary(first)} for {number}"
    return f"{words}: {', '.join(action.subject.partition('/')[2] for action in actions)}"


def count(number: int, thing: str) -> str:
    """`1 user`, `2 users`, `3 policies`, `4 days`."""
    many = f"{thing[:-1]}ies" if thing.endswith("y") and thing[-2] not in "aeiou" else f"{thing}s"
    return f"{number} {thing if number == 1 else many}"


def _setting(tags: Mapping[str, str], kind: str) -> str:
    """The words for setting tags, which may be bookkeeping."""
    if set(tags) == {OWNER_TAG}:
        return f"adopt: set the ownership tag on this existing {kind}"
    if all(key.startswith(NEW_ACCESS_KEY_TAG) for key in tags):
        return "record which access keys exist" if any(tags.values()) else "claim new access keys for this run"
    return next((words for key, words in _SET.items() if set(tags) == {key}), "set tags")


def _removing(keys: Sequence[str]) -> str:
    if all(key.startswith(NEW_ACCESS_KEY_TAG) for key in keys):
        is_own = any(to.THIS_RUN in key for key in keys)
        return f"clear bookkeeping tag {NEW_ACCESS_KEY_TAG}" if is_own else "clear the tag of an unfinished run"
    known = next((words for key, words in _REMOVED.items() if keys == (key,)), None)
    return known or f"remove tags {', '.join(keys)}"


def _kind(action: Action) -> str:
    return action.subject.partition("/")[0]


def _policy(arn: Arn | None) -> str:
    return short_name(arn) if arn else "none"


def _step(action: Action) -> str:
    number, of = action.step
    return f", step {number} of {of}" if of > 1 else ""


def details(action: Action) -> Iterator[str]:
    """What a reviewer must know beside the summary, a line each."""
    yield from _details(action)
    reach = [note for note in action.notes if isinstance(note, ReachNote)]
    yield from map(_reach_words, reach)
    for note in action.notes:
        if isinstance(note, StrangersNote) and not reach:
            yield f"also reaches who is not declared: {', '.join(note.names)}"


def _reach_words(note: ReachNote) -> str:
    others = f"; also held by {', '.join(note.others)}" if note.others else ""
    unknown = "; roles are not known: iam:ListEntitiesForPolicy is denied" if note.roles_unknown else ""
    return f"reaches {count(note.declared, 'declared user')}{others}{unknown}"


def _details(action: Action) -> Iterator[str]:
    match action.change:
        case to.CreateUser() | to.CreateGroup() | to.CreatePolicy():
            yield from _details_of_creation(action.change)
        case to.CreatePassword() | to.ReplacePassword() | to.CreateAccessKey():
            yield from _words_of_notes(action)
            yield minted(action.change)
        case to.Rename():
            yield "keeps id, keys, password and MFA devices"
            yield from _words_of_notes(action)
        case to.PutInline() | to.NewVersion() | to.RestoreVersion():
            yield from _details_of_text(action, action.change)
        case to.SetTags(_, tags):
            yield from _tags(tags, action.old.tags if action.old else {})
        case to.Leave(_, group, is_stranger=True):
            yield f"the user is not declared, and group/{group} has `strangers: remove`"
        case to.RemoveTags() if action.old:
            yield from (f"{one} removed" for one in _tags(action.old.tags))
        case to.DeleteInline(old=old):
            yield from removals(old)
            yield from _words_of_notes(action)
        case to.Attach(via=via) if via:
            yield f"from policy set {via}"
        case _:
            yield from _words_of_notes(action)


def _details_of_creation(change: to.CreateUser | to.CreateGroup | to.CreatePolicy) -> Iterator[str]:
    match change:
        case to.CreateUser(user):
            yield f"path {user.path}"
            if user.boundary:
                yield f"boundary {short_name(user.boundary)}"
            yield from _tags(user.tags)
        case to.CreateGroup(group):
            yield f"path {group.path}"
        case to.CreatePolicy(policy, document):
            yield f"path {policy.path}"
            if policy.description:
                yield f"description {policy.description}"
            yield from _tags(policy.tags)
            yield from contents(document)


def _details_of_text(action: Action, change: to.TextChange) -> Iterator[str]:
    if action.step == (1, 2):
        yield "in two steps: add the new statements before removing the old ones"
    if isinstance(change, to.PutInline) and change.is_new:
        yield from contents(change.new)
    elif change.old is None:
        yield NOT_READABLE_TEXT
        yield from contents(change.new)
    else:
        yield from differences(change.old, change.new)


def _words_of_notes(action: Action) -> Iterator[str]:
    return (_note_words(note) for note in action.notes if not isinstance(note, StrangersNote | ReachNote | GroupMove))


def _note_words(note: KeyNote | OldArnNote | VersionNote | ArnNote | EndedNote | UnclaimedNote) -> str:
    match note:
        case OldArnNote(subject=subject, old=old, inline=inline):
            where = f"inline policy {inline} of {subject}" if inline else subject
            return f"{where} names the old ARN ({old}): it no longer means this {old.partition('/')[0]}"
        case ArnNote(old=old_arn, new=new_arn):
            return f"the ARN changes: {old_arn} -> {new_arn}"
        case EndedNote(until=until):
            return f"granted until {until}"
        case UnclaimedNote(days=days, within=within):
            return f"no sign-in for {count(days, 'day')} since it was delivered; claim_within is {count(within, 'day')}"
        case VersionNote.MAKES_ROOM:
            return "IAM stores five versions of a policy: the oldest that is not the default makes room"
        case VersionNote.LEAVES_FIRST:
            return "a policy is deleted after its versions"
        case _:
            return step_words(note)


def _tags(tags: Mapping[str, str], old: Mapping[str, str] | None = None) -> Iterator[str]:
    """Each tag; where the key had another value, `old -> new`."""
    was = old or {}
    return (f"tag {key}={f'{was[key]} -> ' if key in was else ''}{tags[key]}" for key in sorted(tags))


def reason(action: Action) -> str:
    """Where an action is declared."""
    if action.reason is not None:
        return str(action.reason)
    undoes = action.verb is Verb.REMOVE or isinstance(action.change, to.SetKeyStatus | to.RemoveTags)
    return "not declared" if undoes else "declared"


def why_words(outcome: Outcome) -> str:
    """Why an action ended as it did; "" if there is nothing to say."""
    if outcome.blocked_by is not None:
        return f"{outcome.blocked_by.subject}: {summary(outcome.blocked_by)} failed"
    if outcome.harmed:
        return (
            f"because of the failures above it would leave {outcome.harmed} with permissions that neither the old nor "
            "the new state gives, or without permissions that both give"
        )
    return outcome.why
