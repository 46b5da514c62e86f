"""How a user signs in, and when the user last did."""

from dataclasses import dataclass

from iamsync.core.model import AccessKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialUse:
    """Password, MFA and access keys of a user. Days are whole: since the password was set, since it was last used
    (None: never, or not known).
    """

    console: bool = False
    mfa: bool = False
    password_age_days: int | None = None
    password_idle_days: int | None = None
    access_keys: tuple[AccessKey, ...] = ()

    @property
    def idle_days(self) -> int | None:
        """Whole days since any of them was used; None if none ever was."""
        keys = (key.idle_days for key in self.access_keys)
        return min((one for one in (self.password_idle_days, *keys) if one is not None), default=None)
