"""The way back from a run: the state in which every owned user, group and policy is as it is, but for what the run did.

What the calls were comes from a journal, which is input from outside. Each call is undone only where the account still
has the effect that the journal claims. The rest is a note: what cannot come back, and what somebody has changed since.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from iamsync.core import validate
from iamsync.core.arn import Arn, short_name
from iamsync.core.model import (
    DesiredState,
    Group,
    LiveState,
    Origin,
    Policy,
    Settings,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.scope import Note, with_new_names
from iamsync.core.scope.denies import undeclared_denies
from iamsync.core.undo import access, identity, lifetimes, policy_texts
from iamsync.core.undo.account import Account, as_it_is
from iamsync.core.undo.made import Made, NotUndoneError, refuse

__all__ = ["Made", "Undone", "as_it_is", "subject_of", "undone"]

_LOST: Final[Mapping[str, str]] = {
    "delete_login_profile": "the password cannot come back: `console` in the files makes a new one",
    "update_login_profile": "the old password cannot come back",
    "create_access_key": "the journal does not say which access key was made: deactivate it by hand",
    "delete_access_key": "the access key cannot come back",
    "deactivate_mfa_device": "the MFA device must be enrolled again",
    "delete_virtual_mfa_device": "the MFA device must be enrolled again",
    "delete_ssh_public_key": "the SSH public key must be uploaded again",
    "delete_signing_certificate": "the signing certificate must be uploaded again",
    "delete_service_specific_credential": "the service-specific credential cannot come back",
    "update_group": "was adopted or released: undo that with `iamsync release`, or with `iamsync apply --adopt`",
}
"""What no call undoes."""

_WAYS: Final[Mapping[str, Callable[[Account, Made], None]]] = {
    "attach_user_policy": access.attached,
    "attach_group_policy": access.attached,
    "detach_user_policy": access.detached,
    "detach_group_policy": access.detached,
    "put_user_policy": access.inline_put,
    "put_group_policy": access.inline_put,
    "delete_user_policy": access.inline_deleted,
    "delete_group_policy": access.inline_deleted,
    "add_user_to_group": access.joined,
    "remove_user_from_group": access.left,
    "put_user_permissions_boundary": access.boundary_set,
    "delete_user_permissions_boundary": access.boundary_set,
    "update_user": identity.user_updated,
    "tag_user": identity.tagged,
    "tag_policy": identity.tagged,
    "untag_user": identity.untagged,
    "untag_policy": identity.untagged,
    "create_policy_version": policy_texts.text_changed,
    "set_default_policy_version": policy_texts.text_changed,
    "delete_policy_version": policy_texts.version_deleted,
    "create_user": lifetimes.user_created,
    "create_group": lifetimes.group_created,
    "create_policy": lifetimes.policy_created,
    "delete_user": lifetimes.user_deleted,
    "delete_group": lifetimes.group_deleted,
    "delete_policy": lifetimes.policy_deleted,
    "create_login_profile": lifetimes.password_created,
    "update_access_key": lifetimes.key_set,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The state to plan for; which `subjects` differ from what is live; and what is not undone, with the reason."""

    wanted: DesiredState
    subjects: tuple[str, ...]
    notes: tuple[Note, ...]


def undone(made: Sequence[Made], live: LiveState, settings: Settings, origin: Origin) -> Undone:
    """The way back from these calls, of which the last is undone first. `live` has the tags of all policies; `origin`
    says why something is wanted.
    """
    account = Account(made, live, settings)
    for call in reversed(made):
        try:
            _way(call)(account, call)
        except NotUndoneError as error:
            words = call.operation.replace("_", " ")
            account.notes.append(Note(subject=subject_of(call), text=f"not undone: {words}: {error}"))
    _restore_texts(account)
    _leave_out_faulty(account)
    _keep_others(account)
    return _result(account, origin)


def _way(call: Made) -> Callable[[Account, Made], None]:
    if call.operation in _LOST:
        refuse(_LOST[call.operation])
    return _WAYS.get(call.operation) or refuse("iamsync makes no such call")


def subject_of(call: Made) -> str:
    """The user, group or policy that a call is about, as actions name it."""
    params = {key: value for key, value in call.params.items() if isinstance(value, str)}
    if "UserName" in params:
        return user_subject(params["UserName"])
    if "GroupName" in params:
        return group_subject(params["GroupName"])
    name = params.get("PolicyName") or short_name(Arn(params.get("PolicyArn", "")))
    return policy_subject(name) if name else "journal"


def _restore_texts(account: Account) -> None:
    for arn, document in account.earlier_texts.items():
        policy = account.policies.get(arn)
        if policy is None:
            continue
        if document is None:
            text = "not undone: its earlier text is neither stored in IAM nor in the journal"
            account.notes.append(Note(subject=policy_subject(policy.name), text=text))
        else:
            account.put(replace(policy, document=document))


def _leave_out_faulty(account: Account) -> None:
    """Leave out what is new and what IAM would never have taken: a journal may claim that, too."""
    empty = replace(account.start, users={}, groups={}, policies={})
    for user in [one for name, one in account.users.items() if name not in account.start.users]:
        if _is_faulty(replace(empty, users={user.name: user}), user_subject(user.name), account):
            del account.users[user.name]
    for group in [one for name, one in account.groups.items() if name not in account.start.groups]:
        if _is_faulty(replace(empty, groups={group.name: group}), group_subject(group.name), account):
            del account.groups[group.name]
    for policy in [one for arn, one in account.policies.items() if arn not in account.start.policies]:
        if _is_faulty(replace(empty, policies={policy.arn: policy}), policy_subject(policy.name), account):
            del account.policies[policy.arn]


def _is_faulty(alone: DesiredState, subject: str, account: Account) -> bool:
    faults = [one.message for one in validate.problems(alone) if not one.warning]
    account.notes.extend(Note(subject=subject, text=f"not undone: IAM would refuse it: {one}") for one in faults[:1])
    return bool(faults)


def _keep_others(account: Account) -> None:
    """Nothing goes but what the run created, whatever became of a call that is taken back."""
    renamed = {old for user in account.users.values() for old in user.previous_names}
    for name, user in account.start.users.items():
        if name not in renamed and user_subject(name) not in account.ended:
            account.users.setdefault(name, user)
    for name, group in account.start.groups.items():
        if group_subject(name) not in account.ended:
            account.groups.setdefault(name, group)
    for arn, policy in account.start.policies.items():
        if policy_subject(policy.name) not in account.ended:
            account.policies.setdefault(arn, policy)


def _result(account: Account, origin: Origin) -> Undone:
    wanted = _with_denies_to_remove(account)
    before, after = _entities(account.start), _entities(wanted)
    changed = sorted(one for one in {**before, **after} if before.get(one) != after.get(one))
    suspensions = {
        name
        for name, user in wanted.users.items()
        if name in account.start.users and user.suspended != account.start.users[name].suspended
    }
    notes = [*account.notes, *(note for name, note in account.key_notes if name not in suspensions)]
    going = before.keys() - after.keys()
    staying = dict.fromkeys(note for note in notes if note.subject not in going)
    wanted = replace(
        wanted,
        users={name: replace(one, origin=origin) for name, one in wanted.users.items()},
        groups={name: replace(one, origin=origin) for name, one in wanted.groups.items()},
        policies={arn: replace(one, origin=origin) for arn, one in wanted.policies.items()},
    )
    return Undone(wanted=wanted, subjects=tuple(changed), notes=tuple(staying))


def _with_denies_to_remove(account: Account) -> DesiredState:
    """What is wanted. A Deny that the run added and nobody owns looks like one that a responder added, so it goes by
    its name.
    """
    wanted = replace(account.start, users=account.users, groups=account.groups, policies=account.policies)
    denies = undeclared_denies(wanted, with_new_names(wanted, account.live))
    names = (
        f"{one.subject}:{one.name}" for mine in denies.values() for one in mine if one.subject not in account.ended
    )
    return replace(wanted, settings=replace(wanted.settings, remove_denies=frozenset(names)))


def _entities(state: DesiredState) -> dict[str, User | Group | Policy]:
    return {
        **{user_subject(name): one for name, one in state.users.items()},
        **{group_subject(name): one for name, one in state.groups.items()},
        **{policy_subject(one.name): one for one in state.policies.values()},
    }
