"""The operations that moto lacks or gets wrong, carried out on moto's own objects."""

from iamsync.sandbox.answers import (
    attachments,
    boundaries,
    credentials,
    details,
    entities,
    groups,
    inline,
    mfa,
    passwords,
    policies,
    report,
    summary,
    tags,
    users,
)

__all__ = [
    "attachments",
    "boundaries",
    "credentials",
    "details",
    "entities",
    "groups",
    "inline",
    "mfa",
    "passwords",
    "policies",
    "report",
    "summary",
    "tags",
    "users",
]
