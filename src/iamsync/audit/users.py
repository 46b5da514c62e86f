"""Each user of the account: what the user may do and by which way, who manages the user, and how the user signs in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from iamsync.core.administrators import administrators
from iamsync.core.arn import Arn, is_quarantine, short_name
from iamsync.core.credential_use import CredentialUse
from iamsync.core.model import Attachment, DesiredState, LiveState, Origin, User, is_owned
from iamsync.core.plan_input import PlanInput
from iamsync.core.tags import HOLD_TAG


class Held(NamedTuple):
    """A policy that a user has: its name, and by what (`set data`, `group ops`; "": directly)."""

    policy: str
    by: str = ""
    inline: bool = False

    @property
    def words(self) -> str:
        """`Deploy (set data)`, `queue (inline)`."""
        how = ", ".join(filter(None, ("inline" if self.inline else "", self.by)))
        return f"{self.policy} ({how})" if how else self.policy


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedUser:
    """A live user. `declared_at` is None if no file declares the user; `hold` is the reason of a hold; `use` is None
    where credentials were not asked for.
    """

    name: str
    path: str
    is_owned: bool
    declared_at: Origin | None
    administrator: bool
    quarantined: bool
    sets: tuple[str, ...]
    groups: tuple[str, ...]
    policies: tuple[Held, ...]
    boundary: str
    hold: str | None
    use: CredentialUse | None

    @property
    def status(self) -> str:
        """Who manages the user."""
        if self.is_owned:
            return "managed" if self.declared_at else "orphan"
        return "declared, not adopted" if self.declared_at else "unmanaged"


def audited_users(
    desired: DesiredState, live: LiveState, use: Mapping[str, CredentialUse] | None
) -> tuple[AuditedUser, ...]:
    """All users, by name."""
    picture = PlanInput(desired=desired, live=live, known=live).certain_picture
    administrative = administrators(live.users, picture)
    return tuple(
        _audited(
            user, desired, live, is_administrator=name in administrative, use=None if use is None else use.get(name)
        )
        for name, user in sorted(live.users.items())
    )


def _audited(
    user: User, desired: DesiredState, live: LiveState, *, is_administrator: bool, use: CredentialUse | None
) -> AuditedUser:
    declared = desired.users.get(user.name)
    via = {one.policy: one.via for one in declared.attachments if one.via} if declared else {}
    return AuditedUser(
        name=user.name,
        path=user.path,
        is_owned=is_owned(user.tags, desired.settings.owner),
        declared_at=declared.origin if declared else None,
        administrator=is_administrator,
        quarantined=any(is_quarantine(one.policy) for one in user.attachments),
        sets=tuple(sorted({name for name in via.values() if name} | (declared.added_groups if declared else set()))),
        groups=tuple(sorted(user.groups or ())),
        policies=tuple(_held(user, live, via)),
        boundary="" if user.boundary is None else short_name(user.boundary),
        hold=user.tags.get(HOLD_TAG),
        use=use,
    )


def _held(user: User, live: LiveState, via: Mapping[Arn, str]) -> Iterator[Held]:
    """Directly first, then by each group."""
    for policy in sorted(one.policy for one in user.attachments):
        by = via.get(policy)
        yield Held(short_name(policy), f"set {by}" if by else "")
    yield from (Held(name, inline=True) for name in sorted(user.inline))
    for name in sorted(user.groups or ()):
        group = live.groups.get(name)
        if group is not None:
            yield from (Held(short_name(one.policy), f"group {name}") for one in _sorted(group.attachments))
            yield from (Held(inline, f"group {name}", inline=True) for inline in sorted(group.inline))


def _sorted(attachments: frozenset[Attachment]) -> list[Attachment]:
    return sorted(attachments, key=lambda one: one.policy)
