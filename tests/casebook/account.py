"""`live.yaml` of a case -> an account of the model: short ways to write what IAM holds.

    users:
      aiko:
        owned: true                     # true: by the owner of the case; a name: by that owner; left out: by nobody
        path: /people/
        tags: {Team: data}
        attached: [aws:AmazonS3ReadOnlyAccess, Deploy]
        inline: {queue: {allow: sqs:*}}
        groups: [auditors]
        boundary: aws:PowerUserAccess
        password: true
        keys: [active, {status: inactive, made: 100, used: 3}]     # how many days ago; never used if left out
        mfa: [virtual, passkey, hardware]
        ssh_keys: 1
        certificates: 1
        service_credentials: 1
    groups: {auditors: {path: /, attached: [aws:SecurityAudit], inline: {}}}
    policies:
      Deploy: {owned: true, path: /, description: "", tags: {}, document: {allow: s3:*}}
      Guard: {owned: true, versions: {v1: {deny: iam:*}, v4: {deny: sts:*}}, default: v1}
    roles: {build: {attached: [Deploy], boundary: Guard}}
    spare_mfa_devices: [aiko]
    quotas: {policies_per_user: 20}

A document is `{allow: ACTIONS, deny: ACTIONS}` on all resources, or written out, or a text that is sent as it is.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from laws.model import GroupRecord, Iam, PolicyRecord, RoleRecord, UserRecord, VersionRecord

from iamsync.core.arn import Account, aws_policy_arn, policy_arn
from iamsync.core.tags import OWNER_TAG

ACCOUNT = Account(id="123456789012", partition="aws")
_DEVICES = {"virtual": "mfa/{}", "virtual2": "mfa/{}-2", "passkey": "u2f/user/{}/default"}

Entry = Mapping[str, Any]


def account(file: Path, owner: str) -> Iam:
    """The account that a `live.yaml` describes; `owner` is who `owned: true` means."""
    written = yaml.safe_load(file.read_text()) or {}
    return _Writer(owner, written.get("policies", {})).account(written)


class _Writer:
    def __init__(self, owner: str, policies: Entry) -> None:
        self._owner = owner
        self._paths = {name: entry.get("path", "/") for name, entry in policies.items()}
        self._iam = Iam(account=ACCOUNT)

    def account(self, written: Entry) -> Iam:
        _known(written, "users groups policies roles spare_mfa_devices quotas")
        iam = self._iam
        iam.policies = {one.arn: one for one in map(self._policy, *_pairs(written.get("policies")))}
        iam.groups = {one.name: one for one in map(self._group, *_pairs(written.get("groups")))}
        iam.users = {one.name: one for one in map(self._user, *_pairs(written.get("users")))}
        iam.roles = {one.name: one for one in map(self._role, *_pairs(written.get("roles")))}
        iam.free_mfa_devices = {self._serial("virtual", name) for name in written.get("spare_mfa_devices", ())}
        iam.quotas |= written.get("quotas", {})
        return iam

    def _policy(self, name: str, entry: Entry) -> PolicyRecord:
        _known(entry, "owned path description tags document versions default")
        texts = entry.get("versions") or {"v1": entry.get("document", {"allow": "s3:*"})}
        default = entry.get("default", list(texts)[-1])
        return PolicyRecord(
            arn=policy_arn(ACCOUNT, self._paths[name], name),
            name=name,
            path=self._paths[name],
            description=entry.get("description", ""),
            tags=self._tags(entry),
            versions=[
                VersionRecord(id=id_, document=_text(one), is_default=id_ == default) for id_, one in texts.items()
            ],
            next_version=max(int(id_[1:]) for id_ in texts) + 1,
        )

    def _group(self, name: str, entry: Entry) -> GroupRecord:
        _known(entry, "owned path attached inline")
        path = entry.get("path", f"/iamsync/{self._owner}/" if entry.get("owned") else "/")
        return GroupRecord(name=name, path=path, attached=self._arns(entry), inline=_inline(entry))

    def _role(self, name: str, entry: Entry) -> RoleRecord:
        _known(entry, "attached boundary")
        return RoleRecord(name=name, attached=self._arns(entry), boundary=self._boundary(entry))

    def _user(self, name: str, entry: Entry) -> UserRecord:
        _known(
            entry,
            "owned path tags attached inline groups boundary password keys mfa ssh_keys certificates "
            "service_credentials",
        )
        keys = {self._id("AKIA", name, n): _key(one) for n, one in enumerate(entry.get("keys", ()), 1)}
        return UserRecord(
            name=name,
            id=self._iam.new_id("AIDA"),
            path=entry.get("path", "/"),
            tags=self._tags(entry),
            boundary=self._boundary(entry),
            attached=self._arns(entry),
            inline=_inline(entry),
            groups=set(entry.get("groups", ())),
            password=entry.get("password", False),
            access_keys={key: one["status"].capitalize() for key, one in keys.items()},
            key_ages={key: one["made"] for key, one in keys.items() if "made" in one},
            key_uses={key: one["used"] for key, one in keys.items() if "used" in one},
            mfa={self._serial(kind, name) for kind in entry.get("mfa", ())},
            ssh_keys={self._id("APKA", name, n + 1) for n in range(entry.get("ssh_keys", 0))},
            certificates={self._id("CERT", name, n + 1) for n in range(entry.get("certificates", 0))},
            service_credentials={
                self._id("ACCA", name, n + 1): "Active" for n in range(entry.get("service_credentials", 0))
            },
        )

    def _tags(self, entry: Entry) -> dict[str, str]:
        owned = entry.get("owned", False)
        mark = {OWNER_TAG: self._owner if owned is True else owned} if owned else {}
        return {**entry.get("tags", {}), **mark}

    def _arns(self, entry: Entry) -> set[str]:
        return {self._arn(name) for name in entry.get("attached", ())}

    def _boundary(self, entry: Entry) -> str | None:
        return self._arn(entry["boundary"]) if "boundary" in entry else None

    def _arn(self, name: str) -> str:
        if name.startswith("aws:"):
            return aws_policy_arn(ACCOUNT.partition, name.removeprefix("aws:"))
        return name if name.startswith("arn:") else policy_arn(ACCOUNT, self._paths[name], name)

    def _serial(self, kind: str, name: str) -> str:
        """A passkey and a virtual device have ARNs, other hardware has a serial number."""
        where = _DEVICES.get(kind)
        return f"arn:aws:iam::{ACCOUNT.id}:{where.format(name)}" if where else f"GAKT{name.upper():0>8}"

    @staticmethod
    def _id(kind: str, name: str, number: int) -> str:
        """As long as AWS's, and readable."""
        letters = "".join(letter for letter in name.upper() if letter.isalnum())
        return f"{kind}{letters}{number}".ljust(24 if kind == "CERT" else 20, "X")


def _pairs(section: Entry | None) -> tuple[Iterable[str], Iterable[Entry]]:
    entries = section or {}
    return list(entries), [entry or {} for entry in entries.values()]


def _key(entry: str | Entry) -> Entry:
    written = {"status": entry} if isinstance(entry, str) else entry
    _known(written, "status made used")
    return written


def _known(entry: Entry, keys: str) -> None:
    unknown = set(entry) - set(keys.split())
    assert not unknown, f"live.yaml: unknown keys {sorted(unknown)}"


def _inline(entry: Entry) -> dict[str, str]:
    return {name: _text(document) for name, document in entry.get("inline", {}).items()}


def _text(document: Any) -> str:  # noqa: ANN401 - what the YAML says
    if isinstance(document, str):
        return document
    if "Statement" in document:
        return json.dumps(document)
    statements = [
        {"Effect": effect.capitalize(), "Action": actions, "Resource": "*"} for effect, actions in document.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
