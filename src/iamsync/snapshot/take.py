"""Read all of an account that a plan may ask for later, when there is no AWS to ask."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from iamsync import aws, live
from iamsync.core import unnamed as hashed
from iamsync.core.access.known import known_version
from iamsync.core.arn import Arn, is_aws_managed
from iamsync.core.claims import must_claim
from iamsync.core.coverage import Coverage, Names, coverage, everything, policies_of
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Group, LiveState, User
from iamsync.core.scope.warnings import has_administrator_access
from iamsync.core.tags import MFA_DEVICES_TAG
from iamsync.errors import DENIED
from iamsync.live import closely
from iamsync.live.bulk import document_in
from iamsync.live.concurrently import each
from iamsync.snapshot import entries
from iamsync.snapshot.described import group_entry, policy_entry, user_entry

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Found = TypeVar("Found")


def take(
    iam: "IAMClient",
    desired: DesiredState,
    caller: aws.Caller,
    *,
    now: datetime,
    complete: bool = False,
) -> entries.Snapshot:
    """The snapshot for plans from `desired` and from what it becomes; a `complete` one is for any files.

    Raises what botocore raises: a snapshot of a part is none.
    """
    found = live.read_marks(iam, desired.account, at_once=aws.CONCURRENT_READS)
    covered = everything(found) if complete else coverage(desired, found)
    return _Reader(iam, desired, found, covered, complete=complete).snapshot(caller, now)


class _Reader:
    """Reads what no bulk answer has. What the caller may not ask, and a plan can do without, is written down."""

    def __init__(
        self, iam: "IAMClient", desired: DesiredState, found: LiveState, covered: Coverage, *, complete: bool
    ) -> None:
        self._iam, self._desired, self._found, self._covered = iam, desired, found, covered
        self._complete = complete
        self._denied = set[str]()

    def snapshot(self, caller: aws.Caller, now: datetime) -> entries.Snapshot:
        """All of it."""
        found, covered, complete = self._found, self._covered, self._complete
        with_others = complete or self._desired.settings.prune
        credentials = each(
            lambda name: self._credentials(name, with_others), sorted(covered.own_users), aws.CONCURRENT_READS
        )
        used_by = each(self._used_by, sorted(covered.own_policies), aws.CONCURRENT_READS)
        devices = closely.spare_mfa_devices(self._iam)
        known_devices = self._devices(devices, complete=complete)
        self._unless_denied("ListAccountAliases", self._iam.list_account_aliases)
        return entries.Snapshot(
            taken=now,
            account=found.account.id,
            partition=found.account.partition,
            caller=caller.arn,
            owner=self._desired.settings.owner,
            complete=complete,
            users={name: user_entry(found.users[name], credentials.get(name)) for name in sorted(covered.users)},
            groups={
                name: group_entry(found.groups[name], covered.strangers_with.get(f"group/{name}", 0))
                for name in sorted(covered.groups)
            },
            policies={
                arn: policy_entry(arn, found, used_by.get(arn), covered.strangers_with.get(arn, 0))
                for arn in sorted(covered.policies)
            },
            unnamed=self._unnamed(devices, known_devices),
            aws_policies=each(self._aws_policy, self._aws_policies(), aws.CONCURRENT_READS),
            unassigned_mfa_devices=known_devices,
            quotas=self._quotas(),
            password_policy=self._password_policy(),
            role=self._role(caller.role_name),
            denied=sorted(self._denied),
        )

    def _unless_denied(self, permission: str, ask: Callable[[], Found]) -> Found | None:
        try:
            return ask()
        except ClientError as error:
            if error.response["Error"].get("Code") not in DENIED:
                raise
            self._denied.add(permission)
            return None

    def _credentials(self, name: str, with_others: bool) -> entries.Credentials:  # noqa: FBT001 - read or not
        return entries.Credentials(
            password=self._password(name),
            access_keys=list(self._access_keys(name)),
            other=self._other_credentials(name) if with_others else None,
        )

    def _password(self, name: str) -> entries.Password | None:
        profile = closely.login_profile(self._iam, name)
        if profile is None:
            return None
        reset_required = profile.get("PasswordResetRequired", False)
        if not (self._complete or must_claim(self._desired, name)):
            return entries.Password(reset_required=reset_required)
        used = self._iam.get_user(UserName=name)["User"].get("PasswordLastUsed")
        return entries.Password(reset_required=reset_required, created=profile["CreateDate"], last_used=used)

    def _other_credentials(self, name: str) -> entries.OtherCredentials:
        other = closely.credentials(self._iam, name, ())
        return entries.OtherCredentials(
            mfa_devices=[*other.mfa_devices],
            ssh_public_keys=[*other.ssh_public_keys],
            signing_certificates=[*other.signing_certificates],
            service_specific_credentials=[*other.service_credentials],
        )

    def _access_keys(self, name: str) -> Iterator[entries.AccessKey]:
        pages = self._iam.get_paginator("list_access_keys").paginate(UserName=name)
        for key in (key for page in pages for key in page["AccessKeyMetadata"]):
            last = self._iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
            yield entries.AccessKey(
                id=key["AccessKeyId"],
                active=key["Status"] == "Active",
                created=key["CreateDate"],
                last_used=last.get("LastUsedDate"),
            )

    def _used_by(self, arn: str) -> list[str] | None:
        users = self._unless_denied("ListEntitiesForPolicy", lambda: closely.used_by(self._iam, arn))
        return None if users is None else sorted(users)

    def _devices(self, serials: Iterable[str], *, complete: bool) -> list[str]:
        """Those that a plan may be about: of the name of a user whom the files name or own, or noted on one."""
        own = [self._found.users[name] for name in self._covered.own_users]
        noted = {name.casefold() for user in own for name in user.tags.get(MFA_DEVICES_TAG, "").split()}
        names = Names.of(self._desired).users | {user.name.casefold() for user in own} | noted
        return [one for one in serials if complete or _device(one).casefold() in names]

    def _unnamed(self, devices: Iterable[str], known_devices: Iterable[str]) -> entries.Unnamed:
        found, covered, account = self._found, self._covered, self._found.account
        users = found.users.keys() - covered.users
        policies = [policy.name for arn, policy in found.policies.items() if arn not in covered.policies]

        def hashes(kind: str, names: Iterable[str]) -> list[str]:
            return sorted(hashed.unnamed(account, kind, name) for name in names)

        return entries.Unnamed(
            users=hashes("user", users),
            groups=hashes("group", found.groups.keys() - covered.groups),
            policies=hashes("policy", policies),
            mfa_devices=hashes("mfa", map(_device, set(devices) - set(known_devices))),
            administrators=sum(has_administrator_access(found.users[name], found) for name in users),
        )

    def _aws_policies(self) -> list[str]:
        """Those that somebody has or that the files name."""
        found, covered = self._found, self._covered
        owners: list[User | Group] = [found.users[name] for name in covered.users]
        owners += [found.groups[name] for name in covered.groups]
        used = Names.of(self._desired).used_policies.union(*map(policies_of, owners))
        return sorted(arn for arn in used if is_aws_managed(arn))

    def _aws_policy(self, policy_arn: str) -> entries.AwsPolicy | None:
        arn = Arn(policy_arn)
        with suppress(self._iam.exceptions.NoSuchEntityException):
            policy = self._unless_denied("GetPolicy", lambda: self._iam.get_policy(PolicyArn=arn)["Policy"])
            if policy is None:
                return None
            version = policy.get("DefaultVersionId", "")
            document = self._text(arn, version) if version not in {"", known_version(arn)} else None
            return entries.AwsPolicy(
                attachable=policy.get("IsAttachable", True),
                version=version,
                document=None if document is None else document.as_json(),
            )
        return None

    def _text(self, arn: Arn, version: str) -> Document | None:
        stored = self._unless_denied(
            "GetPolicyVersion",
            lambda: self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"].get("Document"),
        )
        return document_in(stored)

    def _quotas(self) -> dict[str, int]:
        rows = self._unless_denied("GetAccountSummary", lambda: live.account_summary(self._iam)) or {}
        return {name: rows[name] for name in sorted(rows) if name.endswith("Quota")}

    def _password_policy(self) -> entries.PasswordPolicy | None:
        with suppress(self._iam.exceptions.NoSuchEntityException):
            policy: Any = self._unless_denied(
                "GetAccountPasswordPolicy", lambda: self._iam.get_account_password_policy()["PasswordPolicy"]
            )
            return policy and entries.PasswordPolicy(
                minimum_length=policy.get("MinimumPasswordLength", 8),
                users_may_change=policy.get("AllowUsersToChangePassword", False),
                expire=policy.get("ExpirePasswords", False),
            )
        return None

    def _role(self, name: str | None) -> entries.Role | None:
        """What the caller's permissions come from, if it is a role of this account."""
        if name is None:
            return None
        with suppress(self._iam.exceptions.NoSuchEntityException):
            pages = self._unless_denied(
                "ListAttachedRolePolicies",
                lambda: list(self._iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)),
            )
            role: Any = self._unless_denied("GetRole", lambda: self._iam.get_role(RoleName=name)["Role"])
            return entries.Role(
                policies=sorted(one["PolicyArn"] for page in pages or () for one in page["AttachedPolicies"]),
                permissions_boundary=(role or {}).get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            )
        return None


def _device(serial: str) -> str:
    return serial.rsplit("/", 1)[-1]
