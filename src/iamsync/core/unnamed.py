"""Names that a snapshot does not give: a hash in place of each, by which a declared name is recognized.

Whoever has the snapshot can test a name, but cannot list the names. No name in IAM has a `#` (IAM User Guide, "IAM name
requirements").
"""

from hashlib import sha256
from typing import Final

from iamsync.core.arn import Account

_MARK: Final = "#"
_DIGITS: Final = 16


def unnamed(account: Account, kind: str, name: str) -> str:
    """What stands for a name: equal for names that differ only in case, which IAM takes for one. `kind` is what has the
    name: `user`, `group`, `policy` or `mfa`.
    """
    text = f"{account.partition} {account.id} {kind} {name.casefold()}"
    return f"{_MARK}{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def is_unnamed(name: str) -> bool:
    """Whether a name is only a hash of one."""
    return name.startswith(_MARK)
