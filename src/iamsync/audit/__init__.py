"""What an auditor asks of an account: who is in it, what each may do and how, who manages it, and what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iamsync.audit.findings import Finding, findings
from iamsync.audit.users import AuditedUser, audited_users
from iamsync.core.arn import Account, short_name
from iamsync.core.credential_use import CredentialUse
from iamsync.core.model import DesiredState, LiveState, group_subject, is_owned, user_subject
from iamsync.core.scope.denies import undeclared_denies
from iamsync.core.scope.ownership import is_owned_group
from iamsync.desired.expiries import Expiry

__all__ = ["Audit", "AuditedUser", "Expiry", "Finding", "audit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole report. `made` and `credentials_as_of` are moments in ISO 8601; the latter is "" where credentials were
    not asked for. `holds` and `denies` are subjects with a reason, or the name of the Deny.
    """

    account: Account
    owner: str
    made: str
    credentials_as_of: str
    users: tuple[AuditedUser, ...]
    unmanaged_policies: tuple[str, ...]
    unmanaged_groups: tuple[str, ...]
    orphans: tuple[str, ...]
    holds: tuple[tuple[str, str], ...]
    denies: tuple[tuple[str, str], ...]
    expiring: tuple[Expiry, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def unmanaged_users(self) -> list[AuditedUser]:
        """Administrators first."""
        found = [user for user in self.users if not user.is_owned]
        return sorted(found, key=lambda user: (not user.administrator, user.name))


def audit(  # noqa: PLR0913 - a report is made from what it is made from
    desired: DesiredState,
    live: LiveState,
    *,
    use: Mapping[str, CredentialUse] | None,
    expiring: Iterable[Expiry],
    made: str,
    credentials_as_of: str = "",
) -> Audit:
    """The report on an account of which only the bulk answer is known, and the `use` of credentials if it was asked
    for. So a policy counts as managed if it is declared: its tags are in no bulk answer.
    """
    owner = desired.settings.owner
    users = audited_users(desired, live, use)
    declared = {policy.name.casefold() for policy in desired.policies.values()}
    own_users = {name for name, user in live.users.items() if is_owned(user.tags, owner)}
    own_groups = {name for name, group in live.groups.items() if is_owned_group(group, owner)}
    orphans = [
        *(group_subject(name) for name in sorted(own_groups - desired.groups.keys())),
        *(user_subject(name) for name in sorted(own_users - desired.users.keys())),
    ]
    denies = undeclared_denies(desired, live)
    return Audit(
        account=live.account,
        owner=owner,
        made=made,
        credentials_as_of=credentials_as_of,
        users=users,
        unmanaged_policies=tuple(
            sorted(one.name for one in live.policies.values() if one.name.casefold() not in declared)
        ),
        unmanaged_groups=tuple(sorted(live.groups.keys() - own_groups)),
        orphans=tuple(orphans),
        holds=tuple((user_subject(user.name), user.hold) for user in users if user.hold is not None),
        denies=tuple(
            (subject, one.name if one.policy is None else short_name(one.policy))
            for subject, found in sorted(denies.items())
            for one in found
        ),
        expiring=tuple(expiring),
        findings=findings(users, live, use),
    )
