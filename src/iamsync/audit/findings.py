"""What is wrong with users and policies, with the rule that says so.

Numbers are those of the CIS Amazon Web Services Foundations Benchmark v3.0.0, chapter 1, as far as it has such a rule.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from iamsync.audit.users import AuditedUser
from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, short_name
from iamsync.core.credential_use import CredentialUse
from iamsync.core.document import Document
from iamsync.core.model import Group, LiveState, User, group_subject, policy_subject, user_subject

BENCHMARK: Final = "CIS AWS Foundations Benchmark v3.0.0"
ROOT: Final = "<root_account>"
UNUSED_DAYS: Final = 45
ROTATE_DAYS: Final = 90
_CLOUD_SHELL: Final = ":aws:policy/AWSCloudShellFullAccess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its name here, its number in the benchmark ("" if it has none), and what it asks for."""

    name: str
    cis: str = ""
    title: str

    @property
    def words(self) -> str:
        """The number and the title."""
        return f"CIS {self.cis}: {self.title}" if self.cis else self.title


ROOT_KEY = Rule(name="root-access-key", cis="1.4", title="the root user has no access key")
ROOT_MFA = Rule(name="root-mfa", cis="1.5", title="the root user has MFA")
MFA = Rule(name="console-mfa", cis="1.10", title="users with a console password have MFA")
UNUSED = Rule(
    name="unused-credentials", cis="1.12", title=f"credentials unused for {UNUSED_DAYS} days or more are disabled"
)
ONE_KEY = Rule(name="one-active-key", cis="1.13", title="a user has one active access key at most")
ROTATION = Rule(
    name="key-rotation", cis="1.14", title=f"active access keys are rotated every {ROTATE_DAYS} days or less"
)
THROUGH_GROUPS = Rule(name="through-groups", cis="1.15", title="users receive permissions only through groups")
FULL_ADMIN = Rule(name="full-administrator", cis="1.16", title='no attached policy allows full "*:*" privileges')
CLOUD_SHELL = Rule(name="cloud-shell", cis="1.22", title="AWSCloudShellFullAccess is not attached")
QUARANTINED = Rule(name="quarantined", title="no access key has leaked (AWS has quarantined the user)")
UNMANAGED_ADMIN = Rule(name="unmanaged-administrator", title="administrators are managed")
RULES: Final = (
    *(QUARANTINED, UNMANAGED_ADMIN, ROOT_KEY, ROOT_MFA, MFA, UNUSED, ONE_KEY, ROTATION),
    *(THROUGH_GROUPS, FULL_ADMIN, CLOUD_SHELL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a subject (`user/aiko`, `policy/Deploy`) breaks, and how."""

    rule: Rule
    subject: str
    text: str


def findings(
    users: Sequence[AuditedUser], live: LiveState, use: Mapping[str, CredentialUse] | None
) -> tuple[Finding, ...]:
    """All of them, in the order of the rules. Without the `use` of credentials, those that need it are missing."""
    found = [
        *_of_root((use or {}).get(ROOT)),
        *(one for user in users for one in _of_user(user, live.users[user.name])),
        *_of_policies(live),
    ]
    return tuple(sorted(found, key=lambda one: (RULES.index(one.rule), one.subject)))


def _of_root(root: CredentialUse | None) -> Iterator[Finding]:
    if root is not None and any(key.active for key in root.access_keys):
        yield Finding(rule=ROOT_KEY, subject="root", text="has an active access key")
    if root is not None and not root.mfa:
        yield Finding(rule=ROOT_MFA, subject="root", text="has no MFA device")


def _of_user(user: AuditedUser, live: User) -> Iterator[Finding]:
    subject = user_subject(user.name)
    if user.quarantined:
        yield Finding(rule=QUARANTINED, subject=subject, text="AWS has attached its quarantine policy")
    if user.administrator and not user.is_owned:
        yield Finding(rule=UNMANAGED_ADMIN, subject=subject, text=f"is an administrator, {user.status}")
    if user.use is not None:
        yield from _of_credentials(subject, user.use)
    direct = len(live.attachments) + len(live.inline)
    if direct:
        text = f"has {direct} policies directly" if direct > 1 else "has 1 policy directly"
        yield Finding(rule=THROUGH_GROUPS, subject=subject, text=text)
    for name, document in sorted(live.inline.items()):
        if _allows_all(document):
            yield Finding(rule=FULL_ADMIN, subject=subject, text=f"has it by the inline policy {name}")


def _of_credentials(subject: str, use: CredentialUse) -> Iterator[Finding]:
    if use.console and not use.mfa:
        yield Finding(rule=MFA, subject=subject, text="has a console password and no MFA device")
    if use.console and (unused := _unused(use.password_idle_days, use.password_age_days)) is not None:
        yield Finding(rule=UNUSED, subject=subject, text=f"console password {unused}")
    active = [key for key in use.access_keys if key.active]
    for key in active:
        if (unused := _unused(key.idle_days, key.age_days)) is not None:
            yield Finding(rule=UNUSED, subject=subject, text=f"access key {key.id} {unused}")
        if key.age_days > ROTATE_DAYS:
            yield Finding(rule=ROTATION, subject=subject, text=f"access key {key.id} is {key.age_days} days old")
    if len(active) > 1:
        yield Finding(rule=ONE_KEY, subject=subject, text=f"has {len(active)} active access keys")


def _unused(idle: int | None, age: int | None) -> str | None:
    """In words, if it was not used for too long; None if it was, or is that young."""
    if idle is not None:
        return f"unused for {idle} days" if idle >= UNUSED_DAYS else None
    return f"never used in {age} days" if age is not None and age >= UNUSED_DAYS else None


def _of_policies(live: LiveState) -> Iterator[Finding]:
    holders: dict[Arn, list[str]] = defaultdict(list)
    for subject, owner in _owners(live):
        for one in owner.attachments:
            holders[one.policy].append(subject)
    for arn, subjects in sorted(holders.items()):
        policy = live.policies.get(arn)
        held = f"attached to {', '.join(sorted(subjects))}"
        if _allows_all(policy.document if policy else known_document(arn)):
            yield Finding(rule=FULL_ADMIN, subject=policy_subject(short_name(arn)), text=held)
        if arn.endswith(_CLOUD_SHELL):
            yield Finding(rule=CLOUD_SHELL, subject=policy_subject(short_name(arn)), text=held)
    for name, group in sorted(live.groups.items()):
        for inline, document in sorted(group.inline.items()):
            if _allows_all(document):
                text = f"has it by the inline policy {inline}"
                yield Finding(rule=FULL_ADMIN, subject=group_subject(name), text=text)


def _owners(live: LiveState) -> Iterator[tuple[str, User | Group]]:
    yield from ((user_subject(name), user) for name, user in live.users.items())
    yield from ((group_subject(name), group) for name, group in live.groups.items())


def _allows_all(document: Document | None) -> bool:
    return document is not None and any(
        statement.effect == "Allow"
        and statement.action_element == "Action"
        and not statement.actions.meaning.isdisjoint({"*", "*:*"})
        and statement.resource_element == "Resource"
        and "*" in statement.resources.meaning
        for statement in document.statements
    )
