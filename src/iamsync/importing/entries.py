"""What is written of a live account: the entries of each file, and the documents beside them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from iamsync.core.arn import Arn, is_quarantine, short_name
from iamsync.core.document import Document
from iamsync.core.iam_limits import POLICIES_PER_USER
from iamsync.core.model import Group, LiveState, Policy, User, group_subject, policy_subject, user_subject
from iamsync.importing.builtins import builtins_in
from iamsync.importing.grouping import By
from iamsync.importing.present import Present
from iamsync.importing.reasons import tags_to_write, why_not_group, why_not_policy, why_not_user
from iamsync.importing.selection import Selection
from iamsync.importing.sets import Shares, shares
from iamsync.importing.yaml_text import Entry

SETTINGS: Final = "iamsync"
POLICIES: Final = "policies"
SETS: Final = "policy_sets"
GROUPS: Final = "groups"
USERS: Final = "users"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntries:
    """What belongs into one file: `head` are keys of the file itself; `notes` say by subject what is not imported."""

    sections: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    head: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Files by name (`users/data`, without ending); documents by the name of their file (`policies/Deploy.json`)."""

    files: Mapping[str, FileEntries]
    documents: Mapping[str, str]

    def count(self, section: str) -> int:
        """How many entries of a section there are."""
        return sum(len(file.sections.get(section, {})) for file in self.files.values())

    @property
    def notes(self) -> dict[str, str]:
        """All that is not imported, by subject, with the reason."""
        return {subject: why for file in self.files.values() for subject, why in file.notes.items()}


def imported(live: LiveState, present: Present, selection: Selection, by: By) -> Import:
    """What to write of the selected part of an account, beside what is `present`.

    `live` must have the tags of `selection.policies_of(live)`.
    """
    return _Importer(live, present, selection, by).whole()


class _Importer:
    def __init__(self, live: LiveState, present: Present, selection: Selection, by: By) -> None:
        self._live, self._present, self._by = live, present, by
        self._builtins = builtins_in(present.account)
        account, settings = present.account, present.settings
        declared = {name.casefold() for name in present.policies}
        policies = [live.policies[arn] for arn in selection.policies_of(live)]
        policies = [one for one in policies if one.name.casefold() not in declared]
        groups = [live.groups[name] for name in selection.groups_of(live) if name.casefold() not in present.groups]
        users = [user for user in selection.users_of(live) if user.name.casefold() not in present.users]
        self._policies, self._policy_notes = _divided(
            policies, lambda one: why_not_policy(one, account, settings), lambda one: policy_subject(one.name)
        )
        self._groups, self._group_notes = _divided(
            groups, lambda one: why_not_group(one, account, settings), lambda one: group_subject(one.name)
        )
        self._users, self._user_notes = _divided(
            users, lambda one: why_not_user(one, account, settings, present.tags), lambda one: user_subject(one.name)
        )
        self._names = {arn: name for name, arn in present.policies.items()}
        self._names |= {policy.arn: policy.name for policy in self._policies}
        self._documents: dict[str, str] = {}

    def whole(self) -> Import:
        attached = {user.name: _to_declare(user) for user in self._users}
        labels = {user.name: self._by.label(user) for user in self._users}
        taken = {*self._present.groups, *(group.name for group in self._groups)}
        shared = shares(attached, labels, self._present.sets, taken)
        files: dict[str, FileEntries] = {}
        if self._present.is_new:
            files[SETTINGS] = FileEntries(head={"version": 1, "settings": self._settings()})
        policies = {policy.name: Entry(self._policy(policy)) for policy in self._policies}
        sets = {name: Entry({"policies": self._named(found)}) for name, found in sorted(shared.sets.items())}
        groups = {group.name: Entry(self._group(group)) for group in self._groups}
        files[POLICIES] = FileEntries(sections={POLICIES: policies}, notes=self._policy_notes)
        files[SETS] = FileEntries(sections={SETS: sets})
        files[GROUPS] = FileEntries(sections={GROUPS: groups}, notes=self._group_notes)
        files |= self._user_files(labels, shared)
        kept = {name: file for name, file in files.items() if file.head or file.notes or any(file.sections.values())}
        return Import(files=kept, documents=self._documents)

    def _user_files(self, labels: Mapping[str, str], shared: Shares) -> dict[str, FileEntries]:
        entries: dict[str, dict[str, Entry]] = defaultdict(dict)
        for user in self._users:
            share = shared.of_users[user.name]
            entries[labels[user.name]][user.name] = Entry(self._user(user, *share), tuple(_stays(user)))
        notes: dict[str, dict[str, str]] = defaultdict(dict)
        for subject, why in self._user_notes.items():
            user = self._live.users[subject.partition("/")[2]]
            notes[self._by.label(user)][subject] = why
        return {
            f"{USERS}/{label}": FileEntries(sections={USERS: entries[label]}, notes=notes[label])
            for label in sorted(entries.keys() | notes.keys())
        }

    def _settings(self) -> dict[str, Any]:
        present = self._present
        defaults: dict[str, Any] = {"path": present.path} if present.path != "/" else {}
        if present.boundary is not None:
            defaults["permissions_boundary"] = self._reference(present.boundary)
        if present.tags:
            defaults["tags"] = dict(present.tags)
        quota = present.settings.quotas.policies_per_user
        return {
            "owner": present.settings.owner,
            "account_id": present.account.id,
            **({"quotas": {"policies_per_user": quota}} if quota != POLICIES_PER_USER else {}),
            **({"defaults": {"user": defaults}} if defaults else {}),
        }

    def _policy(self, policy: Policy) -> dict[str, Any]:
        tags = tags_to_write(policy.tags, self._present.settings)
        return {
            **({"path": policy.path} if policy.path != "/" else {}),
            **({"description": policy.description} if policy.description else {}),
            **({"tags": tags} if tags else {}),
            "document": self._document(policy),
        }

    def _document(self, policy: Policy) -> Any:  # noqa: ANN401 - the name of a file, or of a built-in
        assert policy.document is not None  # noqa: S101 - `why_not_policy` has a reason for any other
        if (builtin := self._builtins.get(policy.document)) is not None:
            return {"builtin": builtin}
        file = f"policies/{policy.name}.json"
        self._documents[file] = json_text(policy.document)
        return file

    def _group(self, group: Group) -> dict[str, Any]:
        attached = self._named(one.policy for one in group.attachments)
        return {**({"policies": attached} if attached else {}), **_inline(group.inline)}

    def _user(self, user: User, policy_set: str | None, beside: frozenset[Arn]) -> dict[str, Any]:
        present, policies = self._present, self._named(beside)
        tags = tags_to_write(user.tags, present.settings)
        own_tags = {key: value for key, value in tags.items() if present.tags.get(key) != value}
        boundary = None if user.boundary is None else self._reference(user.boundary)
        defaults = present.defaults
        return {
            **({"path": user.path} if user.path != present.path else {}),
            **({"policy_sets": [policy_set] if policy_set else []} if policy_set or "policy_sets" in defaults else {}),
            **({"policies": policies} if policies else {}),
            **_inline(user.inline),
            **({"groups": sorted(user.groups or ())} if user.groups or "groups" in defaults else {}),
            **({"permissions_boundary": boundary} if user.boundary != present.boundary else {}),
            **({"tags": own_tags} if own_tags else {}),
            **{key: "unmanaged" for key in ("console", "access_keys") if key in defaults},
        }

    def _named(self, policies: Iterable[Arn]) -> list[str]:
        return sorted(map(self._reference, policies), key=lambda name: (name.startswith("aws:"), name))

    def _reference(self, policy: Arn) -> str:
        """As people write it: a declared policy by its name, AWS's by `aws:`, any other by its ARN."""
        return self._names.get(policy) or (short_name(policy) if policy not in self._live.policies else policy)


def json_text(document: Document) -> str:
    """A document as a file: indented, with each character that cannot be seen as an escape."""
    text = json.dumps(document.as_json(), indent=2, ensure_ascii=False)
    return (
        "".join(one if one == "\n" or one.isprintable() else json.dumps(one)[1:-1] for one in text).replace(
            "\x7f", "\\u007f"
        )
        + "\n"
    )


def _inline(inline: Mapping[str, Document | None]) -> dict[str, Any]:
    texts = {name: text.as_json() for name, text in sorted(inline.items()) if text is not None}
    return {"inline_policies": texts} if texts else {}


def _to_declare(user: User) -> frozenset[Arn]:
    return frozenset(one.policy for one in user.attachments if not is_quarantine(one.policy))


def _stays(user: User) -> Iterator[str]:
    """What a user has that no file can declare, and that stays."""
    for policy in sorted(one.policy for one in user.attachments if is_quarantine(one.policy)):
        yield f"{short_name(policy)} stays attached and is not declared: AWS attached it because a key has leaked."


def _divided(things: Any, why: Any, subject: Any) -> tuple[list[Any], dict[str, str]]:  # noqa: ANN401
    """What can be declared, and for the rest the reason, by subject."""
    reasons = [(thing, why(thing)) for thing in things]
    return [thing for thing, reason in reasons if reason is None], {
        subject(thing): reason for thing, reason in reasons if reason is not None
    }
