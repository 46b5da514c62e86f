"""The tags by which iamsync marks what it owns and records what it must remember, and the tag that makes it stop."""

OWNER_TAG = "iamsync:owner"
"""The tag that says which desired state a user or a customer-managed policy belongs to."""

SUSPENDED_KEYS_TAG = "iamsync:suspended-keys"
"""The tag on a suspended user that names the access keys which were active, so that lifting can undo just that."""

RETIRED_KEY_TAG = "iamsync:retired-key"
"""The tag on a user that names the access key which a rotation has deactivated, and the day on which it did."""

NEW_ACCESS_KEY_TAG = "iamsync:new-access-key"
"""How the tags begin that runs set on a user while they make access keys (`keys`)."""

MFA_DEVICES_TAG = "iamsync:mfa-devices"
"""On a user who is about to be deleted: the names of the virtual MFA devices, which outlive the user."""

DELIVERY_TAG = "iamsync:delivery"
"""On a user whose secrets do not go the default way: the channels, and the fingerprints of the recipients."""

DELIVERED_TAG = "iamsync:password-delivered"
"""On a user whose password must be claimed: the day on which a reset has delivered it."""

UNCLAIMED_TAG = "iamsync:unclaimed-password"
"""On a user whose password was deleted because it was not claimed: the day. No password is made again meanwhile."""

OWN_TAGS = frozenset(
    {
        OWNER_TAG,
        SUSPENDED_KEYS_TAG,
        RETIRED_KEY_TAG,
        MFA_DEVICES_TAG,
        DELIVERY_TAG,
        DELIVERED_TAG,
        UNCLAIMED_TAG,
    }
)
"""All that iamsync notes down on users and policies, except the tags of runs that make access keys."""


HOLD_TAG = "iamsync:hold"
"""With this tag a person stops whatever gives the user anything; its value is the reason. Never set or removed here."""


def is_own_tag(key: str) -> bool:
    """Whether a tag means something to iamsync, and is no drift whatever the files say."""
    return key in OWN_TAGS or key == HOLD_TAG or key.startswith(NEW_ACCESS_KEY_TAG)
